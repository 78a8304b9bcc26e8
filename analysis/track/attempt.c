/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * attempt.c - reads SYNs, SYN-ACKs and third packets (RFC 9293, 3.5).
 *
 * The first SYN makes a stub in the ring (syn_ring.h), the first SYN-ACK is
 * written beside it.  A third packet then opens the connection straight from
 * the stub.  Anything else (a repeat, a RST, an ICMP error, an ACK of other
 * numbers) makes a record of it, which lives until its outcome is known.
 */
#include <string.h>

#include "analysis/track/attempt_record.h"
#include "base/when.h"

#define FINAL_PATIENCE_NS (130 * NS_PER_S)
#define LEAST_PATIENCE_NS (4 * NS_PER_S)

enum { NEAR = 65536 }; /* how far beyond the ISN first data may lie */

/* One packet on its way through this file. */
struct turn {
	struct attempts *a;
	const struct packet *p;
	const struct ip_header *ip;
	const struct tcp_header *tcp;
	uint64_t hash;
	struct flow flow; /* as the packet goes */
	bool src_low;	  /* its source sorts before its destination */
	struct observer *out;
};

static int endpoint_compare(const struct addr *a, uint16_t port_a,
			    const struct addr *b, uint16_t port_b)
{
	int order = memcmp(a, b, sizeof(*a));

	return order ? order : (int)port_a - (int)port_b;
}

static void turn_name(struct turn *t, const struct addr *src, uint16_t src_port,
		      const struct addr *dst, uint16_t dst_port)
{
	t->flow.src = *src;
	t->flow.dst = *dst;
	t->flow.src_port = src_port;
	t->flow.dst_port = dst_port;
	t->flow.protocol = 6;
	t->src_low = endpoint_compare(src, src_port, dst, dst_port) < 0;
}

static struct turn turn_of(struct attempts *a, const struct packet *p,
			   uint64_t hash, struct observer *out)
{
	struct turn t = {.a = a, .p = p, .hash = hash, .out = out};

	a->out = out;
	t.ip = &p->ip->as.ip;
	t.tcp = &p->tcp->as.tcp;
	turn_name(&t, &t.ip->src, t.tcp->src_port, &t.ip->dst, t.tcp->dst_port);
	return t;
}

static int64_t now_of(const struct turn *t)
{
	return t->p->frame.time_ns;
}

static void half_fill(struct half *h, const struct turn *t)
{
	const struct tcp_header *tcp = t->tcp;

	h->isn = tcp->seq;
	h->tsval = tcp->tsval;
	h->frame = (uint32_t)t->p->frame.number;
	h->mss = tcp->mss;
	h->window = tcp->window;
	h->wscale = tcp->wscale;
	h->ttl = t->ip->ttl;
	h->bits = HALF_SEEN;
	h->bits |= tcp->has_ts ? HALF_TS : 0;
	h->bits |= tcp->sack_permitted ? HALF_SACK : 0;
	h->bits |= tcp->has_wscale ? HALF_WSCALE : 0;
	h->bits |= tcp->flags & TCP_ECE ? HALF_ECN : 0;
	h->bits |= tcp->payload_len ? HALF_DATA : 0;
}

/* Sent by the network twice, not by the sender: too soon, same time stamp. */
static bool is_copy(const struct half *before, const struct turn *t,
		    int64_t gap_ns)
{
	return before->isn == t->tcp->seq && gap_ns < SYN_COPY_NS &&
	       before->tsval == t->tcp->tsval;
}

/* ---- SYN ---- */

static void syn_report(const struct turn *t, uint16_t tries, int64_t first_ns,
		       uint64_t first_frame, bool on_live)
{
	struct observation *o = observe_begin(t->out, OBS_TCP_SYN, t->p);
	struct tcp_syn_fact *f = &o->as.syn;
	const struct layer *eth = t->p->eth;

	f->flow = t->flow;
	f->isn = t->tcp->seq;
	f->tsval = t->tcp->tsval;
	f->tries = tries;
	f->window = t->tcp->window;
	f->mss = t->tcp->mss;
	f->ip_id = (uint16_t)t->ip->id;
	f->ttl = t->ip->ttl;
	f->option_layout = t->tcp->option_layout;
	f->has_ts = t->tcp->has_ts;
	f->sack = t->tcp->sack_permitted;
	f->wscale = t->tcp->has_wscale;
	f->on_live = on_live;
	f->first_ns = first_ns;
	f->first_frame = first_frame;
	if (eth) {
		f->mac_src = eth->as.link.src;
		f->mac_dst = eth->as.link.dst;
	}
	observe_end(t->out);
}

