/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * header.c - martian addresses (RFC 1812 section 5.3.7, RFC 4291) and
 * congestion marks (RFC 3168), for a few instructions a packet.
 */
#include "analysis/track/header.h"

#include "analysis/lane.h"
#include "analysis/track/recent.h"
#include "base/hint.h"
#include "base/when.h"

enum { ECN_CE = 3, ECN_MASK = 3, IGMP = 2, UDP = 17, ICMPV6 = 58 };

struct martian_key {
	struct addr src, dst;
};

struct martian {
	int64_t told_ns;
	uint64_t packets;
};

struct mark {
	uint64_t marked, capable;
	int64_t first_ns, told_ns;
	uint64_t frames[4];
	uint32_t link;
	bool changed;
};

struct headers {
	struct table *martians, *marks;
};

struct headers *headers_new(const struct tracker_home *home)
{
	struct headers *h = arena_alloc(home->arena, sizeof(*h));
	struct table_spec martians = {"martian addresses",
				      sizeof(struct martian_key),
				      sizeof(struct martian), 1024};
	struct table_spec marks = {"flows with congestion marks",
				   sizeof(struct flow), sizeof(struct mark),
				   home->limits->paths};

	if (!h)
		return NULL;
	h->martians = table_new(home->arena, &martians, home->key);
	h->marks = table_new(home->arena, &marks, home->key);
	return h->martians && h->marks ? h : NULL;
}

/* Why an IPv4 source cannot be; 0.0.0.0 may ask for an address and join groups.
 */
static const char *bad_v4(const struct ip_header *ip, const struct packet *p)
{
	uint8_t first = ip->src.bytes[0];
	/* with its ports cut off it may be DHCP */
	bool dhcp = ip->protocol == UDP &&
		    (!p->udp || p->udp->state == WIRE_TRUNCATED ||
		     p->udp->as.udp.src_port == 68);

	if (first == 127)
		return "a loopback address";
	if (first == 0 &&
	    (!addr_is_unspecified(&ip->src) || !(dhcp || ip->protocol == IGMP)))
		return "an address of \"this network\"";
	if (first == 255 && addr_is_broadcast(&ip->src))
		return "the broadcast address";
	if (first >= 224 && first < 240)
		return "a multicast address";
	if (first >= 240)
		return "a reserved address (240/4)";
	return NULL;
}

/* One of the usual first values, less a hop or three. */
static bool is_lowered(uint8_t ttl)
{
	return (ttl >= 252 && ttl < 255) || (ttl >= 125 && ttl < 128) ||
	       (ttl >= 61 && ttl < 64);
}

static const char *bad_v6(const struct ip_header *ip, const struct packet *p)
{
	if (ip->src.bytes[0] == 0xff)
		return "a multicast address";
	/* RFC 4291 2.5.6 */
	if (ip->src.bytes[0] == 0xfe && addr_is_link_local(&ip->src) &&
	    is_lowered(ip->ttl) && !addr_is_multicast(&ip->dst))
		return "a link-local address that a router passed on";
	if (ip->src.bytes[0] != 0)
		return NULL;
	if (addr_is_loopback(&ip->src))
		return "the loopback address";
	/* DAD and MLD reports, RFC 4862, RFC 3590: behind extension headers
	 * that may be cut off */
	if (addr_is_unspecified(&ip->src) && !p->icmp &&
	    ip->protocol != ICMPV6 && p->ip->state == WIRE_WHOLE)
		return "the unspecified address";
	return NULL;
}

/* The same machine on both ends is normal where frames have no MAC addresses,
 * or that of a loopback device, which no card has.  A program may send to
 * broadcast there. */
static bool on_loopback(const struct packet *p)
{
	const struct link_header *l;

	if (!p->eth)
		return true;
	l = &p->eth->as.link;
	return !l->has_src || mac_is_zero(&l->src);
}

