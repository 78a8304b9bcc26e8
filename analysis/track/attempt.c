/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * attempt.c - reads SYNs, SYN-ACKs (RFC 9293, 3.5), and hands on the rest.
 *
 * The first SYN makes a stub in the ring (syn_ring.h), the first SYN-ACK is
 * written beside it.  A third packet then opens the connection straight from
 * the stub.  Anything else (a repeat, a RST, an ICMP error, an ACK of other
 * numbers) makes a record of it, which lives until its outcome is known.
 */
#include <string.h>

#include "analysis/track/attempt_record.h"
#include "analysis/track/crowd.h"
#include "base/when.h"

/* The flags that say what a packet is to an attempt. */
enum { MATTER = TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN };

#define FINAL_PATIENCE_NS (130 * NS_PER_S)
#define LEAST_PATIENCE_NS (4 * NS_PER_S)

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

/* Each SYN is answered, a repeat and what the network doubled too; no timer
 * repeats a SYN-ACK so soon. */
static bool answers_other_syn(const struct half *before, const struct turn *t,
			      int64_t gap_ns)
{
	return before->isn == t->tcp->seq && gap_ns < SYN_COPY_NS;
}

static void syn_report(const struct turn *t, uint16_t tries, int64_t first_ns,
		       uint64_t first_frame, bool on_live)
{
	bool crowd = t->p->crowd && tries == 1;
	struct observation *o = observe_begin(
		t->out, crowd ? OBS_TCP_CROWD : OBS_TCP_SYN, t->p);
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
	f->options_cut = t->p->tcp->state == WIRE_TRUNCATED;
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

/* Wait four times the longest gap: twice the next repeat, if gaps double.  Two
 * timers run, and a SYN-ACK that answers a repeat says nothing of its own. */
static void patience_set(struct attempt *r, int64_t gap_ns)
{
	int64_t ns =
		gap_ns > FINAL_PATIENCE_NS / 4 ? FINAL_PATIENCE_NS : gap_ns * 4;

	ns = ns < LEAST_PATIENCE_NS ? LEAST_PATIENCE_NS : ns;
	r->patience_ns = ns > r->patience_ns ? ns : r->patience_ns;
}

/* A line for --events: a SYN or SYN-ACK that was sent before. */
static void again_report(const struct packet *p, const struct flow *flow,
			 struct observer *out, enum tcp_mechanism what,
			 uint16_t tries, int64_t gap_ns, uint64_t original)
{
	struct observation *o;
	struct tcp_segment_fact *f;

	if (!observer_wants(out, OBS_TCP_SEGMENT))
		return;
	o = observe_begin(out, OBS_TCP_SEGMENT, p);
	f = &o->as.segment;
	f->flow = *flow;
	f->from_client = what == RESENT_SYN;
	f->class = SEG_RETRANSMISSION;
	f->mechanism = (uint8_t)what;
	f->decided_by = BY_TIME;
	f->lost = LOST_UNKNOWN;
	f->confidence = CERTAIN;
	f->bytes = 1;
	f->tries = tries;
	f->gap_ns = gap_ns;
	f->original_frame = original;
	observe_end(out);
}

static void syn_again(const struct turn *t, struct attempt *r)
{
	int64_t now = turn_now(t), gap = now - r->last_syn_ns;
	/* the data of Fast Open is left out of the repeats */
	uint8_t data =
		r->half[0].isn == t->tcp->seq ? r->half[0].bits & HALF_DATA : 0;

	/* after a RST the client tries again, however coarse the clock is */
	if (is_copy(&r->half[0], t, gap) && !r->stale && !r->rst.frame)
		return;
	if (r->state == SYN_REFUSED)
		r->state = SYN_SENT;
	patience_set(r, gap);
	half_fill(&r->half[0], t);
	r->half[0].bits |= data;
	r->syns++;
	r->rst.frame = 0; /* what is accepted now is this SYN */
	r->last_syn_ns = r->last_ns = now;
	record_frame(r, t->p->frame.number);
	syn_report(t, r->syns, r->first_ns, r->first_frame, r->on_live);
	again_report(t->p, &t->flow, t->out, RESENT_SYN, r->syns, gap,
		     r->first_frame);
}

/* The same attempt goes on: same ISN, or a new one soon after a RST. */
static bool syn_belongs(const struct turn *t, const struct attempt *r)
{
	return r->half[0].isn == t->tcp->seq ||
	       ((r->state == SYN_REFUSED || r->stale) &&
		turn_now(t) - r->last_ns <= RETRY_NS);
}

static void syn_first(const struct turn *t)
{
	struct stub *s = syn_ring_add(t->a->ring, t->hash,
				      crowd_of(&t->flow.dst, t->flow.dst_port),
				      turn_now(t));

	s->client_low = t->src_low;
	half_fill(&s->half[0], t);
	syn_report(t, 1, s->first_ns, t->p->frame.number, false);
}

static void syn_packet(const struct turn *t)
{
	struct attempt *r = record_find(t->a, t->hash);
	struct stub *s;

	if (r) {
		if (!turn_from_client(t, r))
			return; /* simultaneous open: the first one counts */
		if (syn_belongs(t, r)) {
			syn_again(t, r);
			return;
		}
		record_end(t->a, r, record_outcome(r, turn_now(t)));
	}
	s = syn_ring_find(t->a->ring, t->hash);
	if (s && s->client_low == t->src_low && s->half[0].bits & HALF_SEEN &&
	    s->half[0].isn == t->tcp->seq) {
		if (is_copy(&s->half[0], t, turn_now(t) - s->first_ns))
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

/* SACK, window scale and time stamps, as tcp_synack_fact has them. */
static uint8_t offered(const struct half *client)
{
	return (uint8_t)((client->bits & HALF_SACK ? 1 : 0) |
			 (client->bits & HALF_WSCALE ? 2 : 0) |
			 (client->bits & HALF_TS ? 4 : 0));
}

/* The SYN-ACK itself is filled in; `known` says what is known of it. */
static void synack_report(const struct packet *p, const struct flow *flow,
			  struct observer *out,
			  const struct tcp_synack_fact *known)
{
	struct observation *o = observe_begin(out, OBS_TCP_SYNACK, p);
	struct tcp_synack_fact *f = &o->as.synack;
	const struct tcp_header *tcp = &p->tcp->as.tcp;

	*f = *known;
	f->flow = flow_reverse(flow);
	f->mss = tcp->mss;
	f->has_ts = tcp->has_ts;
	f->tsecr = tcp->tsecr;
	f->sack = tcp->sack_permitted;
	f->wscale = tcp->has_wscale;
	f->ttl = p->ip->as.ip.ttl;
	observe_end(out);
}

void attempt_synack_again(const struct packet *p, uint16_t tries, bool waits,
			  int64_t syn_ns, struct observer *out)
{
	struct attempts none = {0};
	struct turn t;

	turn_begin(&t, &none, p, 0, out);
	synack_report(p, &t.flow, out,
		      &(struct tcp_synack_fact){.tries = tries,
						.syn_ns = syn_ns,
						.answers_syn = true,
						.after_open = true,
						.data_waits = waits});
	again_report(p, &t.flow, out, RESENT_SYNACK, tries, 0, 0);
}

void attempt_synack_answers(const struct packet *p, uint16_t tries,
			    struct observer *out)
{
	struct attempts none = {0};
	struct turn t;

	turn_begin(&t, &none, p, 0, out);
	again_report(p, &t.flow, out, RESENT_SYNACK, tries, 0, 0);
}

/* It is only an event, if it is proved to be no copy of the last one: by its
 * time stamp, or because the SYN was repeated since. */
static void synack_answers(const struct turn *t, struct attempt *r,
			   int64_t gap_ns)
{
	bool repeated = r->syns > 1 && r->last_syn_ns == r->last_ns;
	bool later = t->tcp->has_ts && t->tcp->tsval != r->half[1].tsval;

	r->last_ns = turn_now(t);
	if (repeated || later)
		again_report(t->p, &t->flow, t->out, RESENT_SYNACK,
			     (uint16_t)(r->synacks + 1), gap_ns,
			     r->synack_frame);
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
	int64_t now = turn_now(t), gap = now - r->synack_ns;

	if (r->synacks && answers_other_syn(&r->half[1], t, gap)) {
		synack_answers(t, r, gap);
		return;
	}
	if (r->rst.frame)
		rst_disproved(t, r);
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
	synack_report(
		t->p, &t->flow, t->out,
		&(struct tcp_synack_fact){.tries = r->synacks,
					  .syn_ns = r->last_syn_ns,
					  .answers_syn = known,
					  .names_first_syn = first,
					  .offered = offered(&r->half[0])});
	if (r->synacks > 1)
		again_report(t->p, &t->flow, t->out, RESENT_SYNACK, r->synacks,
			     gap, r->synack_frame);
}

static void stub_answered(const struct turn *t, struct stub *s)
{
	int64_t us = (turn_now(t) - s->first_ns) / NS_PER_US;

	s->synack_us = us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
	half_fill(&s->half[1], t);
	synack_report(t->p, &t->flow, t->out,
		      &(struct tcp_synack_fact){
			      .tries = 1,
			      .syn_ns = s->first_ns,
			      .answers_syn = s->half[0].bits & HALF_SEEN,
			      .offered = offered(&s->half[0])});
}

static void synack_first(const struct turn *t)
{
	struct stub *s = syn_ring_add(t->a->ring, t->hash,
				      crowd_of(&t->flow.src, t->flow.src_port),
				      turn_now(t));

	s->client_low = !t->src_low;
	stub_answered(t, s);
}

static void synack_packet(const struct turn *t)
{
	struct attempt *r = record_find(t->a, t->hash);
	struct flow flow = flow_reverse(&t->flow);
	struct stub *s;

	if (r) {
		if (!turn_from_client(t, r) && acks_syn(&r->half[0], t->tcp))
			synack_again(t, r);
		return;
	}
	s = syn_ring_find(t->a->ring, t->hash);
	if (!s) {
		synack_first(t);
	} else if (s->client_low == t->src_low ||
		   !acks_syn(&s->half[0], t->tcp)) {
		synack_report(t->p, &t->flow, t->out,
			      &(struct tcp_synack_fact){.tries = 1,
							.syn_ns = turn_now(t)});
	} else if (!(s->half[1].bits & HALF_SEEN)) {
		stub_answered(t, s);
	} else if (!is_copy(&s->half[1], t,
			    turn_now(t) - s->first_ns -
				    s->synack_us * NS_PER_US)) {
		r = record_from(t->a, s, &flow, t->p->frame.number);
		if (r)
			synack_again(t, r);
	}
}

void attempt_on_live(struct attempts *a, const struct packet *p, uint64_t hash,
		     struct observer *out)
{
	struct attempt *r = record_find(a, hash);
	struct turn t;

	turn_begin(&t, a, p, hash, out);
	if (!r || !syn_belongs(&t, r)) {
		r = record_new(a, hash, &t.flow);
		if (!r)
			return;
		r->on_live = true;
		r->first_ns = r->last_syn_ns = turn_now(&t);
		r->first_frame = p->frame.number;
		r->first_tsval = t.tcp->tsval;
		r->half[0].isn = t.tcp->seq + 1; /* not its own copy */
	}
	syn_again(&t, r);
}

bool attempt_is_crowd(const struct attempts *a, const struct packet *p)
{
	return p->tcp && (p->tcp->as.tcp.flags & MATTER) == TCP_SYN && p->eth &&
	       !mac_is_group(&p->eth->as.link.dst) && p->ip &&
	       p->ip == p->outer_ip &&
	       syn_ring_crowd(
		       a->ring,
		       crowd_of(&p->ip->as.ip.dst, p->tcp->as.tcp.dst_port),
		       p->frame.time_ns);
}

void attempt_prefetch(const struct attempts *a, uint64_t hash)
{
	syn_ring_prefetch(a->ring, hash);
}

void attempt_prefetch_stub(const struct attempts *a, uint64_t hash)
{
	syn_ring_prefetch_stub(a->ring, hash);
}

enum attempt_turn attempt_packet(struct attempts *a, const struct packet *p,
				 uint64_t hash, struct observer *out,
				 struct handshake *opened)
{
	enum attempt_turn turn;
	struct turn t;

	turn_begin(&t, a, p, hash, out);
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
		turn_rst(&t);
		return ATTEMPT_KEPT;
	case TCP_ACK:
		return turn_ack(&t, opened);
	case TCP_FIN | TCP_ACK:
		turn = turn_ack(&t, opened);
		if (turn == ATTEMPT_NOT_MINE)
			turn_stray(&t, STRAY_FIN);
		return turn;
	default:
		turn_stray(&t, STRAY_SCAN);
		return ATTEMPT_KEPT;
	}
}
