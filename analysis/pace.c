/* SPDX-License-Identifier: BSD-3-Clause */
/* pace.c - what the pace of a direction says: findings-tcp 3.2. */
#include "analysis/observation.h"
#include "base/when.h"

enum {
	ROUNDS_LEAST = 8,
	TRIPS_LEAST = 50,
	CORRELATED = 600, /* of a thousand */
	BLOAT_US = 100000,
	BUFFER_ROUNDS_LEAST = 20,
	STEADY_LEAST = 10,
	DOUBLING_SHARE = 3,
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

/* The path itself keeps its time: nothing waits in a queue. */
static bool trips_are_flat(const struct tcp_trips *t)
{
	return t->loaded_us * 2ULL <= t->low_us * 3ULL;
}

/*
 * The same is in flight round trip after round trip, less than the window
 * allows and without a loss, and the sender waits for acknowledgements: so it
 * is the sender that keeps no more for resending.  A rate, of the line or of
 * pacing, would spread the segments.
 */
bool pace_fills_buffer(const struct tcp_pace_fact *p)
{
	return p->rounds >= BUFFER_ROUNDS_LEAST && p->steady >= STEADY_LEAST &&
	       p->steady * 2 >= p->rounds && p->waited >= p->rounds / 2 &&
	       p->idled * 4 <= p->waited && p->syn_seen &&
	       p->level < p->peer_window / 10 * 9ULL && !p->resent &&
	       trips_are_flat(&p->trips[0]) && p->rtt_ns >= NS_PER_MS;
}

/*
 * In slow start each round trip carries twice as much as the one before, so the
 * last two carry more than two thirds of all; whoever went on steadily for some
 * round trips has sent more than that.
 */
bool pace_in_slow_start(const struct tcp_pace_fact *p)
{
	return p->waited && !p->idled && !p->resent && p->syn_seen &&
	       p->flight < p->peer_window / 10 * 9ULL &&
	       p->bytes <= (uint64_t)p->flight * DOUBLING_SHARE &&
	       trips_are_flat(&p->trips[0]) && p->rtt_ns >= NS_PER_MS;
}

bool trips_grow_with_load(const struct tcp_trips *t)
{
	uint32_t more = 2 * t->low_us > BLOAT_US ? 2 * t->low_us : BLOAT_US;

	return t->count >= TRIPS_LEAST && t->loaded_us >= t->low_us + more &&
	       t->correlation >= CORRELATED && t->back * 2 >= t->rests;
}
