/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * knowledge_seen.c - who was seen when, who is seen both ways, and from that
 * where the capture was taken.
 *
 * One-way unicast proves nothing about what we would see: switches flood frames
 * to a MAC that they forgot.  A pair that speaks both ways within a minute
 * does.
 */
#include <string.h>

#include "analysis/knowledge/knowledge_tables.h"

enum {
	ETHERNET_MIN = 60, /* shorter ones never came off a wire */
	SELF_FRAMES = 20,  /* unicast frames, before a share means something */
	SELF_PERCENT = 95,
	OWNERS_LOOK = 4096,
};

static void both_note(struct both_ways *b, int64_t ns)
{
	if (!b->seen)
		b->first_ns = ns;
	b->seen = true;
	b->last_ns = ns;
}

static bool both_around(const struct both_ways *b, int64_t ns)
{
	return b->seen && b->first_ns <= ns + TWO_WAY_NS &&
	       b->last_ns >= ns - TWO_WAY_NS;
}

/* The pair spoke this way now; whether it is seen both ways. */
static bool pair_spoke(struct pair *p, int way, int64_t ns)
{
	p->last_ns[way] = ns;
	p->spoke[way] = true;
	return p->spoke[!way] && ns - p->last_ns[!way] <= TWO_WAY_NS;
}

/* What all two-way pairs have in common is a place where one could capture. */
static void hub_narrow(struct knowledge *k, const struct mac *a,
		       const struct mac *b)
{
	uint8_t n = 0;

	if (k->mirror)
		return;
	if (!k->any_pair) {
		k->any_pair = true;
		k->hub[0] = *a;
		k->hub[1] = *b;
		k->hubs = 2;
		return;
	}
	for (uint8_t i = 0; i < k->hubs; i++)
		if (mac_equal(&k->hub[i], a) || mac_equal(&k->hub[i], b))
			k->hub[n++] = k->hub[i];
	k->hubs = n;
	k->mirror = n == 0;
}

static void macs_both(struct knowledge *k, uint32_t link, const struct mac *a,
		      const struct mac *b, int64_t ns)
{
	const struct mac *ends[2] = {a, b};

	for (int i = 0; i < 2; i++) {
		struct link_mac key = link_mac_of(link, ends[i]);
		struct station *s = table_find(k->stations, &key);

		if (s)
			both_note(&s->both, ns);
	}
	hub_narrow(k, a, b);
}

static struct card *card_of(struct knowledge *k, const struct mac *m)
{
	return mac_is_station(m) ? table_add(k->cards, m, NULL) : NULL;
}

static void unicast_counted(struct knowledge *k, const struct mac *from,
			    const struct mac *to, uint32_t packets)
{
	struct card *src = card_of(k, from), *dst = card_of(k, to);

	k->unicast += packets;
	if (src)
		src->sent += packets;
	if (dst)
		dst->received += packets;
}

static void macs_spoke(struct knowledge *k, const struct observation *o,
		       const struct mac *from, const struct mac *to,
		       uint32_t packets)
{
	bool low = memcmp(from, to, sizeof(*from)) < 0;
	struct mac_pair key;
	struct pair *p;

	if (!mac_is_station(from) || !mac_is_station(to))
		return;
	unicast_counted(k, from, to, packets);
	memset(&key, 0, sizeof(key));
	key.link = o->link;
	key.low = low ? *from : *to;
	key.high = low ? *to : *from;
	p = table_add(k->mac_pairs, &key, NULL);
	if (p && pair_spoke(p, low, o->time_ns))
		macs_both(k, o->link, from, to, o->time_ns);
}

static struct host *host_of(struct knowledge *k, const struct addr *a)
{
	return addr_is_host(a) ? table_add(k->hosts, a, NULL) : NULL;
}

static void addrs_spoke(struct knowledge *k, const struct observation *o,
			struct host *from, struct host *to)
{
	const struct talk_fact *t = &o->as.talk;
	bool low = memcmp(&t->src, &t->dst, sizeof(t->src)) < 0;
	struct addr_pair key = {low ? t->src : t->dst, low ? t->dst : t->src};
	struct pair *p = table_add(k->addr_pairs, &key, NULL);

	if (!p || !pair_spoke(p, low, o->time_ns))
		return;
	both_note(&from->both, o->time_ns);
	both_note(&to->both, o->time_ns);
	k->any_talk = true;
}

/* A TTL of one keeps a packet on the link and is chosen by its sender; who sent
 * one whole TTL from this card is no host behind it. */
