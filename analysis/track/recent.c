/* SPDX-License-Identifier: BSD-3-Clause */
/* recent.c - which conversations passed here lately. */
#include "analysis/track/recent.h"

#include <string.h>

#include "analysis/lane.h"
#include "analysis/limits.h"
#include "analysis/track/crowd.h"
#include "base/hint.h"

enum { SETS = 8192, WAYS = 2, LINE = 64 };
enum { ICMP = 1, TCP = 6, UDP = 17, ICMPV6 = 58 };

/* The first way shares a line of the cache with the tags. */
struct set {
	_Alignas(LINE) uint32_t tag[WAYS];
	uint32_t used[WAYS];
	_Alignas(16) struct recent way[WAYS];
};

/* Where prefetch found that a packet belongs. */
struct ahead {
	uint64_t frame, sum;
	unsigned side;
};

struct recent_cache {
	struct set set[SETS];
	uint32_t uses; /* a clock for "least recently used" */
	bool forgot;
	uint32_t ahead_count, ahead_at;
	struct ahead ahead[BATCH];
	struct crowd crowd;
	struct recent none; /* of what found no room */
};

_Static_assert(sizeof(struct set) == 2 * LINE, "a set is two lines");

struct recent_cache *recent_new(struct arena *home)
{
	struct recent_cache *c = arena_alloc(home, sizeof(*c));

	if (c)
		crowd_begin(&c->crowd, SETS * WAYS);
	return c;
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

/* Which side the source is, and the sum of both. */
static uint64_t sum_flow(const struct addr *src, uint16_t src_port,
			 const struct addr *dst, uint16_t dst_port,
			 uint8_t protocol, unsigned *side)
{
	uint64_t a = end_hash(src, src_port), b = end_hash(dst, dst_port);

	*side = a > b;
	return sum_ends(a, b, protocol);
}

static uint32_t tag_of(uint64_t sum)
{
	return (uint32_t)(sum >> 32) | 1;
}

static struct recent *look(struct recent_cache *c, uint64_t sum)
{
	struct set *s = &c->set[sum % SETS];
	uint32_t tag = tag_of(sum);
	unsigned way = s->tag[0] != tag;

