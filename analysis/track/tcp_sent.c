/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_sent.c - the transmissions of a direction, as they passed P.
 *
 * A ring in the order of time.  It grows while what it would forget is still
 * wanted: not yet acknowledged, or acknowledged less than three seconds ago (a
 * copy or a needless resend may still come).
 */
#include <string.h>

#include "analysis/track/tcp_connection.h"

/* Of a ring with room for two, a request and its FIN; every next one has twice
 * the size, which is what the pool gives out. */
enum { FIRST_SIZE = 128 };

static size_t ring_size(uint32_t room)
{
	return sizeof(struct sent_ring) + room * sizeof(struct sent);
}

static uint32_t room_in(size_t size)
{
	return (uint32_t)((size - sizeof(struct sent_ring)) /
			  sizeof(struct sent));
}

/* The room of the next larger ring. */
static uint32_t room_after(uint32_t room)
{
	size_t size = FIRST_SIZE;

	while (room_in(size) <= room)
		size *= 2;
	return room_in(size);
}

static uint32_t room_most(const struct side *s)
{
	return s->nxt - s->una > BUSY_BYTES ? SENT_MOST_BUSY : SENT_MOST;
}

static bool still_wanted(const struct side *s, const struct sent *e,
			 int64_t now_ns)
{
	return e->start + e->bytes > s->una ||
	       now_ns - e->time_ns < 3LL * KEEP_NS;
}

/* Room for one more, if the oldest is still wanted. */
static void ring_grow(struct tcp_tracker *t, struct side *s, int64_t now_ns)
{
	struct sent_ring *old = s->sent, *r;
	uint32_t room = room_after(old ? old->room : 0);

	if (room > SENT_MOST_BUSY ||
	    (old && !still_wanted(s, sent_at(old, 0), now_ns)))
		return;
	r = tcp_pool_lend(&t->pool, ring_size(room));
	if (!r)
		return;
	r->room = room;
	r->first = r->count = 0;
	if (old) {
		r->count = old->count;
		for (uint32_t i = 0; i < old->count; i++)
			r->at[i] = *sent_at(old, i);
		tcp_pool_give(&t->pool, old, ring_size(old->room));
	}
	s->sent = r;
}

/* The place for the next one: in a full ring that of the oldest. */
static struct sent *ring_next(struct sent_ring *r)
{
	uint32_t first = r->first;

	if (r->count < r->room)
		return sent_at(r, r->count++);
	r->first = first + 1 < r->room ? first + 1 : 0;
	return &r->at[first];
}

uint32_t sent_stamp(const struct step *k)
{
	const struct tcp_header *tcp = k->tcp;

	if (tcp->has_ts)
		return tcp->tsval;
	return tcp->ack * 0x9e3779b1u ^
	       ((uint32_t)tcp->window << 16 | tcp->flags);
}

static struct sent *put(const struct step *k, struct sent_ring *r,
			uint64_t start, uint64_t end)
{
	struct sent *e = ring_next(r);

	e->start = start;
	e->bytes = (uint32_t)(end - start);
	e->time_ns = k->now_ns;
	e->frame = (uint32_t)k->p->frame.number;
	e->tsval = sent_stamp(k);
	e->news_us = 0;
	e->id = k->ip->version == 4 ? (uint16_t)k->ip->id : 0;
	e->tries = 0;
	e->flags = k->tcp->flags & TCP_FIN ? SENT_FIN : 0;
	e->sum = k->t->events ? bytes_sum(k, start) : 0;
	return e;
}

RARE static struct sent *put_grown(struct step *k, uint64_t start, uint64_t end)
{
	ring_grow(k->t, k->s, k->now_ns);
	return k->s->sent ? put(k, k->s->sent, start, end) : NULL;
}

struct sent *sent_add(struct step *k, uint64_t start, uint64_t end)
{
	struct sent_ring *r = k->s->sent;

	if (!r || (r->count == r->room && r->room < room_most(k->s)))
		return put_grown(k, start, end);
	return put(k, r, start, end);
}

static bool overlaps(const struct sent *e, uint64_t start, uint64_t end)
{
	return e->start < end && start < e->start + e->bytes;
}

/* New bytes begin where all that was sent before them had ended: what is older
 * than such a transmission lies below it. */
static bool rest_is_below(const struct sent *e, uint64_t seq)
{
	return e->start <= seq && !(e->flags & SENT_KINDS & ~SENT_FIN);
}

struct sent *sent_last(const struct side *s, uint64_t start, uint64_t end)
{
	struct sent *any = NULL;

	for (uint32_t i = s->sent ? s->sent->count : 0; i-- > 0;) {
		struct sent *e = sent_at(s->sent, i);

		if (e->flags & SENT_COPY)
			continue;
		if (overlaps(e, start, start + 1))
			return e;
		if (!any && overlaps(e, start, end))
			any = e;
		if (rest_is_below(e, start))
			break;
	}
	return any;
}

