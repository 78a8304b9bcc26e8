/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * icmp_error.c - ICMP errors and redirects (RFC 792, RFC 4443, RFC 4861
 * section 4.5).
 */
#include "analysis/track/icmp_error.h"

enum { REDIRECT_V4 = 5, REDIRECT_V6 = 137, ECHO_V4 = 8, ECHO_V6 = 128 };

static bool is_v6(const struct packet *p)
{
	return p->icmp->proto == PROTO_icmpv6;
}

bool icmp_is_too_big(const struct packet *p)
{
	const struct icmp_header *icmp = p->icmp->as.icmp;

	return is_v6(p) ? icmp->type == 2 : icmp->type == 3 && icmp->code == 4;
}

static void redirect(const struct packet *p, struct observer *out)
{
	const struct icmp_header *icmp = p->icmp->as.icmp;
	struct observation *o = observe_begin(out, OBS_REDIRECT, p);
	struct redirect_fact *f = &o->as.redirect;

	f->reporter = p->ip->as.ip.src;
	f->host = p->ip->as.ip.dst;
	f->destination = is_v6(p) ? icmp->target : icmp->quote.dst;
	f->gateway = icmp->gateway;
	f->quote = icmp->quote;
	if (p->eth) {
		f->eth_src = p->eth->as.link.src;
		f->eth_dst = p->eth->as.link.dst;
	}
	observe_end(out);
}

/* Who forges an error knows the flow, and has to guess its sequence numbers. */
enum { AHEAD = 1 << 20, BEHIND = 1 << 26 };

bool icmp_quote_forged(struct recent_cache *recent, const struct quote *q)
{
	struct flow flow = quote_flow(q);
	unsigned side;
	const struct recent *r =
		flow.protocol == 6 && q->present && q->has_ports && q->seq
			? recent_find(recent, &flow, &side)
			: NULL;
	int32_t ahead;

	if (!r || !r->side[side].seen || !r->side[side].nxt_known)
		return false;
	ahead = (int32_t)(q->seq - r->side[side].nxt);
	return ahead > AHEAD || ahead < -BEHIND;
}

/* What is known of the flow that an error quotes.  Of a later fragment, or
 * where something was forgotten, nothing is known: it gets the benefit of the
 * doubt. */
static void quoted(struct icmp_error_fact *f, struct recent_cache *recent,
		   struct flow flow, uint64_t now)
{
	unsigned side;
	const struct recent *r = recent_find(recent, &flow, &side);

	if (!r && flow.protocol != 6 && flow.protocol != 17) {
		flow.dst_port = flow.src_port; /* it may quote a reply */
		flow.src_port = 0;
		r = recent_find(recent, &flow, &side);
	}
	if (!r) {
		f->quoted_seen = recent_forgot(recent) || f->quote.fragment;
		return;
	}
	f->quoted_seen = r->side[side].seen;
	f->flow_alive = r->side[0].seen && r->side[1].seen;
	f->quoted_answer = f->flow_alive && r->first != side;
	f->sent_ttl = r->side[side].seen ? r->side[side].ttl : 0;
	if (f->quote.total_len > RECENT_BIG)
		f->quoted_frame = recent_big_frame(&r->side[side], now);
}

static void error(struct recent_cache *recent, struct echoes *echoes,
		  const struct packet *p, struct observer *out)
{
	const struct icmp_header *icmp = p->icmp->as.icmp;
	struct flow flow = quote_flow(&icmp->quote);
	struct icmp_error_fact *f;
	uint64_t request = 0;
	uint8_t ttl = 0;

	if (flow.protocol == (is_v6(p) ? 58 : 1) && icmp->quote.has_ports)
		request = echo_rejected(echoes, p, &ttl, out);
	f = &observe_begin(out, OBS_ICMP_ERROR, p)->as.icmp_error;
	f->reporter = p->ip->as.ip.src;
	f->asked = p->ip->as.ip.dst;
	f->version = p->ip->as.ip.version;
	f->type = icmp->type;
	f->code = icmp->code;
	f->ttl = p->ip->as.ip.ttl;
	f->mtu = icmp->mtu;
	f->quote = icmp->quote;
	if (p->eth)
		f->eth_src = p->eth->as.link.src;
	f->never_sent = icmp_quote_forged(recent, &icmp->quote);
	if (icmp->quote.present)
		quoted(f, recent, flow, p->frame.number);
	if (request) {
		f->quoted_seen = true;
		f->quoted_frame = request;
		f->sent_ttl = ttl;
	}
	observe_end(out);
}

bool icmp_error_packet(struct recent_cache *recent, struct echoes *echoes,
		       const struct packet *p, struct observer *out)
{
	const struct icmp_header *icmp = p->icmp->as.icmp;

	if (icmp->type == (is_v6(p) ? REDIRECT_V6 : REDIRECT_V4)) {
		redirect(p, out);
		return true;
	}
	if (icmp->is_error)
		error(recent, echoes, p, out);
	return icmp->is_error;
}