/* Wait four times the last gap: twice the next repeat, if gaps double. */
static void patience_set(struct attempt *r, int64_t gap_ns)
{
	int64_t ns =
		gap_ns > FINAL_PATIENCE_NS / 4 ? FINAL_PATIENCE_NS : gap_ns * 4;

	r->patience_ns = ns < LEAST_PATIENCE_NS ? LEAST_PATIENCE_NS : ns;
}

static void syn_again(const struct turn *t, struct attempt *r)
{
	int64_t now = now_of(t), gap = now - r->last_syn_ns;

	if (is_copy(&r->half[0], t, gap) && !r->stale)
		return;
	if (r->state == SYN_REFUSED)
		r->state = SYN_SENT;
	patience_set(r, gap);
	half_fill(&r->half[0], t);
	r->syns++;
	r->last_syn_ns = r->last_ns = now;
	record_frame(r, t->p->frame.number);
	syn_report(t, r->syns, r->first_ns, r->first_frame, r->on_live);
}

/* The same attempt goes on: same ISN, or a new one soon after a RST. */
static bool syn_belongs(const struct turn *t, const struct attempt *r)
{
	return r->half[0].isn == t->tcp->seq ||
	       ((r->state == SYN_REFUSED || r->stale) &&
		now_of(t) - r->last_ns <= RETRY_NS);
}

static void syn_first(const struct turn *t)
{
	struct stub *s = syn_ring_add(t->a->ring, t->hash);

	s->first_ns = now_of(t);
	s->client_low = t->src_low;
	half_fill(&s->half[0], t);
	syn_report(t, 1, s->first_ns, t->p->frame.number, false);
}

static bool same_way(const struct turn *t, const struct attempt *r)
{
	return r->flow.src_port == t->flow.src_port &&
	       addr_equal(&r->flow.src, &t->flow.src);
}

static void syn_packet(const struct turn *t)
{
	struct attempt *r = record_find(t->a, t->hash);
	struct stub *s;

	if (r) {
		if (!same_way(t, r))
			return; /* simultaneous open: the first one counts */
		if (syn_belongs(t, r)) {
			syn_again(t, r);
			return;
		}
		record_end(t->a, r, record_outcome(r, now_of(t)));
	}
	s = syn_ring_find(t->a->ring, t->hash);
	if (s && s->client_low == t->src_low && s->half[0].bits & HALF_SEEN &&
	    s->half[0].isn == t->tcp->seq) {
		if (is_copy(&s->half[0], t, now_of(t) - s->first_ns))
			return;
		r = record_from(t->a, s, &t->flow, t->p->frame.number);
		if (r)
			syn_again(t, r);
		return;
	}
	if (s)
		syn_ring_remove(t->a->ring, s);
	syn_first(t);
}

/* ---- SYN-ACK ---- */

static void synack_report(const struct packet *p, const struct flow *flow,
			  struct observer *out, uint16_t tries, int64_t syn_ns,
			  int kind)
{
	struct observation *o = observe_begin(out, OBS_TCP_SYNACK, p);
	struct tcp_synack_fact *f = &o->as.synack;
	const struct tcp_header *tcp = &p->tcp->as.tcp;

	f->flow = flow_reverse(flow);
	f->tries = tries;
	f->mss = tcp->mss;
	f->answers_syn = kind & 1;
	f->names_first_syn = kind & 2;
	f->after_open = kind & 4;
	f->has_ts = tcp->has_ts;
	f->sack = tcp->sack_permitted;
	f->wscale = tcp->has_wscale;
	f->ttl = p->ip->as.ip.ttl;
	f->syn_ns = syn_ns;
	observe_end(out);
}

void attempt_synack_again(const struct packet *p, uint16_t tries,
			  int64_t syn_ns, struct observer *out)
{
	struct attempts none = {0};
	struct turn t = turn_of(&none, p, 0, out);

	synack_report(p, &t.flow, out, tries, syn_ns, 1 | 4);
}

