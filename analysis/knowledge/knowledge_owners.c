/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * knowledge_owners.c - which MAC says that an address is its own.
 *
 * Only ARP sender fields, link-layer options of neighbour discovery and DHCP
 * ACKs claim an address.  The source MAC of an IP packet is the last router's.
 */
#include <string.h>

#include "analysis/knowledge/knowledge_tables.h"

enum { DHCP_ACK = 5, NEAR_MOST = 4096 };

struct station *station_seen(struct knowledge *k, uint32_t link,
			     const struct mac *m, int64_t ns, uint64_t frame)
{
	struct link_mac key = link_mac_of(link, m);
	bool added;
	struct station *s;

	if (!mac_is_station(m))
		return NULL;
	s = table_add(k->stations, &key, &added);
	if (!s)
		return NULL;
	if (added) {
		s->first_ns = ns;
		s->first_frame = frame;
	}
	if (added || ns >= s->last_ns) {
		s->last_ns = ns;
		s->last_frame = frame;
	}
	return s;
}

const struct station *station_find(const struct knowledge *k, uint32_t link,
				   const struct mac *m)
{
	struct link_mac key = link_mac_of(link, m);

	return table_find(k->stations, &key);
}

static void owned_add(struct station *s, const struct addr *a)
{
	for (uint32_t i = 0; i < s->owned_count && i < OWNED_MAX; i++)
		if (addr_equal(&s->owned[i], a))
			return;
	if (s->owned_count < OWNED_MAX)
		s->owned[s->owned_count] = *a;
	s->owned_count++;
}

/* The claim of `m`, moved to the end: the newest.  The oldest makes room. */
static struct claim_of *claim_newest(struct owners *w, const struct mac *m)
{
	struct claim_of claim = {.mac = *m};
	uint8_t i = 0;

	while (i < w->count && !mac_equal(&w->claim[i].mac, m))
		i++;
	if (i < w->count)
		claim = w->claim[i];
	else if (w->count < CLAIMS_MAX)
		w->count++;
	else
		i = 0;
	for (; i + 1 < w->count; i++)
		w->claim[i] = w->claim[i + 1];
	w->claim[w->count - 1] = claim;
	return &w->claim[w->count - 1];
}

static void claim_note(struct knowledge *k, const struct observation *o,
		       const struct addr *a, const struct mac *m,
		       bool broadcast, bool asked, const char *how)
{
	struct link_addr key = link_addr_of(o->link, a);
	struct link_mac station = link_mac_of(o->link, m);
	struct station *s;
	struct owners *w;
	struct claim_of *c;

	if (!addr_is_host(a) || !mac_is_station(m))
		return;
	s = table_add(k->stations, &station, NULL);
	if (s)
		owned_add(s, a);
	w = table_add(k->owners, &key, NULL);
	if (!w)
		return;
	c = claim_newest(w, m);
	if (!c->count++) {
		c->first_ns = o->time_ns;
		c->first_frame = o->frame;
		c->how = how;
	}
	c->last_ns = o->time_ns;
	c->last_frame = o->frame;
	c->broadcast |= broadcast;
	c->asked |= asked;
}

static void claim_by_nd(struct knowledge *k, const struct observation *o)
{
	const struct nd_fact *nd = &o->as.nd;
	bool group = mac_is_group(&nd->eth_dst);

	if (nd->has_lladdr)
		claim_note(k, o, nd->type == 136 ? &nd->target : &nd->src,
			   &nd->lladdr, group, nd->asked, "nd");
}

