/* SPDX-License-Identifier: BSD-3-Clause */
/* census.c - counts every frame into the coverage. */
#include "analysis/admission/census.h"

#include "analysis/lane.h"

enum { FCS_BYTES = 4, NOT_PLAIN = TCP_SYN | TCP_FIN | TCP_RST };

static unsigned service_of(uint16_t port)
{
	static const struct {
		uint16_t port, service;
	} known[] = {{53, CUT_DNS},  {67, CUT_DHCP}, {68, CUT_DHCP},
		     {80, CUT_HTTP}, {443, CUT_TLS}, {853, CUT_TLS}};

	if (port > known[sizeof(known) / sizeof(known[0]) - 1].port)
		return 0;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].port == port)
			return known[i].service;
	return 0;
}

static void count_service(const struct packet *p, struct coverage *c)
{
	const struct udp_header *udp = p->udp ? &p->udp->as.udp : NULL;
	const struct tcp_header *tcp = p->tcp ? &p->tcp->as.tcp : NULL;

	if (udp)
		c->cut_services |=
			service_of(udp->src_port) | service_of(udp->dst_port);
	if (tcp)
		c->cut_services |=
			service_of(tcp->src_port) | service_of(tcp->dst_port);
	if (p->lane)
		p->lane->cut = true;
}

/* A frame of which the capture kept only the beginning. */
static void count_cut(const struct packet *p, struct coverage *c)
{
	const struct frame *f = &p->frame;

	if (!c->cut++ || f->kept < c->cut_at)
		c->cut_at = f->kept;
	if (f->sent - f->kept == FCS_BYTES) {
		c->cut_fcs++;
		return;
	}
	if (!c->cut_frame)
		c->cut_frame = f->number;
	c->cut_transport += p->state == WIRE_TRUNCATED;
	if (p->icmp && p->icmp->as.icmp->is_error &&
	    !p->icmp->as.icmp->quote.has_ports)
		c->cut_errors++;
	if (p->payload.kept >= p->payload.sent)
		return;
	if (!p->lane || !p->lane->cut)
		count_service(p, c);
}

void census_malformed(const struct packet *p, struct observer *out)
{
	const struct layer *bad = p->layers;
	struct malformed_fact *fact;

	while (bad->state != WIRE_MALFORMED &&
	       bad < &p->layers[p->layer_count - 1])
		bad++;
	fact = &observe_begin(out, OBS_MALFORMED, p)->as.malformed;
	fact->proto = bad->proto;
	fact->why = bad->bad ? bad->bad : "header longer than its packet";
	fact->value = bad->bad_value;
	if (p->eth && p->eth->as.link.has_src)
		fact->src = p->eth->as.link.src;
	observe_end(out);
}

/* Branches, not sums: a packet has few of them. */
static void count_protocols(const struct packet *p, struct coverage *c)
{
	if (p->ip && p->ip->as.ip.version == 4)
		c->ipv4++;
	else if (p->ip)
		c->ipv6++;
	else if (!p->arp)
		c->other++;
	if (p->tcp) {
		c->tcp++;
		c->tcp_plain += !(p->tcp->as.tcp.flags & NOT_PLAIN);
	}
	if (p->udp)
		c->udp++;
	if (p->icmp)
		c->icmp++;
	if (p->arp)
		c->arp++;
}

void census_count(const struct packet *p, struct coverage *c)
{
	const struct frame *f = &p->frame;

	if (!c->packets++)
		c->first_ns = c->last_ns = f->time_ns;
	c->bytes += f->sent;
	if (f->time_ns < c->first_ns)
		c->first_ns = f->time_ns;
	if (f->time_ns > c->last_ns)
		c->last_ns = f->time_ns;
	if (f->kept < f->sent)
		count_cut(p, c);
	if (p->state == WIRE_MALFORMED)
		c->malformed++;
	if (p->link_unknown && !c->unknown_link++) {
		c->unknown_link_type = f->link_type;
		c->unknown_link_frame = f->number;
	}
	if (p->eth && p->eth->as.link.has_dst &&
	    mac_is_group(&p->eth->as.link.dst)) {
		bool all = mac_is_broadcast(&p->eth->as.link.dst);

		c->broadcasts += all;
		c->multicasts += !all;
	}
	count_protocols(p, c);
}
