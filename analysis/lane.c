/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lane.c - a cache of lanes, two places for each.  Where more conversations go
 * on at once than it holds, each of their packets pays for what the last one
 * had looked up already: then a larger one takes its place, which is empty.
 *
 * A lane is known by 64 bits of a hash with the secret of the run, and by its
 * set: two of them that are taken for one another are less likely than a
 * memory that errs.  The first packet of a direction leaves no more than a tag,
 * and the second one makes the lane; openings leave nothing, so that a flood of
 * them costs nothing here.
 */
#include "analysis/lane.h"

#include <stddef.h>
#include <string.h>

#include "analysis/limits.h"
#include "base/hint.h"

enum { WAYS = 2, V4_HEADER = 20, V6_HEADER = 40 };
enum { MADE = 1, ONE_IN = 8, SETS_FIRST = 4096, WIDER = 4 };

/* What lanes_expect worked out; name 0: the packet has no lane. */
struct wanted {
	uint64_t name;
	uint32_t link, set;
	uint16_t tag;
};

struct lanes {
	struct lane *lane[WAYS];
	uint16_t (*tag)[WAYS]; /* a piece of the name, and MADE; 0: free */
	uint32_t mask, most;   /* sets - 1, and what it may become */
	struct arena *home;
	struct hash_key secret;
	uint32_t batch, expected, found;
	uint32_t refused, crowded; /* crowded: since it was widened */
	struct wanted wanted[BATCH];
};

/* So many empty sets, a power of two, instead of those that there are. */
static bool widen(struct lanes *l, uint32_t sets)
{
	uint16_t(*tag)[WAYS] = arena_alloc(l->home, sets * sizeof(*tag));
	struct lane *lane[WAYS];

	for (int i = 0; i < WAYS; i++) {
		lane[i] = arena_alloc(l->home, sets * sizeof(struct lane));
		if (!lane[i] || !tag)
			return false;
	}
	memcpy(l->lane, lane, sizeof(lane));
	l->tag = tag;
	l->mask = sets - 1;
	l->crowded = 0;
	return true;
}

struct lanes *lanes_new(struct arena *home, uint32_t room,
			struct hash_key secret)
{
	struct lanes *l = arena_alloc(home, sizeof(*l));

	if (!l)
		return NULL;
	l->home = home;
	l->secret = secret;
	l->most = room / WAYS;
	return widen(l, SETS_FIRST) ? l : NULL;
}

/* As many as there are sets found others in their place. */
static bool is_crowded(const struct lanes *l)
{
	return l->crowded > l->mask && (l->mask + 1) * WIDER <= l->most;
}

void lanes_begin(struct lanes *l)
{
	if (UNLIKELY(is_crowded(l)) && !widen(l, (l->mask + 1) * WIDER))
		l->most = l->mask + 1;
	l->batch++;
	l->expected = l->found = 0;
}

/* No opening; stations at both ends, an IP header of the plain size that
 * nothing carries, all of it and of the transport header there, and nothing
 * behind that is known to dissection. */
static bool is_usual(const struct packet *p)
{
	const struct layer *transport = p->tcp ? p->tcp : p->udp;
	const struct ip_header *ip;

	if (!transport || transport != &p->layers[p->layer_count - 1] ||
	    p->state != WIRE_WHOLE || p->ip != p->outer_ip ||
	    p->eth != &p->layers[0] || p->eth->proto != PROTO_ethernet ||
	    (p->tcp && p->tcp->as.tcp.flags & TCP_SYN))
		return false;
	ip = &p->ip->as.ip;
	return !ip->fragment &&
	       ip->header_len == (ip->version == 4 ? V4_HEADER : V6_HEADER);
}

/* Two words of memory as one that depends on all bits of both. */
static uint64_t mix(const void *a, const void *b, struct hash_key secret)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return hash_mix(x ^ secret.k0, y ^ secret.k1);
}

