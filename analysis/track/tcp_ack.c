/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_ack.c - the acknowledgement in a packet: what of the other direction was
 * delivered, and the news of it.  SACK: RFC 2018, D-SACK: RFC 2883.
 */
#include "analysis/track/tcp_pace.h"

#define GONE_NS NS_PER_S

enum { TS_NEXT_COUNTS = -1 }; /* for ts_mark_ns */

/* Of direction `d`, whose data this packet acknowledges. */
static void note_news(struct step *k, struct trouble *b)
{
	b->news_ns[b->news_at] = k->now_ns;
	b->news_tsval[b->news_at] = k->tcp->tsval;
	b->news_at = (b->news_at + 1) % NEWS_KEPT;
}

static void sample_rtt(struct step *k, struct side *d)
{
	if (!d->mark_ns || (int32_t)((uint32_t)d->una - d->mark_end) < 0)
		return;
	rtt_sample(d, k->now_ns - d->mark_ns, k->now_ns, true);
	if (d->trouble)
		d->trouble->rr_last_us =
			(uint32_t)((k->now_ns - d->mark_ns) / NS_PER_US);
	d->mark_ns = 0;
}

/* Acknowledged, and yet it never passed: the capture lacks it. */
static void missed(struct step *k, struct side *d, uint64_t start, uint64_t end)
{
	struct trouble *b = trouble_of(k->t, d);

	if (!b)
		return;
	if (!b->counts.capture_gaps++)
		b->counts.gap_frame = k->p->frame.number;
	b->counts.capture_gap_bytes += end - start;
	event_simple(k, !k->dir, SEG_CAPTURE_GAP, start,
		     (uint32_t)(end - start));
}

/*
 * Of a connection that was open before the capture began, what is acknowledged
 * soon may have been sent before: its first number is that of a resend, or of a
 * keep-alive, which lies one below what is next.
 */
static bool sent_before_capture(const struct step *k, const struct side *d,
				uint64_t ack)
{
	if (!side_has(d, SIDE_MIDSTREAM))
		return false;
	return k->now_ns - k->c->first_ns < GONE_NS ||
	       (!d->data_segments && d->nxt == side_base(d) &&
		ack == d->nxt + 1);
}

RARE static void acked_beyond(struct step *k, struct side *d, uint64_t ack)
{
	int64_t last_ns = d->last_ns;

	/* whose SYN or SYN-ACK passed was heard when it opened */
	if (!last_ns && !side_has(d, SIDE_MIDSTREAM))
		last_ns = k->c->first_ns;
	if (last_ns && k->now_ns - last_ns < 3 * NS_PER_S &&
	    !(k->c->bits & CONN_FRAGMENTS) && !sent_before_capture(k, d, ack))
		missed(k, d, d->nxt, ack);
	d->nxt = ack;
	d->mark_ns = 0;
}

/* Holes below the acknowledgement that nothing filled within a second. */
static void holes_acked(struct step *k, struct side *d)
{
	struct trouble *b = d->trouble;

	for (uint16_t i = 0; i < b->holes; i++) {
		struct hole *h = &b->hole[i];

		if (h->range.end > d->una)
			break;
		if (!h->acked_ns) {
			h->acked_ns = k->now_ns;
		} else if (k->now_ns - h->acked_ns > GONE_NS) {
			const struct range gone = h->range;

			if (!hole_is_older(d, h))
				missed(k, d, gone.start, gone.end);
			hole_cut(k->t, b, gone.start, gone.end);
			i--;
		}
	}
}

APART static void trouble_acked(struct step *k, struct side *d, uint64_t before)
{
	struct trouble *b = d->trouble;

	note_news(k, b);
	b->dupacks = 0;
	b->paws_ns = 0;
	if (b->resends_out &&
	    (sent_again_delivered(d, before, d->una, k->now_ns) ||
	     d->una >= d->nxt))
		b->resends_out = 0;
	if (b->again_count && b->again_start < d->una)
		b->again_count = 0;
	sack_forget(b, d->una);
	holes_acked(k, d);
	mechanism_acked(d);
	spurious_acked(k, d, before);
}

RARE static void fin_acked(struct step *k, struct side *d)
{
	d->bits |= SIDE_FIN_ACKED;
	if (side_has(k->s, SIDE_FIN_ACKED))
		k->c->bits |= CONN_CLOSED;
}

static void take_progress(struct step *k, struct side *d, uint64_t ack)
{
	uint64_t before = d->una;

	if (ack > d->nxt)
		acked_beyond(k, d, ack);
	d->una = ack;
	d->bits |= SIDE_ACKED;
	if (side_has(d, SIDE_FIN) && d->una >= d->nxt)
		fin_acked(k, d);
	if (k->s->ack_moves < UINT8_MAX)
		k->s->ack_moves++;
	sample_rtt(k, d);
	if (d->trouble)
		trouble_acked(k, d, before);
}

/* One block above the ACK; true if it says something new. */
static bool take_block(struct step *k, struct side *d, uint64_t start,
		       uint64_t end)
{
	struct trouble *b = trouble_of(k->t, d);

	if (!b || end <= start || end > d->nxt + SEQ_NEAR ||
	    sack_covers(b, start, end))
		return false;
	if (end > d->nxt) {
		acked_beyond(k, d, end);
		b = d->trouble;
	}
	sack_add(k->t, b, start, end);
	sent_delivered(d, start, end, k->now_ns);
	return true;
}