void owners_observe(struct knowledge *k, const struct observation *o)
{
	const struct arp_fact *arp = &o->as.arp;
	const struct dhcp_fact *dhcp = &o->as.dhcp;
	const struct ra_fact *ra = &o->as.ra;

	if (o->kind == OBS_ARP)
		claim_note(k, o, &arp->sender, &arp->sender_mac,
			   mac_is_group(&arp->eth_dst), arp->asked, "arp");
	else if (o->kind == OBS_ND)
		claim_by_nd(k, o);
	else if (o->kind == OBS_RA && ra->icmp.has_lladdr)
		claim_note(k, o, &ra->src, &ra->icmp.lladdr, true, false,
			   "nd");
	else if (o->kind == OBS_DHCP && dhcp->type == DHCP_ACK &&
		 !dhcp->from_client)
		claim_note(k, o, &dhcp->yiaddr, &dhcp->client, false, true,
			   "dhcp");
}

const struct owners *known_owners(const struct knowledge *k, uint32_t link,
				  const struct addr *a)
{
	struct link_addr key = link_addr_of(link, a);

	return table_find(k->owners, &key);
}

bool known_owns(const struct knowledge *k, uint32_t link, const struct mac *m,
		const struct addr *a)
{
	const struct owners *w = known_owners(k, link, a);

	for (uint8_t i = 0; w && i < w->count; i++)
		if (mac_equal(&w->claim[i].mac, m))
			return true;
	return false;
}

uint32_t known_owned(const struct knowledge *k, uint32_t link,
		     const struct mac *m, struct addr *out, uint32_t most)
{
	const struct station *s = station_find(k, link, m);
	uint32_t kept;

	if (!s)
		return 0;
	kept = s->owned_count < OWNED_MAX ? s->owned_count : OWNED_MAX;
	for (uint32_t i = 0; i < kept && i < most; i++)
		out[i] = s->owned[i];
	return s->owned_count;
}

bool mac_is_shared(const struct mac *m)
{
	/* VRRP and CARP (RFC 9568), HSRP 1, 2 and for IPv6, GLBP. */
	static const struct {
		uint8_t bytes[6], mask[6];
	} virtual[] = {
		{{0x00, 0x00, 0x5e, 0x00, 0x01}, {255, 255, 255, 255, 255}},
		{{0x00, 0x00, 0x5e, 0x00, 0x02}, {255, 255, 255, 255, 255}},
		{{0x00, 0x00, 0x0c, 0x07, 0xac}, {255, 255, 255, 255, 255}},
		{{0x00, 0x00, 0x0c, 0x9f, 0xf0}, {255, 255, 255, 255, 0xf0}},
		{{0x00, 0x05, 0x73, 0xa0, 0x00}, {255, 255, 255, 255, 0xf0}},
		{{0x00, 0x07, 0xb4, 0x00}, {255, 255, 255, 255}},
	};

	for (size_t v = 0; v < sizeof(virtual) / sizeof(virtual[0]); v++) {
		size_t i = 0;

		while (i < 6 && (m->bytes[i] & virtual[v].mask[i]) ==
					virtual[v].bytes[i])
			i++;
		if (i == 6)
			return true;
	}
	return false;
}

bool known_is_ha(const struct knowledge *k, uint32_t link, const struct addr *a,
		 const struct mac *m)
{
	struct link_addr key;
	const struct owners *w;

	if (m && mac_is_shared(m))
		return true;
	if (!a)
		return false;
	key = link_addr_of(link, a);
	if (table_find(k->shared, &key))
		return true;
	w = known_owners(k, link, a);
	for (uint8_t i = 0; w && i < w->count; i++)
		if (mac_is_shared(&w->claim[i].mac))
			return true;
	return false;
}

bool known_neighbourhood(const struct knowledge *k, uint32_t link,
			 const struct addr *a, const struct mac *but)
{
	const struct owners *w = table_newest(k->owners);
	const unsigned bits = a->family == 4 ? 24 : 64;

	for (int i = 0; w && i < NEAR_MOST;
	     i++, w = table_older(k->owners, w)) {
		const struct link_addr *key = table_key(k->owners, w);

		if (key->link == link && key->addr.family == a->family &&
		    addr_same_prefix(&key->addr, a, bits) &&
		    (w->count > 1 || !but ||
		     !mac_equal(&w->claim[0].mac, but)))
			return true;
	}
	return false;
}
