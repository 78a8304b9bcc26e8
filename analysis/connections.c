/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * connections.c - the largest connections in numbers.
 *
 * The rows are a heap whose top is the least of them, so that a connection that
 * is less than all costs one comparison.
 */
#include "analysis/connections.h"

#include <stdlib.h>
#include <string.h>

#include "base/when.h"

enum { ROUNDS_LEAST = 8 };

static const char *const state_names[] = {
	[TCPS_NONE] = "NONE",
	[TCPS_SYN_SENT] = "SYN-SENT",
	[TCPS_SYN_RECV] = "SYN-RECV",
	[TCPS_ESTAB] = "ESTAB",
	[TCPS_FIN_WAIT_1] = "FIN-WAIT-1",
	[TCPS_FIN_WAIT_2] = "FIN-WAIT-2",
	[TCPS_CLOSE_WAIT] = "CLOSE-WAIT",
	[TCPS_LAST_ACK] = "LAST-ACK",
	[TCPS_CLOSING] = "CLOSING",
	[TCPS_TIME_WAIT] = "TIME-WAIT",
	[TCPS_CLOSED] = "CLOSED",
};

static const char *const limit_names[PACE_LIMITS] = {
	[LIMIT_APPLICATION] = "application",
	[LIMIT_WINDOW] = "receiver_window",
	[LIMIT_LOSS] = "loss",
	[LIMIT_QUEUE] = "bandwidth",
	[LIMIT_BUFFER] = "sender_buffer",
	[LIMIT_SLOW_START] = "slow_start",
};

const char *tcp_state_name(uint8_t state)
{
	return state <= TCPS_CLOSED ? state_names[state] : "NONE";
}

const char *pace_limit_name(uint8_t limit)
{
	return limit < PACE_LIMITS ? limit_names[limit] : NULL;
}

struct connections *connections_new(struct arena *home, uint32_t most,
				    enum connection_order order)
{
	struct connections *c = arena_alloc(home, sizeof(*c));

	if (!c)
		return NULL;
	c->most = most;
	c->order = order;
	c->rows = arena_alloc(home, most * sizeof(*c->rows));
	return c->rows ? c : NULL;
}

static uint64_t weight(const struct connection_row *r,
		       enum connection_order order)
{
	switch (order) {
	case BY_RESENT:
		return r->side[0].resent + (uint64_t)r->side[1].resent;
	case BY_RTT:
		return (uint64_t)r->rtt_median_ns;
	case BY_DURATION:
		return (uint64_t)(r->last_ns - r->first_ns);
	default:
		return r->side[0].bytes + r->side[1].bytes;
	}
}

/* Whether a comes before b; equals in the order of their first frames. */
static bool before(const struct connection_row *a,
		   const struct connection_row *b, enum connection_order order)
{
	uint64_t x = weight(a, order), y = weight(b, order);

	return x != y ? x > y : a->first_frame < b->first_frame;
}

static void swap(struct connection_row *a, struct connection_row *b)
{
	struct connection_row keep = *a;

	*a = *b;
	*b = keep;
}

static void sift_down(struct connections *c, uint32_t i, uint32_t count)
{
	for (;;) {
		uint32_t least = i;

		for (uint32_t k = 2 * i + 1; k <= 2 * i + 2; k++)
			if (k < count &&
			    before(&c->rows[least], &c->rows[k], c->order))
				least = k;
		if (least == i)
			return;
		swap(&c->rows[i], &c->rows[least]);
		i = least;
	}
}

