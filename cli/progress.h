/* SPDX-License-Identifier: BSD-3-Clause */
/* progress.h - one line on a terminal while a long file is read. */
#ifndef UPSTACK_CLI_PROGRESS_H
#define UPSTACK_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/source.h"

struct progress {
	bool on;	/* standard error is a terminal */
	bool shown;	/* there is a line to erase */
	uint32_t calls; /* the clock is asked now and then only */
	int64_t started_ns, next_ns;
};

void progress_start(struct progress *p);
void progress_show(struct progress *p, const struct source *s);
void progress_erase(struct progress *p);

#endif
