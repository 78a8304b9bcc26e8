/* SPDX-License-Identifier: BSD-3-Clause */
/* timeline.c - the clock of the capture, which never runs backwards. */
#include "analysis/timeline.h"

#include "base/when.h"

enum { ROOM = 4096 };

#define STEP_NS	     NS_PER_MS
#define JUMP_NS	     NS_PER_S
#define SHIFT_MAX_NS (INT64_MAX / 3) /* no sum can overflow */

/* One interface: orders between interfaces mean nothing. */
struct clock {
	int64_t max_ns;	      /* of the times given out */
	int64_t shift_ns;     /* what is added to a stamp */
	int64_t old_shift_ns; /* before the last jump: a stray packet returns */
	bool seen, jumped;
};

struct timeline {
	int64_t now_ns;
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

void timeline_place(struct timeline *t, struct packet *p, struct observer *out)
{
	uint32_t i = p->frame.interface;
	struct clock *c = &t->clock[i < ROOM ? i : ROOM - 1];
	int64_t stamp_ns = p->frame.time_ns;
	int64_t time_ns = stamp_ns + c->shift_ns;

	if (__builtin_expect(c->seen && time_ns < c->max_ns, 0)) {
		p->frame.time_ns = c->max_ns;
		step_back(c, p, stamp_ns, out);
		return;
	}
	if (c->jumped)
		time_ns = step_ahead(c, stamp_ns);
	c->seen = true;
	c->max_ns = time_ns;
	p->frame.time_ns = time_ns;
	if (time_ns > t->now_ns)
		t->now_ns = time_ns;
}

int64_t timeline_now(const struct timeline *t)
{
	return t->now_ns;
}
