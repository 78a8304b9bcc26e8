/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * endpoint.h - the order of two endpoints, so that a tuple has one name.
 */
#ifndef UPSTACK_ANALYSIS_TRACK_ENDPOINT_H
#define UPSTACK_ANALYSIS_TRACK_ENDPOINT_H

#include "base/addr.h"

static inline uint64_t endpoint_word(const uint8_t bytes[8])
{
	uint64_t x;

	memcpy(&x, bytes, sizeof(x));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	x = __builtin_bswap64(x);
#endif
	return x;
}

/* Whether `a` sorts behind `b`, as memcmp has it; both of one family. */
static inline bool endpoint_behind(const struct addr *a, uint16_t port_a,
				   const struct addr *b, uint16_t port_b)
{
	uint64_t x = endpoint_word(a->bytes), y = endpoint_word(b->bytes);

	if (x == y) {
		x = endpoint_word(a->bytes + 8);
		y = endpoint_word(b->bytes + 8);
	}
	return x != y ? x > y : port_a > port_b;
}

#endif
