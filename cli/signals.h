/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * signals.h - what a run that listens is told: end, report, reopen.
 *
 * Signals are read from a descriptor: no handler, so no variable that one could
 * change behind the back of the program.
 */
#ifndef UPSTACK_CLI_SIGNALS_H
#define UPSTACK_CLI_SIGNALS_H

#include <stdbool.h>

struct wishes {
	bool end;    /* SIGINT, SIGTERM */
	bool report; /* SIGUSR1 */
	bool reopen; /* SIGHUP */
};

/* The descriptor; -1 if there is none to be had. */
int signals_open(void);

/* Add what was wished since the last call.  After the first wish to end, the
 * next one ends the program at once. */
void signals_read(int fd, struct wishes *w);

void signals_close(int fd);

#endif
