/* SPDX-License-Identifier: BSD-3-Clause */
/* alike_place.c - healthy networks seen from a place that shows them strangely.
 */
#include "cases/craft_neighbour.h"

enum { MS = 1000, S = 1000000, APART = 300 };

#define MAC_A  "00:1b:21:00:00:14"
#define MAC_B  "00:1b:21:00:00:15"
#define MAC_GW "00:1c:0f:00:00:01"

static struct station a = {MAC_A, "192.0.2.20", .id = 100};
static struct station b = {MAC_B, "192.0.2.21", .id = 9000};
static struct station gw = {MAC_GW, "192.0.2.1", .id = 20000};

/* Both sides of a firewall that bridges VLAN 10 and 20, in one capture. */
static void twice(struct craft *c, struct station *from, struct station *to,
		  bool reply, uint16_t seq, uint16_t first)
{
	uint16_t id = from->id;

	craft_vlan(c, first);
	craft_echo(c, from, to, reply, 7, seq, 56);
	craft_wait(c, APART);
	from->id = id;
	craft_vlan(c, first == 10 ? 20 : 10);
	craft_echo(c, from, to, reply, 7, seq, 56);
	craft_wait(c, APART);
}

static void arp_twice(struct craft *c, uint16_t operation,
		      const struct station *from, const struct station *to,
		      uint16_t first)
{
	const bool asks = operation == 1;

	for (int i = 0; i < 2; i++) {
		craft_vlan(c, i ? (first == 10 ? 20 : 10) : first);
		craft_arp(c, operation, from, asks ? NULL : to->mac, to->ip,
			  asks ? NULL : to->mac);
		craft_wait(c, APART);
	}
}

static void bridged(struct craft *c)
{
	for (uint16_t i = 1; i <= 30; i++) {
		arp_twice(c, 1, &a, &b, 10);
		arp_twice(c, 2, &b, &a, 20);
		twice(c, &a, &b, false, i, 10);
		twice(c, &b, &a, true, i, 20);
		craft_wait(c, S);
	}
}

/* A mirror that keeps the tag of one direction; bonding asks by the clock. */
static void tag_one_way(struct craft *c)
{
	struct station far = {MAC_GW, "198.51.100.7", .ttl = 57, .id = 1};

	for (uint16_t i = 1; i <= 12; i++) {
		craft_vlan(c, 0);
		craft_arp(c, 1, &a, NULL, gw.ip, NULL);
		craft_wait(c, APART);
		craft_vlan(c, 10);
		craft_arp(c, 2, &gw, a.mac, a.ip, a.mac);
		craft_wait(c, APART);
		craft_vlan(c, 0);
		craft_echo(c, &a, &far, false, 7, i, 56);
		craft_wait(c, 10 * MS);
		craft_vlan(c, 10);
		craft_echo(c, &far, &a, true, 7, i, 56);
		craft_wait(c, 500 * MS);
	}
}

/* A bystander sees what a monitor asks all, every two seconds, and not the
 * answers. */
static void monitor(struct craft *c)
{
	const struct station other = {MAC_B, "192.0.2.21"};

	craft_pad(c, true);
	for (int i = 0; i < 20; i++) {
		craft_arp(c, 1, &a, NULL, gw.ip, NULL);
		craft_wait(c, 700 * MS);
		craft_arp(c, 1, &other, NULL, gw.ip, NULL);
		craft_wait(c, 1300 * MS);
	}
}

/* What is asked at the address of a group answers from its own. */
static void another_address(struct craft *c)
{
	struct station group = {MAC_B, "192.0.2.99"};

	craft_arp(c, 1, &a, NULL, group.ip, NULL);
	craft_wait(c, APART);
	craft_arp(c, 2, &group, a.mac, a.ip, a.mac);
	for (uint16_t i = 1; i <= 6; i++) {
		craft_wait(c, MS);
		craft_echo(c, &a, &group, false, 7, i, 56);
		craft_wait(c, MS);
		craft_echo(c, &b, &a, true, 7, i, 56);
		craft_wait(c, S);
	}
	craft_wait(c, 6 * S);
	craft_echo(c, &a, &b, false, 8, 1, 56);
	craft_wait(c, MS);
	craft_echo(c, &b, &a, true, 8, 1, 56);
}

/* A mirror of one direction: a stream goes on, and two are looked for in vain.
 */
static void one_way_stream(struct craft *c)
{
	struct station phone = {MAC_GW, "198.51.100.7"};
	uint8_t voice[172] = {0x80, 0};

	for (uint16_t i = 0; i < 700; i++) {
		voice[3] = (uint8_t)i;
		voice[2] = (uint8_t)(i >> 8);
		craft_udp(c, &a, &phone, 40000, 40002, voice, sizeof(voice));
		craft_wait(c, 20 * MS);
		if (i % 51 == 0)
			craft_arp(c, 1, &a, NULL, "192.0.2.77", NULL);
		if (i % 51 == 25)
			craft_arp(c, 1, &a, NULL, "192.0.2.78", NULL);
	}
}

/* A host of a network without IPv6 looks for a DHCPv6 server, in vain. */
static void ipv4_alone(struct craft *c)
{
	const struct station local = {MAC_A, "fe80::14"};
	const struct station servers = {"33:33:00:01:00:02", "ff02::1:2"};
	const struct craft_dhcp6 solicit = {
		.type = 1, .xid = 0x1234, .client = MAC_A};
	struct station far = {MAC_GW, "198.51.100.7", .ttl = 57, .id = 1};

	craft_arp(c, 1, &a, NULL, gw.ip, NULL);
	craft_wait(c, APART);
	craft_arp(c, 2, &gw, a.mac, a.ip, a.mac);
	for (uint16_t i = 1; i <= 6; i++) {
		craft_dhcp6(c, &local, &servers, &solicit);
		craft_wait(c, APART);
		craft_echo(c, &a, &far, false, 7, i, 56);
		craft_wait(c, 10 * MS);
		craft_echo(c, &far, &a, true, 7, i, 56);
		craft_wait(c, S << i);
	}
}

const struct craft_case alike_place_cases[] = {
	{"healthy", "ipv4-alone", ipv4_alone},
	{"healthy", "one-way-stream", one_way_stream},
	{"healthy", "bridged-vlans", bridged},
	{"healthy", "tag-one-way", tag_one_way},
	{"healthy", "arp-monitor-aside", monitor},
	{"healthy", "ping-another-address", another_address},
	{0},
};
