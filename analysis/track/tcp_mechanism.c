/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_mechanism.c - why the sender sent again: findings-tcp 1.4.  RFC 6675
 * (SACK recovery), RFC 8985 (RACK, tail loss probe), RFC 6298 (timer).
 */
#include "analysis/track/tcp_connection.h"

#define TIMER_NS   (150 * NS_PER_MS)
#define AT_ONCE_NS (10 * NS_PER_MS)

static uint32_t mss_of(const struct side *s)
{
	return s->mss ? s->mss : 1460;
}

static void enter(struct step *k, enum episode e)
{
	struct trouble *b = k->s->trouble;

	b->episode = (uint8_t)e;
	b->recovery_point = k->s->nxt;
}

void mechanism_acked(struct side *s)
{
	struct trouble *b = s->trouble;

	if (b->episode && s->una >= b->recovery_point) {
		b->episode = CALM;
		b->rtos = 0;
	}
}

/* Some news passed P just when a sender that acts on it at once would have
 * made this packet of it. */
static bool news_made_it(const struct step *k)
{
	const struct trouble *b = k->s->trouble;
	int64_t rs = side_rr(k->r);

	for (unsigned i = 0; i < NEWS_KEPT; i++) {
		int64_t ago = k->now_ns - b->news_ns[i];

		if (b->news_ns[i] && ago >= rs * 8 / 10 &&
		    ago <= rs + AT_ONCE_NS)
			return true;
	}
	return false;
}

static int64_t timer_of(const struct step *k)
{
	int64_t rtt = path_rtt(k->c);

	return 2 * rtt > TIMER_NS ? 2 * rtt : TIMER_NS;
}

/* The sender has heard nothing new for so long that only its timer can have
 * made this packet, whatever it knew before. */
static bool heard_nothing(const struct step *k)
{
	const struct trouble *b = k->s->trouble;
	int64_t last = 0;

	for (unsigned i = 0; i < NEWS_KEPT; i++)
		if (b->news_ns[i] > last)
			last = b->news_ns[i];
	return last && k->now_ns - last >= timer_of(k);
}

/* The same bytes in smaller pieces, sooner than an answer to them could be
 * back: a sender does that only when it is told that they were too big, even
 * if the capture does not show by whom. */
static bool was_told(const struct step *k, const struct sent *last,
		     uint64_t start)
{
	const struct trouble *b = k->s->trouble;

	if (start != k->s->una || last->start != start || b->dupacks ||
	    b->sacks || last->flags & SENT_RESENT ||
	    k->now_ns - last->time_ns >= path_rtt(k->c) * 9 / 10)
		return false;
	for (unsigned i = 0; i < NEWS_KEPT; i++)
		if (b->news_ns[i] > last->time_ns)
			return false;
	return true;
}

static bool too_big(const struct step *k, const struct sent *last,
		    uint64_t start, uint64_t end)
{
	struct trouble *b = k->s->trouble;
	uint32_t headers = k->ip->header_len + k->tcp->header_len;

	/* a part of it, the last one too */
	if (!last || last->bytes <= end - start)
		return false;
	if (was_told(k, last, start)) {
		b->frag_ns = k->now_ns;
		b->frag_mtu = (uint32_t)(end - start) + headers;
	}
	if (b->frag_ns && k->now_ns - b->frag_ns < NS_PER_S &&
	    last->bytes + headers > b->frag_mtu)
		return true;
	return b->rtos >= 2;
}

static enum tcp_mechanism by_news(struct step *k, uint64_t start,
				  const struct sent *last)
{
	struct trouble *b = k->s->trouble;
	enum tcp_mechanism m;

	if (b->episode == LOSS_RECOVERY)
		return RESENT_RTO_RECOVERY;
	if (b->episode == FAST_RECOVERY)
		return last && last->flags & SENT_RESENT ? RESENT_LOST_AGAIN
							 : RESENT_SACK;
	m = sack_above(b, start) >= 3ULL * mss_of(k->s) || b->dupacks >= 3
		    ? RESENT_FAST
		    : RESENT_RACK;
	enter(k, FAST_RECOVERY);
	return m;
}

static enum tcp_mechanism by_clock(struct step *k, uint64_t start, uint64_t end,
				   const struct sent *last, int64_t gap_ns)
{
	struct trouble *b = k->s->trouble;
	int64_t timer = timer_of(k);

	if (b->episode == LOSS_RECOVERY) {
		if (start != k->s->una || news_made_it(k))
			return RESENT_RTO_RECOVERY;
		enter(k, LOSS_RECOVERY);
		b->rtos++;
		return RESENT_RTO;
	}
	if (b->episode == FAST_RECOVERY && gap_ns < timer)
		return RESENT_SACK;
	if (end == k->s->nxt && start != k->s->una &&
	    !(last && last->flags & SENT_RESENT))
		return RESENT_TLP;
	if (gap_ns >= timer) {
		enter(k, LOSS_RECOVERY);
		b->rtos++;
		return RESENT_RTO;
	}
	enter(k, FAST_RECOVERY);
	return RESENT_RACK;
}

enum tcp_mechanism mechanism_of(struct step *k, uint64_t start, uint64_t end,
				const struct sent *last, int64_t gap_ns,
				bool trig)
{
	if (k->tcp->flags & TCP_FIN && !k->tcp->payload_len)
		return RESENT_FIN;
	if (too_big(k, last, start, end))
		return RESENT_PMTU;
	if (trig && start == k->s->una && heard_nothing(k))
		trig = false;
	return trig ? by_news(k, start, last)
		    : by_clock(k, start, end, last, gap_ns);
}

enum tcp_mechanism mechanism_overtaken(const struct step *k,
				       const struct sent *last)
{
	if (k->tcp->flags & TCP_FIN && !k->tcp->payload_len)
		return RESENT_FIN;
	if (k->s->trouble->episode == LOSS_RECOVERY)
		return RESENT_RTO_RECOVERY;
	return last && last->flags & SENT_RESENT ? RESENT_LOST_AGAIN
						 : RESENT_SACK;
}
