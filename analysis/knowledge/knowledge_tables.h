/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * knowledge_tables.h - what knowledge*.c share, and nobody else includes.
 *
 * Every table is bounded and forgets what was touched longest ago.  Keys are
 * compared as bytes: they are made by the functions below, which leave no
 * padding unset.
 */
#ifndef UPSTACK_ANALYSIS_KNOWLEDGE_TABLES_H
#define UPSTACK_ANALYSIS_KNOWLEDGE_TABLES_H

#include "analysis/inventory.h"
#include "analysis/knowledge.h"
#include "base/table.h"

enum { OWNED_MAX = 4, VIA_MAX = 4, ASKERS_MAX = 2, HOST_VIAS = 2 };

/* "±60 s" of findings-lower.md section 1. */
#define TWO_WAY_NS (60LL * 1000000000)

struct link_addr {
	uint32_t link;
	struct addr addr;
};

struct link_mac {
	uint32_t link;
	struct mac mac;
	uint8_t pad[2];
};

struct mac_pair {
	uint32_t link;
	struct mac low, high;
};

struct addr_pair {
	struct addr low, high;
};

struct via_key {
	uint32_t link;
	struct addr host;
	struct mac mac;
	uint8_t pad[2];
};

struct prefix_key {
	uint32_t link;
	uint32_t bits;
	struct addr prefix;
};

/* When something was seen both ways, from the first time to the last. */
struct both_ways {
	int64_t first_ns, last_ns;
	bool seen;
};

/* Two ends, and when each last spoke to the other. */
struct pair {
	int64_t last_ns[2];
	bool spoke[2];
};

/* What was named in so many words: where, and by what (static). */
struct named {
	const char *how;
	uint64_t frame;
};

/* A MAC on a link. */
struct station {
	int64_t first_ns, last_ns;
	uint64_t first_frame, last_frame;
	struct both_ways both;
	bool router; /* forwards for somebody: proven */
	uint64_t router_frame;
	uint32_t owned_count;
	struct addr owned[OWNED_MAX]; /* claimed, the first ones */
};

/* A MAC whatever its link: signs that the capture was taken on it. */
struct card {
	uint64_t sent, received; /* unicast frames */
	bool own;	/* of an interface that is listened on */
	bool spoke;	/* a frame of it was seen */
	bool outbound, short_arp, long_arp, super_packets, unfilled;
	struct addr address; /* that it sent from */
};

struct host {
	int64_t last_ns;
	uint64_t last_frame;
	struct both_ways both;
	uint32_t link;
	bool from_known;
	bool far; /* its TTL was lowered: somebody forwards for it */
	uint8_t whole_ttl; /* the last usual first TTL of it, from this very
			    * card; 0: none */
	struct mac from;	   /* of its frames */
	struct mac via[HOST_VIAS]; /* routers that it uses, proven */
	uint64_t via_frame[HOST_VIAS];
	uint8_t vias;
};

/* What a host sends to a MAC that does not own the destination. */
struct via {
	struct addr dest[VIA_MAX];
	uint8_t dests;
	bool asked; /* asked that MAC for its address by unicast */
};

/* Who asks for an address by ARP. */
struct wanted {
	struct addr asker[ASKERS_MAX];
	uint8_t askers;
	uint32_t tries;
};

/* What a host asks for by ARP. */
struct asker {
	struct addr first;
	bool others; /* more than one address */
};

struct knowledge {
	struct table *owners;	  /* link_addr -> owners */
	struct table *stations;	  /* link_mac -> station */
	struct table *cards;	  /* mac -> card */
	struct table *hosts;	  /* addr -> host */
	struct table *mac_pairs;  /* mac_pair -> pair */
	struct table *addr_pairs; /* addr_pair -> pair */
	struct table *vias;	  /* via_key -> via */
	struct table *wanted;	  /* link_addr -> wanted */
	struct table *askers;	  /* link_addr -> asker */
	struct table *gateways;	  /* link_addr -> named */
	struct table *shared;	  /* link_addr -> bool: HA address */
	struct table *prefixes;	  /* prefix_key -> named */
	struct table *resolvers;  /* addr -> named */
	struct probes *probes;	  /* traceroutes */
	struct translations *translations; /* knowledge_translated.c */
	struct met *met;	  /* what is only listed */
	uint64_t unicast;	  /* frames between two known MACs */
	uint32_t longs, supers;	  /* cards with long ARP, super-packets */
	uint32_t unfilled;	  /* cards whose sums are not filled in */
	struct mac hub[2];	  /* what all two-way pairs have in common */
	uint8_t hubs;
	bool any_pair, any_talk, mirror; /* both ways: MACs, addresses */
	bool forwards; /* a packet passed with two TTLs and MACs */
	const struct places *places; /* NULL: one interface */
};

/* Fresh from its sender, as far as the usual first TTLs tell. */
static inline bool ttl_whole(uint8_t ttl)
{
	return ttl == 32 || ttl == 64 || ttl == 128 || ttl == 255;
}

struct link_addr link_addr_of(uint32_t link, const struct addr *a);
struct link_mac link_mac_of(uint32_t link, const struct mac *m);

/* What an observation tells of an interface itself; NULL: nothing. */
const struct source_interface *own_told(const struct observation *o);

/* knowledge_owners.c */
void owners_observe(struct knowledge *k, const struct observation *o);
struct station *station_seen(struct knowledge *k, uint32_t link,
			     const struct mac *m, int64_t ns, uint64_t frame);
const struct station *station_find(const struct knowledge *k, uint32_t link,
				   const struct mac *m);

/* knowledge_prefixes.c: the first frame that names something is kept; an
 * address and its mask: ones, then zeros; and prefixes that the interface had by
 * addresses that it gave up. */
struct named *name_add(struct table *names, const void *key,
		       const struct observation *o, const char *how);
void prefix_named(struct knowledge *k, const struct observation *o,
		  const struct addr *a, uint32_t bits, const char *how);
void mask_named(struct knowledge *k, const struct observation *o,
		const struct addr *a, const struct addr *mask, const char *how);
void prefixes_forget(struct knowledge *k, const struct observation *o,
		     const struct source_interface *i);

/* knowledge_gateways.c */
void gateways_observe(struct knowledge *k, const struct observation *o);

/* knowledge_translated.c; NULL: no memory */
struct translations *translations_new(struct arena *home,
				      const struct limits *limits,
				      struct hash_key key);
void translations_observe(struct translations *t, const struct observation *o);
void translations_limits(const struct translations *t, struct checks *out);

/* knowledge_seen.c */
void seen_observe(struct knowledge *k, const struct observation *o);

#endif
