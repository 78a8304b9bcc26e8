/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * knowledge.c - what was learned about the network: the tables, and which
 * observations feed them.
 */
#include "analysis/knowledge.h"

#include <string.h>

#include "analysis/checks.h"
#include "analysis/knowledge/knowledge_tables.h"

enum { PREFIXES_MAX = 512 };

/* A table for each of these members. */
struct table_row {
	size_t member;
	struct table_spec spec;
};

static bool tables_open(struct knowledge *k, struct arena *home,
			const struct limits *l, struct hash_key key)
{
#define ROW(field, key_type, value_type, most)                                 \
	{                                                                      \
		offsetof(struct knowledge, field),                             \
		{                                                              \
			"known " #field, sizeof(key_type), sizeof(value_type), \
				most                                           \
		}                                                              \
	}
	const struct table_row rows[] = {
		ROW(owners, struct link_addr, struct owners, l->owners),
		ROW(stations, struct link_mac, struct station, l->macs),
		ROW(cards, struct mac, struct card, l->macs),
		ROW(hosts, struct addr, struct host, l->macs),
		ROW(mac_pairs, struct mac_pair, struct pair, l->macs),
		ROW(addr_pairs, struct addr_pair, struct pair, l->macs),
		ROW(vias, struct via_key, struct via, l->neighbours),
		ROW(wanted, struct link_addr, struct wanted, l->neighbours),
		ROW(askers, struct link_addr, struct asker, l->neighbours),
		ROW(gateways, struct link_addr, struct named, l->services),
		ROW(shared, struct link_addr, bool, l->services),
		ROW(prefixes, struct prefix_key, struct named, PREFIXES_MAX),
		ROW(resolvers, struct addr, struct named, l->services),
	};
#undef ROW

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct table *t = table_new(home, &rows[i].spec, key);

		if (!t)
			return false;
		memcpy((char *)k + rows[i].member, &t, sizeof(struct table *));
	}
	return true;
}

struct knowledge *knowledge_new(struct arena *home, const struct limits *limits,
				struct hash_key key)
{
	struct knowledge *k = arena_alloc(home, sizeof(*k));

	if (!k || !tables_open(k, home, limits, key))
		return NULL;
	k->probes = probes_new(home, limits, key);
	k->met = met_new(home, limits, key);
	k->translations = translations_new(home, limits, key);
	return k->probes && k->met && k->translations ? k : NULL;
}

void knowledge_place(struct knowledge *k, const struct places *places)
{
	k->places = places;
}

const struct places *known_places(const struct knowledge *k)
{
	return k->places;
}

void knowledge_limits(const struct knowledge *k, struct checks *out)
{
	const struct table *const tables[] = {
		k->owners,    k->stations,   k->cards,	k->hosts,
		k->mac_pairs, k->addr_pairs, k->vias,	k->wanted,
		k->askers,    k->gateways,   k->shared, k->prefixes,
		k->resolvers};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		check_table(out, tables[i]);
	probes_limits(k->probes, out);
	translations_limits(k->translations, out);
}

void knowledge_observe(struct knowledge *k, const struct observation *o)
{
	static const bool used[OBSERVATIONS] = {
		[OBS_TALK] = true,	 [OBS_ARP] = true,
		[OBS_ND] = true,	 [OBS_RA] = true,
		[OBS_FHRP] = true,	 [OBS_DHCP] = true,
		[OBS_ICMP_ERROR] = true, [OBS_REDIRECT] = true,
		[OBS_OFFLOAD] = true,	 [OBS_SAME_PACKET] = true,
		[OBS_OSPF] = true,	 [OBS_DNS] = true,
		[OBS_INTERFACE] = true,	 [OBS_LINK] = true,
	};

	probes_observe(k->probes, o);
	met_observe(k->met, o);
	translations_observe(k->translations, o);
	if (!used[o->kind])
		return;
	seen_observe(k, o);
	owners_observe(k, o);
	gateways_observe(k, o);
}

const struct source_interface *own_told(const struct observation *o)
{
	return o->kind == OBS_INTERFACE ? o->as.own
	       : o->kind == OBS_LINK	? o->as.link.own
					: NULL;
}

/* Field by field, so that padding stays zero. */
struct link_addr link_addr_of(uint32_t link, const struct addr *a)
{
	struct link_addr key;

	memset(&key, 0, sizeof(key));
	key.link = link;
	key.addr = *a;
	return key;
}

struct link_mac link_mac_of(uint32_t link, const struct mac *m)
{
	struct link_mac key;

	memset(&key, 0, sizeof(key));
	key.link = link;
	key.mac = *m;
	return key;
}

bool mac_is_station(const struct mac *m)
{
	return !mac_is_group(m) && !mac_is_zero(m);
}

bool addr_is_host(const struct addr *a)
{
	return !addr_is_unspecified(a) && !addr_is_multicast(a) &&
	       !addr_is_broadcast(a) && !addr_is_loopback(a);
}