static uint64_t stations_of(const struct packet *p, struct hash_key secret)
{
	const struct link_header *stations = &p->eth->as.link;
	uint32_t tail;
	uint64_t rest;

	_Static_assert(offsetof(struct link_header, dst) == 6,
		       "both stations at the start");
	memcpy(&tail, (const char *)stations + 8, sizeof(tail));
	rest = tail | (uint64_t)p->link << 32;
	return mix(stations, &rest, secret);
}

/* The ports lie side by side in both headers. */
static uint64_t ends_of(const struct packet *p)
{
	const struct ip_header *ip = &p->ip->as.ip;
	const struct layer *transport = p->tcp ? p->tcp : p->udp;
	uint32_t ports;

	_Static_assert(offsetof(struct tcp_header, dst_port) == 2 &&
			       offsetof(struct udp_header, dst_port) == 2,
		       "both ports at the start");
	memcpy(&ports, &transport->as, sizeof(ports));
	return ports | (uint64_t)ip->protocol << 32 |
	       (uint64_t)ip->version << 40 | (uint64_t)ip->ttl << 48;
}

static uint64_t name_of(const struct packet *p, struct hash_key secret)
{
	const struct ip_header *ip = &p->ip->as.ip;
	uint64_t high = hash_mix(stations_of(p, secret) ^ secret.k0,
				 ends_of(p) ^ secret.k1);
	uint64_t low = mix(ip->src.bytes, ip->dst.bytes, secret);

	if (ip->version == 6)
		low = hash_mix(low ^ secret.k1, mix(ip->src.bytes + 8,
						    ip->dst.bytes + 8, secret));
	return hash_mix(high ^ secret.k1, low ^ secret.k0);
}

/* The way that bears the tag; WAYS: none. */
static unsigned way_of(const uint16_t tag[WAYS], uint16_t wanted)
{
	if ((tag[0] | MADE) == wanted)
		return 0;
	return (tag[1] | MADE) == wanted ? 1 : WAYS;
}

void lanes_expect(struct lanes *l, const struct packet *p)
{
	struct wanted *w = &l->wanted[l->expected++];
	unsigned way;

	w->name = 0;
	if (!is_usual(p))
		return;
	w->name = name_of(p, l->secret) | 1;
	w->link = p->link;
	w->set = (uint32_t)(w->name >> 1) & l->mask;
	w->tag = (uint16_t)(w->name >> 48) | MADE;
	way = way_of(l->tag[w->set], w->tag);
	if (way < WAYS)
		__builtin_prefetch(&l->lane[way][w->set], 1);
}

void lane_move(struct lane *lane, uint32_t link)
{
	memset(&lane->recent, 0,
	       offsetof(struct lane, link) - offsetof(struct lane, recent));
	lane->link = link;
}

/* The place for a tag: a free one, that of another tag, by turns, or now and
 * then of a lane; WAYS: none. */
static unsigned place_for(struct lanes *l, const uint16_t tag[WAYS])
{
	if (!tag[0] || !tag[1])
		return tag[0] != 0;
	l->crowded++;
	if (!((tag[0] | tag[1]) & MADE))
		return l->crowded % WAYS;
	if (!(tag[0] & tag[1] & MADE))
		return tag[0] & MADE;
	return ++l->refused % ONE_IN ? WAYS : l->refused / ONE_IN % WAYS;
}

static void enter(struct lanes *l, const struct wanted *w)
{
	uint16_t *tag = l->tag[w->set];
	unsigned way = place_for(l, tag);

	if (way < WAYS)
		tag[way] = w->tag & ~MADE;
}

struct lane *lanes_find(struct lanes *l)
{
	const struct wanted *w = &l->wanted[l->found++];
	struct lane *lane;
	unsigned way;

	if (!w->name)
		return NULL;
	way = way_of(l->tag[w->set], w->tag);
	if (way == WAYS) {
		enter(l, w);
		return NULL;
	}
	lane = &l->lane[way][w->set];
	if (lane->name != w->name) {
		if (lane->batch == l->batch)
			return NULL; /* it has packets that are not done */
		lane->name = w->name;
		lane_move(lane, w->link);
	}
	l->tag[w->set][way] = w->tag;
	lane->batch = l->batch;
	return lane;
}