struct sent *sent_first(const struct side *s, uint64_t seq)
{
	for (uint32_t i = s->sent ? s->sent->count : 0; i-- > 0;) {
		struct sent *e = sent_at(s->sent, i);

		if (overlaps(e, seq, seq + 1) &&
		    !(e->flags & (SENT_COPY | SENT_RESENT)))
			return e;
		if (rest_is_below(e, seq))
			break;
	}
	return NULL;
}

static bool same_range(const struct sent *e, uint64_t start, uint64_t end)
{
	return e->start == start && e->start + e->bytes == end;
}

struct sent *sent_by_id(const struct side *s, uint16_t id, uint64_t start,
			uint64_t end)
{
	for (uint32_t i = s->sent ? s->sent->count : 0; i-- > 0;) {
		struct sent *e = sent_at(s->sent, i);

		if (e->id == id && same_range(e, start, end))
			return e;
		if (rest_is_below(e, start))
			break;
	}
	return NULL;
}

struct sent *sent_by_tsval(const struct side *s, uint32_t tsval, uint64_t start,
			   uint64_t end)
{
	for (uint32_t i = s->sent ? s->sent->count : 0; i-- > 0;) {
		struct sent *e = sent_at(s->sent, i);

		if (e->tsval == tsval && same_range(e, start, end))
			return e;
		if (rest_is_below(e, start))
			break;
	}
	return NULL;
}

/* The first transmission of the segment that ends at `seq`: its resends and
 * late originals say nothing about when the next one was sent. */
struct sent *sent_below(const struct side *s, uint64_t seq)
{
	for (uint32_t i = s->sent ? s->sent->count : 0; i-- > 0;) {
		struct sent *e = sent_at(s->sent, i);

		if (e->start + e->bytes == seq && !(e->flags & SENT_KINDS))
			return e;
		if (rest_is_below(e, seq - 1))
			break;
	}
	return NULL;
}

struct sent *sent_beyond(const struct side *s, uint64_t seq)
{
	struct sent *found = NULL;

	for (uint32_t i = s->sent ? s->sent->count : 0; i-- > 0;) {
		struct sent *e = sent_at(s->sent, i);

		if (e->flags & ~SENT_FIN)
			continue;
		if (e->start < seq)
			break;
		found = e;
	}
	return found;
}

struct sent *sent_before(const struct step *k, uint64_t seq)
{
	const struct side *s = k->s;

	for (uint32_t i = s->sent ? s->sent->count : 0; i-- > 0;) {
		struct sent *e = sent_at(s->sent, i);

		if (!(e->flags & SENT_COPY) && overlaps(e, seq, seq + 1) &&
		    sent_after(k, e))
			return e;
		if (rest_is_below(e, seq))
			break;
	}
	return NULL;
}

/* Whether its delivery is news. */
static bool delivered(struct sent *e, uint64_t start, uint64_t end,
		      int64_t now_ns)
{
	int64_t us = (now_ns - e->time_ns) / NS_PER_US;

	if (e->news_us || e->start < start || e->start + e->bytes > end)
		return false;
	e->news_us = us < 0		   ? 1
		     : us > UINT32_MAX - 1 ? UINT32_MAX
					   : (uint32_t)us + 1;
	return true;
}

void sent_delivered(struct side *s, uint64_t start, uint64_t end,
		    int64_t now_ns)
{
	bool newest = true;

	for (uint32_t i = s->sent ? s->sent->count : 0; i-- > 0;) {
		struct sent *e = sent_at(s->sent, i);

		if (delivered(e, start, end, now_ns) && newest) {
			if (!(e->flags & SENT_KINDS) && s->trouble)
				s->trouble->rr_last_us = e->news_us;
			newest = false;
		}
		if (rest_is_below(e, start))
			break;
	}
}

/* The ring is in the order of time: what is older than the first resend under
 * way need not be looked at. */
bool sent_again_delivered(struct side *s, uint64_t start, uint64_t end,
			  int64_t now_ns)
{
	bool all = true;

	for (uint32_t i = s->sent ? s->sent->count : 0; i-- > 0;) {
		struct sent *e = sent_at(s->sent, i);

		if (e->time_ns < s->trouble->resends_ns)
			break;
		if (e->flags & SENT_RESENT) {
			delivered(e, start, end, now_ns);
			all &= e->news_us != 0;
		}
	}
	return all;
}

void sent_free(struct tcp_tracker *t, struct side *s)
{
	if (s->sent)
		tcp_pool_give(&t->pool, s->sent, ring_size(s->sent->room));
	s->sent = NULL;
}

void sent_prefetch(const struct side *s)
{
	const struct sent_ring *r = s->sent;
	const struct sent *e;

	if (!r)
		return;
	e = sent_at(s->sent, r->count < r->room ? r->count : 0);
	__builtin_prefetch(e, 1);
	__builtin_prefetch((const char *)(e + 1) - 1, 1);
}
