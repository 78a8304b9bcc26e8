/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_reset.c - who sent a RST: findings-tcp 3.3.
 *
 * The first RST of a connection is kept until the connection is given up, or
 * until the one whose name it bears goes on as if nothing had happened.
 */
#include "analysis/track/tcp_pace.h"

enum { FORM_OTHER, FORM_ABORT, FORM_NO_SOCKET, TTL_OFF = 2, ID_NEAR = 64 };

#define WENT_ON_NS (3 * NS_PER_MS)

/* As a host answers what belongs to no connection of its own: without ACK,
 * window and options. */
static bool is_plain(const struct step *k)
{
	return !(k->tcp->flags & TCP_ACK) && !k->tcp->window &&
	       !k->tcp->option_layout;
}

static uint8_t form_of(const struct step *k)
{
	uint8_t flags = k->tcp->flags;

	if (is_plain(k) && k->tcp->seq == (uint32_t)k->s->una)
		return FORM_NO_SOCKET;
	if (flags & TCP_ACK && k->tcp->has_ts == side_has(k->s, SIDE_TS))
		return FORM_ABORT;
	return FORM_OTHER;
}

static bool is_off(int ttl, int usual)
{
	return ttl - usual >= TTL_OFF || usual - ttl >= TTL_OFF;
}

/* A load balancer opens connections in the name of the host behind it, and ends
 * them: it has the TTL of the SYN-ACK, and the host another.  Where the opening
 * was not seen, nothing is known of that. */
static bool is_ttl_off(const struct step *k)
{
	const struct side *s = k->s;

	return s->half_ttl && is_off(k->ip->ttl, s->ttl) &&
	       k->ip->ttl / 2 != s->half_ttl;
}

/* Such answers are numbered apart from the connection. */
static bool is_id_off(const struct step *k)
{
	uint16_t id = (uint16_t)k->ip->id;
	int16_t step = (int16_t)(id - k->s->max_id);

	return k->ip->version == 4 && id && id_mode(k->s) == ID_PER_CONN &&
	       !is_plain(k) && (step < -ID_NEAR || step > ID_NEAR);
}

/* The highest number of R that the RST itself acknowledges. */
static uint64_t acknowledged(const struct step *k)
{
	const struct side *r = k->r;
	uint64_t ack;

	if (!(k->tcp->flags & TCP_ACK) || !side_has(r, SIDE_SEEN))
		return r->una;
	ack = seq_near(r->una, k->tcp->ack);
	return ack > r->una ? ack : r->una;
}

/*
 * When what the RST shows that it knows had passed: the data that it
 * acknowledges; or, without ACK, the number that it took from a packet of R,
 * which R cannot have sent before S's data up to there passed.  What R sent
 * last need not be its cause.  0: nothing shows it.
 */
static int64_t knows_since(const struct step *k)
{
	const struct side *s = k->s, *r = k->r;
	const struct sent *first;

	if (!(k->tcp->flags & TCP_ACK))
		first = k->tcp->seq == (uint32_t)s->nxt && s->una == s->nxt
				? sent_first(s, s->nxt - 1)
				: NULL;
	else
		first = acknowledged(k) > r->una && acknowledged(k) <= r->nxt
				? sent_first(r, acknowledged(k) - 1)
				: NULL;
	return first ? first->time_ns : 0;
}

/* It knows what had not even reached the other end. */
static bool is_soon(const struct step *k)
{
	int64_t since_ns = knows_since(k), rr = side_rr(k->r);

	return rr && since_ns && k->r->una < k->r->nxt &&
	       k->now_ns - since_ns < rr / 2;
}

static uint8_t signs_of(const struct step *k, uint64_t seq)
{
	const struct side *s = k->s, *r = k->r;
	unsigned n = 0;

	if (is_ttl_off(k))
		n |= SIGN_TTL;
	if (is_soon(k))
		n |= SIGN_SOON;
	if (is_id_off(k))
		n |= SIGN_ID;
	if (seq > s->nxt && seq < s->nxt + r->largest_window + 1)
		n |= SIGN_WINDOW;
	if (k->tcp->flags & TCP_ACK && side_has(s, SIDE_TS) && !k->tcp->has_ts)
		n |= SIGN_STAMP;
	if (k->ip->version == 4 && s->packets && k->ip->df != s->df)
		n |= SIGN_FRAGMENT;
	return (uint8_t)n;
}

