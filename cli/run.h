/* SPDX-License-Identifier: BSD-3-Clause */
/* run.h - one run over captures: a source, an engine, a report. */
#ifndef UPSTACK_CLI_RUN_H
#define UPSTACK_CLI_RUN_H

#include "cli/options.h"

enum exit_status {
	EXIT_FINE,   /* analysed, whatever was found */
	EXIT_FOUND,  /* a finding reached --fail-on */
	EXIT_USAGE,  /* usage or filter */
	EXIT_INPUT,  /* unusable, or damaged so that something is not read */
	EXIT_OUTPUT, /* could not be written */
};

/* Analyse and report; the exit status. */
int run(const struct options *o);

#endif
