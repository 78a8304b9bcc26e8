/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * inventory.h - what was learned of the network, as lists: the passive
 * counterpart of ip neigh, ip route and ss -tln.
 *
 * Each entry names the frame that proves it.  A list holds at most
 * INVENTORY_MAX entries; `..._all` says how many there were.
 */
#ifndef UPSTACK_ANALYSIS_INVENTORY_H
#define UPSTACK_ANALYSIS_INVENTORY_H

#include "analysis/knowledge.h"

struct finding;

enum {
	INVENTORY_MAX = 1000,
	GATEWAYS_SHOWN = 4,
	SERVICES_MAX = 4096,
	SERIES_MAX = 4096,
	SERVERS_MAX = 256,
	DEVICES_MAX = 1024,
	PING_LARGE = 576 /* less says nothing of the MTU of a path */
};

/* `how` is a static word: what proved it. */
struct inv_neighbour {
	struct addr addr;
	struct mac mac;
	uint32_t link;
	const char *how; /* arp, nd, dhcp */
	uint32_t claims;
	int64_t first_ns, last_ns;
	uint64_t frame;
};

struct inv_gateway {
	struct addr addr;
	struct mac mac; /* zero: nobody claimed it */
	uint32_t link;
	enum proof proof;
	const char *how; /* dhcp, ra, redirect, redundancy, ospf, error, route,
			  * forwards, number */
	uint64_t frame;
};

struct inv_prefix {
	struct addr prefix;
	uint32_t bits, link;
	const char *how; /* dhcp, ra, ospf */
	uint64_t frame;
};

struct inv_resolver {
	struct addr addr;
	const char *how; /* dhcp, ra, asked */
	uint64_t frame;
};

struct inv_server {
	struct addr addr;
	struct mac mac;
	uint32_t link;
	uint64_t frame;
};

/* A VLAN of an interface: the outermost tag. */
struct inv_vlan {
	uint32_t link;
	uint64_t frame; /* the first of a station in it; 0: not known */
};

struct inv_service {
	struct addr addr;
	uint16_t port;
	uint8_t protocol;
	uint64_t answered; /* connections, or exchanges */
	uint64_t frame;
};

/* From `src` to `dst`; sizes are IP lengths, 0 where not known. */
struct inv_path {
	struct addr src, dst, reporter;
	uint32_t passes, fails, told;
	/* of pings that may not be cut: the smallest size that fails, how
	 * often in vain, its first one, and the last one that passed */
	uint32_t ping_fails, ping_tries;
	uint64_t frame, ping_frame, passed_frame;
	bool by_pings; /* `fails` */
};

struct inv_next_hop {
	struct addr host;
	struct mac mac;
	uint32_t link;
	uint8_t gateways;
	struct addr gateway[GATEWAYS_SHOWN]; /* addresses of that MAC */
	uint64_t frame;
};

enum ping_verdict {
	PING_OK,
	PING_HOST_UNREACHABLE,
	PING_NET_UNREACHABLE,
	PING_REJECTED,
	PING_EXPIRED,
	PING_NO_ANSWER,
	PING_LOSS,
	PING_SLOW,
	PING_UNDECIDED
};

/* A series as ping numbers them; lost: patience was over. */
struct inv_ping {
	struct addr src, dst;
	uint16_t id;
	uint32_t link;
	uint32_t sent, received, lost, rejected;
	int64_t heard_ns; /* when the last answered one was sent */
	int64_t min_ns, max_ns, sum_ns;
	int64_t first_ns, last_ns;
	uint8_t type, code; /* of the last error about it */
	struct addr reporter;
	enum ping_verdict verdict;
	/* why, as far as the packets tell: a root; NULL: not known */
	const struct finding *because;
	uint64_t frame; /* the first lost or rejected, else the first */
};

struct inv_device {
	struct device device;
	struct mac mac;
	uint32_t link;
	uint64_t frame;
};

struct inventory {
	uint32_t neighbours, gateways, prefixes, resolvers, servers, vlans,
		services, paths, next_hops, pings, devices;
	uint32_t neighbours_all, services_all, pings_all;
	struct inv_neighbour *neighbour;
	struct inv_gateway *gateway;
	struct inv_prefix *prefix;
	struct inv_resolver *resolver;
	struct inv_server *server;
	struct inv_vlan *vlan;
	struct inv_service *service;
	struct inv_path *path;
	struct inv_next_hop *next_hop;
	struct inv_ping *ping;
	struct inv_device *device;
	const struct probes *probes; /* traceroutes: probes_next */
};

/* The lists, sorted; they live in `home`.  NULL: no memory left. */
struct inventory *inventory_of(const struct knowledge *k, struct arena *home);

const char *ping_verdict_name(enum ping_verdict v); /* "host_unreachable" */

/* The recorder, a part of knowledge. */
struct met;

struct met *met_new(struct arena *home, const struct limits *limits,
		    struct hash_key key);
void met_observe(struct met *m, const struct observation *o);
void met_list(const struct met *m, const struct knowledge *k,
	      struct inventory *v, struct arena *home);

#endif
