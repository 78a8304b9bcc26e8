/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_classify.c - a segment at or below what was shown: sent again, overtaken,
 * or copied by the network.
 *
 * The evidence is asked from the strongest down (findings-tcp 1.2): IP ID, time
 * stamp, what the sender can have known, and time at last.  The first answer
 * stands.
 */
#include "analysis/track/tcp_pace.h"

#define UNKNOWN_RTT_NS (3 * NS_PER_MS)
#define RTO_LEAST_NS   (30 * NS_PER_MS) /* of all systems */

struct verdict {
	enum segment_class class;
	enum decided_by by;
	enum confidence sure;
	bool decided;
};

/* The segment in question and what is known of its bytes. */
struct question {
	uint64_t start, end;
	struct sent *last; /* its last transmission seen; NULL: none */
	struct hole *hole; /* that it fills; NULL: none */
	int64_t gap_ns;	   /* since then, or since the hole was visible */
	bool trig;
	bool overtaken; /* by a later resend of its bytes */
};

static struct verdict say(enum segment_class class, enum decided_by by)
{
	static const enum confidence sure[] = {
		[BY_IP_ID] = CERTAIN,	 [BY_TIMESTAMP] = CERTAIN,
		[BY_CAUSALITY] = LIKELY, [BY_DSACK] = CERTAIN,
		[BY_TIME] = POSSIBLE,	 [BY_UNDECIDED] = POSSIBLE,
	};

	return (struct verdict){class, by, sure[by], true};
}

static const struct verdict silent = {.decided = false};

static uint16_t packet_id(const struct step *k)
{
	return k->ip->version == 4 ? (uint16_t)k->ip->id : 0;
}

/*
 * It was sent before `last`, a resend of its bytes that came sooner.  It is a
 * resend itself if it was sent after its first transmission, or after bytes
 * beyond it: those are sent in their order.
 */
static enum segment_class older(struct step *k, struct question *q)
{
	const struct sent *first = sent_first(k->s, q->start);

	if (!(q->last->flags & SENT_RESENT))
		return SEG_OUT_OF_ORDER;
	if (!first)
		first = sent_beyond(k->s, q->end);
	q->overtaken = first && sent_after(k, first);
	return q->overtaken ? SEG_RETRANSMISSION : SEG_OUT_OF_ORDER;
}

static struct verdict seen_by_id(struct step *k, struct question *q)
{
	uint16_t id = packet_id(k);
	int order;

	if (!id || !id_counts(k->s))
		return silent;
	if (sent_by_id(k->s, id, q->start, q->end))
		return say(SEG_DUPLICATE_NETWORK, BY_IP_ID);
	order = id_order(k->s, id, q->last->id);
	if (order < 0)
		return say(older(k, q), BY_IP_ID);
	return order > 0 ? say(SEG_RETRANSMISSION, BY_IP_ID) : silent;
}

static struct verdict seen_by_ts(struct step *k, struct question *q)
{
	int32_t step = (int32_t)(k->tcp->tsval - q->last->tsval);
	const struct sent *same;
	struct verdict v;

	if (!k->tcp->has_ts || !ts_usable(k->s))
		return silent;
	if (step > 0)
		return say(SEG_RETRANSMISSION, BY_TIMESTAMP);
	same = sent_by_tsval(k->s, k->tcp->tsval, q->start, q->end);
	if (step < 0)
		return say(same ? SEG_DUPLICATE_NETWORK : older(k, q),
			   BY_TIMESTAMP);
	if (!ts_tie_counts(k))
		return silent;
	if (!same)
		return say(SEG_RETRANSMISSION, BY_CAUSALITY);
	v = say(SEG_DUPLICATE_NETWORK, BY_TIMESTAMP);
	v.sure = LIKELY;
	return v;
}

/* The network was seen to double what S sent once. */
static bool doubles(const struct step *k)
{
	const struct trouble *b = k->s->trouble;

	return b && (b->doubled || b->copied);
}

/*
 * The last one seen came late: news of what passed before it made S send again
 * by now, and no network that doubles was seen.
 */
static bool last_was_late(const struct step *k, const struct question *q)
{
	const struct sent *beyond;

	if (!(q->last->flags & SENT_LATE) || doubles(k))
		return false;
	beyond = sent_beyond(k->s, q->end);
	return beyond && triggered(k, q->start, beyond->time_ns) &&
	       k->now_ns - beyond->time_ns >= path_rtt(k->c) * 9 / 10;
}

/*
 * Sooner than a round trip after its last transmission it is no resend of that
 * one.  A copy has the same header; and where the last one was a resend whose
 * original did not come, and the network was not seen to double, here it is.
 */