static void host_heard(struct host *h, const struct mac *from, uint8_t ttl)
{
	if (!h->from_known || !mac_equal(&h->from, from)) {
		h->far = false;
		h->whole_ttl = 0;
	}
	h->from = *from;
	h->from_known = true;
	if (ttl_whole(ttl))
		h->whole_ttl = ttl;
	if (ttl != 1)
		h->far = !h->whole_ttl;
}

static void talk_hosts(struct knowledge *k, const struct observation *o)
{
	const struct talk_fact *t = &o->as.talk;
	struct host *to = host_of(k, &t->dst), *from = host_of(k, &t->src);

	if (from && o->time_ns >= from->last_ns) {
		from->last_ns = o->time_ns;
		from->last_frame = o->frame;
		from->link = o->link;
		if (mac_is_station(&t->src_mac))
			host_heard(from, &t->src_mac, t->ttl);
	}
	/* the table may have forgotten one for the sake of the other */
	if (to && !addr_equal(table_key(k->hosts, to), &t->dst))
		to = NULL;
	if (from && to)
		addrs_spoke(k, o, from, to);
}

static void outbound(struct knowledge *k, const struct mac *m)
{
	struct card *c = card_of(k, m);

	if (c)
		c->outbound = true;
}

/* The address that it is known by: its IPv4 one, if it has any. */
static void address_seen(struct card *c, const struct addr *a)
{
	if (c && addr_is_host(a) && !addr_is_link_local(a) &&
	    (addr_is_unspecified(&c->address) ||
	     (c->address.family == 6 && a->family == 4)))
		c->address = *a;
}

static void card_spoke(struct card *c)
{
	if (c)
		c->spoke = true;
}

/* What the system, or a file, says of the interface itself: the last word on its
 * addresses. */
static void interface_told(struct knowledge *k,
			   const struct source_interface *i)
{
	struct card *c = card_of(k, &i->mac);

	if (!c)
		return;
	c->own = true;
	if (i->addresses)
		memset(&c->address, 0, sizeof(c->address));
	for (uint32_t n = 0; n < i->addresses; n++)
		address_seen(c, &i->address[n].addr);
}

static void talk_seen(struct knowledge *k, const struct observation *o)
{
	const struct talk_fact *t = &o->as.talk;
	struct card *c = card_of(k, &t->src_mac);

	station_seen(k, o->link, &t->src_mac, o->time_ns, o->frame);
	card_spoke(c);
	address_seen(c, &t->src);
	if (t->direction == FRAME_OUTBOUND)
		outbound(k, &t->src_mac);
	macs_spoke(k, o, &t->src_mac, &t->dst_mac, t->packets);
	talk_hosts(k, o);
}

static void arp_sizes(struct knowledge *k, const struct arp_fact *arp)
{
	struct card *c = card_of(k, &arp->eth_src);

	card_spoke(c);
	if (!c || !arp->frame_bytes)
		return;
	if (arp->frame_bytes < ETHERNET_MIN)
		c->short_arp = true;
	else if (!c->long_arp) {
		c->long_arp = true;
		k->longs++;
	}
}

static void arp_seen(struct knowledge *k, const struct observation *o)
{
	const struct arp_fact *arp = &o->as.arp;

	station_seen(k, o->link, &arp->eth_src, o->time_ns, o->frame);
	arp_sizes(k, arp);
	if (arp->direction == FRAME_OUTBOUND) {
		outbound(k, &arp->sender_mac);
		address_seen(card_of(k, &arp->sender_mac), &arp->sender);
	}
	macs_spoke(k, o, &arp->eth_src, &arp->eth_dst, 1);
	/* the asker's broadcast has just taught the switch where it is: that
	 * the answer is seen here is no flooding */
	if (arp->asked && mac_is_station(&arp->eth_dst) &&
	    mac_is_station(&arp->eth_src))
		macs_both(k, o->link, &arp->eth_src, &arp->eth_dst, o->time_ns);
}

static void offload_seen(struct knowledge *k, const struct offload_fact *f)
{
	struct card *c = card_of(k, &f->src);

	if (!c)
		return;
	if (f->checksum && !c->unfilled) {
		c->unfilled = true;
		k->unfilled++;
	} else if (f->bytes && f->fresh && !c->super_packets) {
		c->super_packets = true;
		k->supers++;
	}
}

/* Large packets that came from afar were joined by the card that took them;
 * those of a neighbour may have been, and then somebody else's sums are not
 * filled in. */
static bool only_it_sends_large(const struct knowledge *k, const struct card *c)
{
	return c->super_packets && k->supers == 1 &&
	       (c->unfilled || !k->unfilled);
}

