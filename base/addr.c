/* SPDX-License-Identifier: BSD-3-Clause */
/* addr.c - IP and MAC addresses as plain values, and how they are written. */
#include "base/addr.h"

#include <arpa/inet.h>
#include <stdio.h>

bool mac_is_broadcast(const struct mac *m)
{
	static const struct mac all = {{255, 255, 255, 255, 255, 255}};

	return mac_equal(m, &all);
}

struct addr addr_v4(const uint8_t bytes[4])
{
	struct addr a = {.family = 4};

	memcpy(a.bytes, bytes, 4);
	return a;
}

struct addr addr_v6(const uint8_t bytes[16])
{
	struct addr a = {.family = 6};

	memcpy(a.bytes, bytes, 16);
	return a;
}

bool addr_is_unspecified(const struct addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->bytes, zero, sizeof(zero)) == 0;
}

bool addr_is_loopback(const struct addr *a)
{
	static const uint8_t one[16] = {[15] = 1};

	if (a->family == 4)
		return a->bytes[0] == 127;
	return a->family == 6 && memcmp(a->bytes, one, sizeof(one)) == 0;
}

bool addr_is_multicast(const struct addr *a)
{
	if (a->family == 4)
		return a->bytes[0] >> 4 == 14;
	return a->family == 6 && a->bytes[0] == 255;
}

bool addr_is_broadcast(const struct addr *a)
{
	static const uint8_t all[4] = {255, 255, 255, 255};

	return a->family == 4 && memcmp(a->bytes, all, 4) == 0;
}

bool addr_is_link_local(const struct addr *a)
{
	if (a->family == 4)
		return a->bytes[0] == 169 && a->bytes[1] == 254;
	return a->family == 6 && a->bytes[0] == 0xfe &&
	       (a->bytes[1] & 0xc0) == 0x80;
}

bool addr_is_private(const struct addr *a)
{
	const uint8_t *b = a->bytes;

	if (a->family == 6)
		return (b[0] & 0xfe) == 0xfc;
	return a->family == 4 &&
	       (b[0] == 10 || (b[0] == 172 && b[1] >> 4 == 1) ||
		(b[0] == 192 && b[1] == 168) ||
		(b[0] == 100 && b[1] >> 6 == 1));
}

bool addr_same_prefix(const struct addr *a, const struct addr *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (a->family != b->family || bits > (a->family == 4 ? 32u : 128u))
		return false;
	if (memcmp(a->bytes, b->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	       (a->bytes[whole] ^ b->bytes[whole]) >> (8 - rest) == 0;
}

const char *addr_text(const struct addr *a, char out[static ADDR_TEXT])
{
	out[0] = '-';
	out[1] = '\0';
	if (a->family == 4)
		inet_ntop(AF_INET, a->bytes, out, ADDR_TEXT);
	else if (a->family == 6)
		inet_ntop(AF_INET6, a->bytes, out, ADDR_TEXT);
	return out;
}

const char *mac_text(const struct mac *m, char out[static MAC_TEXT])
{
	const uint8_t *b = m->bytes;

	snprintf(out, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1],
		 b[2], b[3], b[4], b[5]);
	return out;
}

const char *endpoint_text(const struct addr *a, uint16_t port,
			  char out[static ENDPOINT_TEXT])
{
	char text[ADDR_TEXT];

	addr_text(a, text);
	snprintf(out, ENDPOINT_TEXT, a->family == 6 ? "[%s]:%u" : "%s:%u", text,
		 port);
	return out;
}
