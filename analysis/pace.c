/* SPDX-License-Identifier: BSD-3-Clause */
/* pace.c - what the pace of a direction says: findings-tcp 3.2. */
#include "analysis/observation.h"
#include "base/when.h"

enum {
	ROUNDS_LEAST = 8,
	TRIPS_LEAST = 50,
	CORRELATED = 600, /* of a thousand */
	BLOAT_US = 100000,
};

/* The window is used up in every other round trip, and what it lets pass is
 * what passed. */
bool pace_fills_window(const struct tcp_pace_fact *p)
{
	double most, rate;

	if (p->rounds < ROUNDS_LEAST || p->full * 2 < p->rounds || !p->window ||
	    p->rtt_ns < NS_PER_MS || p->full_ns <= 0)
		return false;
	most = (double)p->window * NS_PER_S / (double)p->rtt_ns;
	rate = (double)p->full_bytes * NS_PER_S / (double)p->full_ns;
	return rate >= most * 0.8 && rate <= most * 1.2;
}

bool trips_grow_with_load(const struct tcp_trips *t)
{
	uint32_t more = 2 * t->low_us > BLOAT_US ? 2 * t->low_us : BLOAT_US;

	return t->count >= TRIPS_LEAST && t->loaded_us >= t->low_us + more &&
	       t->correlation >= CORRELATED && t->back * 2 >= t->rests;
}