void seen_observe(struct knowledge *k, const struct observation *o)
{
	const struct same_packet_fact *same = &o->as.same_packet;

	if (o->kind == OBS_TALK)
		talk_seen(k, o);
	else if (o->kind == OBS_ARP)
		arp_seen(k, o);
	else if (o->kind == OBS_OFFLOAD)
		offload_seen(k, &o->as.offload);
	else if (own_told(o))
		interface_told(k, own_told(o));
	else if (o->kind == OBS_SAME_PACKET && same->has_macs &&
		 !same->same_macs && same->ttl + 1 == same->ttl_before)
		k->forwards = true;
}

static bool card_is_end(const struct knowledge *k, const struct card *c)
{
	return k->unicast >= SELF_FRAMES && c->sent && c->received &&
	       (c->sent + c->received) * 100 >= k->unicast * SELF_PERCENT;
}

/* The proofs of findings-lower.md section 1, best first; a share of the frames
 * only where one card alone has it. */
static enum self_proof card_proof(const struct knowledge *k,
				  const struct mac *m, const struct card *c)
{
	if (c->own && c->spoke)
		return SELF_OWN;
	if (c->outbound)
		return SELF_OUTBOUND;
	if (c->short_arp && !c->long_arp && k->longs)
		return SELF_SHORT;
	if (only_it_sends_large(k, c))
		return SELF_SUPER;
	if (card_is_end(k, c) && k->hubs == 1 && mac_equal(&k->hub[0], m))
		return SELF_SHARE;
	return SELF_NONE;
}

enum self_proof known_self_proof(const struct knowledge *k, const struct mac *m)
{
	const struct card *c = table_find(k->cards, m);

	return c ? card_proof(k, m, c) : SELF_NONE;
}

bool known_is_self(const struct knowledge *k, const struct mac *m)
{
	return known_self_proof(k, m) != SELF_NONE;
}

enum vantage known_vantage(const struct knowledge *k, struct addr *self,
			   struct mac *self_mac)
{
	const struct card *best = NULL;
	enum self_proof proof = SELF_NONE;

	for (const struct card *c = table_oldest(k->cards); c;
	     c = table_newer(k->cards, c)) {
		enum self_proof p = card_proof(k, table_key(k->cards, c), c);

		if (p > proof) {
			proof = p;
			best = c;
		}
	}
	/* a switch floods to others what is for one, but no conversation */
	if (!best && !k->any_pair)
		return k->unicast >= SELF_FRAMES && !k->any_talk
			       ? VANTAGE_SPECTATOR
			       : VANTAGE_UNKNOWN;
	if (!best) /* sums that nobody filled in never were on a wire */
		return k->mirror && !k->unfilled ? VANTAGE_MIRROR
						 : VANTAGE_UNKNOWN;
	if (self)
		*self = best->address;
	if (self_mac)
		memcpy(self_mac, table_key(k->cards, best), sizeof(*self_mac));
	return k->forwards ? VANTAGE_ROUTER : VANTAGE_HOST;
}

bool known_hears(const struct knowledge *k, uint32_t link,
		 const struct mac *mac)
{
	for (const struct station *s = table_newest(k->stations); s;
	     s = table_older(k->stations, s)) {
		const struct link_mac *key = table_key(k->stations, s);

		if (key->link == link && !mac_equal(&key->mac, mac) &&
		    !known_is_self(k, &key->mac))
			return true;
	}
	return false;
}

/* Of this host itself all is recorded that it sends and gets, unless the capture
 * was told to take one direction. */
bool known_visible(const struct knowledge *k, uint32_t link,
		   const struct mac *mac, int64_t ns)
{
	const struct station *s = station_find(k, link, mac);

	return (s && both_around(&s->both, ns)) ||
	       (known_is_self(k, mac) && known_hears(k, link, mac));
}

bool known_host_visible(const struct knowledge *k, const struct addr *a,
			int64_t ns)
{
	const struct host *h = table_find(k->hosts, a);

	if (h && both_around(&h->both, ns))
		return true;
	return h && h->from_known && known_owns(k, h->link, &h->from, a) &&
	       known_visible(k, h->link, &h->from, ns);
}

uint8_t known_whole_ttl(const struct knowledge *k, const struct addr *a)
{
	const struct host *h = table_find(k->hosts, a);

	return h ? h->whole_ttl : 0;
}

int64_t known_sent_last(const struct knowledge *k, const struct addr *from,
			const struct addr *to)
{
	bool low = memcmp(from, to, sizeof(*from)) < 0;
	struct addr_pair key = {low ? *from : *to, low ? *to : *from};
	const struct pair *p = table_find(k->addr_pairs, &key);

	return p && p->spoke[low] ? p->last_ns[low] : 0;
}

