/* SPDX-License-Identifier: BSD-3-Clause */
/* craft_neighbour.c - messages of neighbour discovery, DHCP and VRRP. */
#include "cases/craft_neighbour.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NS = 135, NA = 136, RA = 134, DHCP_FIXED = 240 };

static void bytes_of(const char *mac, uint8_t out[6])
{
	for (int i = 0; i < 6; i++)
		out[i] = (uint8_t)strtoul(mac + 3 * (size_t)i, NULL, 16);
}

static void address(int family, const char *text, void *out)
{
	if (text && inet_pton(family, text, out) != 1) {
		fprintf(stderr, "craft: %s: no address\n", text);
		exit(1);
	}
}

/* The target and the link-layer address option of `kind`. */
static size_t target_of(uint8_t *out, const char *target, uint8_t kind,
			const char *mac)
{
	address(AF_INET6, target, out);
	if (!mac)
		return 16;
	out[16] = kind;
	out[17] = 1;
	bytes_of(mac, out + 18);
	return 24;
}

void craft_ns(struct craft *c, const struct station *from, const char *target,
	      const struct station *to)
{
	const bool probes = strcmp(from->ip, "::") == 0;
	char mac[18], ip[INET6_ADDRSTRLEN];
	struct station asker = *from, group = {mac, ip};
	uint8_t data[24];
	size_t size = target_of(data, target, 1, probes ? NULL : from->mac);

	snprintf(mac, sizeof(mac), "33:33:ff:%02x:%02x:%02x", data[13],
		 data[14], data[15]);
	snprintf(ip, sizeof(ip), "ff02::1:ff%02x:%02x%02x", data[13], data[14],
		 data[15]);
	if (to)
		group = *to;
	craft_icmp(c, &asker, &group, NS, 0, 0, data, size);
}

void craft_na(struct craft *c, const struct station *from, const char *target,
	      const struct station *to, uint8_t flags)
{
	struct station owner = *from;
	struct station all = {"33:33:00:00:00:01", "ff02::1"};
	uint8_t data[24];
	size_t size = target_of(data, target, 2, from->mac);

	if (to)
		all = *to;
	craft_icmp(c, &owner, &all, NA, 0, (uint32_t)flags << 24, data, size);
}

void craft_ra_of(struct craft *c, const struct station *from,
		 const struct craft_ra *ra)
{
	struct station router = *from;
	struct station all = {"33:33:00:00:00:01", "ff02::1"};
	uint8_t data[96] = {[8] = 1, [9] = 1};
	size_t n = 16;

	bytes_of(from->mac, data + 10);
	if (ra->prefix) {
		static const uint8_t fixed[16] = {
			3, 4, 64, 0xc0, 0, 1, 0x51, 0x80, 0, 0, 0x38, 0x40};

		memcpy(data + n, fixed, sizeof(fixed));
		address(AF_INET6, ra->prefix, data + n + 16);
		n += 32;
	}
	if (ra->route) {
		static const uint8_t fixed[8] = {24, 3, 64, 0, 0, 0, 7, 8};

		memcpy(data + n, fixed, sizeof(fixed));
		address(AF_INET6, ra->route, data + n + 8);
		n += 24;
	}
	if (ra->mtu) {
		const uint32_t mtu = htonl(ra->mtu);

		data[n] = 5;
		data[n + 1] = 1;
		memcpy(data + n + 4, &mtu, 4);
		n += 8;
	}
	craft_icmp(c, &router, &all, RA, 0,
		   64U << 24 | (uint32_t)ra->flags << 16 | ra->lifetime_s, data,
		   n);
}

void craft_ra(struct craft *c, const struct station *from)
{
	craft_ra_of(c, from, &(struct craft_ra){.lifetime_s = 1800});
}

static size_t option(uint8_t *out, uint8_t code, const char *ip)
{
	if (!ip)
		return 0;
	out[0] = code;
	out[1] = 4;
	address(AF_INET, ip, out + 2);
	return 6;
}

