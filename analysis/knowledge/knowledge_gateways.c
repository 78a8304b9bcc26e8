/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * knowledge_gateways.c - which addresses lead off the link, and how sure that
 * is.
 *
 * Proven: a host sends packets for two addresses to a MAC that owns neither (or
 * for one, and asks that MAC for the gateway's address by unicast); DHCP,
 * router advertisements, redirects and redundancy protocols name it, or a route
 * of the host that listened; it answers
 * for others with ICMP errors; it hands over, TTL lowered, what comes from
 * afar.  Guessed: only by its number and who asks for it.
 */
#include <string.h>

#include "analysis/knowledge/knowledge_tables.h"

enum { DHCP_ACK = 5, GUESS_TRIES = 6 };

static void set_add(struct table *set, const void *key)
{
	bool *there = table_add(set, key, NULL);

	if (there)
		*there = true;
}

static void gateway_named(struct knowledge *k, const struct observation *o,
			  const struct addr *a, const char *how)
{
	struct link_addr key = link_addr_of(o->link, a);
	struct named *n;

	if (!addr_is_host(a))
		return;
	n = name_add(k->gateways, &key, o, how);
	/* a frame can be looked at, a route cannot */
	if (n && !n->frame && o->frame)
		*n = (struct named){how, o->frame};
}

/* Every message names one, and mostly the same: that is the newest already. */
static void resolver_named(struct knowledge *k, const struct observation *o,
			   const struct addr *a, const char *how)
{
	const void *newest = table_newest(k->resolvers);

	if (newest && addr_equal(table_key(k->resolvers, newest), a))
		return;
	if (addr_is_host(a))
		name_add(k->resolvers, a, o, how);
}

static struct via_key via_key_of(uint32_t link, const struct addr *host,
				 const struct mac *m)
{
	struct via_key key;

	memset(&key, 0, sizeof(key));
	key.link = link;
	key.host = *host;
	key.mac = *m;
	return key;
}

/* `m` forwards for `host`: that is now proven. */
static void router_proven(struct knowledge *k, const struct observation *o,
			  const struct addr *host, const struct mac *m)
{
	struct link_mac key = link_mac_of(o->link, m);
	struct station *s = table_find(k->stations, &key);
	struct host *h = table_find(k->hosts, host);

	if (s && !s->router) {
		s->router = true;
		s->router_frame = o->frame;
	}
	if (!h)
		return;
	for (uint8_t i = 0; i < h->vias; i++)
		if (mac_equal(&h->via[i], m))
			return;
	if (h->vias < HOST_VIAS) {
		h->vias++;
	} else {
		h->via[0] = h->via[1];
		h->via_frame[0] = h->via_frame[1];
	}
	h->via[h->vias - 1] = *m;
	h->via_frame[h->vias - 1] = o->frame;
}

/* An address that a packet to `m` may be forwarded to: it lies off the link. */
static bool leads_away(const struct knowledge *k, uint32_t link,
		       const struct addr *dest)
{
	return addr_is_host(dest) && !addr_is_link_local(dest) &&
	       !known_owners(k, link, dest);
}

static void via_add(struct via *v, const struct addr *dest)
{
	for (uint8_t i = 0; i < v->dests; i++)
		if (addr_equal(&v->dest[i], dest))
			return;
	if (v->dests < VIA_MAX)
		v->dest[v->dests++] = *dest;
}

static uint8_t via_dests(const struct knowledge *k, uint32_t link,
			 const struct via *v)
{
	uint8_t n = 0;

	for (uint8_t i = 0; i < v->dests; i++)
		n += leads_away(k, link, &v->dest[i]);
	return n;
}

static bool via_has(const struct via *v, const struct addr *dest)
{
	for (uint8_t i = 0; i < v->dests; i++)
		if (addr_equal(&v->dest[i], dest))
			return true;
	return false;
}

/* A cooked capture keeps no destination of what leaves.  What comes in from
 * afar with a lowered TTL was forwarded by the neighbour that sent it. */
static void via_heard(struct knowledge *k, const struct observation *o)
{
	const struct talk_fact *t = &o->as.talk;
	struct via_key key;
	struct via *v;

	if (t->has_macs || t->direction != FRAME_INBOUND ||
	    !mac_is_station(&t->src_mac) || !addr_is_host(&t->dst) ||
	    ttl_whole(t->ttl) || !leads_away(k, o->link, &t->src))
		return;
	key = via_key_of(o->link, &t->dst, &t->src_mac);
	v = table_add(k->vias, &key, NULL);
	if (!v)
		return;
	via_add(v, &t->src);
	v->asked = true; /* no guess: one is enough */
	router_proven(k, o, &t->dst, &t->src_mac);
}

static void via_talk(struct knowledge *k, const struct observation *o)
{
	const struct talk_fact *t = &o->as.talk;
	struct via_key key;
	struct via *v;

	via_heard(k, o);
	if (!t->has_macs || !mac_is_station(&t->dst_mac) ||
	    !addr_is_host(&t->src) || !leads_away(k, o->link, &t->dst))
		return;
	key = via_key_of(o->link, &t->src, &t->dst_mac);
	v = table_add(k->vias, &key, NULL);
	if (!v)
		return;
	via_add(v, &t->dst);
	if (via_dests(k, o->link, v) >= 2)
		router_proven(k, o, &t->src, &t->dst_mac);
}

/* A host that asks the MAC by unicast holds an entry for it: it sends through
 * it on purpose. */
static void via_asked(struct knowledge *k, const struct observation *o,
		      const struct addr *host, const struct addr *target,
		      const struct mac *m)
{
	struct via_key key = via_key_of(o->link, host, m);
	struct via *v = table_find(k->vias, &key);
	const bool nobodys = !known_owners(k, o->link, target);

	if (!v || (!nobodys && !known_owns(k, o->link, m, target)))
		return;
	v->asked = true;
	/* that what is sent to the address itself goes there is no forwarding
	 */
	if (via_dests(k, o->link, v) < 1u + via_has(v, target))
		return;
	router_proven(k, o, host, m);
	/* the capture began when it was resolved already */
	if (nobodys)
		gateway_named(k, o, target, "forwards");
}

/* A kernel that looks after an entry of its own asks from its link-local
 * address, whatever address its packets bear. */
static void asked_by_nd(struct knowledge *k, const struct observation *o)
{
	const struct nd_fact *nd = &o->as.nd;
	struct addr owned[OWNED_MAX];
	uint32_t n;

	if (nd->type != 135 || !mac_is_station(&nd->eth_dst))
		return;
	via_asked(k, o, &nd->src, &nd->target, &nd->eth_dst);
	if (!addr_is_link_local(&nd->src))
		return;
	n = known_owned(k, o->link, &nd->eth_src, owned, OWNED_MAX);
	for (uint32_t i = 0; i < n && i < OWNED_MAX; i++)
		via_asked(k, o, &owned[i], &nd->target, &nd->eth_dst);
}

static void asked_by_arp(struct knowledge *k, const struct observation *o)
{
	const struct arp_fact *arp = &o->as.arp;
	struct link_addr target = link_addr_of(o->link, &arp->target);
	struct link_addr sender = link_addr_of(o->link, &arp->sender);
	struct wanted *w;
	struct asker *a;
	bool added;

	if (arp->operation != 1 || addr_is_unspecified(&arp->sender) ||
	    addr_equal(&arp->sender, &arp->target))
		return;
	if (mac_is_station(&arp->eth_dst))
		via_asked(k, o, &arp->sender, &arp->target, &arp->eth_dst);
	a = table_add(k->askers, &sender, &added);
	if (a && added)
		a->first = arp->target;
	else if (a && !addr_equal(&a->first, &arp->target))
		a->others = true;
	w = table_add(k->wanted, &target, NULL);
	if (!w)
		return;
	w->tries++;
	for (uint8_t i = 0; i < w->askers; i++)
		if (addr_equal(&w->asker[i], &arp->sender))
			return;
	if (w->askers < ASKERS_MAX)
		w->asker[w->askers++] = arp->sender;
}

static void named_by_ra(struct knowledge *k, const struct observation *o)
{
	const struct ra_fact *ra = &o->as.ra;

	if (!ra->advertisement)
		return;
	if (ra->icmp.ra.lifetime_s)
		gateway_named(k, o, &ra->src, "ra");
	for (uint8_t i = 0; i < ra->icmp.ra.prefixes; i++)
		if (ra->icmp.ra.prefix[i].on_link &&
		    ra->icmp.ra.prefix[i].bits <= 128)
			prefix_named(k, o, &ra->icmp.ra.prefix[i].prefix,
				     ra->icmp.ra.prefix[i].bits, "ra");
	for (uint8_t i = 0; i < ra->icmp.ra.resolvers; i++)
		resolver_named(k, o, &ra->icmp.ra.resolver[i], "ra");
}

static void named_by_dhcp(struct knowledge *k, const struct observation *o)
{
	const struct dhcp_fact *d = &o->as.dhcp;
	const struct addr *client =
		addr_is_unspecified(&d->yiaddr) ? &d->ciaddr : &d->yiaddr;

	if (d->type != DHCP_ACK || d->from_client)
		return;
	for (int i = 0; i < 2; i++)
		gateway_named(k, o, &d->router[i], "dhcp");
	for (int i = 0; i < 3; i++)
		resolver_named(k, o, &d->resolver[i], "dhcp");
	mask_named(k, o, client, &d->mask, "dhcp");
}

/* What this host takes for its link: its own mask may be the wrong one; and
 * where its routes lead. */
static void named_by_interface(struct knowledge *k, const struct observation *o,
			       const struct source_interface *i)
{
	if (o->kind == OBS_LINK)
		prefixes_forget(k, o, i);
	for (uint32_t n = 0; n < i->addresses; n++) {
		const struct source_address *a = &i->address[n];

		if (addr_is_host(&a->addr) && !addr_is_link_local(&a->addr) &&
		    a->bits < (a->addr.family == 4 ? 32 : 128))
			prefix_named(k, o, &a->addr, a->bits, "interface");
	}
	for (uint32_t n = 0; n < i->gateways; n++)
		gateway_named(k, o, &i->gateway[n], "route");
}

/* A router tells its neighbours how large their link is, and that it is one. */
static void named_by_ospf(struct knowledge *k, const struct observation *o)
{
	const struct ospf_fact *f = &o->as.ospf;

	gateway_named(k, o, &f->src, "ospf");
	mask_named(k, o, &f->src, &f->hello.mask, "ospf");
}

static void named_by_fhrp(struct knowledge *k, const struct observation *o)
{
	const struct fhrp_header *h = &o->as.fhrp.header;

	for (uint8_t i = 0; i < h->address_count && i < 4; i++) {
		struct link_addr key = link_addr_of(o->link, &h->address[i]);

		if (!addr_is_host(&h->address[i]))
			continue;
		set_add(k->shared, &key);
		gateway_named(k, o, &h->address[i], "redundancy");
	}
}

/* A neighbour that answers with an error about a packet for somebody else. */
static void named_by_error(struct knowledge *k, const struct observation *o)
{
	const struct icmp_error_fact *e = &o->as.icmp_error;

	if (known_owns(k, o->link, &e->eth_src, &e->reporter) &&
	    e->quote.present && !addr_equal(&e->quote.dst, &e->reporter) &&
	    leads_away(k, o->link, &e->quote.dst))
		gateway_named(k, o, &e->reporter, "error");
}

void gateways_observe(struct knowledge *k, const struct observation *o)
{
	switch (o->kind) {
	case OBS_TALK:
		via_talk(k, o);
		break;
	case OBS_ARP:
		asked_by_arp(k, o);
		break;
	case OBS_ND:
		asked_by_nd(k, o);
		break;
	case OBS_RA:
		named_by_ra(k, o);
		break;
	case OBS_DHCP:
		named_by_dhcp(k, o);
		break;
	case OBS_OSPF:
		named_by_ospf(k, o);
		break;
	case OBS_INTERFACE:
	case OBS_LINK:
		if (own_told(o))
			named_by_interface(k, o, own_told(o));
		break;
	case OBS_FHRP:
		named_by_fhrp(k, o);
		break;
	case OBS_ICMP_ERROR:
		named_by_error(k, o);
		break;
	case OBS_REDIRECT:
		gateway_named(k, o, &o->as.redirect.reporter, "redirect");
		gateway_named(k, o, &o->as.redirect.gateway, "redirect");
		break;
	case OBS_DNS:
		if (o->as.dns.flow.dst_port == 53)
			resolver_named(k, o, &o->as.dns.flow.dst, "asked");
		break;
	default:
		break;
	}
}

static bool via_proven(const struct knowledge *k, uint32_t link,
		       const struct addr *host, const struct mac *m)
{
	struct via_key key = via_key_of(link, host, m);
	const struct via *v = table_find(k->vias, &key);
	uint8_t n = v ? via_dests(k, link, v) : 0;

	return n >= 2 || (n == 1 && v->asked);
}

static bool ends_like_gateway(const struct addr *a)
{
	return a->family == 4 && (a->bytes[3] == 1 || a->bytes[3] == 254);
}

static bool talked(const struct knowledge *k, const struct addr *a,
		   const struct addr *b)
{
	bool low = memcmp(a, b, sizeof(*a)) < 0;
	struct addr_pair key = {low ? *a : *b, low ? *b : *a};

	return table_find(k->addr_pairs, &key) != NULL;
}

/* Two hosts ask for it; or one that asks for nothing else, many times, and
 * wants nothing of it itself. */
static bool gateway_guessed(const struct knowledge *k, uint32_t link,
			    const struct addr *a)
{
	struct link_addr key = link_addr_of(link, a);
	const struct wanted *w = table_find(k->wanted, &key);
	const struct asker *only;

	if (!w || !ends_like_gateway(a))
		return false;
	if (w->askers >= 2)
		return true;
	key = link_addr_of(link, &w->asker[0]);
	only = table_find(k->askers, &key);
	return only && !only->others && w->tries >= GUESS_TRIES &&
	       !ends_like_gateway(&w->asker[0]) && !talked(k, &w->asker[0], a);
}

enum proof known_gateway(const struct knowledge *k, uint32_t link,
			 const struct addr *host, const struct addr *a)
{
	struct link_addr key = link_addr_of(link, a);
	const struct owners *w = table_find(k->owners, &key);
	enum proof best = PROOF_NONE;

	if (table_find(k->gateways, &key))
		return PROOF_PROVEN;
	for (uint8_t i = 0; w && i < w->count; i++) {
		const struct mac *m = &w->claim[i].mac;

		if (host && via_proven(k, link, host, m))
			return PROOF_PROVEN;
		if (known_is_router(k, link, m))
			best = host ? PROOF_INFERRED : PROOF_PROVEN;
	}
	if (best == PROOF_NONE && gateway_guessed(k, link, a))
		return PROOF_GUESSED;
	return best;
}

bool known_is_router(const struct knowledge *k, uint32_t link,
		     const struct mac *m)
{
	const struct station *s = station_find(k, link, m);

	return s && s->router;
}

static uint32_t gateway_list(const struct addr *a, struct addr *out, uint32_t n,
			     uint32_t most)
{
	for (uint32_t i = 0; i < n; i++)
		if (addr_equal(&out[i], a))
			return n;
	if (n < most)
		out[n++] = *a;
	return n;
}

uint32_t known_gateways_of(const struct knowledge *k, uint32_t link,
			   const struct addr *host, struct addr *out,
			   uint32_t most)
{
	const struct host *h = table_find(k->hosts, host);
	uint32_t n = 0;

	for (uint8_t v = 0; h && v < h->vias; v++) {
		struct addr owned[OWNED_MAX];
		uint32_t count =
			known_owned(k, link, &h->via[v], owned, OWNED_MAX);

		for (uint32_t i = 0; i < count && i < OWNED_MAX; i++)
			if (owned[i].family == host->family)
				n = gateway_list(&owned[i], out, n, most);
	}
	if (n)
		return n;
	for (const struct named *g = table_oldest(k->gateways); g;
	     g = table_newer(k->gateways, g)) {
		const struct link_addr *key = table_key(k->gateways, g);

		if (key->link == link && key->addr.family == host->family &&
		    !addr_equal(&key->addr, host))
			n = gateway_list(&key->addr, out, n, most);
	}
	return n;
}

bool known_resolver(const struct knowledge *k, const struct addr *a)
{
	return table_find(k->resolvers, a) != NULL;
}
