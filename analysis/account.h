/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * account.h - what became of every packet: seen = analysed + skipped, by
 * reason.  A packet that two reasons fit is counted under the first of them.
 */
#ifndef UPSTACK_ANALYSIS_ACCOUNT_H
#define UPSTACK_ANALYSIS_ACCOUNT_H

#include "analysis/coverage.h"

enum skip {
	SKIP_DROPPED,	   /* whoever captured counted it as lost */
	SKIP_LEFT_BEHIND,  /* live: still in the kernel's buffer at the end */
	SKIP_UNREADABLE,   /* its record in the file is cut or damaged */
	SKIP_FILTERED_OUT, /* by the filter */
	SKIP_COPIES,	   /* the capture made a copy */
	SKIP_UNKNOWN_LINK, /* no dissector for its link type */
	SKIPS,
};

struct account {
	uint64_t seen, analysed;
	uint64_t skipped[SKIPS];
};

struct account account_of(const struct coverage *c);

const char *skip_name(enum skip s);  /* "filtered_out" */
const char *skip_words(enum skip s); /* "left out by the filter" */

#endif