static enum segment_class too_soon(const struct step *k,
				   const struct question *q)
{
	bool same = sent_by_tsval(k->s, sent_stamp(k), q->start, q->end);

	if (k->tcp->has_ts)
		return SEG_DUPLICATE_NETWORK;
	if (!sent_first(k->s, q->start) && (!same || !doubles(k)))
		return SEG_OUT_OF_ORDER;
	return same ? SEG_DUPLICATE_NETWORK : SEG_RETRANSMISSION;
}

/*
 * S had heard nothing since: only its timer can have sent it again.  The probe
 * of a tail may be sooner.
 */
static bool needs_timer(const struct step *k, const struct question *q)
{
	int64_t rtt = path_rtt(k->c);
	int64_t least = 2 * rtt > RTO_LEAST_NS ? 2 * rtt : RTO_LEAST_NS;

	return q->end < k->s->nxt && q->gap_ns < least &&
	       unheard(k, k->now_ns - q->gap_ns);
}

/* Some byte of it was seen here before: 1.3 step 6. */
static struct verdict judge_seen(struct step *k, struct question *q)
{
	const struct trouble *b = k->s->trouble;
	int64_t rtt = path_rtt(k->c);
	int64_t soon = rtt ? rtt * 9 / 10 : UNKNOWN_RTT_NS;
	struct verdict v = seen_by_id(k, q);

	if (!v.decided)
		v = seen_by_ts(k, q);
	if (v.decided)
		return v;
	if (needs_timer(k, q))
		return say(too_soon(k, q), BY_CAUSALITY);
	if (q->trig || last_was_late(k, q) ||
	    (b && b->frag_ns && k->now_ns - b->frag_ns < NS_PER_S))
		return say(SEG_RETRANSMISSION, BY_CAUSALITY);
	return say(q->gap_ns < soon ? too_soon(k, q) : SEG_RETRANSMISSION,
		   BY_TIME);
}

static struct verdict hole_by_stamp(const struct step *k,
				    const struct question *q)
{
	int order = id_order(k->s, packet_id(k), q->hole->id);
	int32_t step = (int32_t)(k->tcp->tsval - q->hole->tsval);
	struct verdict v;

	if (order)
		return say(order < 0 ? SEG_OUT_OF_ORDER : SEG_RETRANSMISSION,
			   BY_IP_ID);
	if (!k->tcp->has_ts || !ts_usable(k->s))
		return silent;
	if (step)
		return say(step < 0 ? SEG_OUT_OF_ORDER : SEG_RETRANSMISSION,
			   BY_TIMESTAMP);
	if (!ts_tie_counts(k))
		return silent;
	v = say(SEG_OUT_OF_ORDER, BY_TIMESTAMP);
	v.sure = LIKELY;
	return v;
}

/*
 * No byte of it was seen: 1.3 step 7.  The original was sent after the segment
 * below the hole and before the one beyond it, and a resend follows it by a
 * round trip at least: so a hole younger than that, counted from the segment
 * below, cannot be filled by a resend.
 */
static struct verdict judge_hole(const struct step *k, const struct question *q)
{
	int64_t rtt = path_rtt(k->c), age = 0;
	int64_t soon = rtt ? rtt * 9 / 10 : UNKNOWN_RTT_NS;
	int64_t patience = 2 * rtt > 10 * NS_PER_MS ? 2 * rtt : 10 * NS_PER_MS;
	struct verdict v = hole_by_stamp(k, q);

	if (v.decided)
		return v;
	if (q->hole->below_ns)
		age = k->now_ns - q->hole->below_ns;
	if (rtt && age && age < rtt)
		return say(SEG_OUT_OF_ORDER, BY_TIME);
	if (needs_timer(k, q))
		return say(SEG_OUT_OF_ORDER, BY_CAUSALITY);
	if (q->trig && (q->gap_ns >= soon || age >= rtt))
		return say(SEG_RETRANSMISSION, BY_CAUSALITY);
	if (!q->trig && !one_way(k) && q->gap_ns < patience)
		return say(SEG_OUT_OF_ORDER, BY_CAUSALITY);
	return say(q->gap_ns < soon ? SEG_OUT_OF_ORDER : SEG_RETRANSMISSION,
		   BY_TIME);
}

/* An original that comes after its resend proves the resend needless. */
static void accuse_resend(struct step *k, const struct question *q,
			  enum decided_by by)
{
	struct trouble *b = k->s->trouble;

