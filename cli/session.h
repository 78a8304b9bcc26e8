/* SPDX-License-Identifier: BSD-3-Clause */
/* session.h - what lives as long as a run, for run.c and listen.c. */
#ifndef UPSTACK_CLI_SESSION_H
#define UPSTACK_CLI_SESSION_H

#include "analysis/engine.h"
#include "cli/keep.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/run.h"
#include "cli/sandbox.h"
#include "cli/told.h"

enum { SESSION_NAME = 1024 };

struct session {
	const struct options *options;
	struct source *source; /* NULL: it cannot be opened, for `trouble` */
	const char *trouble;
	struct engine *engine;
	struct report_events *events;
	struct progress progress;
	struct output output;
	FILE *report; /* where it goes; live: where alerts go */
	struct keep *keep;
	struct sandbox sandbox;
	struct maker_list makers;
	int signal_fd; /* live; -1: none */
	char *filter;
	bool output_failed;
	bool alerts_waiting; /* to be flushed */
	bool mute;	     /* in a child: the parent tells */
	struct told told;
	char name[SOURCES_MAX][SESSION_NAME]; /* escaped */
	const char *names[SOURCES_MAX];
	char title[SESSION_NAME];
};

/* How reports of this session look. */
struct report_options session_report_options(const struct session *r);

/* Read the interfaces until the end that was asked for. */
void listen_all(struct session *r);

/* What the output's failure is told as. */
void session_output_failed(struct session *r);

#endif
