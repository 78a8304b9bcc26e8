/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_segment.c - the sequence space of a packet: in order, ahead, or old.
 *
 * In order is the rule and costs little.  Ahead opens a hole.  What lies below
 * the highest number shown goes to tcp_classify.c; a segment may do both.
 */
#include "analysis/track/tcp_pace.h"

#define PAUSE_NS (200 * NS_PER_MS) /* of S, before it is worth a thought */

enum { HIDDEN_IDS_MOST = 64 };

static void ts_note(struct step *k)
{
	struct side *s = k->s;

	if (!k->tcp->has_ts)
		return;
	if (!side_has(s, SIDE_TS)) {
		s->bits |= SIDE_TS;
		s->tsval = k->tcp->tsval;
		ts_begin(k->c, k->dir, k->tcp->tsval, k->now_ns);
	} else if ((int32_t)(k->tcp->tsval - s->tsval) < 0) {
		if (s->ts_back < UINT8_MAX)
			s->ts_back++;
		if (k->tcp->payload_len)
			special_old_stamp(k);
	} else {
		s->tsval = k->tcp->tsval;
	}
}

static void mark_for_rtt(struct step *k)
{
	struct side *s = k->s;

	if (s->mark_ns)
		return;
	s->mark_ns = k->now_ns;
	s->mark_end = (uint32_t)k->end;
}

RARE static void take_fin(struct step *k)
{
	struct side *s = k->s;

	if (side_has(s, SIDE_FIN))
		return;
	s->bits |= SIDE_FIN;
	if (!k->c->first_fin)
		k->c->first_fin = (k->dir + 1) & 3;
	k->c->fin_ns[k->dir] = k->now_ns;
}

/* What lies above nxt. */
static void take_new(struct step *k)
{
	struct side *s = k->s;

	if (k->t->events)
		special_new(k, k->end);
	if (k->tcp->payload_len)
		s->bytes += k->end - s->nxt;
	sent_add(k, s->nxt, k->end);
	s->nxt = k->end;
	if (k->tcp->flags & TCP_FIN)
		take_fin(k);
	ts_note(k);
	mark_for_rtt(k);
}

/* The segment below the hole, if it was sent just now, bounds from below when
 * the missing one was sent. */
RARE static void take_gap(struct step *k)
{
	struct side *s = k->s;
	struct trouble *b = trouble_of(k->t, s);
	const struct sent *below = sent_below(s, s->nxt);
	const struct hole h = {
		.range = {s->nxt, k->start},
		.time_ns = k->now_ns,
		.below_ns = below ? below->time_ns : 0,
		.frame = k->p->frame.number,
		.tsval = k->tcp->has_ts ? k->tcp->tsval : 0,
		.id = k->ip->version == 4 ? (uint16_t)k->ip->id : 0,
		.by_empty = k->start == k->end,
	};

	event_simple(k, k->dir, SEG_GAP, s->nxt, (uint32_t)(k->start - s->nxt));
	if (b) {
		hole_add(k->t, b, &h);
		b->last_trouble_ns = k->now_ns;
	}
	s->mark_ns = 0;
	s->nxt = k->start;
}

/* The numbers that S skipped are on other packets: its counter is shared by all
 * that a host, or a box that answers for many, sends. */
RARE static bool others_count(const struct step *k, uint16_t missing)
{
	uint16_t next = (uint16_t)(k->s->max_id + 1);

	for (unsigned i = 0; i < IDS_KEPT; i++)
		if ((uint16_t)(k->t->ids[i] - next) < missing)
			return true;
	return false;
}

/*
 * The original never passed P and its resend comes in order: nothing but IP IDs
 * betrays it.  findings-tcp 1.4.
 */
RARE static bool hidden_tail(const struct step *k)
{
	const struct side *s = k->s, *r = k->r;
	const struct trouble *b = s->trouble;
	uint16_t id = (uint16_t)k->ip->id;
	int16_t missing = (int16_t)(id - s->max_id - 1);
	int64_t rtt = path_rtt(k->c);

	if (k->ip->version != 4 || !id || k->ip->ttl > TTL_OWN ||
	    id_mode(s) != ID_PER_CONN || missing < 1 ||
	    missing > HIDDEN_IDS_MOST || s->nxt != s->una || !rtt ||
	    k->now_ns - s->last_ns >= 10 * NS_PER_S)
		return false;
	if (b && (b->holes || k->now_ns - b->last_trouble_ns < 2 * rtt))
		return false;
	if (s->id_near * 100 < s->id_steps * 95 || one_way(k))
		return false;
	/* S had acknowledged all, so that it did not skip ACKs for new data;
	 * nor for what R asked or sent again */
	return r->una == r->nxt &&
	       !(r->trouble && r->trouble->asked_ns &&
		 r->trouble->asked_ns + rtt >= s->last_ns) &&
	       !others_count(k, (uint16_t)missing);
}

