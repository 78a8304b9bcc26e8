/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_passage.c - a direction that is captured at two points of its path.
 *
 * What passes the second point is a copy of what passed the first, and
 * admission leaves it out; it is noted here on the transmission that it is a
 * copy of.  So of a transmission that was lost and sent again it is known
 * whether it had come to the second point.  That it had not is proved only if
 * the second point shows what passed the first just before and after it, and
 * what is sent again: who captures there may drop packets as well.
 */
#include <string.h>

#include "analysis/track/tcp_pace.h"

enum {
	STEPS = 64, /* to a neighbour that came to the second point */
	NOT_MISSING = SENT_SHOWN | SENT_MISSING | SENT_ASIDE | SENT_COPY,
	MIXED = 4, /* places by which frames may stand in another order */
};

static struct capture_point point_of(const struct packet *p)
{
	const struct link_header *link = p->eth ? &p->eth->as.link : NULL;
	struct capture_point point;

	memset(&point, 0, sizeof(point));
	point.interface = p->frame.interface;
	point.vlan = p->vlan_count ? p->vlan[0] : 0;
	point.ttl = p->ip->as.ip.ttl;
	point.packet_type = link ? link->packet_type : 255;
	if (link && link->has_src)
		point.src = link->src;
	if (link && link->has_dst)
		point.dst = link->dst;
	else if (link)
		point.ifindex = link->ifindex;
	return point;
}

