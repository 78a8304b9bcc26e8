/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * knowledge_listing.c - what knowledge holds, as the sorted lists of an
 * inventory.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/inventory.h"
#include "analysis/knowledge/knowledge_tables.h"

enum { LINKS_MAX = 4096 };

static uint32_t room(const struct table *t)
{
	uint32_t n = table_count(t);

	return n < INVENTORY_MAX ? n : INVENTORY_MAX;
}

static int by_address(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static int by_neighbour(const void *a, const void *b)
{
	const struct inv_neighbour *x = a, *y = b;
	int d;

	if (x->link != y->link)
		return x->link < y->link ? -1 : 1;
	d = by_address(&x->addr, &y->addr);
	return d ? d : memcmp(&x->mac, &y->mac, sizeof(x->mac));
}

/* The claims of an address that were made, each a neighbour. */
static void list_neighbours(const struct knowledge *k, struct inventory *v,
			    struct arena *home)
{
	v->neighbour = arena_alloc(home, INVENTORY_MAX * sizeof(*v->neighbour));
	for (const struct owners *w = table_oldest(k->owners);
	     v->neighbour && w; w = table_newer(k->owners, w)) {
		const struct link_addr *key = table_key(k->owners, w);

		for (uint8_t i = 0; i < w->count; i++) {
			const struct claim_of *c = &w->claim[i];

			v->neighbours_all++;
			if (v->neighbours == INVENTORY_MAX)
				continue;
			v->neighbour[v->neighbours++] = (struct inv_neighbour){
				.addr = key->addr,
				.mac = c->mac,
				.link = key->link,
				.how = c->how,
				.claims = c->count,
				.first_ns = c->first_ns,
				.last_ns = c->last_ns,
				.frame = c->first_frame,
			};
		}
	}
	if (v->neighbours)
		qsort(v->neighbour, v->neighbours, sizeof(*v->neighbour),
		      by_neighbour);
}

static void add_gateway(const struct knowledge *k, struct inventory *v,
			uint32_t link, const struct addr *a,
			const struct named *n, enum proof proof)
{
	const struct owners *w = known_owners(k, link, a);
	struct inv_gateway *g;

	if (v->gateways == INVENTORY_MAX)
		return;
	g = &v->gateway[v->gateways++];
	*g = (struct inv_gateway){.addr = *a, .link = link, .proof = proof};
	if (n) {
		g->how = n->how;
		g->frame = n->frame;
	}
	if (!w || !w->count)
		return;
	g->mac = w->claim[w->count - 1].mac;
	if (!n) {
		const struct station *s = station_find(k, link, &g->mac);

		g->how = s && s->router ? "forwards" : "number";
		g->frame = s && s->router ? s->router_frame
					  : w->claim[w->count - 1].first_frame;
	}
}

static int by_gateway(const void *a, const void *b)
{
	const struct inv_gateway *x = a, *y = b;

	if (x->link != y->link)
		return x->link < y->link ? -1 : 1;
	return by_address(&x->addr, &y->addr);
}

/* Those that were named, and owned addresses that turned out to be some. */
static void list_gateways(const struct knowledge *k, struct inventory *v,
			  struct arena *home)
{
	v->gateway = arena_alloc(home, INVENTORY_MAX * sizeof(*v->gateway));
	if (!v->gateway)
		return;
	for (const struct named *n = table_oldest(k->gateways); n;
	     n = table_newer(k->gateways, n)) {
		const struct link_addr *key = table_key(k->gateways, n);

		add_gateway(k, v, key->link, &key->addr, n, PROOF_PROVEN);
	}
	for (const struct owners *w = table_oldest(k->owners); w;
	     w = table_newer(k->owners, w)) {
		const struct link_addr *key = table_key(k->owners, w);
		enum proof proof;

		if (table_find(k->gateways, key))
			continue;
		proof = known_gateway(k, key->link, NULL, &key->addr);
		if (proof != PROOF_NONE)
			add_gateway(k, v, key->link, &key->addr, NULL, proof);
	}
	if (v->gateways)
		qsort(v->gateway, v->gateways, sizeof(*v->gateway), by_gateway);
}

static void list_prefixes(const struct knowledge *k, struct inventory *v,
			  struct arena *home)
{
	v->prefix =
		arena_alloc(home, (room(k->prefixes) + 1) * sizeof(*v->prefix));
	for (const struct named *n = table_oldest(k->prefixes); v->prefix && n;
	     n = table_newer(k->prefixes, n)) {
		const struct prefix_key *key = table_key(k->prefixes, n);

		if (v->prefixes < INVENTORY_MAX)
			v->prefix[v->prefixes++] = (struct inv_prefix){
				key->prefix, key->bits, key->link, n->how,
				n->frame};
	}
}

static void list_resolvers(const struct knowledge *k, struct inventory *v,
			   struct arena *home)
{
	v->resolver = arena_alloc(home, (room(k->resolvers) + 1) *
						sizeof(*v->resolver));
	for (const struct named *n = table_oldest(k->resolvers);
	     v->resolver && n; n = table_newer(k->resolvers, n))
		if (v->resolvers < room(k->resolvers))
			v->resolver[v->resolvers++] = (struct inv_resolver){
				*(const struct addr *)table_key(k->resolvers,
								n),
				n->how, n->frame};
}

static int by_next_hop(const void *a, const void *b)
{
	const struct inv_next_hop *x = a, *y = b;
	int d = by_address(&x->host, &y->host);

	return d ? d : memcmp(&x->mac, &y->mac, sizeof(x->mac));
}

static void add_next_hop(const struct knowledge *k, struct inventory *v,
			 const struct addr *host, const struct host *h,
			 uint8_t i)
{
	struct inv_next_hop *n = &v->next_hop[v->next_hops++];
	struct addr owned[GATEWAYS_SHOWN];
	uint32_t count =
		known_owned(k, h->link, &h->via[i], owned, GATEWAYS_SHOWN);

	*n = (struct inv_next_hop){.host = *host,
				   .mac = h->via[i],
				   .link = h->link,
				   .frame = h->via_frame[i]};
	for (uint32_t g = 0; g < count && g < GATEWAYS_SHOWN; g++)
		if (owned[g].family == host->family)
			n->gateway[n->gateways++] = owned[g];
}

static void list_next_hops(const struct knowledge *k, struct inventory *v,
			   struct arena *home)
{
	v->next_hop = arena_alloc(home, INVENTORY_MAX * sizeof(*v->next_hop));
	for (const struct host *h = table_oldest(k->hosts); v->next_hop && h;
	     h = table_newer(k->hosts, h))
		for (uint8_t i = 0; i < h->vias; i++)
			if (v->next_hops < INVENTORY_MAX)
				add_next_hop(k, v, table_key(k->hosts, h), h,
					     i);
	if (v->next_hops)
		qsort(v->next_hop, v->next_hops, sizeof(*v->next_hop),
		      by_next_hop);
}

/* Each link with the first frame of a station on it; the report knows which of
 * them have a tag. */
static void list_vlans(const struct knowledge *k, struct inventory *v,
		       struct arena *home)
{
	uint64_t *first = arena_alloc(home, LINKS_MAX * sizeof(*first));

	v->vlan = arena_alloc(home, INVENTORY_MAX * sizeof(*v->vlan));
	if (!first || !v->vlan)
		return;
	for (const struct station *s = table_oldest(k->stations); s;
	     s = table_newer(k->stations, s)) {
		const struct link_mac *key = table_key(k->stations, s);

		if (key->link < LINKS_MAX &&
		    (!first[key->link] || s->first_frame < first[key->link]))
			first[key->link] = s->first_frame;
	}
	for (uint32_t i = 0; i < LINKS_MAX && v->vlans < INVENTORY_MAX; i++)
		if (first[i])
			v->vlan[v->vlans++] = (struct inv_vlan){i, first[i]};
}

struct inventory *inventory_of(const struct knowledge *k, struct arena *home)
{
	struct inventory *v = arena_alloc(home, sizeof(*v));

	if (!v)
		return NULL;
	list_neighbours(k, v, home);
	list_gateways(k, v, home);
	list_prefixes(k, v, home);
	list_resolvers(k, v, home);
	list_next_hops(k, v, home);
	list_vlans(k, v, home);
	met_list(k->met, k, v, home);
	v->probes = k->probes;
	return v;
}
