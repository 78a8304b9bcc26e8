/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp_pace_tell.c - the pace of a direction in numbers, when it ends. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/track/tcp_pace.h"

enum {
	TRIPS_LEAST = 20,
	RISE_LEAST = 10,
	RISE_TIMES = 3,
	RISE_US = 50000,
};

static int by_us(const void *a, const void *b)
{
	const struct pace_sample *x = a, *y = b;

	return (x->us > y->us) - (x->us < y->us);
}

static uint32_t most_flight(const struct pace_trips *t)
{
	uint32_t most = 0;

	for (uint16_t i = 0; i < t->count; i++)
		if (t->at[i].flight > most)
			most = t->at[i].flight;
	return most;
}

/* The slow trips among those with at least three quarters of the most bytes
 * in flight; `sorted` is by time. */
static uint32_t loaded(const struct pace_sample *sorted, uint16_t count,
		       uint32_t most)
{
	uint16_t many = 0, seen = 0;

	for (uint16_t i = 0; i < count; i++)
		many += sorted[i].flight >= most - most / 4;
	for (uint16_t i = 0; i < count; i++) {
		seen += sorted[i].flight >= most - most / 4;
		if (seen * 10 >= many * 9)
			return sorted[i].us;
	}
	return 0;
}

/* Twice the mean rank, so that ties stay whole numbers. */
static int rank_of(const struct pace_trips *t, uint16_t i, bool flight)
{
	uint32_t own = flight ? t->at[i].flight : t->at[i].us;
	int below = 0, same = 0;

	for (uint16_t k = 0; k < t->count; k++) {
		uint32_t v = flight ? t->at[k].flight : t->at[k].us;

		below += v < own;
		same += v == own;
	}
	return 2 * below + same;
}

/* Spearman's correlation, in thousandths. */
static int32_t correlation(const struct pace_trips *t)
{
	double xy = 0, xx = 0, yy = 0;

	for (uint16_t i = 0; i < t->count; i++) {
		double x = rank_of(t, i, false) - t->count;
		double y = rank_of(t, i, true) - t->count;

		xy += x * y;
		xx += x * x;
		yy += y * y;
	}
	return xx > 0 && yy > 0 ? (int32_t)(1000 * xy / sqrt(xx * yy)) : 0;
}

static uint32_t median(const struct pace_sample *at, uint16_t count)
{
	struct pace_sample sorted[PACE_SAMPLES];

	memcpy(sorted, at, count * sizeof(*at));
	qsort(sorted, count, sizeof(*at), by_us);
	return sorted[count / 2].us;
}

static uint64_t flight_sum(const struct pace_sample *at, uint16_t count)
{
	uint64_t sum = 0;

	for (uint16_t i = 0; i < count; i++)
		sum += at[i].flight;
	return sum;
}

/* From some trip on all are slower than those of the first quarter, and no
 * more than twice as much is in flight. */
static void rise(const struct pace_trips *t, struct tcp_trips *out)
{
	uint16_t first = t->count / 4, from = t->count, run;
	uint32_t before = median(t->at, first);

	while (from > first && t->at[from - 1].us >= RISE_TIMES * before &&
	       t->at[from - 1].us >= before + RISE_US)
		from--;
	run = t->count - from;
	if (run < RISE_LEAST || flight_sum(&t->at[from], run) * first >
					2 * flight_sum(t->at, first) * run)
		return;
	out->before_us = before;
	out->after_us = median(&t->at[from], run);
}

static void fill_trips(struct tcp_trips *out, const struct pace_trips *t)
{
	struct pace_sample sorted[PACE_SAMPLES];
	uint32_t most;

	if (!t || t->count < TRIPS_LEAST)
		return;
	most = most_flight(t);
	memcpy(sorted, t->at, t->count * sizeof(t->at[0]));
	qsort(sorted, t->count, sizeof(sorted[0]), by_us);
	out->count = t->count * (uint32_t)t->stride;
	out->low_us = sorted[t->count / 20].us;
	out->loaded_us = loaded(sorted, t->count, most);
	if (out->loaded_us > 2 * out->low_us)
		out->correlation = correlation(t);
	rise(t, out);
}

