/* SPDX-License-Identifier: BSD-3-Clause */
/* nd.h - Neighbour Discovery, the part of ICMPv6 with options. */
#ifndef UPSTACK_DISSECTORS_ND_H
#define UPSTACK_DISSECTORS_ND_H

#include "dissectors/dissector.h"

enum {
	ND_ROUTER_SOLICITATION = 133,
	ND_ROUTER_ADVERTISEMENT,
	ND_NEIGHBOR_SOLICITATION,
	ND_NEIGHBOR_ADVERTISEMENT,
	ND_REDIRECT,
};

/* Fill in what follows the checksum of a message of these types. */
void nd_read(struct dissection *d, struct icmp_header *icmp);

#endif
