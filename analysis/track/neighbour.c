/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * neighbour.c - ARP, neighbour discovery, routers and their redundancy: each
 * message is one observation.
 *
 * The one thing that needs memory is whether a claim answers a question: of
 * this addressee, for this address, asked within the last seconds and not yet
 * answered by somebody else a while ago.
 */
#include <string.h>

#include "analysis/tracker.h"
#include "base/table.h"

#define OPEN_NS	 (5LL * 1000000000) /* retries come each second */
#define RIVAL_NS (1LL * 1000000000) /* two answers to one question */

enum {
	ARP_REQUEST = 1,
	ARP_REPLY = 2,
	ROUTER_SOLICITATION = 133,
	ROUTER_ADVERTISEMENT = 134,
	SOLICITATION = 135,
	ADVERTISEMENT = 136,
	ND_HOP_LIMIT = 255, /* RFC 4861 7.1: anything else came from afar */
};

/* ARP names the asker by its MAC, ND by its address. */
struct question {
	uint32_t link;
	struct addr target, asker;
	struct mac asker_mac;
	uint8_t pad[2];
};

struct open_question {
	int64_t asked_ns, answered_ns;
	uint64_t frame;
	struct mac answered_by;
	bool answered;
};

struct neighbour {
	struct table *questions;
};

static void *neighbour_open(const struct tracker_home *home)
{
	const struct table_spec spec = {
		"neighbour questions", sizeof(struct question),
		sizeof(struct open_question), home->limits->neighbours};
	struct neighbour *n = arena_alloc(home->arena, sizeof(*n));

	if (!n)
		return NULL;
	n->questions = table_new(home->arena, &spec, home->key);
	return n->questions ? n : NULL;
}

static struct question question_of(uint32_t link, const struct addr *target)
{
	struct question q;

	memset(&q, 0, sizeof(q));
	q.link = link;
	q.target = *target;
	return q;
}

static void asked_now(struct neighbour *n, const struct question *q, int64_t ns,
		      uint64_t frame)
{
	struct open_question *open = table_add(n->questions, q, NULL);

	if (open)
		*open = (struct open_question){.asked_ns = ns, .frame = frame};
}

/* The frame of the open question that this answers; 0: none. */
static uint64_t answers(struct neighbour *n, const struct question *q,
			const struct mac *who, int64_t ns)
{
	struct open_question *open = table_find(n->questions, q);

	if (!open || ns - open->asked_ns > OPEN_NS || ns < open->asked_ns)
		return 0;
	if (!open->answered) {
		open->answered = true;
		open->answered_ns = ns;
		open->answered_by = *who;
		return open->frame;
	}
	return mac_equal(&open->answered_by, who) ||
			       ns - open->answered_ns <= RIVAL_NS
		       ? open->frame
		       : 0;
}

static void stations(const struct packet *p, struct mac *src, struct mac *dst)
{
	if (!p->eth)
		return;
	if (p->eth->as.link.has_src)
		*src = p->eth->as.link.src;
	if (p->eth->as.link.has_dst)
		*dst = p->eth->as.link.dst;
}

static void arp_packet(struct neighbour *n, const struct packet *p,
		       struct observer *out)
{
	const struct arp_header *arp = &p->arp->as.arp;
	struct observation *o;
	struct arp_fact *f;
	struct question q;

	if (arp->operation != ARP_REQUEST && arp->operation != ARP_REPLY)
		return;
	o = observe_begin(out, OBS_ARP, p);
	f = &o->as.arp;
	f->operation = arp->operation;
	f->sender_mac = arp->sender_mac;
	f->target_mac = arp->target_mac;
	f->sender = arp->sender;
	f->target = arp->target;
	f->frame_bytes = p->frame.sent;
	f->direction = p->frame.direction;
	stations(p, &f->eth_src, &f->eth_dst);
	if (arp->operation == ARP_REQUEST) {
		q = question_of(p->link, &arp->target);
		q.asker_mac = arp->sender_mac;
		asked_now(n, &q, o->time_ns, o->frame);
	} else {
		q = question_of(p->link, &arp->sender);
		q.asker_mac = arp->target_mac;
		f->question = answers(n, &q, &arp->sender_mac, o->time_ns);
		f->asked = f->question != 0;
	}
	observe_end(out);
}

