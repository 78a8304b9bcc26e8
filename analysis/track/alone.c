/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * alone.c - a station that is the only one to send at an interface: what it
 * asks for, and whether it behaves like one that hears answers.
 *
 * Where two stations speak, and that is nearly everywhere, a packet costs one
 * compare and a few stores: the time that a station is alone begins with what
 * is no segment of TCP, or when it has been alone for a second.
 */
#include <string.h>

#include "analysis/tracker.h"
#include "base/hash.h"
#include "base/hint.h"
#include "base/when.h"
#include "dissectors/dhcp.h"

enum { INTERFACES = 64, QUESTIONS = 16, FLOWS = 4, PEERS = 4 };
enum { FRAMES_LEAST = 10, ASKS_LEAST = 3, DHCP6_SERVER = 547 };

#define SPAN_NS	    (10 * NS_PER_S)
#define PATIENCE_NS (4 * NS_PER_S) /* who has no answer asks again by then */
#define START_NS    (2 * NS_PER_S) /* its first try may be of before */
#define MIXED_NS    NS_PER_S	   /* others have just spoken */

enum asking {
	ASKS_NOTHING,
	ASKS_NEIGHBOUR,
	ASKS_SERVICE,
	ASKS_LEASE,
	ASKS_ROUTER
};

struct question {
	uint8_t kind; /* enum asking */
	uint32_t tries;
	uint64_t hash; /* of whom it asks for */
	int64_t first_ns, last_ns;
};

/* What matters of a segment of TCP. */
struct segment {
	struct addr dst;
	uint16_t src_port, dst_port;
	uint32_t ack;
	uint8_t flags;
};

/* One direction of a TCP connection: its last segment. */
struct way {
	struct segment last;
	bool opens; /* its SYN was sent in this time */
};

/* Since when and what the one station has sent alone: set anew with each. */
struct span {
	int64_t since_ns, told_ns, sends_ns, probes_ns;
	uint32_t frames, asks;
	uint8_t questions, ways, peers;
	bool answers, unicast;
};

struct lonely {
	struct mac mac;
	bool known, others, outbound;
	struct span span;
	int64_t alone_ns; /* its first frame that none of another followed */
	struct mac other;
	uint64_t last_frame, other_frame, frame[4];
	struct mac peer[PEERS]; /* stations that it sends to */
	struct question question[QUESTIONS];
	struct way way[FLOWS];
};

struct alone {
	struct hash_key key;
	struct lonely at[INTERFACES];
};

static void *alone_open(const struct tracker_home *home)
{
	struct alone *a = arena_alloc(home->arena, sizeof(*a));

	if (a)
		a->key = home->key;
	return a;
}

static bool is_content(const struct lonely *l, int64_t now_ns)
{
	for (uint8_t i = 0; i < l->span.questions; i++)
		if (l->question[i].tries == 1 &&
		    now_ns - l->question[i].last_ns > PATIENCE_NS &&
		    l->question[i].first_ns - l->span.since_ns > START_NS)
			return true;
	return false;
}

APART static void report(const struct lonely *l, const struct packet *p,
			 bool over, struct observer *out)
{
	struct alone_fact *f = &observe_begin(out, OBS_ALONE, p)->as.alone;

	f->mac = l->mac;
	f->since_ns = l->span.since_ns;
	f->whole = !l->others;
	f->over = over;
	f->answers = l->span.answers;
	f->unicast = l->span.unicast;
	f->sends_ns = l->span.sends_ns;
	f->probes_ns = l->span.probes_ns;
	f->frames = l->span.frames;
	f->asks = l->span.asks;
	f->content = is_content(l, p->frame.time_ns);
	f->other = l->other;
	f->other_frame = l->other_frame;
	memcpy(f->frame, l->frame, sizeof(f->frame));
	for (uint8_t i = 0; i < l->span.questions; i++) {
		f->dhcp |= l->question[i].kind == ASKS_LEASE;
		f->solicits |= l->question[i].kind == ASKS_ROUTER;
		f->targets += l->question[i].kind <= ASKS_SERVICE;
	}
	observe_end(out);
}

