/* SPDX-License-Identifier: BSD-3-Clause */
/* wire.h - packets written as hex in tests, and what cutting them must give. */
#ifndef UPSTACK_TESTS_UNIT_WIRE_H
#define UPSTACK_TESTS_UNIT_WIRE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dissectors/dissect.h"

/* Link types, and what most packets of the tests begin with. */
enum { WIRE_MAX = 2048, WIRE_ETHERNET = 1, WIRE_IPV4 = 228, WIRE_IPV6 = 229 };

#define WIRE_MACS "525400aabb01 525400aabb02 "

struct wire_bytes {
	uint8_t at[WIRE_MAX];
	uint32_t size;
};

/* The bytes of a text of hex digits; blanks are skipped, and so is everything
 * from a '#' to the end of its line. */
struct wire_bytes wire_hex(const char *text);

/* Dissect bytes of a link type into `p`, of which every byte was 0xa5 before;
 * it borrows `bytes`. */
void wire_packet(struct packet *p, uint16_t link_type,
		 const struct wire_bytes *bytes);

/* The same of a frame of which `kept` bytes were captured and `sent` sent. */
void wire_dissect(struct packet *p, uint16_t link_type,
		  const struct wire_bytes *bytes, uint32_t kept, uint32_t sent);

/* The packet's first layer of `proto`, NULL if there is none. */
const struct layer *wire_layer(const struct packet *p, enum protocol proto);

/* The address reads as `want`. */
void assert_addr(const struct addr *a, const char *want);

/* The header of the first layer of `proto` takes `size` bytes.  Cut by the
 * capture at every byte of it, the layer is truncated; when the frame itself
 * ends there it, or one before it, is malformed (or, found by a port, no layer
 * at all); cut later, the layer is whole. */
void assert_every_prefix(uint16_t link_type, const struct wire_bytes *bytes,
			 enum protocol proto, uint32_t size);

#endif