bool known_unheard(const struct knowledge *k, const struct addr *a,
		   const struct addr *but, int64_t since_ns)
{
	const struct pair *p = table_newest(k->addr_pairs);
	uint32_t asked = 0;

	for (int i = 0; p && i < OWNERS_LOOK;
	     i++, p = table_older(k->addr_pairs, p)) {
		const struct addr_pair *key = table_key(k->addr_pairs, p);
		bool low = addr_equal(&key->low, a);
		const struct addr *other = low ? &key->high : &key->low;

		if (!low && !addr_equal(&key->high, a))
			continue;
		if (p->spoke[!low] && p->last_ns[!low] >= since_ns)
			return false;
		asked += p->spoke[low] && p->last_ns[low] >= since_ns &&
			 !addr_equal(other, but);
	}
	return asked >= 2;
}

int64_t known_mac_first(const struct knowledge *k, uint32_t link,
			const struct mac *mac)
{
	const struct station *s = station_find(k, link, mac);

	return s ? s->first_ns : 0;
}

int64_t known_mac_last(const struct knowledge *k, uint32_t link,
		       const struct mac *mac, uint64_t *frame)
{
	const struct station *s = station_find(k, link, mac);

	if (frame)
		*frame = s ? s->last_frame : 0;
	return s ? s->last_ns : 0;
}

int64_t known_host_last(const struct knowledge *k, const struct addr *a,
			uint64_t *frame)
{
	const struct host *h = table_find(k->hosts, a);

	if (frame)
		*frame = h ? h->last_frame : 0;
	return h ? h->last_ns : 0;
}

/* The station through which `a` was last heard, its TTL lowered on the way. */
static const struct station *forwarder(const struct knowledge *k, uint32_t link,
				       const struct addr *a, struct mac *mac)
{
	const struct host *h = table_find(k->hosts, a);

	if (!h || !h->far || !h->from_known || h->link != link)
		return NULL;
	*mac = h->from;
	return station_find(k, link, &h->from);
}

/* That packets are sent to a station proves nothing: the address may be one of
 * its own that nobody has asked for yet. */
bool known_behind(const struct knowledge *k, uint32_t link,
		  const struct addr *a, struct mac *router)
{
	const struct station *s;

	if (known_owners(k, link, a))
		return false;
	s = forwarder(k, link, a, router);
	return s && (s->router || s->owned_count);
}

static bool owns_another(const struct station *s, const struct addr *a)
{
	for (uint32_t i = 0; i < s->owned_count && i < OWNED_MAX; i++)
		if (s->owned[i].family == a->family &&
		    !addr_equal(&s->owned[i], a) &&
		    !addr_is_link_local(&s->owned[i]))
			return true;
	return false;
}

/* A router that answers for one address alone is its owner: what comes from
 * there with a lowered TTL has its address changed on the way (NAT). */
bool known_proxied(const struct knowledge *k, uint32_t link,
		   const struct addr *a, struct mac *router)
{
	const struct owners *w = known_owners(k, link, a);
	const struct station *s = forwarder(k, link, a, router);

	return w && w->count == 1 && s && owns_another(s, a) &&
	       mac_equal(&w->claim[0].mac, router);
}

static bool sends_to(const struct knowledge *k, uint32_t link,
		     const struct mac *from, const struct mac *to,
		     int64_t since_ns)
{
	bool low = memcmp(from, to, sizeof(*from)) < 0;
	struct mac_pair key;
	const struct pair *p;

	memset(&key, 0, sizeof(key));
	key.link = link;
	key.low = low ? *from : *to;
	key.high = low ? *to : *from;
	p = table_find(k->mac_pairs, &key);
	return p && p->spoke[low] && p->last_ns[low] >= since_ns;
}

bool known_found_elsewhere(const struct knowledge *k, uint32_t link,
			   const struct mac *asker, const struct addr *target,
			   int64_t since_ns)
{
	const struct owners *w = table_newest(k->owners);

	for (int i = 0; w && i < OWNERS_LOOK;
	     i++, w = table_older(k->owners, w)) {
		const struct link_addr *key = table_key(k->owners, w);

		if (key->link == link || !addr_equal(&key->addr, target))
			continue;
		for (uint8_t n = 0; n < w->count; n++)
			if (sends_to(k, link, asker, &w->claim[n].mac,
				     since_ns))
				return true;
	}
	return false;
}