static void question(struct lonely *l, uint8_t kind, uint64_t hash,
		     const struct packet *p)
{
	struct question *q = l->question;

	const struct link_header *link = &p->layers[0].as.link;

	if (kind == ASKS_NEIGHBOUR && link->has_dst &&
	    !mac_is_group(&link->dst))
		l->span.probes_ns = p->frame.time_ns;
	if (!l->span.asks)
		memset(l->frame, 0, sizeof(l->frame));
	if (l->span.asks < 4)
		l->frame[l->span.asks] = p->frame.number;
	l->span.asks++;
	while (q < l->question + l->span.questions &&
	       (q->kind != kind || q->hash != hash))
		q++;
	if (q == l->question + QUESTIONS)
		return;
	if (q == l->question + l->span.questions) {
		l->span.questions++;
		*q = (struct question){.kind = kind,
				       .hash = hash,
				       .first_ns = p->frame.time_ns};
	}
	q->tries++;
	q->last_ns = p->frame.time_ns;
}

static uint64_t hash_of(const struct alone *a, const struct addr *addr,
			uint16_t port)
{
	return hash_quick(addr, sizeof(*addr), a->key) + port;
}

static struct segment segment_of(const struct packet *p)
{
	const struct tcp_header *tcp = &p->tcp->as.tcp;

	return (struct segment){
		.dst = p->ip->as.ip.dst,
		.src_port = tcp->src_port,
		.dst_port = tcp->dst_port,
		.ack = tcp->ack,
		.flags = tcp->flags,
	};
}

static void arp_sent(struct alone *a, struct lonely *l, const struct packet *p)
{
	const struct arp_header *arp = &p->arp->as.arp;

	if (arp->operation == 2)
		l->span.answers |= !addr_equal(&arp->sender, &arp->target);
	else if (arp->operation == 1 && !addr_is_unspecified(&arp->sender) &&
		 !addr_equal(&arp->sender, &arp->target))
		question(l, ASKS_NEIGHBOUR, hash_of(a, &arp->target, 0), p);
}

/* An error, a reply and a solicited advertisement are answers. */
static void icmp_sent(struct alone *a, struct lonely *l, const struct packet *p)
{
	const struct icmp_header *icmp = p->icmp->as.icmp;

	if (p->icmp->proto != PROTO_icmpv6) {
		l->span.answers |=
			icmp->type != 8 && icmp->type != 9 && icmp->type != 10;
		return;
	}
	if (icmp->type == 133)
		question(l, ASKS_ROUTER, 0, p);
	else if (icmp->type == 135 && !addr_is_unspecified(&p->ip->as.ip.src))
		question(l, ASKS_NEIGHBOUR, hash_of(a, &icmp->target, 0), p);
	l->span.answers |= icmp->type < 128 || icmp->type == 129 ||
			   (icmp->type == 136 && icmp->solicited);
}

static void udp_sent(struct lonely *l, const struct packet *p)
{
	const struct udp_header *udp = &p->udp->as.udp;
	struct dhcp_message m;

	if (udp->dst_port == DHCP6_SERVER) {
		question(l, ASKS_LEASE, 6, p);
	} else if (udp->dst_port == DHCP_SERVER_PORT) {
		dhcp_parse(&m, p->payload);
		/* it names the server whose offer it has got */
		l->span.answers |= m.server_id.family != 0 || !m.from_client;
		if (m.type == DHCP_DISCOVER || m.type == DHCP_REQUEST)
			question(l, ASKS_LEASE, 4, p);
	}
}

static bool is_way(const struct segment *a, const struct segment *b)
{
	return a->src_port == b->src_port && a->dst_port == b->dst_port &&
	       addr_equal(&a->dst, &b->dst);
}

static void way_sent(struct lonely *l, const struct segment *tcp)
{
	bool syn = tcp->flags & TCP_SYN, ack = tcp->flags & TCP_ACK;
	uint8_t i = 0;

	while (i < l->span.ways && !is_way(&l->way[i].last, tcp))
		i++;
	if (i < l->span.ways)
		l->span.answers |=
			ack && !(tcp->flags & TCP_RST) &&
			(l->way[i].opens || l->way[i].last.ack != tcp->ack);
	l->span.answers |= syn && ack;
	if (i == l->span.ways) {
		i = l->span.ways < FLOWS ? l->span.ways++ : 0;
		l->way[i].opens = syn;
	}
	l->way[i].last = *tcp;
}

