/* SPDX-License-Identifier: BSD-3-Clause */
/* checksum.h - the Internet checksum.  RFC 1071. */
#ifndef UPSTACK_DISSECTORS_CHECKSUM_H
#define UPSTACK_DISSECTORS_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

/* Add `size` bytes to a running sum; only the last part may be odd. */
uint64_t checksum_add(uint64_t sum, const void *bytes, size_t size);

/* The sum of the pseudo-header (RFC 9293 3.1, RFC 8200 8.1), of either family.
 */
uint64_t checksum_pseudo(const struct addr *src, const struct addr *dst,
			 uint8_t protocol, uint32_t length);

/* What the field must hold, in host order, so that all sums up: 0 over data
 * that holds its right checksum. */
uint16_t checksum_end(uint64_t sum);

#endif
