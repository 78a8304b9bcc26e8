/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * attempt_open.c - the third packet, and the ACK of a peer that still holds
 * an older connection (RFC 9293, 3.5 and 3.10.7.4).
 */
#include <string.h>

#include "analysis/track/attempt_record.h"

static uint8_t wscale_of(const struct half *h)
{
	return !(h->bits & HALF_SEEN)  ? SCALE_UNKNOWN
	       : h->bits & HALF_WSCALE ? h->wscale
				       : SCALE_NONE;
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
	h->third_ns = turn_now(t);
	h->syn_frame = h->syn_seen ? r->first_frame : 0;
	h->synack_frame = r->synack_frame;
	h->syn_lost = r->copy_heard_later;
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
	f->third_ns = turn_now(t);
	f->first_synack_ns = r->first_synack_ns;
	f->syn_frame = r->syns ? r->first_frame : 0;
	f->synack_frame = r->synack_frame;
	f->client_ttl = r->half[0].ttl;
	f->server_ttl = r->half[1].ttl;
	f->stale = r->stale;
	f->syn_lost = r->copy_heard_later;
	f->synack_lost =
		r->copy_heard_first || (r->syns == 1 && r->synacks > 1);
	observe_end(t->out);
}

/* Both reports, and the handshake for the connection. */
static void report_open(const struct turn *t, struct attempt *r,
			struct handshake *opened)
{
	r->last_ns = turn_now(t);
	record_frame(r, t->p->frame.number);
	handshake_fill(opened, t, r);
	opened_report(t, r);
	outcome_report(t->a, r, r->stale ? TCP_STALE_PEER : TCP_COMPLETED);
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
	bool from_client = turn_from_client(t, r);

	if (is_stale_answer(t, r->half, from_client)) {
		r->stale = true;
		r->stale_ack = t->tcp->ack;
		r->last_ns = turn_now(t);
		record_frame(r, t->p->frame.number);
		return ATTEMPT_KEPT;
	}
	if (!completes(t, r->half, from_client) || r->state == SYN_REFUSED)
		return r->on_live ? ATTEMPT_NOT_MINE : ATTEMPT_KEPT;
	report_open(t, r, opened);
	record_drop(t->a, r);
	return ATTEMPT_OPENED;
}

/* Most attempts open without any trouble: no record is made of those. */
static enum attempt_turn open_stub(const struct turn *t, struct stub *s,
				   const struct flow *flow,
				   struct handshake *opened)
{
	struct attempt r = {.flow = *flow};

	record_fill(&r, s, t->p->frame.number);
	syn_ring_remove(t->a->ring, s);
	report_open(t, &r, opened);
	return ATTEMPT_OPENED;
}

enum attempt_turn turn_ack(const struct turn *t, struct handshake *opened)
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
	if (from_client)
		flow = t->flow;
	if (is_stale_answer(t, s->half, from_client)) {
		r = record_from(t->a, s, &flow, t->p->frame.number);
		return r ? ack_record(t, r, opened) : ATTEMPT_NOT_MINE;
	}
	if (!completes(t, s->half, from_client))
		return ATTEMPT_NOT_MINE;
	return open_stub(t, s, &flow, opened);
}
