/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_special.c - packets below or at the edge that are no data: keep-alives
 * and probes of a closed window (RFC 9293, 3.8.4 and 3.8.6.1) and what answers
 * them; the window.
 */
#include "analysis/track/tcp_connection.h"

#define KEEP_ALIVE_PAUSE_NS NS_PER_S
#define AT_ONCE_NS	    (5 * NS_PER_MS)
#define UNKNOWN_RR_NS	    (200 * NS_PER_MS)

static void took_keep_alive(struct step *k)
{
	struct trouble *b = trouble_of(k->t, k->s);

	event_simple(k, k->dir, SEG_KEEP_ALIVE, k->start,
		     (uint32_t)(k->end - k->start));
	if (!b)
		return;
	b->counts.keep_alive_frames[b->counts.keep_alives % 4] =
		k->p->frame.number;
	b->asked_ns = k->now_ns;
	b->counts.keep_alives++;
	b->counts.keep_alives_unanswered++;
	if (!b->keep_alive_ns)
		b->keep_alive_ns = k->now_ns;
}

static void took_probe(struct step *k)
{
	struct trouble *b = trouble_of(k->t, k->r);

	event_simple(k, k->dir, SEG_ZERO_WINDOW_PROBE, k->start,
		     (uint32_t)(k->end - k->start));
	if (!b)
		return;
	b->zero_felt = true;
	b->zero_probes++;
}

static bool is_probe(const struct step *k)
{
	const struct side *s = k->s;
	uint64_t bytes = k->end - k->start;

	if (k->r->window || !side_has(s, SIDE_ACKED) || k->tcp->flags & TCP_FIN)
		return false;
	if (bytes == 0)
		return k->start + 1 == s->una; /* Linux */
	if (bytes == 1 && k->start == s->nxt && s->nxt == s->una)
		return true; /* BSD, Windows: beyond the edge */
	return k->start == s->una && k->start < s->nxt; /* shrunk window */
}

/* It has no byte and was sent after all that passed: what S asks for is an
 * answer.  Where R's window was closed it may be a probe that crossed the
 * opening. */
static bool asks(const struct step *k)
{
	const struct side *s = k->s;
	int order = k->ip->version == 4
			    ? id_order(s, (uint16_t)k->ip->id, s->max_id)
			    : 0;

	if (k->r->trouble && k->r->trouble->counts.zero_windows)
		return false;
	if (order)
		return order > 0;
	return k->tcp->has_ts && ts_usable(s) &&
	       (int32_t)(k->tcp->tsval - s->tsval) > 0;
}

bool special_take(struct step *k)
{
	const struct side *s = k->s;
	uint64_t bytes = k->end - k->start;

	if (k->tcp->flags & (TCP_SYN | TCP_RST))
		return false;
	if (!k->r->window && is_probe(k)) {
		took_probe(k);
		return true;
	}
	if (bytes > 1 || k->tcp->flags & TCP_FIN || k->start + 1 != s->una ||
	    s->una != s->nxt)
		return false;
	if (k->now_ns - s->last_ns < KEEP_ALIVE_PAUSE_NS && (bytes || !asks(k)))
		return bytes == 0; /* an ACK out of its order */
	took_keep_alive(k);
	return true;
}

void special_challenge(struct step *k)
{
	struct trouble *b = trouble_of(k->t, k->s);

	if (b)
		b->challenged_ns = b->asked_ns = k->now_ns;
}

/* Sooner than any other cause would let R speak. */
static bool answers(const struct step *k, int64_t asked_ns)
{
	int64_t rr = side_rr(k->r);
	int64_t soon = rr ? 2 * rr + AT_ONCE_NS : UNKNOWN_RR_NS;

	return asked_ns && k->now_ns - asked_ns <= soon;
}

/* RFC 7323, 5.3: what is older than the last that was taken is dropped, and
 * answered by a bare ACK. */
void special_old_stamp(struct step *k)
{
	struct trouble *b = trouble_of(k->t, k->s);

	if (!b)
		return;
	b->paws_ns = k->now_ns;
	b->paws_frame = k->p->frame.number;
}

