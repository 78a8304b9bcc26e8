/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp_trouble.c - holes in what passed, and the SACK scoreboard as it passed.
 */
#include <string.h>

#include "analysis/track/tcp_connection.h"

enum { FIRST_RANGES = 4 };

struct trouble *trouble_of(struct tcp_tracker *t, struct side *s)
{
	if (!s->trouble)
		s->trouble = tcp_pool_take(&t->pool, sizeof(*s->trouble));
	return s->trouble;
}

void trouble_free(struct tcp_tracker *t, struct side *s)
{
	struct trouble *b = s->trouble;

	if (!b)
		return;
	tcp_pool_give(&t->pool, b->hole, b->hole_room * sizeof(*b->hole));
	tcp_pool_give(&t->pool, b->sack, b->sack_room * sizeof(*b->sack));
	tcp_pool_give(&t->pool, b, sizeof(*b));
	s->trouble = NULL;
}

static bool holes_grow(struct tcp_tracker *t, struct trouble *b)
{
	uint16_t room = b->hole_room ? b->hole_room * 2 : FIRST_RANGES;
	struct hole *bigger;

	if (room > HOLES_MOST)
		return false;
	bigger = tcp_pool_take(&t->pool, room * sizeof(*bigger));
	if (!bigger)
		return false;
	if (b->holes)
		memcpy(bigger, b->hole, b->holes * sizeof(*bigger));
	tcp_pool_give(&t->pool, b->hole, b->hole_room * sizeof(*b->hole));
	b->hole = bigger;
	b->hole_room = room;
	return true;
}

static void hole_remove(struct trouble *b, uint16_t i)
{
	b->holes--;
	memmove(&b->hole[i], &b->hole[i + 1],
		(size_t)(b->holes - i) * sizeof(*b->hole));
}

/* The two nearest become one; the bytes between them are then taken as not
 * seen, which makes a later verdict on them a little less sure. */
static void holes_merge(struct trouble *b)
{
	uint16_t best = 0;

	for (uint16_t i = 1; i + 1 < b->holes; i++)
		if (b->hole[i + 1].range.start - b->hole[i].range.end <
		    b->hole[best + 1].range.start - b->hole[best].range.end)
			best = i;
	b->hole[best].range.end = b->hole[best + 1].range.end;
	hole_remove(b, best + 1);
}

static struct hole *hole_insert(struct tcp_tracker *t, struct trouble *b,
				uint16_t at, const struct hole *h)
{
	if (b->holes == b->hole_room && !holes_grow(t, b)) {
		if (b->holes < 2)
			return NULL;
		holes_merge(b);
		if (at > b->holes)
			at = b->holes;
		while (at > 0 && b->hole[at - 1].range.start > h->range.start)
			at--;
	}
	memmove(&b->hole[at + 1], &b->hole[at],
		(size_t)(b->holes - at) * sizeof(*b->hole));
	b->hole[at] = *h;
	b->holes++;
	return &b->hole[at];
}

struct hole *hole_add(struct tcp_tracker *t, struct trouble *b,
		      const struct hole *h)
{
	return hole_insert(t, b, b->holes, h);
}

struct hole *hole_at(struct trouble *b, uint64_t seq)
{
	for (uint16_t i = 0; b && i < b->holes; i++)
		if (seq >= b->hole[i].range.start && seq < b->hole[i].range.end)
			return &b->hole[i];
	return NULL;
}

bool hole_is_older(const struct side *s, const struct hole *h)
{
	return side_has(s, SIDE_MIDSTREAM) && h->range.start <= side_base(s);
}

void hole_cut(struct tcp_tracker *t, struct trouble *b, uint64_t start,
	      uint64_t end)
{
	for (uint16_t i = 0; i < b->holes;) {
		struct range *r = &b->hole[i].range;

		if (r->end <= start || r->start >= end) {
			i++;
		} else if (r->start >= start && r->end <= end) {
			hole_remove(b, i);
		} else if (r->start < start && r->end > end) {
			struct hole upper = b->hole[i];

			r->end = start;
			upper.range.start = end;
			upper.below_ns = 0;
			hole_insert(t, b, i + 1, &upper);
			return;
		} else if (r->start < start) {
			r->end = start;
			i++;
		} else {
			r->start = end;
			i++;
		}
	}
}

static bool sacks_grow(struct tcp_tracker *t, struct trouble *b)
{
	uint16_t room = b->sack_room ? b->sack_room * 2 : FIRST_RANGES;
	struct range *bigger;

	if (room > SACKS_MOST)
		return false;
	bigger = tcp_pool_take(&t->pool, room * sizeof(*bigger));
	if (!bigger)
		return false;
	if (b->sacks)
		memcpy(bigger, b->sack, b->sacks * sizeof(*bigger));
	tcp_pool_give(&t->pool, b->sack, b->sack_room * sizeof(*b->sack));
	b->sack = bigger;
	b->sack_room = room;
	return true;
}

static void sack_remove(struct trouble *b, uint16_t from, uint16_t to)
{
	memmove(&b->sack[from], &b->sack[to],
		(size_t)(b->sacks - to) * sizeof(*b->sack));
	b->sacks -= to - from;
}

void sack_add(struct tcp_tracker *t, struct trouble *b, uint64_t start,
	      uint64_t end)
{
	uint16_t i = 0, j;

	while (i < b->sacks && b->sack[i].end < start)
		i++;
	for (j = i; j < b->sacks && b->sack[j].start <= end; j++) {
		start = b->sack[j].start < start ? b->sack[j].start : start;
		end = b->sack[j].end > end ? b->sack[j].end : end;
	}
	if (j > i) {
		b->sack[i] = (struct range){start, end};
		sack_remove(b, i + 1, j);
		return;
	}
	if (b->sacks == b->sack_room && !sacks_grow(t, b)) {
		if (!b->sacks || i == 0)
			return; /* the lowest is given up: this one */
		sack_remove(b, 0, 1);
		i--;
	}
	memmove(&b->sack[i + 1], &b->sack[i],
		(size_t)(b->sacks - i) * sizeof(*b->sack));
	b->sack[i] = (struct range){start, end};
	b->sacks++;
}

void sack_forget(struct trouble *b, uint64_t una)
{
	uint16_t i = 0;

	while (i < b->sacks && b->sack[i].end <= una)
		i++;
	if (i)
		sack_remove(b, 0, i);
	if (b->sacks && b->sack[0].start < una)
		b->sack[0].start = una;
}

bool sack_covers(const struct trouble *b, uint64_t start, uint64_t end)
{
	for (uint16_t i = 0; i < b->sacks; i++)
		if (b->sack[i].start <= start && b->sack[i].end >= end)
			return true;
	return false;
}

uint64_t sack_above(const struct trouble *b, uint64_t seq)
{
	uint64_t bytes = 0;

	for (uint16_t i = 0; i < b->sacks; i++)
		if (b->sack[i].start >= seq)
			bytes += b->sack[i].end - b->sack[i].start;
	return bytes;
}
