/* SPDX-License-Identifier: BSD-3-Clause */
/* dhcp6.h - a DHCPv6 message, parsed when a tracker wants it. */
#ifndef UPSTACK_DISSECTORS_DHCP6_H
#define UPSTACK_DISSECTORS_DHCP6_H

#include "dissectors/dissect.h"

enum { DHCP6_CLIENT_PORT = 546, DHCP6_SERVER_PORT = 547 };

enum dhcp6_type {
	DHCP6_SOLICIT = 1,
	DHCP6_ADVERTISE,
	DHCP6_REQUEST,
	DHCP6_CONFIRM,
	DHCP6_RENEW,
	DHCP6_REBIND,
	DHCP6_REPLY,
	DHCP6_RELEASE,
	DHCP6_DECLINE,
	DHCP6_RECONFIGURE,
	DHCP6_INFORMATION_REQUEST,
	DHCP6_RELAY_FORWARD,
	DHCP6_RELAY_REPLY,
};

enum dhcp6_status {
	DHCP6_SUCCESS,
	DHCP6_UNSPECIFIED_FAILURE,
	DHCP6_NO_ADDRESSES,
	DHCP6_NO_BINDING,
	DHCP6_NOT_ON_LINK,
	DHCP6_USE_MULTICAST,
	DHCP6_NO_PREFIXES,
};

/* RFC 8415.  What the message does not have is none and 0. */
struct dhcp6_message {
	uint8_t state;	 /* enum wire; what was read before the end is kept */
	const char *bad; /* malformed: a static phrase */
	bool is_dhcp6;	 /* type and transaction are there */
	uint8_t type; /* enum dhcp6_type; of a relay's nothing more is read */
	uint32_t xid;
	uint8_t client_id_size, server_id_size;
	uint8_t client_id[20], server_id[20]; /* the first bytes of a DUID */
	bool has_client_mac;
	struct mac client_mac; /* in the DUID */
	uint16_t status;       /* the first that is no success, inside too */
	struct addr address;   /* the first offered or asked for */
	struct addr prefix;    /* delegated */
	uint8_t prefix_bits;
	uint32_t valid_s;
	uint8_t resolvers; /* kept */
	struct addr resolver[3];
};

/* From the type on. */
void dhcp6_parse(struct dhcp6_message *m, struct cursor in);

#endif