static void tell_martian(struct headers *h, const struct packet *p,
			 const char *why, bool bad_src, struct observer *out)
{
	const struct ip_header *ip = &p->ip->as.ip;
	struct martian_key key = {ip->src, ip->dst};
	struct martian *m = table_add(h->martians, &key, NULL);
	struct martian_fact *f;

	if (!m)
		return;
	if (m->packets++ && p->frame.time_ns - m->told_ns < NS_PER_S)
		return;
	m->told_ns = p->frame.time_ns;
	f = &observe_begin(out, OBS_MARTIAN, p)->as.martian;
	f->src = ip->src;
	f->dst = ip->dst;
	f->has_mac = p->eth && p->eth->as.link.has_src;
	if (f->has_mac)
		f->eth_src = p->eth->as.link.src;
	f->bad_src = bad_src;
	f->to_group = p->eth && p->eth->as.link.has_dst &&
		      mac_is_group(&p->eth->as.link.dst);
	f->ttl = ip->ttl;
	f->why = why;
	f->packets = m->packets;
	observe_end(out);
}

/* Nearly all: an IPv4 host to another one. */
static bool is_plain(const struct ip_header *ip)
{
	uint8_t from = ip->src.bytes[0], to = ip->dst.bytes[0];

	return ip->version == 4 && from != 0 && from != 127 && from < 224 &&
	       to != 127 && !addr_equal(&ip->src, &ip->dst);
}

/* Whether one of its addresses cannot be. */
APART static bool martian(struct headers *h, const struct packet *p,
			  struct observer *out)
{
	const struct ip_header *ip = &p->ip->as.ip;
	const char *why = ip->version == 4 ? bad_v4(ip, p) : bad_v6(ip, p);
	bool same = addr_equal(&ip->src, &ip->dst);
	bool to_itself = addr_is_loopback(&ip->dst);
	bool inside = same || to_itself || addr_is_loopback(&ip->src);
	bool bad_src = why || same;

	if (!why && same)
		why = "the same as the destination";
	if (!why && to_itself)
		why = "a loopback address";
	if (why && !p->tunnels && !(inside && on_loopback(p)))
		tell_martian(h, p, why, bad_src, out);
	return why != NULL;
}

static void addresses(struct headers *h, const struct packet *p,
		      struct observer *out)
{
	bool odd = !is_plain(&p->ip->as.ip) && martian(h, p, out);

	if (p->lane)
		p->lane->harmless = !odd;
}

static void tell_mark(const struct headers *h, struct mark *m,
		      const struct packet *p, int64_t now_ns,
		      struct observer *out)
{
	struct observation *o = observe_begin(out, OBS_CONGESTION, p);
	struct congestion_fact *f = &o->as.congestion;

	o->time_ns = now_ns;
	o->link = m->link;
	f->flow = *(const struct flow *)table_key(h->marks, m);
	f->marked = m->marked;
	f->capable = m->capable;
	f->first_ns = m->first_ns;
	for (int i = 0; i < 4; i++)
		f->frames[i] = m->frames[i];
	observe_end(out);
	m->told_ns = now_ns;
	m->changed = false;
}

/* A flow is followed from its first mark on; only then its unmarked packets are
 * counted too. */
APART static void congestion(struct headers *h, const struct packet *p,
			     struct observer *out)
{
	bool marked = (p->ip->as.ip.tos & ECN_MASK) == ECN_CE;
	struct flow flow;
	struct mark *m;

	if ((!marked && !table_count(h->marks)) || !packet_flow(p, &flow))
		return;
	m = marked ? table_add(h->marks, &flow, NULL)
		   : table_find(h->marks, &flow);
	if (!m)
		return;
	if (!m->marked) {
		m->first_ns = m->told_ns = p->frame.time_ns;
		m->link = p->link;
	}
	if (marked && m->marked < 4)
		m->frames[m->marked] = p->frame.number;
	m->marked += marked;
	m->capable += !marked;
	m->changed = true;
	if (p->frame.time_ns - m->told_ns > NS_PER_S)
		tell_mark(h, m, p, p->frame.time_ns, out);
}

void header_packet(struct headers *h, const struct packet *p,
		   struct observer *out)
{
	if (!p->lane || !p->lane->harmless)
		addresses(h, p, out);
	if (p->ip->as.ip.tos & ECN_MASK)
		congestion(h, p, out);
}

void headers_finish(struct headers *h, int64_t now_ns, struct observer *out)
{
	for (struct mark *m = table_oldest(h->marks); m;
	     m = table_newer(h->marks, m))
		if (m->changed)
			tell_mark(h, m, NULL, now_ns, out);
}

void headers_limits(struct headers *h, struct checks *out)
{
	check_table(out, h->martians);
	check_table(out, h->marks);
}
