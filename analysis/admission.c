/* SPDX-License-Identifier: BSD-3-Clause */
/* admission.c - link, copies and clock of each packet, in frame order. */
#include "analysis/admission.h"

#include <string.h>

enum { FCS_BYTES = 4 };

struct admission {
	int64_t now_ns;
	struct table *ids; /* struct link_info -> id + 1 */
	struct link_info *links;
	uint32_t link_count, last_id;
	uint32_t room;
};

struct admission *admission_new(const struct tracker_home *home)
{
	const struct table_spec spec = {"links", sizeof(struct link_info),
					sizeof(uint32_t), home->limits->links};
	struct admission *a = arena_alloc(home->arena, sizeof(*a));

	if (!a)
		return NULL;
	a->now_ns = INT64_MIN;
	a->room = home->limits->links;
	a->ids = table_new(home->arena, &spec, home->key);
	a->links = arena_alloc(home->arena, a->room * sizeof(*a->links));
	return a->ids && a->links ? a : NULL;
}

/* The id of (interface, VLAN stack): the first is 0; when there is no room the
 * last one stands for all others. */
static uint32_t link_of(struct admission *a, const struct packet *p)
{
	struct link_info key;
	uint32_t *id;
	bool added;

	memset(&key, 0, sizeof(key));
	key.interface = p->frame.interface;
	key.vlan_count = p->vlan_count;
	memcpy(key.vlan, p->vlan, p->vlan_count * sizeof(p->vlan[0]));
	if (a->link_count &&
	    memcmp(&key, &a->links[a->last_id], sizeof(key)) == 0)
		return a->last_id;
	id = table_add(a->ids, &key, &added);
	if (!id)
		return 0;
	if (added && a->link_count < a->room) {
		a->links[a->link_count] = key;
		*id = ++a->link_count;
	} else if (added) {
		*id = a->link_count;
	}
	return a->last_id = *id - 1;
}

static unsigned service_of(uint16_t port)
{
	static const struct {
		uint16_t port, service;
	} known[] = {{53, CUT_DNS},  {67, CUT_DHCP}, {68, CUT_DHCP},
		     {80, CUT_HTTP}, {443, CUT_TLS}, {853, CUT_TLS}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].port == port)
			return known[i].service;
	return 0;
}

/* A frame of which the capture kept only the beginning. */
static void count_cut(const struct packet *p, struct coverage *c)
{
	const struct frame *f = &p->frame;
	const struct udp_header *udp = p->udp ? &p->udp->as.udp : NULL;
	const struct tcp_header *tcp = p->tcp ? &p->tcp->as.tcp : NULL;

	if (!c->cut++ || f->kept < c->cut_at)
		c->cut_at = f->kept;
	if (f->sent - f->kept == FCS_BYTES) {
		c->cut_fcs++;
		return;
	}
	if (!c->cut_frame)
		c->cut_frame = f->number;
	c->cut_transport += p->state == WIRE_TRUNCATED;
	if (p->payload.kept >= p->payload.sent)
		return;
	if (udp)
		c->cut_services |=
			service_of(udp->src_port) | service_of(udp->dst_port);
	if (tcp)
		c->cut_services |=
			service_of(tcp->src_port) | service_of(tcp->dst_port);
}

static void report_malformed(const struct packet *p, struct observer *out)
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

static void count(const struct packet *p, struct coverage *c)
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
	c->malformed += p->state == WIRE_MALFORMED;
	if (p->link_unknown && !c->unknown_link++) {
		c->unknown_link_type = f->link_type;
		c->unknown_link_frame = f->number;
	}
	c->arp += p->arp != NULL;
	c->tcp += p->tcp != NULL;
	c->udp += p->udp != NULL;
	c->icmp += p->icmp != NULL;
	if (p->ip) {
		c->ipv4 += p->ip->as.ip.version == 4;
		c->ipv6 += p->ip->as.ip.version == 6;
	}
}

bool admit(struct admission *a, struct packet *p, struct coverage *coverage,
	   struct observer *out)
{
	p->link = link_of(a, p);
	count(p, coverage);
	if (p->state == WIRE_MALFORMED)
		report_malformed(p, out);
	if (p->frame.time_ns > a->now_ns)
		a->now_ns = p->frame.time_ns;
	return true;
}

int64_t admission_now(const struct admission *a)
{
	return a->now_ns;
}

uint32_t admission_links(const struct admission *a)
{
	return a->link_count;
}

const struct link_info *admission_link(const struct admission *a)
{
	return a->links;
}

void admission_limits(const struct admission *a, struct checks *out)
{
	check_table(out, a->ids);
}