static bool same_point(const struct capture_point *a,
		       const struct capture_point *b)
{
	_Static_assert(sizeof(*a) == 24, "there is no padding");
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool is_before(uint32_t frame, uint32_t other)
{
	return (int32_t)(frame - other) < 0;
}

/* The place in the ring where frames of this number stand, about. */
static uint32_t place_of(struct sent_ring *r, uint32_t frame)
{
	uint32_t low = 0, high = r->count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (is_before(sent_at(r, middle)->frame, frame))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Note this of each range of the frame; the first of them, or NULL. */
static struct sent *note(struct sent_ring *r, uint32_t frame,
			 enum sent_flag what)
{
	uint32_t at = place_of(r, frame);
	uint32_t from = at > MIXED ? at - MIXED : 0;
	uint32_t end = r->count - at > MIXED ? at + MIXED : r->count;
	struct sent *first = NULL;

	for (uint32_t i = from; i < end; i++) {
		struct sent *e = sent_at(r, i);

		if (e->frame != frame)
			continue;
		e->flags |= what;
		if (!first)
			first = e;
	}
	return first;
}

/* Segments of data that were sent in this frame or later. */
static uint32_t segments_since(struct sent_ring *r, uint32_t frame)
{
	uint32_t n = 0, last = frame - 1;

	for (uint32_t i = r->count; i-- > 0;) {
		const struct sent *e = sent_at(r, i);

		if (is_before(e->frame + READ, frame))
			break;
		if (is_before(e->frame, frame) || e->frame == last ||
		    e->bytes <= (e->flags & SENT_FIN ? 1 : 0))
			continue;
		last = e->frame;
		n++;
	}
	return n;
}

/* The second point is where the first copy comes from.  Most connections are
 * shorter than those whose pace is followed, and prove nothing. */
static struct passage *begin(struct tcp_tracker *t, struct connection *c,
			     unsigned dir, const struct packet *p, uint64_t of)
{
	struct side *s = &c->side[dir];
	struct paces *both;
	struct passage *x;

	if (!s->sent || s->data_segments < PACE_FROM)
		return NULL;
	both = paces_of(t, c);
	x = both ? tcp_pool_take(&t->pool, sizeof(*x)) : NULL;
	if (!x)
		return NULL;
	both->passage[dir] = x;
	c->bits |= CONN_TWICE;
	x->told.second = point_of(p);
	x->from = (uint32_t)of;
	x->before = s->data_segments - segments_since(s->sent, x->from);
	return x;
}

/* What was sent again came to the second point, and so did all that it stands
 * for: a resend that was lost as well. */
static void resend_shown(struct side *s, uint32_t frame)
{
	struct pending *e = s->trouble ? s->trouble->pending : NULL;
	const struct pending *shown;

	while (e && (uint32_t)e->frame != frame)
		e = e->next_here;
	for (shown = e; e; e = e->next_here)
		if (e->start < shown->end && shown->start < e->end)
			e->shown = true;
}

void passage_shown(struct tcp_tracker *t, struct connection *c, unsigned dir,
		   const struct packet *p, uint64_t of)
{
	struct side *s = &c->side[dir];
	struct passage *x = passage_at(c, dir);
	struct capture_point here;
	const struct sent *e;

	if (!x)
		x = begin(t, c, dir, p, of);
	if (!x || !s->sent)
		return;
	here = point_of(p);
	if (!same_point(&here, &x->told.second))
		return;
	e = note(s->sent, (uint32_t)of, SENT_SHOWN);
	if (!e || is_before(e->frame, x->from))
		return;
	x->told.shown += p->tcp->as.tcp.payload_len > 0;
	if (e->flags & SENT_RESENT)
		resend_shown(s, e->frame);
}

/* Admission forgets some; what passed the second point then looks like a copy
 * that the network made. */
void passage_doubled(struct step *k, struct sent *last)
{
	struct passage *x = passage_at(k->c, k->dir);
	struct capture_point here;

	if (!x || !last || last->tsval != sent_stamp(k) ||
	    last->flags & SENT_SHOWN)
		return;
	here = point_of(k->p);
	if (!same_point(&here, &x->told.second) ||
	    is_before(last->frame, x->from))
		return;
	last->flags |= SENT_SHOWN;
	x->told.shown++;
}

/* Note it of what the last packet became. */
static void note_aside(struct passage *x, const struct side *s)
{
	const struct sent *e;

	if (!x->has_aside || !s->sent)
		return;
	x->has_aside = false;
	e = note(s->sent, x->aside, SENT_ASIDE);
	if (!e || e->bytes <= (e->flags & SENT_FIN ? 1 : 0))
		return;
	if (e->flags & SENT_COPY)
		x->before++;
	else
		x->told.aside++;
}

/* Where only the second point shows a packet, who captures at the first missed
 * it, or its clock is behind: nothing is known of what passed the first. */
void passage_comes(const struct step *k)
{
	struct passage *x = passage_at(k->c, k->dir);
	struct capture_point here;

	if (!x)
		return;
	here = point_of(k->p);
	note_aside(x, k->s);
	x->has_aside = same_point(&here, &x->told.second);
	x->aside = (uint32_t)k->p->frame.number;
}

/* Transmissions of these bytes that passed the first point alone; each is
 * counted once. */
static uint16_t take_missing(struct side *s, const struct passage *x,
			     const struct pending *p)
{
	uint32_t n = 0, last = x->from - 1;

	for (uint32_t i = s->sent->count; i-- > 0;) {
		struct sent *e = sent_at(s->sent, i);

		if (is_before(e->frame, x->from))
			break;
		if (e->start >= p->end || p->start >= e->start + e->bytes ||
		    e->flags & NOT_MISSING)
			continue;
		e->flags |= SENT_MISSING;
		n += e->frame != last;
		last = e->frame;
	}
	return n < UINT16_MAX ? (uint16_t)n : UINT16_MAX;
}

/* It arrived, as far as is known. */
static bool has_arrived(const struct side *s, const struct sent *e)
{
	return e->news_us || e->start + e->bytes <= s->una;
}

/*
 * Whether the second point shows the neighbour on this side; what is missing
 * there as well must not have arrived.  Without SACK that is not known, and the
 * very next one has to show.  Behind the last one comes what is sent again.
 */
static bool neighbour_shown(const struct step *k, const struct passage *x,
			    uint32_t at, int step)
{
	struct sent_ring *r = k->s->sent;
	bool blind = !(k->c->bits & CONN_SACK);

	for (int n = 0; n < STEPS; n++) {
		const struct sent *e;

		if (step < 0 ? at == 0 : at + 1 == r->count)
			return step > 0;
		at += (uint32_t)step;
		e = sent_at(r, at);
		if (e->flags & (SENT_SHOWN | SENT_ASIDE))
			return true;
		if (e->flags & SENT_COPY)
			continue;
		if (is_before(e->frame, x->from) || blind ||
		    (!(e->flags & SENT_MISSING) && has_arrived(k->s, e)))
			return false;
	}
	return false;
}

static uint8_t how_far(const struct step *k, const struct passage *x,
		       const struct sent *last)
{
	const struct sent_ring *r = k->s->sent;
	uint32_t at = (uint32_t)(last - r->at);

	if (last->flags & SENT_SHOWN)
		return PASSED_BOTH;
	if (last->flags & SENT_ASIDE || is_before(last->frame, x->from))
		return PASSED_UNKNOWN;
	at = at >= r->first ? at - r->first : at + r->room - r->first;
	if (!neighbour_shown(k, x, at, -1) || !neighbour_shown(k, x, at, 1))
		return PASSED_UNKNOWN;
	return PASSED_FIRST;
}

/* What is sent again has just passed the first point, if it did not come from
 * the second. */
static bool is_at_first(struct tcp_passage *x, const struct packet *p)
{
	const struct capture_point here = point_of(p);

	if (same_point(&here, &x->second))
		return false;
	if (!x->first.ttl)
		x->first = here;
	x->mixed |= !same_point(&here, &x->first);
	return true;
}

void passage_resent(struct step *k, struct pending *e, const struct sent *last)
{
	struct passage *x = passage_at(k->c, k->dir);

	if (!x || !k->s->sent || !is_at_first(&x->told, k->p))
		return;
	e->followed = true;
	e->missing = take_missing(k->s, x, e);
	if (last)
		e->passed = how_far(k, x, last);
}

static void keep(struct tcp_passage *x, const struct pending *e)
{
	if (x->between >= PASSAGES)
		return;
	x->frames[x->between][0] = e->fact.original_frame;
	x->frames[x->between][1] = e->frame;
}

void passage_settled(const struct pending *e)
{
	struct passage *x = passage_at(e->c, e->side);
	bool lost = e->fact.lost == LOST_AFTER &&
		    e->fact.mechanism != RESENT_PMTU &&
		    e->fact.mechanism != RESENT_FIN;

	if (!x || e->fact.class != SEG_RETRANSMISSION || e->fact.spurious)
		return;
	x->told.missing += e->missing;
	if (lost && e->passed == PASSED_BOTH) {
		x->told.beyond++;
	} else if (lost && e->passed == PASSED_FIRST && e->shown) {
		keep(&x->told, e);
		x->told.between++;
	}
}

const struct tcp_passage *passage_told(const struct connection *c,
				       unsigned side)
{
	struct passage *x = passage_at(c, side);

	if (!x || !(x->told.between + x->told.beyond))
		return NULL;
	note_aside(x, &c->side[side]);
	x->told.segments =
		c->side[side].data_segments - x->before - x->told.aside;
	return &x->told;
}
