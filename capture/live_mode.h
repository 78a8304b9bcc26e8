/* SPDX-License-Identifier: BSD-3-Clause */
/* live_mode.h - speed and duplex mode of an interface, as sysfs has them. */
#ifndef UPSTACK_CAPTURE_LIVE_MODE_H
#define UPSTACK_CAPTURE_LIVE_MODE_H

#include "capture/source.h"

/* Files that stay open: later none can be opened. */
struct live_mode {
	int speed_fd, duplex_fd; /* -1: there is none */
};

/* Only cards have a mode: what is virtual has no device behind it. */
void live_mode_open(struct live_mode *m, const char *interface);

/* Set `speed_mbps` and `duplex` as they are now; 0 where it is not known. */
void live_mode_read(const struct live_mode *m, struct source_link *out);

void live_mode_close(struct live_mode *m);

#endif