/* RFC 2883: the first block lies below the ACK, or inside the second. */
static bool is_dsack(const struct range *block, unsigned count, uint64_t ack)
{
	return block[0].end <= ack ||
	       (count > 1 && block[0].start >= block[1].start &&
		block[0].end <= block[1].end);
}

static bool take_sack(struct step *k, struct side *d, uint64_t ack)
{
	struct range block[SACK_MAX] = {{0, 0}};
	unsigned count = k->tcp->sack_count, first = 0;
	bool news = false;

	for (unsigned i = 0; i < count; i++) {
		block[i].start = seq_near(ack, k->tcp->sack[i].start);
		block[i].end = seq_near(ack, k->tcp->sack[i].end);
	}
	if (is_dsack(block, count, ack)) {
		if (block[0].start < block[0].end)
			spurious_dsack(k, d, block[0].start, block[0].end);
		first = 1;
	}
	for (unsigned i = first; i < count; i++)
		if (block[i].start > ack)
			news |= take_block(k, d, block[i].start, block[i].end);
	if (news && d->trouble) {
		note_news(k, d->trouble);
		spurious_acked(k, d, d->una);
	}
	return news;
}

/* Nothing but an acknowledgement that was said before. */
static void take_repeat(struct step *k, struct side *d, bool sack_news,
			bool same_window)
{
	struct trouble *b;

	if (d->una >= d->nxt || k->tcp->flags & (TCP_SYN | TCP_RST))
		return;
	if (k->tcp->sack_count ? !sack_news : !same_window)
		return;
	b = trouble_of(k->t, d);
	if (!b)
		return;
	b->dupacks++;
	b->counts.dup_acks++;
	note_news(k, b);
	event_simple(k, k->dir, SEG_DUP_ACK, k->start, 0);
}

/* Only the first packet with its time stamp is timed: of the others the echo
 * may be that of an earlier one.  Whether it is the first is known if the one
 * before it was looked at, or there was none. */
static void mark_stamp(struct step *k)
{
	struct side *s = k->s;
	bool newer = (int32_t)(k->tcp->tsval - s->ts_mark) > 0;
	bool first = s->ts_mark_ns == TS_NEXT_COUNTS ? newer : !s->packets;

	if (first) {
		newer = true;
		s->ts_mark_ns = k->now_ns;
	} else if (s->ts_mark_ns == 0) {
		s->ts_mark_ns = TS_NEXT_COUNTS;
		newer = true;
	}
	if (newer)
		s->ts_mark = k->tcp->tsval;
}

/* Who echoes this time stamp may have seen all that bear it. */
static void mark_ack(struct step *k)
{
	struct pace *p = pace_at(k->c, !k->dir);

	if (p && k->s->ts_mark_ns > 0 && k->tcp->tsval == k->s->ts_mark)
		p->echo_una = seq_near(k->r->una, k->tcp->ack);
}

/* A time stamp of R whose echo by S will be timed: what comes back sooner than
 * all others is the path's own time. */
static void time_stamps(struct step *k)
{
	struct side *s = k->s, *r = k->r;

	if (!k->tcp->has_ts)
		return;
	if (r->ts_mark_ns > 0 && k->tcp->flags & TCP_ACK &&
	    (int32_t)(k->tcp->tsecr - r->ts_mark) >= 0) {
		rtt_sample(r, k->now_ns - r->ts_mark_ns, k->now_ns, false);
		if (k->tcp->tsecr == r->ts_mark)
			pace_echo(k, k->now_ns - r->ts_mark_ns);
		r->ts_mark_ns = 0;
	}
	if (s->ts_mark_ns <= 0)
		mark_stamp(k);
	mark_ack(k);
}

RARE static void first_ack(struct step *k, struct side *d)
{
	d->bits |= SIDE_SEEN | SIDE_MIDSTREAM | SIDE_ACKED;
	d->first_seq = k->tcp->ack;
	d->nxt = d->una = side_base(d);
}

void ack_take(struct step *k)
{
	struct side *d = k->r;
	uint16_t before = k->s->window;
	struct pace *p;
	uint64_t ack;
	bool news = false;

	time_stamps(k);
	if (!(k->tcp->flags & TCP_ACK))
		return;
	if (!side_has(d, SIDE_SEEN))
		first_ack(k, d);
	ack = seq_near(d->una, k->tcp->ack);
	p = pace_at(k->c, !k->dir);
	if (p)
		pace_acked(k, p, ack);
	k->s->window = k->tcp->window;
	if (side_window(k->s) > k->s->largest_window)
		k->s->largest_window = side_window(k->s);
	if (ack > d->una && ack < d->nxt + SEQ_NEAR) {
		take_progress(k, d, ack);
		if (k->tcp->sack_count)
			take_sack(k, d, ack);
	} else if (ack == d->una) {
		if (k->tcp->sack_count)
			news = take_sack(k, d, ack);
		if (k->end == k->start && (!d->trouble || !special_answer(k)))
			take_repeat(k, d, news, before == k->tcp->window);
	} else if (k->tcp->sack_count && ack < d->una) {
		take_sack(k, d, ack);
	}
	special_window(k, before);
}
