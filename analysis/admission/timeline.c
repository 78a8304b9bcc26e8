/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * timeline.c - the clock of the capture, which never runs backwards.
 *
 * A jump ahead looks like a pause.  The hosts' own clocks tell them apart: TCP
 * time stamps (RFC 7323) tick on while nobody speaks, and do not know that
 * somebody set the clock of the capture.
 */
#include "analysis/admission/timeline.h"

#include <string.h>

#include "base/hint.h"
#include "base/when.h"

enum {
	ROOM = 4096,
	TICKERS = 64,
	ALL_FIRST = 1024, /* packets, and then one in: */
	ONE_IN = 8,
	TICKS_LEAST = 4,
};

#define STEP_NS	     NS_PER_MS
#define JUMP_NS	     NS_PER_S
#define AHEAD_NS     (10 * NS_PER_S)
#define SPAN_NS	     (NS_PER_S / 2)  /* that a rate of ticks needs */
#define SHIFT_MAX_NS (INT64_MAX / 3) /* no sum can overflow */

/* One interface: orders between interfaces mean nothing. */
struct clock {
	int64_t max_ns;	      /* of the times given out */
	int64_t shift_ns;     /* what is added to a stamp */
	int64_t old_shift_ns; /* before the last jump: a stray packet returns */
	bool seen, jumped;
};

/* The time stamps of one direction of a connection. */
struct ticker {
	uint32_t key, host, first, last;
	int64_t first_ns, last_ns;
};

struct timeline {
	int64_t now_ns;
	struct ticker ticker[TICKERS];
	const struct packet *batch; /* what comes next, the judged one first */
	uint32_t ready;
	struct clock *clock;
};

struct timeline *timeline_new(const struct tracker_home *home)
{
	struct timeline *t = arena_alloc(home->arena, sizeof(*t));

	if (!t)
		return NULL;
	t->now_ns = INT64_MIN;
	t->clock = arena_alloc(home->arena, ROOM * sizeof(*t->clock));
	return t->clock ? t : NULL;
}

static void report(const struct packet *p, int64_t before_ns, int64_t after_ns,
		   bool jump, struct observer *out)
{
	struct observation *o = observe_begin(out, OBS_CLOCK_STEP, p);

	o->as.clock.before_ns = before_ns;
	o->as.clock.after_ns = after_ns;
	o->as.clock.jump = jump;
	o->as.clock.interface = p->frame.interface;
	observe_end(out);
}

/* The stamp lies before the latest: normal below a millisecond. */
static void step_back(struct clock *c, const struct packet *p, int64_t stamp_ns,
		      struct observer *out)
{
	int64_t back = c->max_ns - (stamp_ns + c->shift_ns);
	int64_t before_ns = c->max_ns - c->shift_ns;

	if (back < STEP_NS)
		return;
	if (back > JUMP_NS && c->shift_ns < SHIFT_MAX_NS - back) {
		c->old_shift_ns = c->shift_ns;
		c->shift_ns += back;
		c->jumped = true;
	}
	report(p, before_ns, stamp_ns, back > JUMP_NS, out);
}

/* After a jump back: a stamp that fits the time before it means that only some
 * packets were out of order. */
static int64_t step_ahead(struct clock *c, int64_t stamp_ns)
{
	int64_t time_ns = stamp_ns + c->shift_ns;
	int64_t old_ns = stamp_ns + c->old_shift_ns;

	if (!c->jumped || time_ns - c->max_ns <= JUMP_NS || old_ns >= time_ns ||
	    old_ns < c->max_ns - JUMP_NS)
		return time_ns;
	c->shift_ns = c->old_shift_ns;
	c->jumped = false;
	return old_ns > c->max_ns ? old_ns : c->max_ns;
}

void timeline_expect(struct timeline *t, const struct packet *batch,
		     uint32_t count)
{
	t->batch = batch;
	t->ready = count;
}

static uint32_t hash_addr(const struct addr *a)
{
	uint32_t word[4], h = a->family;

	memcpy(word, a->bytes, sizeof(word));
	for (int i = 0; i < 4; i++)
		h = (h ^ word[i]) * 0x9e3779b1u;
	return h;
}

static bool ticks(const struct packet *p)
{
	return p->tcp && p->ip && p->tcp->as.tcp.has_ts;
}

