/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_evidence.c - what tells a resend from a late original or a copy: IP IDs,
 * time stamps (RFC 7323), what the sender can have known, and round trips.
 */
#include "analysis/track/tcp_connection.h"

enum {
	STEPS_LEAST = 4,
	STEPS_MOST = 64,
	STEP_NEAR = 64,
	STEP_FAR = 1024,
	ID_VALID = 16000,
	TS_FALLS_MOST = 3,
	RR_SPAN_S = 10,
	ONES_PERCENT = 70, /* of a counter of this connection alone */
	ONES_LEAST = 16,
};

/*
 * Numbers that nobody showed, before a bare ACK of a side that counts each of
 * its packets: as many acknowledgements were lost before P.  After a
 * super-packet the count goes on by what the card made of it.
 */
static void acks_missed(struct side *s, const struct step *k, int missing)
{
	struct trouble *b;

	if (s->id_steps < ONES_LEAST ||
	    s->id_ones * 100 < s->id_steps * ONES_PERCENT || s->ttl > TTL_OWN ||
	    k->tcp->payload_len || k->tcp->flags & TCP_FIN ||
	    !k->r->data_segments || side_has(s, SIDE_SUPER))
		return;
	b = trouble_of(k->t, s);
	if (!b || b->holes) /* it may have been data */
		return;
	b->counts.acks_missing += (uint32_t)missing;
	for (int i = 0; i < 4; i++)
		if (!b->counts.ack_frames[i]) {
			b->counts.ack_frames[i] = k->p->frame.number;
			return;
		}
}

/* It was late, not lost. */
static void ack_late(struct side *s)
{
	if (s->trouble && s->trouble->counts.acks_missing)
		s->trouble->counts.acks_missing--;
}

static void count_step(struct side *s, const struct step *k, int16_t step)
{
	if (step > STEP_FAR)
		return;
	s->id_far++;
	if (step > STEP_NEAR)
		return;
	if (step > 1)
		acks_missed(s, k, step - 1);
	else
		s->id_ones++;
	s->id_near++;
}

/* Linux counts per connection, Windows per host: the first counts packets,
 * the second only orders them.  SYN-ACK, RST and id 0 are no part of it. */
void id_note(struct side *s, const struct step *k)
{
	uint16_t id = (uint16_t)k->ip->id;
	int16_t step = (int16_t)(id - s->max_id);

	if (k->ip->version != 4 || !id || k->tcp->flags & (TCP_SYN | TCP_RST))
		return;
	if (!s->max_id) {
		s->max_id = id;
		return;
	}
	if (step > 0) {
		count_step(s, k, step);
		s->max_id = id;
	} else if (step < -ID_VALID / 16) {
		s->max_id = id;
	} else { /* no step of the counter: a late one, or a copy */
		if (step < 0)
			ack_late(s);
		return;
	}
	if (++s->id_steps >= STEPS_MOST) {
		s->id_steps /= 2;
		s->id_near /= 2;
		s->id_far /= 2;
		s->id_ones /= 2;
	}
}

enum id_mode id_mode(const struct side *s)
{
	if (s->id_steps < STEPS_LEAST)
		return ID_NONE;
	if (s->id_near * 10 >= s->id_steps * 8)
		return ID_PER_CONN;
	return s->id_far * 10 >= s->id_steps * 9 ? ID_HOST : ID_NONE;
}

/* A counter that has only begun to show: what is near by chance, twice, is one
 * in a million. */
static bool begins_to_count(const struct side *s)
{
	return s->id_steps && s->id_steps < STEPS_LEAST &&
	       s->id_near == s->id_steps;
}

bool id_counts(const struct side *s)
{
	return id_mode(s) != ID_NONE || begins_to_count(s);
}

int id_order(const struct side *s, uint16_t a, uint16_t b)
{
	int16_t step = (int16_t)(a - b);
	int16_t most = begins_to_count(s) ? STEP_NEAR : ID_VALID;

	if (!a || !b || !id_counts(s) || step > most || step < -most)
		return 0;
	return step > 0 ? 1 : step < 0 ? -1 : 0;
}

bool ts_usable(const struct side *s)
{
	return side_has(s, SIDE_TS) &&
	       (s->ts_back < TS_FALLS_MOST ||
		(uint32_t)s->ts_back * 100 < s->data_segments);
}

bool sent_after(const struct step *k, const struct sent *e)
{
	uint16_t id = k->ip->version == 4 ? (uint16_t)k->ip->id : 0;
	int order = id_order(k->s, id, e->id);

	if (order)
		return order > 0;
	return k->tcp->has_ts && ts_usable(k->s) &&
	       (int32_t)(k->tcp->tsval - e->tsval) > 0;
}

/* A side whose first time stamp comes after more than an hour is rare, and
 * then its clock's rate is not known. */
void ts_begin(struct connection *c, unsigned side, uint32_t tsval,
	      int64_t now_ns)
{
	int64_t us = (now_ns - c->first_ns) / NS_PER_US;

	c->ts_first[side] = tsval;
	c->ts_first_us[side] =
		us >= 0 && us < UINT32_MAX ? (uint32_t)us + 1 : 0;
}

