/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp_gone.h - when a peer that answered before is taken for lost. */
#ifndef UPSTACK_ANALYSIS_DETECT_TCP_GONE_H
#define UPSTACK_ANALYSIS_DETECT_TCP_GONE_H

#include "analysis/detector.h"
#include "base/when.h"

/* For how long the last data of `s` was waited for in vain: up to its last
 * resend or, where the capture went on and nothing came, up to its end (a
 * sender that gave up says nothing more). */
static inline int64_t tcp_waited_ns(const struct tcp_ended_fact *e,
				    const struct tcp_side *s, int64_t now_ns)
{
	int64_t quiet = e->at_end ? now_ns - s->last_ns : 0;

	return s->unanswered_ns + (quiet > 0 ? quiet : 0);
}

/* Sent again at least five times, and no answer for ten seconds. */
static inline bool tcp_peer_gone(const struct tcp_ended_fact *e,
				 const struct tcp_side *s, int64_t now_ns)
{
	return s->unanswered_resends >= 5 &&
	       tcp_waited_ns(e, s, now_ns) >= 10 * NS_PER_S;
}

#endif