void craft_dhcp(struct craft *c, const struct station *from,
		const struct station *to, const struct craft_dhcp *d)
{
	struct station sender = *from, receiver = *to;
	uint8_t m[300] = {d->from_server ? 2 : 1, 1, 6};
	const uint32_t xid = htonl(d->xid), lease = htonl(d->lease_s);
	size_t n = DHCP_FIXED;

	memcpy(m + 4, &xid, 4);
	address(AF_INET, d->ciaddr, m + 12);
	address(AF_INET, d->yiaddr, m + 16);
	bytes_of(d->mac, m + 28);
	memcpy(m + 236, "\x63\x82\x53\x63", 4);
	m[n++] = 53;
	m[n++] = 1;
	m[n++] = d->type;
	n += option(m + n, 54, d->server);
	n += option(m + n, 50, d->requested);
	n += option(m + n, 3, d->router);
	n += option(m + n, 1, d->mask);
	if (d->lease_s) {
		m[n++] = 51;
		m[n++] = 4;
		memcpy(m + n, &lease, 4);
		n += 4;
	}
	m[n] = 255;
	craft_udp(c, &sender, &receiver, d->from_server ? 67 : 68,
		  d->from_server ? 68 : 67, m, sizeof(m));
}

static size_t put_option(uint8_t *out, uint16_t type, const void *value,
			 size_t size)
{
	const uint16_t head[2] = {htons(type), htons((uint16_t)size)};

	memcpy(out, head, 4);
	memcpy(out + 4, value, size);
	return size + 4;
}

static size_t put_id(uint8_t *out, uint16_t type, const char *mac)
{
	uint8_t id[10] = {0, 3, 0, 1};

	if (!mac)
		return 0;
	bytes_of(mac, id + 4);
	return put_option(out, type, id, sizeof(id));
}

void craft_dhcp6(struct craft *c, const struct station *from,
		 const struct station *to, const struct craft_dhcp6 *d)
{
	struct station sender = *from,
		       receiver = {"33:33:00:01:00:02", "ff02::1:2"};
	uint8_t m[160] = {d->type, (uint8_t)(d->xid >> 16),
			  (uint8_t)(d->xid >> 8), (uint8_t)d->xid};
	uint8_t ia[64] = {0, 0, 0, 1}, leaf[24] = {0};
	const uint16_t status = htons(d->status);
	size_t n = 4, in = 12;

	n += put_id(m + n, 1, d->client);
	n += put_id(m + n, 2, d->server);
	if (d->address) {
		address(AF_INET6, d->address, leaf);
		leaf[18] = leaf[22] = 0x1c;
		in += put_option(ia + in, 5, leaf, sizeof(leaf));
	}
	if (d->status)
		in += put_option(ia + in, 13, &status, sizeof(status));
	n += put_option(m + n, 3, ia, in);
	if (d->resolver) {
		address(AF_INET6, d->resolver, leaf);
		n += put_option(m + n, 23, leaf, 16);
	}
	if (to)
		receiver = *to;
	craft_udp(c, &sender, &receiver, to ? 547 : 546, to ? 546 : 547, m, n);
}

/* The sum of `m`, added to `sum`, at its bytes 6 and 7. */
static void vrrp_sum(uint8_t *m, size_t size, uint32_t sum)
{
	for (size_t i = 0; i < size; i += 2)
		sum += (uint32_t)m[i] << 8 | m[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	m[6] = (uint8_t)(~sum >> 8);
	m[7] = (uint8_t)~sum;
}

void craft_vrrp(struct craft *c, const struct station *from, uint8_t group,
		uint8_t priority, const char *shared)
{
	struct station router = *from;
	struct station all = {"01:00:5e:00:00:12", "224.0.0.18"};
	const struct craft_ip ip = {.protocol = 112, .ttl = 255};
	uint8_t m[20] = {0x21, group, priority, 1, 0, 1};

	address(AF_INET, shared, m + 8);
	vrrp_sum(m, sizeof(m), 0);
	craft_ip(c, &router, &all, &ip, m, sizeof(m));
}

void craft_vrrp6(struct craft *c, const struct station *from, uint8_t group,
		 uint8_t priority, const char *shared)
{
	struct station router = *from;
	struct station all = {"33:33:00:00:00:12", "ff02::12"};
	const struct craft_ip ip = {.protocol = 112, .ttl = 255};
	uint8_t m[24] = {0x31, group, priority, 1, 0, 100}, ends[32];
	uint32_t sum = 112 + sizeof(m);

	address(AF_INET6, shared, m + 8);
	address(AF_INET6, router.ip, ends);
	address(AF_INET6, all.ip, ends + 16);
	for (size_t i = 0; i < sizeof(ends); i += 2)
		sum += (uint32_t)ends[i] << 8 | ends[i + 1];
	vrrp_sum(m, sizeof(m), sum);
	craft_ip(c, &router, &all, &ip, m, sizeof(m));
}
