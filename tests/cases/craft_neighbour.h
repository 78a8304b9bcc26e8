/* SPDX-License-Identifier: BSD-3-Clause */
/* craft_neighbour.h - messages of neighbour discovery, DHCP and VRRP. */
#ifndef UPSTACK_TESTS_CASES_CRAFT_NEIGHBOUR_H
#define UPSTACK_TESTS_CASES_CRAFT_NEIGHBOUR_H

#include "cases/craft.h"

/* A solicitation for `target`: to its multicast group, or to `to`.  A `from`
 * with the address "::" detects duplicates. */
void craft_ns(struct craft *c, const struct station *from, const char *target,
	      const struct station *to);

enum na_flag { NA_ROUTER = 0x80, NA_SOLICITED = 0x40, NA_OVERRIDE = 0x20 };

/* An advertisement of `target` at the MAC of `from`: to all, or to `to`. */
void craft_na(struct craft *c, const struct station *from, const char *target,
	      const struct station *to, uint8_t flags);

/* A router advertisement of 1800 s, to all. */
void craft_ra(struct craft *c, const struct station *from);

struct craft_ra {
	uint16_t lifetime_s;
	uint8_t flags;	    /* M, O */
	const char *prefix; /* of 64 bits, on link, for addresses; or NULL */
	const char *route;  /* of 64 bits, RFC 4191; or NULL */
	uint32_t mtu;	    /* 0: none */
};

void craft_ra_of(struct craft *c, const struct station *from,
		 const struct craft_ra *ra);

struct craft_dhcp {
	uint8_t type; /* option 53 */
	bool from_server;
	const char *mac; /* of the client */
	uint32_t xid;
	const char *ciaddr, *yiaddr; /* NULL: none; the same below */
	const char *server, *requested, *router, *mask;
	uint32_t lease_s;
};

void craft_dhcp(struct craft *c, const struct station *from,
		const struct station *to, const struct craft_dhcp *d);

struct craft_dhcp6 {
	uint8_t type;
	uint32_t xid;
	const char *client,
		*server;      /* MACs of the identifiers; server or NULL */
	const char *address;  /* NULL: none */
	const char *resolver; /* NULL: none */
	uint16_t status;      /* in the association; 0: none */
};

/* To all servers, or from one to its client. */
void craft_dhcp6(struct craft *c, const struct station *from,
		 const struct station *to, const struct craft_dhcp6 *d);

/* An advertisement of VRRP version 2, every second. */
void craft_vrrp(struct craft *c, const struct station *from, uint8_t group,
		uint8_t priority, const char *shared);

/* One of version 3 for an IPv6 group, every second. */
void craft_vrrp6(struct craft *c, const struct station *from, uint8_t group,
		 uint8_t priority, const char *shared);

#endif
