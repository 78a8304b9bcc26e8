/* SPDX-License-Identifier: BSD-3-Clause */
/* dhcp.h - a DHCPv4 message, parsed when a tracker wants it. */
#ifndef UPSTACK_DISSECTORS_DHCP_H
#define UPSTACK_DISSECTORS_DHCP_H

#include "dissectors/dissect.h"

enum { DHCP_SERVER_PORT = 67, DHCP_CLIENT_PORT = 68, DHCP_HOST_TEXT = 64 };

enum dhcp_type {
	DHCP_DISCOVER = 1,
	DHCP_OFFER,
	DHCP_REQUEST,
	DHCP_DECLINE,
	DHCP_ACK,
	DHCP_NAK,
	DHCP_RELEASE,
	DHCP_INFORM,
};

/* RFC 2131, RFC 2132.  An address or a time that the message does not have is
 * none and 0. */
struct dhcp_message {
	uint8_t state;	  /* enum wire; what was read before the end is kept */
	const char *bad;  /* malformed: a static phrase */
	bool is_dhcp;	  /* BOOTP header and magic cookie are there */
	bool from_client; /* op 1 */
	bool broadcast;	  /* the client wants its answer by broadcast */
	uint8_t type;	  /* enum dhcp_type; 0: plain BOOTP, or cut before it */
	uint8_t hops;
	uint16_t secs;
	uint32_t xid;
	bool has_client;
	struct mac client; /* chaddr, if it is an Ethernet address */
	struct addr ciaddr, yiaddr, siaddr, giaddr;
	struct addr server_id, requested, mask;
	uint8_t routers, resolvers; /* as many as were named, at most kept */
	struct addr router[2], resolver[3];
	uint32_t lease_s, renewal_s, rebinding_s;
	bool has_lease;
	bool asks_router, asks_resolver; /* in the parameter request list */
	uint8_t routes;		   /* classless static routes (RFC 3442) */
	struct addr default_route; /* of them, the one of prefix length 0 */
	uint8_t client_id[16];
	uint8_t client_id_size;		/* at most 16 kept */
	char host_name[DHCP_HOST_TEXT]; /* escaped */
};

void dhcp_parse(struct dhcp_message *m, struct cursor in);

#endif
