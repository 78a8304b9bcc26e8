/* SPDX-License-Identifier: BSD-3-Clause */
/* rewrite.h - frames with other addresses, whose sums are as right or as wrong
 * as they were. */
#ifndef UPSTACK_TESTS_PROPERTY_REWRITE_H
#define UPSTACK_TESTS_PROPERTY_REWRITE_H

#include "property/recording.h"

enum { ETHER_IPV4 = 0x0800, ETHER_ARP = 0x0806, ETHER_IPV6 = 0x86dd };

/* Where the payload of an Ethernet frame begins, behind VLAN tags, and its type;
 * 0: it has none. */
uint32_t rewrite_payload(const struct frame *f, uint16_t *type);

uint16_t rewrite_get16(const uint8_t *at);
void rewrite_put16(uint8_t *at, uint16_t value);

/* Mend the sum at `sum` after `old` became `new` somewhere in what it sums: it
 * stays right, or wrong (RFC 1624). */
void rewrite_sum(uint8_t *sum, const uint8_t *old, size_t old_size,
		 const uint8_t *new, size_t new_size);

/* Two addresses of one family that change places. */
struct swap {
	struct addr a, b;
	bool ports; /* of TCP between the two as well */
};

/* Bytes of the frame with the two exchanged wherever Ethernet, ARP, IP, TCP and
 * what an ICMP error quotes say them; NULL: it is of a kind that is not
 * understood here.  The caller frees them. */
uint8_t *rewrite_swapped(const struct frame *f, const struct swap *s);

#endif