	c->uses++;
	if (s->tag[way] != tag)
		return NULL;
	s->used[way] = c->uses;
	return &s->way[way];
}

static bool is_opening(const struct packet *p)
{
	return p->tcp && p->tcp->as.tcp.flags & (TCP_SYN | TCP_RST);
}

/* The server's end of an opening, as far as one packet tells. */
static uint16_t service_of(const struct packet *p)
{
	const struct ip_header *ip = &p->ip->as.ip;
	const struct tcp_header *tcp = &p->tcp->as.tcp;

	if ((tcp->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK))
		return crowd_of(&ip->src, tcp->src_port);
	return crowd_of(&ip->dst, tcp->dst_port);
}

static bool is_of_crowd(const struct recent_cache *c, const struct recent *r)
{
	return r->opening && crowd_is(&c->crowd, r->service);
}

/* The way that gives way: a free one, one of a crowd, the older one. */
static unsigned choose(const struct recent_cache *c, const struct set *s)
{
	bool crowd[WAYS];

	for (unsigned i = 0; i < WAYS; i++) {
		if (!s->tag[i])
			return i;
		crowd[i] = is_of_crowd(c, &s->way[i]);
	}
	if (crowd[0] != crowd[1])
		return crowd[1];
	return c->uses - s->used[0] < c->uses - s->used[1];
}

APART static void opening_ends(struct recent_cache *c, struct recent *r)
{
	if (r->opening)
		crowd_leave(&c->crowd, r->service);
	r->opening = false;
}

/* The first packet of a conversation. */
APART static struct recent *enter(struct recent_cache *c,
				  const struct packet *p, uint64_t sum,
				  unsigned side)
{
	struct set *s = &c->set[sum % SETS];
	unsigned way = choose(c, s);
	bool opening = is_opening(p);
	uint16_t service = opening ? service_of(p) : 0;
	struct recent *r = &s->way[way];

	c->forgot |= s->tag[way] != 0;
	if (s->tag[way] && opening && crowd_is(&c->crowd, service) &&
	    !is_of_crowd(c, r)) {
		memset(&c->none, 0, sizeof(c->none));
		return &c->none;
	}
	opening_ends(c, r);
	memset(r, 0, sizeof(*r));
	s->tag[way] = tag_of(sum);
	s->used[way] = c->uses;
	r->opening = opening;
	r->service = service;
	r->first = (uint8_t)side;
	if (opening)
		crowd_join(&c->crowd, service);
	return r;
}

/* The entry of a packet, made where there is none. */
static struct recent *look_or_enter(struct recent_cache *c,
				    const struct packet *p, uint64_t sum,
				    unsigned side)
{
	struct recent *r = look(c, sum);

	if (!r)
		return enter(c, p, sum, side);
	if (r->opening && !is_opening(p))
		opening_ends(c, r);
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
		const struct icmp_header *icmp = p->icmp->as.icmp;

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

/* What prefetch found for this packet; NULL: nothing. */
static const struct ahead *look_ahead(struct recent_cache *c,
				      const struct packet *p)
{
	while (c->ahead_at < c->ahead_count) {
		const struct ahead *a = &c->ahead[c->ahead_at++];

		if (a->frame == p->frame.number)
			return a;
	}
	return NULL;
}

/* The sum of a packet's flow, and its side; false: it has none. */
APART static bool sum_packet(struct recent_cache *c, const struct packet *p,
			     uint64_t *sum, unsigned *side)
{
	const struct ahead *a = look_ahead(c, p);
	struct flow f;

	if (a) {
		*sum = a->sum;
		*side = a->side;
	} else if (packet_flow(p, &f)) {
		*sum = sum_flow(&f.src, f.src_port, &f.dst, f.dst_port,
				f.protocol, side);
	} else {
		return false;
	}
	if (p->lane) {
		p->lane->has_recent = true;
		p->lane->recent = *sum;
		p->lane->recent_side = *side & 1;
	}
	return true;
}

struct recent *recent_packet(struct recent_cache *c, const struct packet *p,
			     unsigned *side)
{
	struct recent *r;
	struct recent_side *s;
	uint64_t sum;

	if (p->lane && p->lane->has_recent) {
		sum = p->lane->recent;
		*side = p->lane->recent_side;
	} else if (!sum_packet(c, p, &sum, side)) {
		return NULL;
	}
	r = look_or_enter(c, p, sum, *side);
	s = &r->side[*side];
	s->seen = true;
	s->ttl = p->ip->as.ip.ttl;
	if (p->ip->as.ip.total_len > RECENT_BIG)
		s->big_frame = (uint32_t)p->frame.number;
	return r;
}

void recent_skip(struct recent_cache *c)
{
	c->forgot = true;
}

struct recent *recent_find(struct recent_cache *c, const struct flow *flow,
			   unsigned *side)
{
	uint64_t sum = sum_flow(&flow->src, flow->src_port, &flow->dst,
				flow->dst_port, flow->protocol, side);

	return look(c, sum);
}

uint64_t recent_big_frame(const struct recent_side *s, uint64_t now)
{
	int32_t ago = (int32_t)((uint32_t)now - s->big_frame);

	return s->big_frame ? now - (uint64_t)ago : 0;
}

static void prefetch_set(const struct recent_cache *c, uint64_t sum)
{
	const char *set = (const char *)&c->set[sum % SETS];

	__builtin_prefetch(set, 1);
	__builtin_prefetch(set + LINE, 1);
}

void recent_prefetch(struct recent_cache *c, const struct packet *p)
{
	const struct ip_header *ip = &p->ip->as.ip;
	uint16_t src_port, dst_port;
	struct ahead *a;

	if (p->lane && p->lane->has_recent) {
		prefetch_set(c, p->lane->recent);
		return;
	}
	if (c->ahead_at) /* a new batch begins */
		c->ahead_count = c->ahead_at = 0;
	if (c->ahead_count == BATCH || ip->fragment || (!p->tcp && !p->udp))
		return;
	src_port = p->tcp ? p->tcp->as.tcp.src_port : p->udp->as.udp.src_port;
	dst_port = p->tcp ? p->tcp->as.tcp.dst_port : p->udp->as.udp.dst_port;
	a = &c->ahead[c->ahead_count++];
	a->frame = p->frame.number;
	a->sum = sum_flow(&ip->src, src_port, &ip->dst, dst_port, ip->protocol,
			  &a->side);
	prefetch_set(c, a->sum);
}