/* One tick of the time stamp clock, from its slope so far. */
static int64_t ts_tick_ns(const struct step *k)
{
	const struct connection *c = k->c;
	uint32_t ticks = k->s->tsval - c->ts_first[k->dir];
	int64_t ns =
		k->now_ns - c->first_ns - c->ts_first_us[k->dir] * NS_PER_US;

	if (!c->ts_first_us[k->dir] || ticks < 4 || ns <= 0)
		return NS_PER_MS;
	return ns / ticks;
}

/* An equal time stamp means the same transmission only where a resend must
 * have had a later one. */
bool ts_tie_counts(const struct step *k)
{
	const struct trouble *b = k->s->trouble;
	int64_t tick = ts_tick_ns(k);

	tick = tick < NS_PER_MS ? NS_PER_MS : tick;
	return path_rtt(k->c) >= 2 * tick &&
	       !(b && b->frag_ns && k->now_ns - b->frag_ns < NS_PER_S);
}

void rtt_sample(struct side *s, int64_t ns, int64_t now_ns, bool smooth)
{
	uint32_t now_s = (uint32_t)(now_ns / NS_PER_S);
	uint32_t us;

	if (ns < 0 || ns > 60 * NS_PER_S)
		return;
	us = ns < NS_PER_US ? 1 : (uint32_t)(ns / NS_PER_US);
	if (now_s - s->rr_since_s >= RR_SPAN_S && s->rr_now_us) {
		s->rr_before_us = s->rr_now_us;
		s->rr_now_us = 0;
		s->rr_since_s = now_s;
	}
	if (!s->rr_since_s)
		s->rr_since_s = now_s;
	if (!s->rr_now_us || us < s->rr_now_us)
		s->rr_now_us = us;
	if (!smooth)
		return;
	s->rr_smooth_us =
		s->rr_smooth_us ? s->rr_smooth_us - s->rr_smooth_us / 8 + us / 8
				: us;
}

static uint32_t side_rr_us(const struct side *s)
{
	uint32_t us = s->rr_now_us;

	if (!us || (s->rr_before_us && s->rr_before_us < us))
		us = s->rr_before_us;
	return us;
}

int64_t side_rr(const struct side *s)
{
	return side_rr_us(s) * NS_PER_US;
}

uint32_t path_rtt_us(const struct connection *c)
{
	return side_rr_us(&c->side[0]) + side_rr_us(&c->side[1]);
}

int64_t path_rtt(const struct connection *c)
{
	return path_rtt_us(c) * NS_PER_US;
}

bool one_way(const struct step *k)
{
	return !k->r->last_ns || k->now_ns - k->r->last_ns > 3 * NS_PER_S;
}

/* A resend that S sent after `sent_ns` was delivered; its ACK can speak of an
 * earlier copy if it comes too soon. */
static bool tells(const struct step *k, const struct sent *e, int64_t sent_ns,
		  int64_t rs, int64_t rr)
{
	int64_t news = e->time_ns + e->news_us * NS_PER_US;

	if (!e->news_us || e->time_ns < sent_ns || e->flags & SENT_COPY)
		return false;
	if (e->flags & SENT_RESENT && news - e->time_ns < rr * 9 / 10)
		return false;
	return k->now_ns - news >= rs * 8 / 10;
}

bool triggered(const struct step *k, uint64_t start, int64_t sent_ns)
{
	const struct sent_ring *ring = k->s->sent;
	const struct trouble *b = k->s->trouble;
	int64_t rs = side_rr(k->r), rr = side_rr(k->s);

	if (one_way(k))
		return false;
	if (b && !(k->c->bits & CONN_SACK) && b->dupacks >= 3 &&
	    start == k->s->una)
		return true;
	for (uint32_t i = ring ? ring->count : 0; i-- > 0;) {
		const struct sent *e = sent_at((struct sent_ring *)ring, i);

		if (e->time_ns < sent_ns)
			return false;
		if (tells(k, e, sent_ns, rs, rr))
			return true;
	}
	return false;
}

/* An acknowledgement is not echoed if data of R before it is missing, or was
 * not acknowledged yet by what S sent last. */
static bool talked(const struct step *k, int64_t since_ns)
{
	const struct side *r = k->r;
	int64_t long_ago = since_ns - 4 * path_rtt(k->c) - 5 * NS_PER_MS;

	return k->tcp->ack != (uint32_t)r->nxt ||
	       (r->sent && r->sent->count &&
		sent_at(r->sent, r->sent->count - 1)->time_ns > long_ago);
}

/* RFC 7323, 4.3: what is echoed is the stamp of the last that came in order. */
bool unheard(const struct step *k, int64_t since_ns)
{
	const struct trouble *b = k->s->trouble;
	bool first_known = false, any = false;

	if (!b || !k->tcp->has_ts || !ts_usable(k->s) || talked(k, since_ns))
		return false;
	for (unsigned i = 0; i < NEWS_KEPT; i++) {
		if (b->news_ns[i] <= since_ns) {
			first_known = true;
			continue;
		}
		if ((int32_t)(k->tcp->tsecr - b->news_tsval[i]) >= 0)
			return false;
		any = true;
	}
	return any && first_known;
}
