/* SPDX-License-Identifier: BSD-3-Clause */
/* peers.c - a process for each copy of each peer. */
#include "lab/peers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lab/fail.h"
#include "lab/talk.h"

enum { PROCESSES_MAX = 2048, PATH = 4096 };

#define NS_PER_S 1000000000LL

struct process {
	pid_t pid;
	bool client, ended;
};

struct peers {
	FILE *log;
	struct process process[PROCESSES_MAX];
	uint32_t count;
};

static void wait_until(int64_t ns)
{
	struct timespec at = {.tv_sec = ns / NS_PER_S,
			      .tv_nsec = ns % NS_PER_S};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0)
		;
}

static _Noreturn void live(const struct scenario *s, const struct peer *peer,
			   uint32_t copy, const struct host *host, FILE *log,
			   int64_t at_ns, pid_t path)
{
	struct talk talk = {.peer = peer,
			    .plan = &s->plan,
			    .copy = copy,
			    .listener = -1,
			    .conn = -1,
			    .log = log};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != path)
		_exit(0); /* it ended before the line above */
	setpgid(0, 0);
	signal(SIGPIPE, SIG_IGN);
	tap_enter(host);
	if (at_ns)
		wait_until(at_ns);
	talk_run(&talk);
	fflush(log);
	_exit(0); /* what else is open belongs to the path */
}

static void start(struct peers *p, const struct scenario *s,
		  const struct peer *peer, uint32_t copy,
		  const struct host *host, int64_t at_ns)
{
	pid_t path = getpid(), pid;

	if (p->count == PROCESSES_MAX)
		fail("too many peers");
	pid = fork();
	if (pid < 0)
		fail_system("fork");
	if (pid == 0)
		live(s, peer, copy, host, p->log, at_ns, path);
	setpgid(pid, pid);
	p->process[p->count++] = (struct process){
		.pid = pid, .client = peer->side == CLIENT_SIDE};
}

struct peers *peers_start(const struct scenario *s,
			  const struct host host[SIDES], const char *folder,
			  int64_t begin_ns)
{
	struct peers *p = calloc(1, sizeof(*p));
	char path[PATH];

	snprintf(path, sizeof(path), "%s/peers.jsonl", folder);
	if (!p || !(p->log = fopen(path, "w")))
		fail_system(path);
	setvbuf(p->log, NULL, _IOLBF, 0);
	for (uint32_t i = 0; i < s->peers; i++) {
		const struct peer *peer = &s->peer[i];
		bool wait = peer->side == CLIENT_SIDE || peer->at_ns;

		for (uint32_t copy = 0; copy < peer->copies; copy++)
			start(p, s, peer, copy, &host[peer->side],
			      wait ? begin_ns + peer->at_ns +
					      copy * peer->apart_ns
				   : 0);
	}
	return p;
}

bool peers_busy(struct peers *p)
{
	bool busy = false;

	for (uint32_t i = 0; i < p->count; i++) {
		struct process *x = &p->process[i];

		if (!x->ended && waitpid(x->pid, NULL, WNOHANG) == x->pid)
			x->ended = true;
		busy = busy || (x->client && !x->ended);
	}
	return busy;
}

void peers_end(struct peers *p)
{
	for (uint32_t i = 0; i < p->count; i++)
		kill(-p->process[i].pid, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	fclose(p->log);
	free(p);
}
