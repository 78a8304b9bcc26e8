/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_spurious.c - resends of what had arrived, as later packets prove:
 * D-SACK (RFC 2883), time stamps (Eifel, RFC 3522), causality, time.
 */
#include "analysis/track/tcp_connection.h"

/* Beside the receiver its own work, not the path, makes up the round trip. */
#define RTT_LEAST_NS (2 * NS_PER_MS)

enum { DOUBLED_LEAST = 2 };

void spurious_mark(struct pending *e, enum decided_by by)
{
	if (e->done || e->fact.class != SEG_RETRANSMISSION)
		return;
	e->fact.spurious = true;
	e->fact.lost = LOST_NONE;
	e->fact.decided_by = (uint8_t)by;
}

/*
 * Whose arrival a D-SACK tells: a copy of the network explains it first, then
 * the latest resend that can have been there and back.  Each arrival is told
 * once.
 */
static struct pending *accused(const struct step *k, const struct side *d,
			       uint64_t start, uint64_t end)
{
	struct pending *e = d->trouble ? d->trouble->pending : NULL;
	struct pending *resend = NULL, *overtaken = NULL;
	int64_t rr = side_rr(d);

	rr = rr >= RTT_LEAST_NS ? rr : 0;
	for (; e; e = e->next_here) {
		if (e->start >= end || start >= e->end || e->charged)
			continue;
		if (e->fact.class == SEG_DUPLICATE_NETWORK)
			return e;
		if (e->overtaken)
			overtaken = e; /* it was sent before others */
		else if (!resend && k->now_ns - e->time_ns >= rr * 8 / 10)
			resend = e;
	}
	return resend ? resend : overtaken;
}

/* More came than was sent: the network doubles segments behind P. */
static void note_doubled(struct step *k, struct side *d, uint64_t start,
			 uint64_t end)
{
	const struct sent *e = sent_last(d, start, end);
	struct trouble *b = e ? trouble_of(k->t, d) : NULL;

	/* one byte is a keep-alive's; of an old resend it may tell late */
	if (b && end - start > 1 && !e->tries)
		b->doubled++;
}

/*
 * Where the network doubles segments a D-SACK may tell of a copy of the resend:
 * it does if the resend had been acknowledged before, and no sooner than a
 * resend that was needed is.
 */
static bool was_doubled(const struct step *k, const struct side *d,
			const struct pending *e)
{
	int64_t usual = d->trouble->rr_last_us * NS_PER_US * 9 / 10;

	return d->trouble->doubled >= DOUBLED_LEAST && e->acked_ns &&
	       e->acked_ns < k->now_ns && e->acked_ns - e->time_ns >= usual;
}

/*
 * One of several had arrived before the one that is accused, the original or a
 * resend; of those between nobody knows whether they were needed.
 */
static void doubt_earlier(struct pending *accused)
{
	struct pending *e = accused->next_here;

	for (; e; e = e->next_here)
		if (e->start < accused->end && accused->start < e->end &&
		    !e->fact.spurious && e->fact.lost == LOST_AFTER && !e->done)
			e->fact.lost = LOST_UNKNOWN;
}

void spurious_dsack(struct step *k, struct side *d, uint64_t start,
		    uint64_t end)
{
	struct pending *e = accused(k, d, start, end);

	event_simple(k, k->dir, SEG_DSACK, k->start, 0);
	if (!e) {
		note_doubled(k, d, start, end);
		return;
	}
	e->charged = true;
	/* of several writes in one resend some may have been there */
	if (start > e->start || e->fact.spurious || was_doubled(k, d, e))
		return;
	spurious_mark(e, BY_DSACK);
	doubt_earlier(e);
}

/*
 * Without SACK a sender that timed out sends all again.  A receiver that holds
 * later data acknowledges each segment that fills a gap at once (RFC 5681
 * section 4.2), so what it lacks begins at one of its acknowledgements; what
 * one of them passes over, sooner than a round trip after the resend, was
 * there.  Two segments may be one delayed acknowledgement.
 */
static bool passed_over(const struct step *k, const struct side *d,
			const struct pending *e, uint64_t before)
{
	int64_t rr = side_rr(d);

	return !(k->c->bits & CONN_SACK) && e->start > before &&
	       d->una - before > 2 * (e->end - e->start) && rr &&
	       k->now_ns - e->time_ns < rr;
}

/*
 * Eifel: what is echoed came before the resend, and filled its place.  Linux
 * takes no time stamp from a segment whose acknowledgement is older than one it
 * has had: where S has acknowledged more since, the echo says nothing.
 */
static bool echo_is_older(const struct step *k, const struct side *d,
			  const struct pending *e)
{
	return e->began_at_una && k->tcp->has_ts && ts_usable(d) &&
	       (int32_t)(k->tcp->tsecr - e->tsval) < 0 && d->una >= e->end &&
	       e->ack == (uint32_t)k->s->una;
}

/* The first acknowledgement that covers a resend; the one before it ended at
 * `before`.  A round trip that only echoes of time stamps tell may be too long:
 * what is not acknowledged at once is echoed late. */
static void judge_cover(struct step *k, const struct side *d, struct pending *e,
			uint64_t before)
{
	int64_t rr = side_rr(d), after = k->now_ns - e->time_ns;

	e->acked = true;
	e->acked_ns = k->now_ns;
	if (e->fact.spurious)
		return;
	if (echo_is_older(k, d, e))
		spurious_mark(e, BY_TIMESTAMP);
	else if (rr >= RTT_LEAST_NS && d->rr_smooth_us && after < rr / 2)
		spurious_mark(e, BY_TIME);
	else if (passed_over(k, d, e, before))
		spurious_mark(e, BY_CAUSALITY);
}

/* Only what no acknowledgement covered before: each resend is judged once, and
 * few are under way at a time. */
void spurious_acked(struct step *k, struct side *d, uint64_t before)
{
	struct pending *e = d->trouble->open, *next;

	for (; e; e = next) {
		next = e->next_open;
		if (e->acked || e->done ||
		    e->fact.class != SEG_RETRANSMISSION) {
			event_covered(e);
		} else if (e->end <= d->una ||
			   sack_covers(d->trouble, e->start, e->end)) {
			judge_cover(k, d, e, before);
			event_covered(e);
		} else if (e->start == d->una && e->fact.lost == LOST_UNKNOWN &&
			   before < d->una) {
			e->fact.lost = LOST_AFTER; /* just this is missing */
		}
	}
}
