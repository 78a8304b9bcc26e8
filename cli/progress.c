/* SPDX-License-Identifier: BSD-3-Clause */
/* progress.c - one line on a terminal while a long file is read. */
#include "cli/progress.h"

#include <stdio.h>
#include <time.h>

#include <unistd.h>

#include "base/when.h"

enum { CALLS_APART = 256 };

/* The first line after a second, then at most five a second. */
#define FIRST_NS NS_PER_S
#define APART_NS (NS_PER_S / 5)

static int64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

void progress_start(struct progress *p)
{
	*p = (struct progress){.on = isatty(STDERR_FILENO) == 1};
	if (p->on) {
		p->started_ns = clock_ns();
		p->next_ns = p->started_ns + FIRST_NS;
	}
}

void progress_show(struct progress *p, const struct source *s)
{
	uint64_t total, done;
	int64_t now;

	if (!p->on || ++p->calls % CALLS_APART)
		return;
	now = clock_ns();
	if (now < p->next_ns)
		return;
	p->next_ns = now + APART_NS;
	p->shown = true;
	total = source_bytes_total(s);
	done = source_bytes_read(s);
	if (total)
		fprintf(stderr, "\rreading: %3.0f %%, %.0f of %.0f MB \033[K",
			100.0 * (double)done / (double)total,
			(double)done / 1e6, (double)total / 1e6);
	else
		fprintf(stderr, "\rreading: %.0f MB \033[K",
			(double)done / 1e6);
	fflush(stderr);
}

void progress_erase(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
