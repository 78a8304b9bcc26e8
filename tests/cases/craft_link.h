/* SPDX-License-Identifier: BSD-3-Clause */
/* craft_link.h - what devices tell each other on a link. */
#ifndef UPSTACK_TESTS_CASES_CRAFT_LINK_H
#define UPSTACK_TESTS_CASES_CRAFT_LINK_H

#include "cases/craft.h"

struct craft_bpdu {
	const char *from; /* MAC of the port */
	uint8_t version, type, flags;
	uint16_t root_priority;
	const char *root; /* MAC */
	uint16_t priority;
	const char *bridge; /* MAC; NULL: `from` */
	uint16_t vlan;	    /* not 0: Cisco's tree of this VLAN */
	uint16_t tag;	    /* of the frame; 0: none */
};

void craft_bpdu(struct craft *c, const struct craft_bpdu *b);

/* An announcement by CDP: `duplex` 0 half, 1 full. */
void craft_cdp(struct craft *c, const char *from, const char *id,
	       const char *port, uint16_t native, uint8_t duplex);

/* EAPOL of `type`; an EAP message (type 0) has a code and, for 1 and 2, a
 * method. */
void craft_eapol(struct craft *c, const char *from, const char *to,
		 uint8_t type, uint8_t code, uint8_t id, uint8_t method);

#endif