/* Whether this SYN-ACK acknowledges that SYN (or its Fast Open data). */
static bool acks_syn(const struct half *client, const struct tcp_header *tcp)
{
	uint32_t beyond = tcp->ack - client->isn - 1;

	return !(client->bits & HALF_SEEN) || beyond == 0 ||
	       (client->bits & HALF_DATA && beyond < NEAR);
}

static void synack_again(const struct turn *t, struct attempt *r)
{
	bool known = r->half[0].bits & HALF_SEEN;
	bool ts = r->half[0].bits & HALF_TS && t->tcp->has_ts && r->syns > 1;
	bool first = ts && t->tcp->tsecr == r->first_tsval;
	int64_t now = now_of(t), gap = now - r->synack_ns;

	if (r->synacks && is_copy(&r->half[1], t, gap))
		return;
	half_fill(&r->half[1], t);
	if (!r->synacks++) {
		r->first_synack_ns = now;
		r->synack_frame = t->p->frame.number;
		r->copy_heard_first = first;
		r->copy_heard_later = ts && !first;
		gap = 0;
	}
	if (r->state == SYN_SENT)
		r->state = SYN_ANSWERED;
	patience_set(r, gap);
	r->synack_ns = r->last_ns = now;
	record_frame(r, t->p->frame.number);
	synack_report(t->p, &t->flow, t->out, r->synacks, r->last_syn_ns,
		      known | (first ? 2 : 0));
}

static void stub_answered(const struct turn *t, struct stub *s)
{
	int64_t us = (now_of(t) - s->first_ns) / NS_PER_US;

	s->synack_us = us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
	half_fill(&s->half[1], t);
	synack_report(t->p, &t->flow, t->out, 1, s->first_ns,
		      s->half[0].bits & HALF_SEEN ? 1 : 0);
}

static void synack_first(const struct turn *t)
{
	struct stub *s = syn_ring_add(t->a->ring, t->hash);

	s->first_ns = now_of(t);
	s->client_low = !t->src_low;
	stub_answered(t, s);
}

static void synack_packet(const struct turn *t)
{
	struct attempt *r = record_find(t->a, t->hash);
	struct flow flow = flow_reverse(&t->flow);
	struct stub *s;

	if (r) {
		if (!same_way(t, r) && acks_syn(&r->half[0], t->tcp))
			synack_again(t, r);
		return;
	}
	s = syn_ring_find(t->a->ring, t->hash);
	if (!s) {
		synack_first(t);
	} else if (s->client_low == t->src_low ||
		   !acks_syn(&s->half[0], t->tcp)) {
		synack_report(t->p, &t->flow, t->out, 1, now_of(t), 0);
	} else if (!(s->half[1].bits & HALF_SEEN)) {
		stub_answered(t, s);
	} else if (!is_copy(&s->half[1], t,
			    now_of(t) - s->first_ns -
				    s->synack_us * NS_PER_US)) {
		r = record_from(t->a, s, &flow, t->p->frame.number);
		if (r)
			synack_again(t, r);
	}
}

/* ---- the third packet ---- */

static uint8_t wscale_of(const struct half *h)
{
	return !(h->bits & HALF_SEEN)  ? 254
	       : h->bits & HALF_WSCALE ? h->wscale
				       : 255;
}

static void handshake_fill(struct handshake *h, const struct turn *t,
			   const struct attempt *r)
{
	uint8_t both = r->half[0].bits & r->half[1].bits;

	memset(h, 0, sizeof(*h));
	h->flow = r->flow;
	h->syn_seen = r->half[0].bits & HALF_SEEN;
	h->synack_seen = r->half[1].bits & HALF_SEEN;
	for (int i = 0; i < 2; i++) {
		h->isn[i] = r->half[i].isn;
		h->isn_known[i] = r->half[i].bits & HALF_SEEN;
		h->mss[i] = r->half[i].mss;
		h->wscale[i] = wscale_of(&r->half[i]);
		h->window[i] = r->half[i].window;
		h->tsval[i] = r->half[i].tsval;
		h->ttl[i] = r->half[i].ttl;
	}
	h->sack = both & HALF_SACK;
	h->timestamps = both & HALF_TS;
	h->ecn = both & HALF_ECN;
	h->tfo_data = r->half[0].bits & HALF_DATA;
	h->syns = r->syns;
	h->synacks = r->synacks;
	h->syn_ns = h->syn_seen ? r->first_ns : 0;
	h->last_syn_ns = h->syn_seen ? r->last_syn_ns : 0;
	h->first_synack_ns = r->first_synack_ns;
	h->synack_ns = r->synack_ns;
	h->third_ns = now_of(t);
	h->syn_frame = h->syn_seen ? r->first_frame : 0;
	h->synack_frame = r->synack_frame;
}