static void nd_packet(struct neighbour *n, const struct packet *p,
		      struct observer *out)
{
	const struct icmp_header *icmp = p->icmp->as.icmp;
	const struct ip_header *ip = &p->ip->as.ip;
	struct observation *o = observe_begin(out, OBS_ND, p);
	struct nd_fact *f = &o->as.nd;
	struct question q = question_of(p->link, &icmp->target);

	f->type = icmp->type;
	f->src = ip->src;
	f->dst = ip->dst;
	f->target = icmp->target;
	f->lladdr = icmp->lladdr;
	f->has_lladdr = icmp->has_lladdr;
	f->router = icmp->router;
	f->solicited = icmp->solicited;
	f->override = icmp->override;
	f->has_nonce = icmp->has_nonce;
	f->nonce = icmp->nonce;
	f->direction = p->frame.direction;
	stations(p, &f->eth_src, &f->eth_dst);
	if (icmp->type == SOLICITATION) {
		q.asker = ip->src;
		asked_now(n, &q, o->time_ns, o->frame);
	} else {
		/* the answer to a probe from :: goes to all nodes */
		if (addr_is_multicast(&ip->dst))
			q.asker = (struct addr){.family = 6};
		else
			q.asker = ip->dst;
		f->question = answers(n, &q, &f->eth_src, o->time_ns);
		f->asked = f->question != 0;
	}
	observe_end(out);
}

static void ra_packet(const struct packet *p, struct observer *out)
{
	struct observation *o = observe_begin(out, OBS_RA, p);
	struct ra_fact *f = &o->as.ra;
	struct mac dst;

	f->advertisement = p->icmp->as.icmp->type == ROUTER_ADVERTISEMENT;
	f->src = p->ip->as.ip.src;
	f->dst = p->ip->as.ip.dst;
	f->icmp = *p->icmp->as.icmp;
	stations(p, &f->eth_src, &dst);
	observe_end(out);
}

static void fhrp_packet(const struct packet *p, struct observer *out)
{
	struct observation *o = observe_begin(out, OBS_FHRP, p);
	struct mac dst;

	o->as.fhrp.header = p->fhrp->as.fhrp;
	o->as.fhrp.src = p->ip->as.ip.src;
	stations(p, &o->as.fhrp.eth_src, &dst);
	observe_end(out);
}

static void icmp_packet(struct neighbour *n, const struct packet *p,
			struct observer *out)
{
	uint8_t type = p->icmp->as.icmp->type;

	if (type < ROUTER_SOLICITATION || type > ADVERTISEMENT ||
	    p->icmp->proto != PROTO_icmpv6 || p->icmp->state != WIRE_WHOLE ||
	    !p->ip || p->ip->as.ip.ttl != ND_HOP_LIMIT)
		return;
	if (type >= SOLICITATION)
		nd_packet(n, p, out);
	else
		ra_packet(p, out);
}

static bool neighbour_concerns(const struct packet *p)
{
	return p->arp || p->icmp || p->fhrp;
}

static void neighbour_packet(void *self, const struct packet *p,
			     struct observer *out)
{
	/* what a tunnel carries belongs to another link */
	if (p->tunnels)
		return;
	if (p->arp)
		arp_packet(self, p, out);
	else if (p->icmp)
		icmp_packet(self, p, out);
	else if (p->fhrp && p->fhrp->state == WIRE_WHOLE && p->ip)
		fhrp_packet(p, out);
}

static void neighbour_limits(void *self, struct checks *out)
{
	const struct neighbour *n = self;

	check_table(out, n->questions);
}

const struct tracker neighbour_tracker = {
	.name = "neighbour",
	.takes = KIND_UDP | KIND_ICMP | KIND_OTHER,
	.open = neighbour_open,
	.concerns = neighbour_concerns,
	.packet = neighbour_packet,
	.limits = neighbour_limits,
};