static uint32_t key_of(const struct packet *p)
{
	const struct ip_header *ip = &p->ip->as.ip;
	const struct tcp_header *tcp = &p->tcp->as.tcp;
	uint32_t ports = (uint32_t)tcp->src_port << 16 | tcp->dst_port;

	return (hash_addr(&ip->src) * 3 ^ hash_addr(&ip->dst) ^ ports) *
	       0x9e3779b1u;
}

static void tick_note(struct timeline *t, const struct packet *p)
{
	uint32_t key = key_of(p), tsval = p->tcp->as.tcp.tsval;
	struct ticker *k = &t->ticker[key >> 26];

	if (k->key != key || !k->first_ns)
		*k = (struct ticker){.key = key,
				     .host = hash_addr(&p->ip->as.ip.src),
				     .first = tsval,
				     .first_ns = p->frame.time_ns};
	k->last = tsval;
	k->last_ns = p->frame.time_ns;
}

/* What the sender's clock says of a pause up to `p`: -1 there was none, 1 there
 * was, 0 nothing. */
static int tick_says(const struct timeline *t, const struct packet *p,
		     int64_t time_ns)
{
	uint32_t key = key_of(p);
	const struct ticker *k = &t->ticker[key >> 26];
	int64_t span = k->last_ns - k->first_ns;
	uint32_t counted = k->last - k->first;
	uint32_t moved = p->tcp->as.tcp.tsval - k->last;
	double due;

	if (k->key != key || span < SPAN_NS || counted < TICKS_LEAST ||
	    counted > INT32_MAX || moved > INT32_MAX)
		return 0;
	due = (double)counted / (double)span * (double)(time_ns - k->last_ns);
	return moved * 2.0 < due ? -1 : 1;
}

/* Two hosts' clocks did not move as the stamps did, and nobody's did. */
static bool is_ahead(const struct timeline *t, const struct packet *p,
		     const struct clock *c)
{
	uint32_t hosts[2] = {0, 0};
	int count = 0;

	for (uint32_t i = 0; i < t->ready; i++) {
		const struct packet *q = &t->batch[i];
		int64_t time_ns = q->frame.time_ns + c->shift_ns;
		uint32_t host;
		int says;

		if (q->frame.interface != p->frame.interface || !ticks(q) ||
		    time_ns - c->max_ns <= AHEAD_NS)
			continue;
		says = tick_says(t, q, time_ns);
		host = hash_addr(&q->ip->as.ip.src);
		if (says > 0)
			return false;
		if (says < 0 && count < 2 && (!count || hosts[0] != host))
			hosts[count++] = host;
	}
	return count == 2;
}

/* The capture goes on where it was. */
static int64_t jump_ahead(struct clock *c, struct packet *p, int64_t time_ns,
			  struct observer *out)
{
	int64_t before_ns = c->max_ns - c->shift_ns;
	int64_t stamp_ns = p->frame.time_ns;

	c->old_shift_ns = c->shift_ns;
	c->shift_ns -= time_ns - c->max_ns;
	c->jumped = false;
	p->frame.time_ns = c->max_ns;
	report(p, before_ns, stamp_ns, true, out);
	return c->max_ns;
}

static void place(struct timeline *t, struct packet *p, struct observer *out)
{
	uint32_t i = p->frame.interface;
	struct clock *c = &t->clock[i < ROOM ? i : ROOM - 1];
	int64_t stamp_ns = p->frame.time_ns;
	int64_t time_ns = stamp_ns + c->shift_ns;

	if (UNLIKELY(c->seen && time_ns < c->max_ns)) {
		p->frame.time_ns = c->max_ns;
		step_back(c, p, stamp_ns, out);
		return;
	}
	if (c->jumped)
		time_ns = step_ahead(c, stamp_ns);
	if (UNLIKELY(c->seen && time_ns - c->max_ns > AHEAD_NS) &&
	    c->shift_ns > -SHIFT_MAX_NS && is_ahead(t, p, c))
		time_ns = jump_ahead(c, p, time_ns, out);
	c->seen = true;
	c->max_ns = time_ns;
	p->frame.time_ns = time_ns;
	if (time_ns > t->now_ns)
		t->now_ns = time_ns;
}

void timeline_place(struct timeline *t, struct packet *p, struct observer *out)
{
	uint64_t n = p->frame.number;

	place(t, p, out);
	if (t->ready) {
		t->batch++;
		t->ready--;
	}
	if ((n < ALL_FIRST || n % ONE_IN == 0) && ticks(p))
		tick_note(t, p);
}

int64_t timeline_now(const struct timeline *t)
{
	return t->now_ns;
}