static void tcp_sent(struct alone *a, struct lonely *l, const struct packet *p)
{
	const struct segment tcp = segment_of(p);

	if ((tcp.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		question(l, ASKS_SERVICE, hash_of(a, &tcp.dst, tcp.dst_port),
			 p);
	way_sent(l, &tcp);
}

/* Who has asked all for a neighbour and then sends to a station for the first
 * time has been told where it is. */
static void ip_sent(struct lonely *l, const struct link_header *link,
		    int64_t now_ns)
{
	if (!link->has_dst || mac_is_group(&link->dst))
		return;
	l->span.unicast = true;
	l->span.sends_ns = now_ns;
	for (uint8_t i = 0; i < l->span.peers; i++)
		if (mac_equal(&l->peer[i], &link->dst))
			return;
	for (uint8_t i = 0; i < l->span.questions; i++)
		l->span.answers |= l->question[i].kind == ASKS_NEIGHBOUR;
	if (l->span.peers < PEERS)
		l->peer[l->span.peers++] = link->dst;
}

APART static void sent(struct alone *a, struct lonely *l,
		       const struct packet *p, struct observer *out)
{
	uint32_t asks = l->span.asks;
	int64_t now = p->frame.time_ns;

	if (p->tunnels)
		return;
	if (p->arp)
		arp_sent(a, l, p);
	else if (p->icmp)
		icmp_sent(a, l, p);
	else if (p->udp)
		udp_sent(l, p);
	else if (p->tcp)
		tcp_sent(a, l, p);
	if (p->ip && (!p->icmp || p->icmp->proto != PROTO_icmpv6))
		ip_sent(l, &p->layers[0].as.link, now);
	if (l->span.asks == asks || l->span.answers ||
	    l->span.frames < FRAMES_LEAST || l->span.asks < ASKS_LEAST ||
	    now - l->span.since_ns < SPAN_NS ||
	    now - l->span.told_ns < NS_PER_S)
		return;
	l->span.told_ns = now;
	report(l, p, false, out);
}

/* The time begins anew: of most there is nothing to forget but that. */
static void span_begin(struct lonely *l, int64_t now_ns)
{
	if (l->span.frames)
		l->span = (struct span){0};
	l->span.since_ns = now_ns;
}

/* Another station sends. */
static void change(struct lonely *l, const struct packet *p)
{
	l->others = l->known;
	l->other = l->mac;
	l->other_frame = l->last_frame;
	l->mac = p->layers[0].as.link.src;
	l->known = true;
	l->outbound = p->frame.direction == FRAME_OUTBOUND;
	l->alone_ns = p->frame.time_ns;
	span_begin(l, p->frame.time_ns);
}

/* A segment that opens nothing, and so soon after another station has spoken
 * that what it says of answers is not looked at. */
static bool is_mixed(const struct lonely *l, const struct packet *p)
{
	return p->tcp && !(p->tcp->as.tcp.flags & TCP_SYN) &&
	       p->frame.time_ns - l->alone_ns < MIXED_NS;
}

static void alone_packet(void *self, const struct packet *p,
			 struct observer *out)
{
	struct alone *a = self;
	const struct layer *first = &p->layers[0];
	const struct mac *src = &first->as.link.src;
	struct lonely *l;

	if (!p->layer_count || p->frame.interface >= INTERFACES ||
	    (p->eth != first && first->proto != PROTO_ethernet) ||
	    !first->as.link.has_src || mac_is_zero(src))
		return;
	l = &a->at[p->frame.interface];
	if (!l->known || !mac_equal(&l->mac, src)) {
		/* a bridge sends on what its guests say */
		if (l->outbound && p->frame.direction == FRAME_OUTBOUND)
			return;
		if (l->span.told_ns)
			report(l, p, true, out);
		change(l, p);
	}
	l->last_frame = p->frame.number;
	if (is_mixed(l, p)) {
		span_begin(l, p->frame.time_ns);
		return;
	}
	l->span.frames++;
	if (p->crowd) {
		l->span.asks++;
		return;
	}
	/* what it hears of itself it hears */
	l->span.answers |= l->outbound && p->frame.direction == FRAME_INBOUND;
	if (!l->span.answers)
		sent(a, l, p, out);
}

const struct tracker alone_tracker = {
	.name = "alone",
	.open = alone_open,
	.packet = alone_packet,
	.crowds = true,
};
