/* SPDX-License-Identifier: BSD-3-Clause */
/* attempt_refused.c - a RST or an ICMP error that ends an attempt. */
#include "analysis/track/attempt_record.h"
#include "base/when.h"

void turn_stray(const struct turn *t, enum tcp_stray kind)
{
	struct observation *o = observe_begin(t->out, OBS_TCP_STRAY, t->p);
	struct tcp_stray_fact *f = &o->as.stray;

	f->flow = t->flow;
	f->kind = (uint8_t)kind;
	f->flags = t->tcp->flags;
	f->ttl = t->ip->ttl;
	observe_end(t->out);
}

/* From the server, before it sent a SYN-ACK, and it acknowledges the SYN. */
static bool rst_refuses(const struct turn *t, const struct attempt *r)
{
	uint32_t beyond = t->tcp->ack - r->half[0].isn - 1;

	return !(r->half[1].bits & HALF_SEEN) && t->tcp->flags & TCP_ACK &&
	       beyond < (r->half[0].bits & HALF_DATA ? NEAR : 1);
}

/* What may not be the server's own: kept until the server speaks. */
static void rst_keep(const struct turn *t, struct attempt *r)
{
	if (r->half[1].bits & HALF_SEEN || r->rst.frame)
		return;
	r->rst = (struct foreign_rst){.frame = t->p->frame.number,
				      .time_ns = turn_now(t),
				      .seq = t->tcp->seq,
				      .id = t->ip->id,
				      .link = t->p->link,
				      .ttl = t->ip->ttl,
				      .with_ack = t->tcp->flags & TCP_ACK};
}

/* Windows tries again half a second after a RST. */
#define TRY_AGAIN_NS (400 * NS_PER_MS)

/* The capture may lack the SYN that is accepted: then only the TTL speaks. */
static bool may_be_another_try(const struct turn *t,
			       const struct foreign_rst *rst)
{
	return turn_now(t) - rst->time_ns >= TRY_AGAIN_NS &&
	       t->ip->ttl == rst->ttl;
}

/*
 * Who refused a SYN does not accept it a moment later: the RST was somebody
 * else's.  Not so if the SYN was sent again (syn_again), or if the RST goes on
 * where the SYN-ACK ends: then it merely overtook it.
 */
void rst_disproved(const struct turn *t, struct attempt *r)
{
	const struct foreign_rst rst = r->rst;
	struct tcp_reset_fact *f;
	struct observation *o;

	r->rst.frame = 0;
	if (rst.seq - t->tcp->seq <= 1)
		return;
	if (r->state == SYN_REFUSED)
		r->state = SYN_SENT;
	if (may_be_another_try(t, &rst))
		return;
	o = observe_begin(t->out, OBS_TCP_RESET, NULL);
	o->frame = rst.frame;
	o->time_ns = rst.time_ns;
	o->link = rst.link;
	f = &o->as.reset;
	f->flow = t->flow;
	f->with_ack = rst.with_ack;
	f->to_syn = true;
	f->id = rst.id;
	f->ttl = rst.ttl;
	f->ttl_usual = t->ip->ttl;
	f->signs = SIGN_WENT_ON;
	f->cause_frame = t->p->frame.number;
	observe_end(t->out);
}

/* RFC 9293, 3.10.7.3: a client drops a RST whose ACK it cannot accept. */
static bool rst_is_ignored(const struct turn *t, const struct attempt *r)
{
	uint32_t beyond = t->tcp->ack - r->half[0].isn - 1;

	return !(r->half[1].bits & HALF_SEEN) && r->half[0].bits & HALF_SEEN &&
	       t->tcp->flags & TCP_ACK && beyond >= NEAR;
}

static void rst_record(const struct turn *t, struct attempt *r)
{
	bool from_client = turn_from_client(t, r);

	if (!from_client)
		rst_keep(t, r);
	if (!from_client && rst_is_ignored(t, r))
		return;

	if (from_client && r->stale && t->tcp->seq == r->stale_ack) {
		r->last_ns = turn_now(t); /* it clears the old connection */
		record_frame(r, t->p->frame.number);
		return;
	}
	if (!from_client && rst_refuses(t, r)) {
		if (r->state == SYN_REFUSED)
			return;
		r->state = SYN_REFUSED;
		r->half[1].ttl = t->ip->ttl;
		r->last_ns = turn_now(t);
		r->patience_ns = RETRY_NS;
		record_frame(r, t->p->frame.number);
		return;
	}
	if (r->state == SYN_REFUSED)
		return;
	r->last_ns = turn_now(t);
	record_frame(r, t->p->frame.number);
	record_end(t->a, r, TCP_CLIENT_GAVE_UP);
}

void turn_rst(const struct turn *t)
{
	struct attempt *r = record_find(t->a, t->hash);
	struct flow flow = flow_reverse(&t->flow);
	struct stub *s;

	if (r) {
		rst_record(t, r);
		return;
	}
	s = syn_ring_find(t->a->ring, t->hash);
	if (!s) {
		turn_stray(t, STRAY_RST);
		return;
	}
	r = record_from(t->a, s, s->client_low == t->src_low ? &t->flow : &flow,
			t->p->frame.number);
	if (r)
		rst_record(t, r);
}

/* RFC 1122, 4.2.3.9 and RFC 5927: which codes end an attempt on real stacks. */
static bool icmp_rejects(const struct icmp_header *icmp, uint8_t version)
{
	const uint32_t v4 =
		1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 9 | 1 << 10 | 1 << 13;
	const uint32_t v6 = 1 << 0 | 1 << 1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6;

	if (icmp->code > 31)
		return false;
	return version == 6 ? icmp->type == 1 && v6 >> icmp->code & 1
			    : icmp->type == 3 && v4 >> icmp->code & 1;
}

static void record_rejected(const struct turn *t, struct attempt *r)
{
	const struct icmp_header *icmp = t->p->icmp->as.icmp;

	if (r->half[0].isn != icmp->quote.seq || r->synacks)
		return;
	r->state = SYN_REJECTED;
	r->icmp_type = icmp->type;
	r->icmp_code = icmp->code;
	r->reporter = t->ip->src;
	r->last_ns = turn_now(t);
	record_frame(r, t->p->frame.number);
}

void attempt_rejected(struct attempts *a, const struct packet *p, uint64_t hash,
		      struct observer *out)
{
	const struct icmp_header *icmp = p->icmp->as.icmp;
	const struct quote *q = &icmp->quote;
	struct turn t = {.a = a, .p = p, .hash = hash, .out = out};
	struct attempt *r;
	struct stub *s;

	t.ip = &p->ip->as.ip;
	if (!q->has_ports || !icmp_rejects(icmp, t.ip->version))
		return;
	a->out = out;
	turn_name(&t, &q->src, q->src_port, &q->dst, q->dst_port);
	r = record_find(a, hash);
	if (r) {
		if (turn_from_client(&t, r))
			record_rejected(&t, r);
		return;
	}
	s = syn_ring_find(a->ring, hash);
	if (!s || s->client_low != t.src_low || s->half[0].isn != q->seq ||
	    s->half[1].bits & HALF_SEEN)
		return;
	r = record_from(a, s, &t.flow, p->frame.number);
	if (r)
		record_rejected(&t, r);
}