static void old_stamp_dropped(const struct step *k, struct trouble *b)
{
	uint32_t n = b->counts.paws_drops;

	b->paws_ns = 0;
	b->counts.paws_drops++;
	if (n < 2) {
		b->counts.paws_frames[2 * n] = b->paws_frame;
		b->counts.paws_frames[2 * n + 1] = k->p->frame.number;
	}
}

bool special_answer(struct step *k)
{
	enum { OTHER = TCP_SYN | TCP_FIN | TCP_RST };
	struct trouble *b = k->r->trouble;
	enum segment_class class;

	if (k->tcp->payload_len || k->tcp->flags & OTHER || !b ||
	    (!b->keep_alive_ns && !b->challenged_ns && !b->paws_ns) ||
	    k->tcp->seq != (uint32_t)k->s->nxt ||
	    k->tcp->ack != (uint32_t)k->r->una)
		return false;
	if (answers(k, b->paws_ns))
		old_stamp_dropped(k, b);
	if (b->keep_alive_ns)
		class = SEG_KEEP_ALIVE_ACK;
	else if (answers(k, b->challenged_ns))
		class = SEG_CHALLENGE_ACK;
	else
		return false;
	b->keep_alive_ns = b->challenged_ns = 0;
	event_simple(k, k->dir, class, k->s->nxt, 0);
	return true;
}

/* All that R allows is in flight.  A scale that is not known says nothing of
 * the window, and before R's first ACK it is not scaled (RFC 7323, 2.2). */
static bool fills_window(const struct step *k, uint64_t end)
{
	const struct side *s = k->s, *r = k->r;

	return r->window && r->wscale < 15 && r->packets &&
	       side_has(s, SIDE_ACKED) && end >= s->una + side_window(r);
}

void special_new(struct step *k, uint64_t end)
{
	struct side *s = k->s;
	uint32_t bytes = (uint32_t)(end - s->nxt);

	if (!k->tcp->payload_len)
		return;
	if (side_has(s, SIDE_FIN))
		event_simple(k, k->dir, SEG_DATA_AFTER_FIN, s->nxt, bytes);
	if (s->trouble && s->trouble->syn_data) {
		s->trouble->syn_data = false;
		event_simple(k, k->dir, SEG_TFO_RESEND, s->nxt, bytes);
	}
	if (k->t->events && fills_window(k, end))
		event_simple(k, k->dir, SEG_WINDOW_FULL, s->nxt, bytes);
}

RARE static void window_closed(struct step *k, uint16_t before)
{
	struct trouble *b = trouble_of(k->t, k->s);

	if (!b)
		return;
	if (b->zero_ns) {
		if (before == 0 && k->start == k->end && b->zero_probes)
			event_simple(k, k->dir, SEG_ZERO_WINDOW_PROBE_ACK,
				     k->start, 0);
		return;
	}
	b->zero_ns = k->now_ns;
	b->zero_felt = k->r->nxt > k->r->una;
	b->zero_probes = 0;
	if (b->counts.zero_windows < 4)
		b->counts.zero_frames[b->counts.zero_windows] =
			k->p->frame.number;
	b->counts.zero_windows++;
	event_simple(k, k->dir, SEG_ZERO_WINDOW, k->start, 0);
}

RARE static void window_opened(struct step *k, struct trouble *b)
{
	if (b->zero_felt)
		b->counts.zero_window_ns += k->now_ns - b->zero_ns;
	b->zero_ns = 0;
}

RARE static void window_update(struct step *k, uint16_t before)
{
	if (k->tcp->window > before && k->start == k->s->nxt &&
	    k->r->nxt == k->r->una && before && !k->tcp->sack_count)
		event_simple(k, k->dir, SEG_WINDOW_UPDATE, k->start, 0);
}

void special_window(struct step *k, uint16_t before)
{
	struct trouble *b = k->s->trouble;

	if (k->tcp->flags & (TCP_RST | TCP_SYN | TCP_FIN))
		return;
	if (!k->tcp->window) {
		window_closed(k, before);
		return;
	}
	if (b && b->zero_ns)
		window_opened(k, b);
	if (k->start == k->end && k->t->events)
		window_update(k, before);
}