static void opened_report(const struct turn *t, const struct attempt *r)
{
	struct observation *o = observe_begin(t->out, OBS_TCP_OPENED, t->p);
	struct tcp_opened_fact *f = &o->as.opened;

	f->flow = r->flow;
	f->syns = r->syns;
	f->synacks = r->synacks;
	f->syn_ns = r->syns ? r->first_ns : 0;
	f->synack_ns = r->synack_ns;
	f->third_ns = now_of(t);
	f->first_synack_ns = r->first_synack_ns;
	f->syn_frame = r->syns ? r->first_frame : 0;
	f->synack_frame = r->synack_frame;
	f->client_ttl = r->half[0].ttl;
	f->server_ttl = r->half[1].ttl;
	f->syn_lost = r->copy_heard_later;
	f->synack_lost =
		r->copy_heard_first || (r->syns == 1 && r->synacks > 1);
	observe_end(t->out);
}

/* Both reports, and the handshake for the connection. */
static enum attempt_turn open_connection(const struct turn *t,
					 struct attempt *r,
					 struct handshake *opened)
{
	r->last_ns = now_of(t);
	record_frame(r, t->p->frame.number);
	handshake_fill(opened, t, r);
	opened_report(t, r);
	record_end(t->a, r, r->stale ? TCP_STALE_PEER : TCP_COMPLETED);
	return ATTEMPT_OPENED;
}

/* Whether a packet with an ACK, from the client or not, shows that the
 * handshake is done. */
static bool completes(const struct turn *t, const struct half half[2],
		      bool from_client)
{
	const struct half *mine = &half[!from_client],
			  *other = &half[from_client];

	if (mine->bits & HALF_SEEN && t->tcp->seq - mine->isn - 1 >= NEAR)
		return false;
	if (other->bits & HALF_SEEN && t->tcp->ack - other->isn - 1 >= NEAR)
		return false;
	/* the server's ACK alone is no proof: it must have been opened */
	return from_client || half[1].bits & HALF_SEEN;
}

/* A bare ACK from the server that does not acknowledge the SYN: it still
 * holds an older connection (RFC 9293, 3.10.7.4). */
static bool is_stale_answer(const struct turn *t, const struct half half[2],
			    bool from_client)
{
	return !from_client && !t->tcp->payload_len &&
	       half[0].bits & HALF_SEEN && !(half[1].bits & HALF_SEEN) &&
	       t->tcp->ack != half[0].isn + 1;
}

static enum attempt_turn ack_record(const struct turn *t, struct attempt *r,
				    struct handshake *opened)
{
	bool from_client = same_way(t, r);

	if (is_stale_answer(t, r->half, from_client)) {
		r->stale = true;
		r->stale_ack = t->tcp->ack;
		r->last_ns = now_of(t);
		record_frame(r, t->p->frame.number);
		return ATTEMPT_KEPT;
	}
	if (!completes(t, r->half, from_client) || r->state == SYN_REFUSED)
		return r->on_live ? ATTEMPT_NOT_MINE : ATTEMPT_KEPT;
	return open_connection(t, r, opened);
}

static enum attempt_turn ack_packet(const struct turn *t,
				    struct handshake *opened)
{
	struct attempt *r = record_find(t->a, t->hash);
	struct flow flow = flow_reverse(&t->flow);
	struct stub *s;
	bool from_client;

