/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_pace_stall.c - why a sender with work to do stood still:
 * findings-tcp 3.1.
 *
 * Noted when it goes on.  Of a resend it is known later only whether it was
 * needed: then stall_settled changes the reason.
 */
#include "analysis/track/tcp_pace.h"

static enum stall_reason resend_reason(const struct step *k)
{
	const struct trouble *b = k->s->trouble;
	uint64_t out = k->s->nxt - k->s->una;

	if (b && b->again_count && b->again_start == k->start)
		return STALL_DOUBLE_LOSS;
	if (b && b->dupacks)
		return b->dupacks < 3 ? STALL_TOO_FEW_ACKS : STALL_UNDECIDED;
	return out <= 3ULL * pace_mss(k->s) ? STALL_TAIL_LOSS
					    : STALL_WINDOW_LOST;
}

/*
 * New data just after a bare acknowledgement that came late, and nothing of R
 * before it: an application cannot see acknowledgements, so S had more to send
 * and waited for this one.  An answer of R would be what the application waited
 * for.  One that a timer held back is for a segment that has no second.
 */
static enum stall_reason ack_reason(const struct step *k, const struct pace *p)
{
	int64_t rs = side_rr(k->r), rr = side_rr(k->s);
	int64_t usual = k->s->rr_smooth_us * NS_PER_US + rs;
	int64_t least = 2 * usual > STALL_NS ? 2 * usual : STALL_NS;
	int64_t from_ns = p->data_ns + rr, late;

	if (p->bits & (PACE_PEER_DATA | PACE_LACKED) ||
	    k->now_ns - p->ack_last_ns > rs + PACE_AT_ONCE_NS)
		return STALL_REASONS;
	if (p->ack_before_ns > from_ns)
		from_ns = p->ack_before_ns;
	late = p->ack_first_ns - from_ns;
	if (late + rr + rs <= least)
		return STALL_REASONS;
	if (pace_is_delayed(late) && p->ack_bytes <= pace_mss(k->s))
		return STALL_DELAYED_ACK;
	return STALL_PATH_DELAY;
}

/* Why S sent nothing until now; STALL_REASONS: it had nothing to send. */
static enum stall_reason reason_of(const struct step *k, const struct pace *p)
{
	const struct side *s = k->s, *r = k->r;
	uint64_t edge = s->una + side_window(r);

	if (p->bits & PACE_ZERO_WINDOW)
		return STALL_ZERO_WINDOW;
	if (k->start < s->nxt)
		return resend_reason(k);
	if (window_known(r) && s->nxt > s->una && s->nxt + pace_mss(s) > edge)
		return STALL_SMALL_WINDOW;
	return k->start == s->nxt ? ack_reason(k, p) : STALL_REASONS;
}

static void keep_longer(struct pace_span *kept, const struct pace_span *new)
{
	if (new->to_ns - new->from_ns > kept->to_ns - kept->from_ns)
		*kept = *new;
}

static void note_span(const struct step *k, struct pace *p)
{
	const struct pace_span span = {
		p->data_ns,
		k->now_ns,
		{p->data_frame, (uint32_t)k->p->frame.number}};

	keep_longer(&p->worst, &span);
	if (p->still_now.to_ns != p->data_ns)
		p->still_now = span;
	p->still_now.to_ns = span.to_ns;
	p->still_now.frame[1] = span.frame[1];
	keep_longer(&p->still, &p->still_now);
}

RARE void stall_check(struct step *k, struct pace *p)
{
	int64_t rtt = path_rtt(k->c), gap = k->now_ns - p->data_ns;
	int64_t least = 2 * rtt > STALL_NS ? 2 * rtt : STALL_NS;
	enum stall_reason why;

	/* what is out is known from the acknowledgements alone */
	if (!p->data_ns || gap <= least || !k->r->packets)
		return;
	why = reason_of(k, p);
	if (why == STALL_REASONS)
		return;
	if (!p->stalls++)
		p->stall_first_ns = p->data_ns;
	p->stall_of[why]++;
	p->stalled = (uint8_t)(why + 1);
	p->stall_ns += gap;
	note_span(k, p);
	pace_frame(p->stall_frames, 6,
		   frame_near(k->p->frame.number, p->data_frame));
	pace_frame(p->stall_frames, 6, k->p->frame.number);
}

/* A closed window stays the reason, whatever ended the stall. */
static void become(struct pace *p, uint8_t *stall, enum stall_reason why)
{
	if (*stall - 1 == STALL_ZERO_WINDOW)
		return;
	p->stall_of[*stall - 1]--;
	p->stall_of[why]++;
	*stall = (uint8_t)(why + 1);
}

static uint32_t acks_missing(const struct side *r)
{
	return r->trouble ? r->trouble->counts.acks_missing : 0;
}

void stall_resent(struct step *k, struct pending *e)
{
	struct pace *p = pace_at(k->c, k->dir);

	if (!p || !p->stalled)
		return;
	if (e->fact.mechanism == RESENT_PMTU)
		become(p, &p->stalled, STALL_PMTU);
	e->stall = p->stalled;
	e->acks_missing = acks_missing(k->r);
	e->acks_lost = e->end <= k->s->una &&
		       (int32_t)(k->tcp->ack - (uint32_t)k->r->nxt) < 0;
	p->stalled = 0;
}

/* It came late: what had been sent was under way. */
void stall_late(struct step *k)
{
	struct pace *p = pace_at(k->c, k->dir);

	if (p && p->stalled)
		become(p, &p->stalled, STALL_PATH_DELAY);
}

/* A needless resend: all had arrived, and either the acknowledgements of that
 * were lost, or something was late.  They were lost where IP IDs of R are
 * missing, or where S lacks the data that passed P with them. */
void stall_settled(const struct pending *e)
{
	struct pace *p = pace_at(e->c, e->side);
	bool lost = e->acks_lost ||
		    acks_missing(&e->c->side[!e->side]) > e->acks_missing;
	uint8_t stall = e->stall;

	if (p && e->fact.spurious)
		become(p, &stall, lost ? STALL_ACK_LOSS : STALL_PATH_DELAY);
}