	for (struct pending *e = b ? b->pending : NULL; e; e = e->next_here)
		if (e->start < q->end && q->start < e->end &&
		    e->fact.class == SEG_RETRANSMISSION) {
			spurious_mark(e, by);
			return;
		}
}

static void took_late(struct step *k, const struct question *q,
		      const struct verdict *v)
{
	struct trouble *b = trouble_of(k->t, k->s);
	struct tcp_segment_fact *f;
	struct observation *o;
	struct tcp_side *n;
	uint32_t depth = 0;

	if (!b)
		return;
	n = &b->counts;
	for (unsigned i = 0; i < 4 && n->reordered_frames[3] == 0; i++)
		if (!n->reordered_frames[i]) {
			n->reordered_frames[i] = k->p->frame.number;
			break;
		}
	n->out_of_order++;
	for (uint32_t i = k->s->sent ? k->s->sent->count : 0; i-- > 0;) {
		const struct sent *e = sent_at(k->s->sent, i);

		if (!q->hole || e->time_ns < q->hole->time_ns)
			break;
		depth += e->start >= q->end && !(e->flags & SENT_KINDS);
	}
	if (depth > n->reorder_max_segments)
		n->reorder_max_segments = depth;
	if (q->hole && q->gap_ns > n->reorder_max_ns)
		n->reorder_max_ns = q->gap_ns;
	f = event_begin(k, &o, k->dir, SEG_OUT_OF_ORDER);
	f->seq = q->start - side_base(k->s);
	f->bytes = (uint32_t)(q->end - q->start);
	f->decided_by = v->by;
	f->confidence = v->sure;
	f->gap_ns = q->gap_ns;
	f->trigger_frame = q->hole ? q->hole->frame : 0;
	observe_end(k->out);
}

static void took_copy(struct step *k, const struct question *q,
		      const struct verdict *v)
{
	struct pending *e = event_pend(k, q->start, q->end);

	if (!e)
		return;
	k->s->trouble->copied = true;
	passage_doubled(k, q->last);
	e->fact.class = SEG_DUPLICATE_NETWORK;
	e->fact.decided_by = v->by;
	e->fact.confidence = v->sure;
	e->fact.gap_ns = q->gap_ns;
	if (q->last)
		e->fact.original_frame =
			frame_near(k->p->frame.number, q->last->frame);
}

static void note_again(struct step *k, const struct question *q)
{
	struct trouble *b = k->s->trouble;

	if (b->again_count && b->again_start == q->start) {
		b->again_gap_ns = k->now_ns - b->again_last_ns;
		b->again_count++;
	} else {
		b->again_start = q->start;
		b->again_count = 1;
		b->again_first_ns = k->now_ns - q->gap_ns;
		b->again_gap_ns = q->gap_ns;
	}
	b->again_last_ns = k->now_ns;
}

/* In a flight of one packet the first resend is a probe if the second follows
 * without the doubling of a timer. */
static void rename_probe(struct step *k, const struct pending *now)
{
	struct pending *e = now->next_here;

	if (now->fact.tries != 2 || !e || e->start != now->start ||
	    e->fact.mechanism != RESENT_RTO || e->fact.tries != 1 ||
	    now->fact.gap_ns >= e->fact.gap_ns * 3 / 2)
		return;
	(void)k;
	e->fact.mechanism = RESENT_TLP;
}

/* All of a resend but why it was sent. */
static struct pending *pend_resend(struct step *k, const struct question *q,
				   const struct verdict *v)
{
	struct pending *e = event_pend(k, q->start, q->end);
	struct tcp_segment_fact *f;

	if (!e)
		return NULL;
	f = &e->fact;
	f->class = SEG_RETRANSMISSION;
	f->decided_by = v->by;
	f->confidence = v->sure;
	f->lost = q->last		    ? LOST_AFTER
		  : q->hole || q->overtaken ? LOST_BEFORE
					    : LOST_UNKNOWN;
	f->gap_ns = q->gap_ns;
	f->tries = (uint16_t)(q->last ? q->last->tries + 1 : 1);
	if (q->last)
		f->original_frame =
			frame_near(k->p->frame.number, q->last->frame);
	f->conflict = q->last && bytes_differ(k, q->last);
	if (q->hole)
		f->trigger_frame = q->hole->frame;
	if (k->tcp->has_ts && (int32_t)(k->tcp->tsval - k->s->tsval) < 0)
		special_old_stamp(k);
	return e;
}

/*
 * Who has closed tells no D-SACK of a FIN that came twice.  That it had not
 * come is known only if R sent something when it must have, and did not
 * acknowledge it.
 */