	if (r)
		return ack_record(t, r, opened);
	s = syn_ring_find(t->a->ring, t->hash);
	if (!s)
		return ATTEMPT_NOT_MINE;
	from_client = s->client_low == t->src_low;
	if (!completes(t, s->half, from_client) &&
	    !is_stale_answer(t, s->half, from_client))
		return ATTEMPT_NOT_MINE;
	r = record_from(t->a, s, from_client ? &t->flow : &flow,
			t->p->frame.number);
	return r ? ack_record(t, r, opened) : ATTEMPT_NOT_MINE;
}

/* ---- RST, and what fits nowhere ---- */

static void stray_report(const struct turn *t, enum tcp_stray kind)
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

static void rst_record(const struct turn *t, struct attempt *r)
{
	bool from_client = same_way(t, r);

	if (from_client && r->stale && t->tcp->seq == r->stale_ack) {
		r->last_ns = now_of(t); /* it clears the old connection */
		record_frame(r, t->p->frame.number);
		return;
	}
	if (!from_client && rst_refuses(t, r)) {
		if (r->state == SYN_REFUSED)
			return;
		r->state = SYN_REFUSED;
		r->half[1].ttl = t->ip->ttl;
		r->last_ns = now_of(t);
		r->patience_ns = RETRY_NS;
		record_frame(r, t->p->frame.number);
		return;
	}
	if (r->state == SYN_REFUSED)
		return;
	r->last_ns = now_of(t);
	record_frame(r, t->p->frame.number);
	record_end(t->a, r, TCP_CLIENT_GAVE_UP);
}

static void rst_packet(const struct turn *t)
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
		stray_report(t, STRAY_RST);
		return;
	}
	r = record_from(t->a, s, s->client_low == t->src_low ? &t->flow : &flow,
			t->p->frame.number);
	if (r)
		rst_record(t, r);
}

void attempt_prefetch(const struct attempts *a, uint64_t hash)
{
	syn_ring_prefetch(a->ring, hash);
}

enum attempt_turn attempt_packet(struct attempts *a, const struct packet *p,
				 uint64_t hash, struct observer *out,
				 struct handshake *opened)
{
	enum { MATTER = TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN };
	struct turn t = turn_of(a, p, hash, out);
	enum attempt_turn turn;

	switch (t.tcp->flags & MATTER) {
	case TCP_SYN:
		syn_packet(&t);
		return ATTEMPT_KEPT;
	case TCP_SYN | TCP_ACK:
		synack_packet(&t);
		return ATTEMPT_KEPT;
	case TCP_RST:
	case TCP_RST | TCP_ACK:
	case TCP_RST | TCP_FIN | TCP_ACK:
		rst_packet(&t);
		return ATTEMPT_KEPT;
	case TCP_ACK:
		return ack_packet(&t, opened);
	case TCP_FIN | TCP_ACK:
		turn = ack_packet(&t, opened);
		if (turn == ATTEMPT_NOT_MINE)
			stray_report(&t, STRAY_FIN);
		return turn;
	default:
		stray_report(&t, STRAY_SCAN);
		return ATTEMPT_KEPT;
	}
}

void attempt_on_live(struct attempts *a, const struct packet *p, uint64_t hash,
		     struct observer *out)
{
	struct turn t = turn_of(a, p, hash, out);
	struct attempt *r = record_find(a, hash);

	if (!r || !syn_belongs(&t, r)) {
		r = record_new(a, hash, &t.flow);
		if (!r)
			return;
		r->on_live = true;
		r->first_ns = r->last_syn_ns = now_of(&t);
		r->first_frame = p->frame.number;
		r->first_tsval = t.tcp->tsval;
		r->half[0].isn = t.tcp->seq + 1; /* not its own copy */
	}
	syn_again(&t, r);
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
	const struct icmp_header *icmp = &t->p->icmp->as.icmp;

	if (r->half[0].isn != icmp->quote.seq || r->synacks)
		return;
	r->state = SYN_REJECTED;
	r->icmp_type = icmp->type;
	r->icmp_code = icmp->code;
	r->reporter = t->ip->src;
	r->last_ns = now_of(t);
	record_frame(r, t->p->frame.number);
}

void attempt_rejected(struct attempts *a, const struct packet *p, uint64_t hash,
		      struct observer *out)
{
	const struct icmp_header *icmp = &p->icmp->as.icmp;
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
		if (same_way(&t, r))
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
