/* SPDX-License-Identifier: BSD-3-Clause */
/* wire.h - packets written as hex in tests, and what cutting them must give. */
#ifndef UPSTACK_TESTS_UNIT_WIRE_H
#define UPSTACK_TESTS_UNIT_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "dissectors/dissect.h"

enum { WIRE_MAX = 2048 };

struct wire_bytes {
	uint8_t at[WIRE_MAX];
	uint32_t size;
};

/* The bytes of a text of hex digits; blanks are skipped, and so is everything
 * from a '#' to the end of its line. */
struct wire_bytes wire_hex(const char *text);

/* Dissect bytes of a link type; the packet borrows `bytes`. */
struct packet wire_packet(uint16_t link_type, const struct wire_bytes *bytes);

/* The layer of the packet's pointers that has `proto`, NULL if there is none. */
const struct layer *wire_layer(const struct packet *p, enum protocol proto);

/* The header of the first layer of `proto` takes `size` bytes: cut by the
 * capture at every byte of it the layer is truncated; the same when the frame
 * itself ends there it is malformed, or it is a layer before it that says so. */
void assert_every_prefix(uint16_t link_type, const struct wire_bytes *bytes,
			 enum protocol proto, uint32_t size);

#endif