static void fill(struct step *k, struct tcp_reset_fact *f)
{
	const struct pace *p = pace_at(k->c, !k->dir);
	const struct side *s = k->s, *r = k->r;
	uint64_t seq = seq_near(s->nxt, k->tcp->seq);

	f->flow = flow_name(k->c, k->dir);
	f->with_ack = k->tcp->flags & TCP_ACK;
	f->from_client = k->dir == k->c->client;
	f->after_fin = side_has(s, SIDE_FIN) || side_has(r, SIDE_FIN);
	f->bytes_out = s->una < s->nxt || acknowledged(k) < r->nxt;
	f->request_open = k->c->request_ns > 0;
	f->exact = seq == s->nxt;
	f->in_window = seq >= s->nxt - 1 && seq <= s->nxt + r->largest_window;
	f->ttl = k->ip->ttl;
	f->ttl_usual = s->ttl;
	f->id = k->ip->id;
	f->form = form_of(k);
	f->signs = signs_of(k, seq);
	f->quiet_ns = s->last_ns ? k->now_ns - s->last_ns : 0;
	f->pause_ns = p && p->bits & PACE_IDLE ? p->idle_ns : 0;
	f->packets = s->packets;
	f->cause_frame =
		r->packets ? frame_near(k->p->frame.number, r->last_frame) : 0;
}

static void tell(struct connection *c, struct observer *out)
{
	struct observation *o = observe_begin(out, OBS_TCP_RESET, NULL);

	o->frame = c->reset->frame;
	o->time_ns = c->reset->time_ns;
	o->link = c->link;
	o->as.reset = c->reset->fact;
	observe_end(out);
}

void reset_end(struct tcp_tracker *t, struct connection *c,
	       struct observer *out)
{
	if (!c->reset)
		return;
	if (!c->reset->told)
		tell(c, out);
	tcp_pool_give(&t->pool, c->reset, sizeof(*c->reset));
	c->reset = NULL;
}

/* Who cannot know the number that is next tries several at once.  A host
 * without the connection answers each packet by the number that it asks for. */
static void reset_again(struct step *k, struct reset *r)
{
	if (r->told || r->side != k->dir || k->tcp->seq == r->seq ||
	    k->now_ns - r->time_ns > NS_PER_MS ||
	    r->fact.form == FORM_NO_SOCKET || form_of(k) == FORM_NO_SOCKET)
		return;
	r->fact.signs |= SIGN_MANY;
}

RARE void reset_take(struct step *k)
{
	struct connection *c = k->c;

	event_simple(k, k->dir, SEG_RESET, k->s->nxt, 0);
	if (!c->reset)
		c->reset = tcp_pool_take(&k->t->pool, sizeof(*c->reset));
	if (c->reset && c->reset->frame) {
		reset_again(k, c->reset);
	} else if (c->reset) {
		c->reset->frame = k->p->frame.number;
		c->reset->seq = k->tcp->seq;
		c->reset->time_ns = k->now_ns;
		c->reset->side = k->dir;
		fill(k, &c->reset->fact);
	}
	if (c->reset && !c->reset->fact.exact && c->reset->fact.in_window)
		special_challenge(k);
	k->s->bits |= SIDE_RST;
	k->s->packets++;
	k->s->last_ns = k->now_ns;
	k->s->last_frame = (uint32_t)k->p->frame.number;
	c->bits |= CONN_CLOSED;
}

/* A packet of the one who is said to have aborted: it knows nothing of it. */
RARE void reset_after(struct step *k)
{
	struct reset *r = k->c->reset;

	if (!r || r->told || r->side != k->dir || k->tcp->flags & TCP_RST ||
	    k->now_ns - r->time_ns < WENT_ON_NS || r->fact.after_fin ||
	    (int32_t)(k->tcp->seq - (uint32_t)k->s->nxt) < 0)
		return;
	r->fact.signs |= SIGN_WENT_ON;
	r->told = true;
	tell(k->c, k->out);
}
