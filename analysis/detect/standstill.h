/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * standstill.h - half of all transfers stood still at once: findings-tcp 3.1.
 *
 * Used by tcp_stall.c, which says what the finding is.
 */
#ifndef UPSTACK_ANALYSIS_DETECT_STANDSTILL_H
#define UPSTACK_ANALYSIS_DETECT_STANDSTILL_H

#include "analysis/detector.h"

struct standstill;

struct standstill *standstill_new(struct arena *home,
				  const struct limits *limits,
				  struct hash_key key);

/* One direction of a transfer; `stood`: its stalls may have a reason that it
 * shares with others. */
void standstill_note(struct standstill *w, const struct tcp_pace_fact *p,
		     bool stood);

/* At the end: raise `def` for what stood still at once. */
void standstill_judge(const struct standstill *w,
		      const struct detector_context *c,
		      const struct finding_def *def);

/* What was forgotten for want of room. */
void standstill_limits(const struct standstill *w, struct checks *out);

#endif