static void sift_up(struct connections *c, uint32_t i)
{
	while (i && before(&c->rows[(i - 1) / 2], &c->rows[i], c->order)) {
		swap(&c->rows[i], &c->rows[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
}

static void keep(struct connections *c, const struct connection_row *row)
{
	if (c->count < c->most) {
		c->rows[c->count] = *row;
		sift_up(c, c->count++);
	} else if (c->most && before(row, &c->rows[0], c->order)) {
		c->rows[0] = *row;
		sift_down(c, 0, c->count);
	}
}

void connections_sort(struct connections *c)
{
	/* the least is on top: take them off one by one, to the end */
	for (uint32_t n = c->count; n-- > 1;) {
		swap(&c->rows[0], &c->rows[n]);
		sift_down(c, 0, n);
	}
}

static uint8_t limit_of(const struct tcp_pace_fact *p, const struct tcp_side *s)
{
	if (pace_fills_window(p))
		return LIMIT_WINDOW;
	if (trips_grow_with_load(&p->trips[0]) ||
	    trips_grow_with_load(&p->trips[1]))
		return LIMIT_QUEUE;
	if (pace_in_slow_start(p))
		return LIMIT_SLOW_START;
	if (p->rounds < ROUNDS_LEAST)
		return LIMIT_UNKNOWN;
	if (s->lost_before + s->lost_after > 0 &&
	    (uint64_t)p->resent * 200 >= s->data_segments)
		return LIMIT_LOSS;
	if (pace_fills_buffer(p))
		return LIMIT_BUFFER;
	return p->ended_short * 2 >= p->rounds ? LIMIT_APPLICATION
					       : LIMIT_UNKNOWN;
}

/* The number that holds it back, and what it would have to be. */
static void fill_limit(struct connection_side *to,
		       const struct tcp_pace_fact *p, const struct tcp_side *s)
{
	to->limit = limit_of(p, s);
	to->needed_bytes =
		(uint64_t)p->rtt_ns / NS_PER_MS * (TARGET_RATE / 1000);
	if (to->limit == LIMIT_WINDOW) {
		to->limit_bytes = p->window;
	} else if (to->limit == LIMIT_BUFFER) {
		to->limit_bytes = p->level;
	} else if (to->limit == LIMIT_SLOW_START) {
		to->limit_bytes = p->flight;
		to->needed_bytes = p->bytes;
	} else {
		to->needed_bytes = 0;
	}
}

static void fill_side(struct connection_side *to, const struct tcp_side *s)
{
	to->bytes = s->bytes;
	to->state = s->state;
	to->state_frame = s->last_frame;
	to->data_segments = s->data_segments;
	to->resent = s->resent;
	to->window = s->window;
	memcpy(to->resent_kind, s->resent_kind, sizeof(to->resent_kind));
}

static void on_ended(struct connections *c, const struct tcp_ended_fact *e)
{
	struct connection_row row = {.flow = e->flow,
				     .first_ns = e->first_ns,
				     .last_ns = e->last_ns,
				     .first_frame = e->first_frame,
				     .last_frame = e->last_frame,
				     .opened = e->opened,
				     .at_end = e->at_end};

	for (int i = 0; i < 2; i++) {
		const struct tcp_side *s = &e->side[i];

		fill_side(&row.side[i], s);
		row.rtt_min_ns += s->rr_min_ns;
		row.rtt_median_ns += s->rr_median_ns;
		c->by_state[i][s->state <= TCPS_CLOSED ? s->state : 0]++;
		if (c->has_pace[i])
			fill_limit(&row.side[i], &c->pace[i], s);
		c->has_pace[i] = false;
	}
	if (row.rtt_median_ns < row.rtt_min_ns)
		row.rtt_median_ns = row.rtt_min_ns;
	c->total++;
	keep(c, &row);
}

static void on_attempt(struct connections *c, const struct tcp_attempt_fact *a)
{
	if (a->outcome == TCP_NO_ANSWER || a->outcome == TCP_UNDECIDED)
		c->by_state[0][TCPS_SYN_SENT]++;
	else if (a->outcome == TCP_SYN_RECEIVED ||
		 a->outcome == TCP_ACK_IGNORED)
		c->by_state[1][TCPS_SYN_RECV]++;
}

void connections_observe(struct connections *c, const struct observation *o)
{
	if (o->kind == OBS_TCP_PACE) {
		c->pace[!o->as.pace.from_client] = o->as.pace;
		c->has_pace[!o->as.pace.from_client] = true;
	} else if (o->kind == OBS_TCP_ENDED) {
		on_ended(c, &o->as.ended);
	} else if (o->kind == OBS_TCP_ATTEMPT) {
		on_attempt(c, &o->as.attempt);
	}
}
