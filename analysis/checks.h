/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * checks.h - what was seen to work, what could not be judged, what is no fault.
 *
 * "Healthy" must be said in so many words; layers get their verdict from
 * findings and from these.
 */
#ifndef UPSTACK_ANALYSIS_CHECKS_H
#define UPSTACK_ANALYSIS_CHECKS_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/finding.h"
#include "base/arena.h"
#include "base/table.h"

enum { CHECK_TEXT = 160, CHECKS_MAX = 64, LIMITS_MAX = 128 };

enum check_kind {
	CHECK_WORKS,	  /* "3 neighbours answered" */
	CHECK_TRIED,	  /* attempted, not seen to work: no longer not_seen */
	CHECK_NOT_FAULT,  /* "1 traceroute (frame 40)" */
	CHECK_NOT_JUDGED, /* "4 connections: only one direction seen" */
};

struct check {
	enum check_kind kind;
	enum layer_of layer;
	char text[CHECK_TEXT]; /* UTF-8, escaped, no full stop */
};

struct limit_reached {
	const char *table;
	uint64_t max, evicted;
	int64_t first_ns;	/* 0: not known */
};

struct checks {
	uint32_t count, limit_count;
	struct check check[CHECKS_MAX];
	struct limit_reached limit[LIMITS_MAX];
};

void check_add(struct checks *c, enum check_kind kind, enum layer_of layer,
	       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Note a table that forgot something; nothing is added if it did not. */
void check_table(struct checks *c, const struct table *t);

#endif
