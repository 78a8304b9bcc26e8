/* SPDX-License-Identifier: BSD-3-Clause */
/* rewrite.c - frames with other addresses. */
#include "property/rewrite.h"

#include <stdlib.h>
#include <string.h>

enum { ICMP = 1, TCP = 6, ICMP6 = 58, IPV4_HEADER = 20, IPV6_HEADER = 40 };

uint16_t rewrite_get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

void rewrite_put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

uint32_t rewrite_payload(const struct frame *f, uint16_t *type)
{
	uint32_t at = 12;

	if (f->link_type != 1)
		return 0;
	while (at + 2 <= f->kept) {
		*type = rewrite_get16(f->data + at);
		if (*type != 0x8100 && *type != 0x88a8)
			return at + 2;
		at += 4;
	}
	return 0;
}

static uint32_t add(const uint8_t *at, size_t size, bool inverted)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < size; i += 2) {
		uint16_t word = rewrite_get16(at + i);

		sum += inverted ? (uint16_t)~word : word;
	}
	return sum;
}

void rewrite_sum(uint8_t *sum, const uint8_t *old, size_t old_size,
		 const uint8_t *new, size_t new_size)
{
	uint32_t s = (uint16_t)~rewrite_get16(sum);

	s += add(old, old_size, true) + add(new, new_size, false);
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	rewrite_put16(sum, (uint16_t)~s);
}

/* The address at `at` becomes the other; whether it was one of the two. */
static bool swap_addr(uint8_t *at, const struct swap *s)
{
	size_t size = s->a.family == 4 ? 4 : 16;

	if (memcmp(at, s->a.bytes, size) == 0)
		memcpy(at, s->b.bytes, size);
	else if (memcmp(at, s->b.bytes, size) == 0)
		memcpy(at, s->a.bytes, size);
	else
		return false;
	return true;
}

static void swap_arp(uint8_t *arp, uint32_t size, const struct swap *s)
{
	if (size < 28 || s->a.family != 4)
		return;
	swap_addr(arp + 14, s);
	swap_addr(arp + 24, s);
}

struct ip {
	uint8_t *at, protocol;
	uint32_t header, addresses, address; /* sizes, and where they begin */
	bool later; /* a fragment that is not the first */
};

static bool ip_read(uint8_t *at, uint32_t size, struct ip *ip)
{
	ip->at = at;
	if (size >= IPV4_HEADER && at[0] >> 4 == 4) {
		ip->header = (at[0] & 15) * 4u;
		ip->address = 12;
		ip->addresses = 8;
		ip->protocol = at[9];
		ip->later = rewrite_get16(at + 6) & 0x1fff;
		return ip->header >= IPV4_HEADER && ip->header <= size;
	}
	if (size < IPV6_HEADER || at[0] >> 4 != 6)
		return false;
	ip->header = IPV6_HEADER;
	ip->address = 8;
	ip->addresses = 32;
	ip->protocol = at[6];
	ip->later = false;
	return true;
}

/* The addresses of a header, and its own sum. */
static void swap_header(const struct ip *ip, const struct swap *s)
{
	uint8_t old[32], *a = ip->at + ip->address;
	uint32_t half = ip->addresses / 2;

	if ((half == 4) != (s->a.family == 4))
		return;
	memcpy(old, a, ip->addresses);
	swap_addr(a, s);
	swap_addr(a + half, s);
	if (half == 4)
		rewrite_sum(ip->at + 10, old, 8, a, 8);
}

static void swap_ports(uint8_t *at)
{
	uint8_t port[2];

	memcpy(port, at, 2);
	memcpy(at, at + 2, 2);
	memcpy(at + 2, port, 2);
}

/* What an ICMP error quotes: a header, and ports. */
static void swap_quote(uint8_t *icmp, uint32_t size, const struct swap *s)
{
	uint8_t old[64];
	struct ip ip;
	uint32_t most;

	if (size < 8 || !ip_read(icmp + 8, size - 8, &ip))
		return;
	most = ip.header + 4;
	if (most > size - 8 || most > sizeof(old))
		return;
	memcpy(old, ip.at, most);
	swap_header(&ip, s);
	if (s->ports && ip.protocol == TCP && !ip.later)
		swap_ports(ip.at + ip.header);
	rewrite_sum(icmp + 2, old, most, ip.at, most);
}

static bool is_error(const struct ip *ip, const uint8_t *icmp)
{
	if (ip->protocol == ICMP)
		return icmp[0] == 3 || icmp[0] == 5 || icmp[0] == 11;
	return ip->protocol == ICMP6 && icmp[0] < 128;
}

/* Whether it is of a kind that is understood. */
static bool swap_ip(uint8_t *at, uint32_t size, const struct swap *s)
{
	uint8_t old[32];
	uint8_t *l4;
	struct ip ip;

	if (!ip_read(at, size, &ip))
		return false;
	l4 = at + ip.header;
	size -= ip.header;
	memcpy(old, at + ip.address, ip.addresses);
	swap_header(&ip, s);
	if (ip.later)
		return true;
	if (ip.protocol == TCP) {
		if (size < 18)
			return false;
		if (s->ports)
			swap_ports(l4);
		rewrite_sum(l4 + 16, old, ip.addresses, at + ip.address,
			    ip.addresses);
		return true;
	}
	if (size < 8 || (ip.protocol != ICMP && ip.protocol != ICMP6) ||
	    (ip.protocol == ICMP6 && l4[0] >= 133 && l4[0] <= 137))
		return false;
	if (ip.protocol == ICMP6)
		rewrite_sum(l4 + 2, old, ip.addresses, at + ip.address,
			    ip.addresses);
	if (is_error(&ip, l4))
		swap_quote(l4, size, s);
	return true;
}

uint8_t *rewrite_swapped(const struct frame *f, const struct swap *s)
{
	uint16_t type = 0;
	uint32_t at = rewrite_payload(f, &type);
	uint8_t *bytes;
	bool known = at > 0;

	if (!known)
		return NULL;
	bytes = malloc(f->kept + 1);
	if (!bytes)
		abort();
	memcpy(bytes, f->data, f->kept);
	if (type == ETHER_ARP)
		swap_arp(bytes + at, f->kept - at, s);
	else if (type == ETHER_IPV4 || type == ETHER_IPV6)
		known = swap_ip(bytes + at, f->kept - at, s);
	else
		known = false;
	if (known)
		return bytes;
	free(bytes);
	return NULL;
}
