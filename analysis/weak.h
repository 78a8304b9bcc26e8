/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weak.h - where this capture is weak: which direction of whom it lacks, in
 * which connections it has holes, where its clock jumped.
 *
 * The detectors of the capture note it here, each for what it found;
 * diagnose/trust.c reads it, once, at the end.  A NULL takes no notes and knows
 * of no weakness.
 */
#ifndef UPSTACK_ANALYSIS_WEAK_H
#define UPSTACK_ANALYSIS_WEAK_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/flow.h"
#include "base/arena.h"
#include "base/hash.h"

/* What a connection lacks. */
enum lack {
	LACK_HOLES = 1,	  /* bytes that were delivered and not captured */
	LACK_OPENING = 2, /* it was open before the capture began */
};

struct weak;

struct weak *weak_new(struct arena *home, struct hash_key key);

/* A connection that was captured in one direction, as `seen` goes. */
void weak_one_way(struct weak *w, const struct flow *seen);
/* A connection that was captured in both. */
void weak_both_ways(struct weak *w, const struct flow *flow);
/* A connection, in either direction, that lacks something. */
void weak_lacks(struct weak *w, const struct flow *flow, enum lack what);
/* The clock jumped: the time that the capture goes on from. */
void weak_jump(struct weak *w, int64_t at_ns);
/* This host hands its card more than a packet at once. */
void weak_super(struct weak *w, const struct addr *host);

/* Memory ran short for findings whose ids begin so (static, by blanks). */
void weak_forgot(struct weak *w, const char *ids);

/* Of some connection of these two only one direction was captured. */
bool weak_is_one_way(const struct weak *w, const struct addr *a,
		     const struct addr *b);
/* Connections of this host show what it sends, and none what it gets. */
bool weak_is_deaf(const struct weak *w, const struct addr *host);
/* Connections of this host show what it gets, and none what it sends. */
bool weak_is_mute(const struct weak *w, const struct addr *host);
bool weak_is_lacking(const struct weak *w, const struct flow *flow,
		     enum lack what);
/* The clock jumped within this time. */
bool weak_jumped(const struct weak *w, int64_t from_ns, int64_t to_ns);
bool weak_is_forgetful(const struct weak *w, const char *id);
bool weak_is_super(const struct weak *w, const struct addr *host);

#endif
