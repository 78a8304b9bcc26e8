/* SPDX-License-Identifier: BSD-3-Clause */
/* addr.h - IP and MAC addresses as plain values, and how they are written. */
#ifndef UPSTACK_BASE_ADDR_H
#define UPSTACK_BASE_ADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* An IPv4 or IPv6 address.  Bytes that the family does not use are zero, so
 * that whole structs can be compared and hashed. */
struct addr {
	uint8_t bytes[16]; /* network order; IPv4 in the first four */
	uint32_t family;   /* 4, 6, or 0 for none */
};

struct mac {
	uint8_t bytes[6];
};

enum { ADDR_TEXT = 46, MAC_TEXT = 18, ENDPOINT_TEXT = 56 };

static inline bool addr_equal(const struct addr *a, const struct addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static inline bool mac_equal(const struct mac *a, const struct mac *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static inline bool mac_is_zero(const struct mac *m)
{
	static const struct mac none;

	return mac_equal(m, &none);
}

/* Group bit: broadcast or multicast. */
static inline bool mac_is_group(const struct mac *m)
{
	return m->bytes[0] & 1;
}

bool mac_is_broadcast(const struct mac *m);

struct addr addr_v4(const uint8_t bytes[4]);
struct addr addr_v6(const uint8_t bytes[16]);

bool addr_is_unspecified(const struct addr *a); /* 0.0.0.0, :: or none */
bool addr_is_loopback(const struct addr *a);	/* 127/8, ::1 */
bool addr_is_multicast(const struct addr *a);	/* 224/4, ff00::/8 */
bool addr_is_broadcast(const struct addr *a);	/* 255.255.255.255 only */
bool addr_is_link_local(const struct addr *a);	/* 169.254/16, fe80::/10 */
bool addr_is_private(const struct addr *a); /* RFC 1918, fc00::/7, 100.64/10 */

/* Whether both lie in one prefix of `bits` (0..32 or 0..128). */
bool addr_same_prefix(const struct addr *a, const struct addr *b,
		      unsigned bits);

/* Text as RFC 5952 wants it (IPv6), dotted (IPv4), "-" for none; returns
 * `out`, which holds ADDR_TEXT bytes. */
const char *addr_text(const struct addr *a, char out[static ADDR_TEXT]);

/* "aa:bb:cc:dd:ee:ff"; returns `out`. */
const char *mac_text(const struct mac *m, char out[static MAC_TEXT]);

/* "192.0.2.1:80" or "[2001:db8::1]:80"; returns `out`. */
const char *endpoint_text(const struct addr *a, uint16_t port,
			  char out[static ENDPOINT_TEXT]);

#endif
