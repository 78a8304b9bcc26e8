/* SPDX-License-Identifier: BSD-3-Clause */
/* cooked.h - what both versions of Linux cooked captures have in common. */
#ifndef UPSTACK_DISSECTORS_COOKED_H
#define UPSTACK_DISSECTORS_COOKED_H

#include "dissectors/dissector.h"

/* The fields of a cooked header, as it stands in the frame. */
struct cooked {
	uint16_t packet_type, hardware, address_length, ethertype;
	uint32_t ifindex;
	const uint8_t *address; /* 8 bytes */
};

/* Fill the link layer of `d` and name what follows. */
void cooked_link(struct dissection *d, const struct cooked *c);

#endif