/* After a rest its first round trip is nearer to the quick ones. */
static void fill_rests(struct tcp_trips *out, const struct pace *p)
{
	uint32_t half = (out->low_us + out->loaded_us) / 2;

	out->rests = p->rests;
	for (uint8_t i = 0; i < p->rests; i++)
		out->back += p->rest_us[i] <= half;
}

static void fill_idle(struct tcp_pace_fact *f, const struct side *s,
		      const struct pace *p)
{
	const struct trouble *b = s->trouble;

	f->survived_ns = p->survived_ns;
	if (!(p->bits & PACE_IDLE))
		return;
	f->idle_ns = p->idle_ns;
	f->idle_end_ns = p->idle_at_ns;
	memcpy(f->idle_frames, p->idle_frames, sizeof(f->idle_frames));
	if (!b || !b->again_count)
		return;
	f->unanswered = b->again_count;
	f->due_ns = b->again_last_ns + 2 * b->again_gap_ns;
}

static void fill_stalls(struct tcp_pace_fact *f, const struct connection *c,
			const struct pace *p)
{
	f->stalls = p->stalls;
	if (!p->stalls)
		return;
	f->stall_first_ns = p->stall_first_ns;
	f->stall_last_ns = p->still_now.to_ns;
	f->stall_ns = p->stall_ns;
	f->stall_worst_ns = p->worst.to_ns - p->worst.from_ns;
	memcpy(f->stall_of, p->stall_of, sizeof(f->stall_of));
	memcpy(f->stall_frames, p->stall_frames, sizeof(f->stall_frames));
	f->still_from_ns = p->still.from_ns;
	f->still_to_ns = p->still.to_ns;
	for (int i = 0; i < 2; i++) {
		f->worst_frames[i] =
			frame_since(c->first_frame, p->worst.frame[i]);
		f->still_frames[i] =
			frame_since(c->first_frame, p->still.frame[i]);
	}
}

static void fill_waits(struct tcp_pace_fact *f, const struct pace *p)
{
	f->delayed = p->delayed;
	f->unheld = p->unheld;
	f->delayed_ns = p->delayed_ns;
	f->delayed_spread_ns = p->delayed_most_ns - p->delayed_least_ns;
	memcpy(f->delayed_frames, p->delayed_frames, sizeof(f->delayed_frames));
}

void pace_tell(const struct connection *c, unsigned side, struct observer *out)
{
	const struct side *s = &c->side[side], *r = &c->side[!side];
	const struct pace *p = pace_at(c, side);
	struct observation *o = observe_begin(out, OBS_TCP_PACE, NULL);
	struct tcp_pace_fact *f = &o->as.pace;

	f->flow = flow_name(c, side);
	f->from_client = side == c->client;
	f->syn_seen = c->bits & CONN_OPENED;
	f->reset = side_has(s, SIDE_RST) || side_has(r, SIDE_RST);
	f->mss = s->mss;
	f->wscale = s->wscale < 15 ? s->wscale : 255;
	f->peer_wscale = r->wscale < 15 ? r->wscale : 255;
	f->first_ns = c->first_ns;
	f->last_ns = s->last_ns;
	f->rtt_ns = path_rtt(c);
	f->bytes = s->bytes;
	f->rounds = p->rounds;
	f->full = p->full;
	f->window = p->window;
	f->ended_short = p->ended_short;
	f->flight = p->flight_most;
	f->level = p->level;
	f->steady = p->steady;
	f->waited = p->waited;
	f->idled = p->idled;
	f->peer_window = side_window(r);
	f->resent = s->trouble ? s->trouble->counts.resent -
					 s->trouble->counts.spurious
			       : 0;
	f->full_bytes = p->full_bytes;
	f->full_ns = p->full_ns;
	for (int i = 0; i < 2; i++)
		fill_trips(&f->trips[i], p->trips[i]);
	fill_rests(&f->trips[0], p);
	f->floor_ns = p->floor_us * NS_PER_US;
	fill_waits(f, p);
	fill_stalls(f, c, p);
	fill_idle(f, s, p);
	f->last_frame = frame_since(c->first_frame, s->last_frame);
	o->link = c->link;
	o->frame = f->last_frame;
	o->time_ns = s->last_ns;
	observe_end(out);
}
