/* SPDX-License-Identifier: BSD-3-Clause */
/* signals.c - what a run that listens is told: end, report, reopen. */
#include "cli/signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static sigset_t ending(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	return set;
}

int signals_open(void)
{
	sigset_t all = ending();

	sigaddset(&all, SIGUSR1);
	sigaddset(&all, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &all, NULL) != 0)
		return -1;
	return signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
}

void signals_read(int fd, struct wishes *w)
{
	struct signalfd_siginfo s;

	while (read(fd, &s, sizeof(s)) == sizeof(s)) {
		if (s.ssi_signo == SIGUSR1) {
			w->report = true;
		} else if (s.ssi_signo == SIGHUP) {
			w->reopen = true;
		} else {
			const sigset_t set = ending();

			w->end = true;
			sigprocmask(SIG_UNBLOCK, &set, NULL);
			return;
		}
	}
}

void signals_close(int fd)
{
	if (fd >= 0)
		close(fd);
}
