/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp_where.h - says where segments were lost: before the capture point, after
 * it, or between two of them. */
#ifndef UPSTACK_ANALYSIS_DETECT_TCP_WHERE_H
#define UPSTACK_ANALYSIS_DETECT_TCP_WHERE_H

#include "analysis/detector.h"

/* What cannot be said before the end. */
struct wheres {
	struct arena *home;
	struct where *first;
};

/* Say it in a finding of tcp.loss that tells of `lost` segments. */
void where_say(struct wheres *all, struct finding *f,
	       const struct tcp_ended_fact *e, unsigned side, uint32_t lost,
	       const struct detector_context *c);

/* The capture has ended. */
void where_finish(const struct wheres *all, const struct detector_context *c);

#endif