static void report_hidden(struct step *k)
{
	struct pending *e = event_pend(k, k->start, k->end);

	if (!e)
		return;
	e->fact.class = SEG_RETRANSMISSION;
	e->fact.mechanism = RESENT_RTO;
	e->fact.decided_by = BY_IP_ID;
	e->fact.lost = LOST_BEFORE;
	e->fact.confidence = LIKELY;
	e->fact.gap_ns = 0; /* when the original was sent, nothing shows */
}

RARE static void begin_side(struct step *k)
{
	struct side *s = k->s;

	s->bits |= SIDE_SEEN | SIDE_MIDSTREAM;
	s->first_seq = k->tcp->seq;
	s->nxt = s->una = side_base(s);
}

static bool out_of_window(const struct step *k)
{
	const struct side *s = k->s, *r = k->r;

	if (k->end + SEQ_NEAR < s->una)
		return true;
	return r->wscale < 15 && side_has(s, SIDE_ACKED) && !one_way(k) &&
	       k->start > s->una + 2ULL * r->largest_window + 65536 &&
	       k->start > s->nxt;
}

/* It begins beyond what was shown. */
RARE static void skip_to(struct step *k)
{
	if (k->c->bits & CONN_FRAGMENTS)
		k->s->nxt = k->start;
	else
		take_gap(k);
}

/* Data of S, before it is taken over. */
static void take_pace(struct step *k, bool paused)
{
	struct side *s = k->s;
	struct pace *p;

	if (paused)
		pace_idle(k);
	p = pace_at(k->c, k->dir);
	if (!p && s->data_segments >= PACE_FROM)
		p = pace_of(k->t, k->c, k->dir);
	if (p)
		pace_sent(k, p);
}

/* It is no part of the stream. */
RARE static bool stands_apart(struct step *k)
{
	if (out_of_window(k)) {
		event_simple(k, k->dir, SEG_OUT_OF_WINDOW, k->start,
			     k->tcp->payload_len);
		special_challenge(k);
		return true;
	}
	if ((k->s->bits | k->r->bits) & SIDE_RST && k->end <= k->s->nxt)
		return true; /* after an abort what is old is not judged */
	return special_take(k);
}

/* What begins at nxt is not out of the window, and keep-alives lie below it:
 * only a closed window and an abort make a difference there. */
static bool makes_a_difference(const struct step *k)
{
	return !k->r->window || (k->s->bits | k->r->bits) & SIDE_RST;
}

/* It begins at nxt, or did once nxt was moved there. */
static void take_ahead(struct step *k, bool paused)
{
	if (paused && hidden_tail(k))
		report_hidden(k);
	wait_data(k);
}

/* What lies below nxt; nothing does of new data in the place of the FIN. */
static void take_old(struct step *k)
{
	const struct side *s = k->s;

	if (k->end <= s->nxt)
		classify_old(k, k->start, k->end);
	else if (!side_has(s, SIDE_FIN) || k->start + 1 != s->nxt)
		classify_old(k, k->start, s->nxt);
}

void segment_take(struct step *k)
{
	struct side *s = k->s;
	uint32_t fin = k->tcp->flags & TCP_FIN ? 1 : 0;
	uint32_t bytes = k->tcp->payload_len + fin;
	int32_t ahead;
	bool paused;

	if (!side_has(s, SIDE_SEEN))
		begin_side(k);
	ahead = (int32_t)(k->tcp->seq - (uint32_t)s->nxt);
	k->start = s->nxt + (uint64_t)(int64_t)ahead;
	k->end = k->start + bytes;
	if ((ahead || makes_a_difference(k)) && stands_apart(k))
		return;
	paused = k->now_ns - s->last_ns > PAUSE_NS;
	if (k->tcp->payload_len) {
		take_pace(k, paused);
		s->data_segments++;
	}
	if (ahead > 0)
		skip_to(k);
	if (!bytes)
		return;
	if (ahead < 0)
		take_old(k);
	else
		take_ahead(k, paused);
	if (ahead >= 0 || k->end > s->nxt)
		take_new(k);
}
