/* SPDX-License-Identifier: BSD-3-Clause */
/* recent.c - which conversations passed here lately. */
#include "analysis/track/recent.h"

#include <string.h>

enum { SETS = 8192, WAYS = 2, ICMP = 1, TCP = 6, UDP = 17, ICMPV6 = 58 };

struct recent_cache {
	uint32_t uses; /* a clock for "least recently used" */
	bool forgot;
	struct recent slot[SETS][WAYS];
};

struct recent_cache *recent_new(struct arena *home)
{
	return arena_alloc(home, sizeof(struct recent_cache));
}

/* One end of a flow as a number; the sum of both ends is the same either way.
 */
static uint64_t end_hash(const struct addr *a, uint16_t port)
{
	uint64_t low, high, x;

	memcpy(&low, a->bytes, 8);
	memcpy(&high, a->bytes + 8, 8);
	x = (low ^ port) * 0x9e3779b97f4a7c15u;
	x ^= (high + port) * 0xc2b2ae3d27d4eb4fu;
	x ^= x >> 29;
	x *= 0xbf58476d1ce4e5b9u;
	return x ^ x >> 32;
}

static uint64_t sum_ends(uint64_t a, uint64_t b, uint8_t protocol)
{
	return (a + b + protocol) * 0x94d049bb133111ebu;
}

static struct recent *look(struct recent_cache *c, const struct flow *f,
			   unsigned *side, bool add)
{
	uint64_t a = end_hash(&f->src, f->src_port);
	uint64_t b = end_hash(&f->dst, f->dst_port);
	uint64_t sum = sum_ends(a, b, f->protocol);
	uint32_t tag = (uint32_t)(sum >> 32) | 1;
	struct recent *set = c->slot[sum % SETS];
	struct recent *r = &set[0];

	*side = a > b;
	c->uses++;
	if (set[0].tag != tag) {
		bool second = set[1].tag == tag;

		if (!second && !add)
			return NULL;
		if (second || c->uses - set[0].used < c->uses - set[1].used)
			r = &set[1];
		if (!second) {
			c->forgot |= r->tag != 0;
			memset(r, 0, sizeof(*r));
		}
	}
	r->tag = tag;
	r->used = c->uses;
	return r;
}

bool packet_flow(const struct packet *p, struct flow *out)
{
	const struct ip_header *ip = p->ip ? &p->ip->as.ip : NULL;

	if (!ip || (ip->fragment && ip->fragment_offset > 0))
		return false;
	*out = (struct flow){ip->src, ip->dst, 0, 0, ip->protocol, {0}};
	if (p->tcp) {
		out->src_port = p->tcp->as.tcp.src_port;
		out->dst_port = p->tcp->as.tcp.dst_port;
	} else if (p->udp) {
		out->src_port = p->udp->as.udp.src_port;
		out->dst_port = p->udp->as.udp.dst_port;
	} else if (p->icmp) {
		const struct icmp_header *icmp = &p->icmp->as.icmp;

		if (icmp->is_error)
			return false;
		if (icmp->type == 8 || icmp->type == 128)
			out->src_port = icmp->echo_id;
		else if (icmp->type == 0 || icmp->type == 129)
			out->dst_port = icmp->echo_id;
	}
	return true;
}

struct flow quote_flow(const struct quote *q)
{
	struct flow f = {q->src, q->dst, 0, 0, q->protocol, {0}};
	bool ports = q->protocol == TCP || q->protocol == UDP;

	if (q->has_ports &&
	    (ports || q->protocol == ICMP || q->protocol == ICMPV6))
		f.src_port = q->src_port;
	if (q->has_ports && ports)
		f.dst_port = q->dst_port;
	return f;
}

bool recent_forgot(const struct recent_cache *c)
{
	return c->forgot;
}

struct recent *recent_packet(struct recent_cache *c, const struct packet *p,
			     unsigned *side)
{
	struct flow f;
	struct recent *r;
	struct recent_side *s;

	if (!packet_flow(p, &f))
		return NULL;
	r = look(c, &f, side, true);
	s = &r->side[*side];
	s->seen = true;
	s->ttl = p->ip->as.ip.ttl;
	if (p->ip->as.ip.total_len > RECENT_BIG)
		s->big_frame = p->frame.number;
	return r;
}

struct recent *recent_find(struct recent_cache *c, const struct flow *flow,
			   unsigned *side)
{
	return look(c, flow, side, false);
}

void recent_prefetch(const struct recent_cache *c, const struct packet *p)
{
	const struct ip_header *ip = &p->ip->as.ip;
	uint16_t src_port = 0, dst_port = 0;
	const char *set;
	uint64_t sum;

	if (p->tcp) {
		src_port = p->tcp->as.tcp.src_port;
		dst_port = p->tcp->as.tcp.dst_port;
	} else if (p->udp) {
		src_port = p->udp->as.udp.src_port;
		dst_port = p->udp->as.udp.dst_port;
	} else {
		return;
	}
	sum = sum_ends(end_hash(&ip->src, src_port),
		       end_hash(&ip->dst, dst_port), ip->protocol);
	set = (const char *)c->slot[sum % SETS];
	__builtin_prefetch(set, 1);
	__builtin_prefetch(set + 64, 1);
	__builtin_prefetch(set + sizeof(c->slot[0]) - 1, 1);
}