static bool fin_doubtful(const struct step *k, const struct question *q)
{
	int64_t rr = k->s->rr_smooth_us * NS_PER_US;

	return k->tcp->flags & TCP_FIN && !k->tcp->payload_len && q->last &&
	       (!rr || k->r->last_ns - q->last->time_ns < 2 * rr);
}

static void took_resend(struct step *k, const struct question *q,
			const struct verdict *v)
{
	struct trouble *b = trouble_of(k->t, k->s);
	struct pending *e = b ? pend_resend(k, q, v) : NULL;

	if (!e)
		return;
	e->fact.mechanism =
		mechanism_of(k, q->start, q->end, q->last, q->gap_ns, q->trig);
	e->began_at_una = q->start == k->s->una;
	/* Without SACK it is known only of the first whether it is missing. */
	if (q->last && !e->began_at_una && !(k->c->bits & CONN_SACK))
		e->fact.lost = LOST_UNKNOWN;
	if (fin_doubtful(k, q))
		e->fact.lost = LOST_UNKNOWN;
	passage_resent(k, e, q->last);
	stall_resent(k, e);
	note_again(k, q);
	rename_probe(k, e);
	if (q->end <= k->s->una || sack_covers(b, q->start, q->end))
		spurious_mark(e, BY_CAUSALITY);
	b->last_trouble_ns = b->asked_ns = k->now_ns;
	if (!b->resends_out)
		b->resends_ns = k->now_ns;
	b->resends_out += b->resends_out < UINT16_MAX;
}

/* What it did to the sender was done before it passed, and no acknowledgement
 * can speak of it: they speak of the resend that came first. */
static void took_overtaken(struct step *k, struct question *q,
			   const struct verdict *v)
{
	struct pending *e;

	accuse_resend(k, q, v->by);
	stall_late(k);
	q->last = sent_before(k, q->start);
	if (q->last)
		q->gap_ns = k->now_ns - q->last->time_ns;
	e = pend_resend(k, q, v);
	if (!e)
		return;
	e->overtaken = true;
	event_covered(e);
	e->fact.mechanism = mechanism_overtaken(k, q->last);
	k->s->trouble->last_trouble_ns = k->now_ns;
}

static bool forgotten(const struct step *k, const struct question *q)
{
	return side_has(k->s, SIDE_MIDSTREAM) && q->start < side_base(k->s);
}

static void note_sent(struct step *k, const struct question *q,
		      const struct verdict *v)
{
	/* asked first: q->last may be what gives its place to the new one */
	uint8_t tries = (uint8_t)(q->last ? q->last->tries + 1 : 1);
	struct sent *e = sent_add(k, q->start, q->end);

	if (!e)
		return;
	if (v->class == SEG_RETRANSMISSION) {
		e->tries = tries;
		e->flags |= SENT_RESENT;
	} else {
		e->flags |= v->class == SEG_DUPLICATE_NETWORK ? SENT_COPY
							      : SENT_LATE;
	}
}

void classify_old(struct step *k, uint64_t start, uint64_t end)
{
	struct side *s = k->s;
	struct question q = {start,
			     end,
			     sent_last(s, start, end),
			     hole_at(s->trouble, start),
			     0,
			     false,
			     false};
	struct verdict v;

	s->mark_ns = 0;
	if (q.last && (!q.hole || q.last->start <= start))
		q.hole = NULL;
	if (!q.last && !q.hole && forgotten(k, &q))
		return; /* began before the capture: nothing can be said */
	if (q.hole)
		q.last = NULL;
	q.gap_ns = q.last   ? k->now_ns - q.last->time_ns
		   : q.hole ? k->now_ns - q.hole->time_ns
			    : 0;
	q.trig = (q.last || q.hole) &&
		 triggered(k, start, k->now_ns - q.gap_ns + (q.last ? 1 : 0));
	v = q.hole   ? judge_hole(k, &q)
	    : q.last ? judge_seen(k, &q)
		     : say(SEG_RETRANSMISSION, BY_TIME);
	if (v.class == SEG_OUT_OF_ORDER) {
		if (!q.hole)
			accuse_resend(k, &q, v.by);
		took_late(k, &q, &v);
		stall_late(k);
	} else if (v.class == SEG_DUPLICATE_NETWORK) {
		took_copy(k, &q, &v);
	} else if (q.overtaken) {
		took_overtaken(k, &q, &v);
	} else {
		took_resend(k, &q, &v);
	}
	note_sent(k, &q, &v);
	if (s->trouble)
		hole_cut(k->t, s->trouble, start, end);
}
