/* SPDX-License-Identifier: BSD-3-Clause */
/* eth.c - cases of frames that are too many, or where they should not be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/craft_neighbour.h"

enum { MS = 1000, S = 1000000, MACS = 800, ACK = 16, PSH_ACK = 24, SYN = 2 };

static struct station a = {"52:54:00:00:00:14", "192.0.2.20"};
static struct station b = {"52:54:00:00:00:15", "192.0.2.21"};

static void ping(struct craft *c, uint16_t seq)
{
	craft_echo(c, &a, &b, false, 9, seq, 56);
	craft_wait(c, 400);
	craft_echo(c, &b, &a, true, 9, seq, 56);
}

static void meet(struct craft *c)
{
	craft_arp(c, 1, &a, NULL, b.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &b, a.mac, a.ip, a.mac);
	craft_wait(c, 300);
	ping(c, 1);
	craft_wait(c, 10 * MS);
}

/* A datagram to everybody; every one is another. */
static void shout(struct craft *c, struct station *from, const char *mac,
		  const char *ip)
{
	struct station all = {mac, ip};

	craft_udp(c, from, &all, 6000, 6000, "is there anybody", 16);
}

/* 625 a second, for four seconds, of two stations. */
static void storm(struct craft *c)
{
	meet(c);
	for (int i = 0; i < 2500; i++) {
		shout(c, i % 4 ? &a : &b, "ff:ff:ff:ff:ff:ff", "192.0.2.255");
		craft_wait(c, 1600);
	}
}

/* A stream that somebody joined: as many, for nobody else. */
static void storm_twin(struct craft *c)
{
	meet(c);
	for (int i = 0; i < 2500; i++) {
		shout(c, &a, "01:00:5e:0a:00:01", "239.10.0.1");
		craft_wait(c, 1600);
	}
}

/* Two ports of a switch are joined: what is broadcast comes round each 100 us,
 * and later broadcasts do too. */
static void loop(struct craft *c)
{
	meet(c);
	craft_arp(c, 1, &a, NULL, "192.0.2.77", NULL);
	for (int i = 0; i < 300; i++) {
		craft_wait(c, 50);
		craft_again(c, 0, NULL, NULL);
	}
	for (int k = 0; k < 2; k++) {
		shout(c, &b, "ff:ff:ff:ff:ff:ff", "192.0.2.255");
		for (int i = 0; i < 200; i++) {
			craft_wait(c, 500);
			craft_again(c, 0, NULL, NULL);
		}
	}
}

/* A mirror of 24 ports, and an address announced five times, twice. */
static void loop_twin(struct craft *c)
{
	const struct station moved = {b.mac, "192.0.2.100"};

	meet(c);
	for (int k = 0; k < 4; k++) {
		shout(c, &b, "ff:ff:ff:ff:ff:ff", "192.0.2.255");
		for (int i = 0; i < 24; i++) {
			craft_wait(c, 20);
			craft_again(c, 0, NULL, NULL);
		}
		craft_wait(c, S);
	}
	for (int i = 0; i < 10; i++) {
		craft_arp(c, 1, &moved, NULL, moved.ip, NULL);
		craft_wait(c, i == 4 ? 5 * S : 100);
	}
}

/* A station in VLAN 10 and in VLAN 20 by turns. */
static void mac_flap(struct craft *c)
{
	craft_vlan(c, 10);
	meet(c);
	craft_wait(c, S);
	for (int i = 0; i < 8; i++) {
		craft_vlan(c, i % 2 ? 10 : 20);
		craft_arp(c, 1, &a, NULL, "192.0.2.21", NULL);
		craft_wait(c, S);
	}
}

/* A router: the same MAC in both, with an address in each. */
static void mac_flap_twin(struct craft *c)
{
	const struct station one = {a.mac, "192.0.2.1"};
	const struct station two = {a.mac, "198.51.100.1"};

	for (int i = 0; i < 8; i++) {
		craft_vlan(c, 10);
		craft_arp(c, 1, &one, NULL, "192.0.2.21", NULL);
		craft_wait(c, 500 * MS);
		craft_vlan(c, 20);
		craft_arp(c, 1, &two, NULL, "198.51.100.21", NULL);
		craft_wait(c, 500 * MS);
	}
}

/* The host of the capture asks, and the loop that it is part of brings its
 * question back. */
static void loop_own(struct craft *c)
{
	craft_place(c, 0, CRAFT_OUT);
	craft_arp(c, 1, &a, NULL, b.ip, NULL);
	craft_place(c, 0, CRAFT_IN);
	craft_wait(c, 300);
	craft_arp(c, 2, &b, a.mac, a.ip, a.mac);
	craft_wait(c, S);
	for (int k = 0; k < 3; k++) {
		craft_place(c, 0, CRAFT_OUT);
		shout(c, &a, "ff:ff:ff:ff:ff:ff", "192.0.2.255");
		craft_place(c, 0, CRAFT_IN);
		for (int i = 0; i < 8; i++) {
			craft_wait(c, 1500);
			craft_again(c, 0, NULL, NULL);
		}
		craft_wait(c, S);
	}
}

/* An access point sends each broadcast of a station back to it, once. */
static void loop_own_twin(struct craft *c)
{
	for (int k = 0; k < 8; k++) {
		craft_place(c, 0, CRAFT_OUT);
		if (k % 2)
			shout(c, &a, "ff:ff:ff:ff:ff:ff", "192.0.2.255");
		else
			craft_arp(c, 1, &a, NULL, b.ip, NULL);
		craft_place(c, 0, CRAFT_IN);
		craft_wait(c, 1500);
		craft_again(c, 0, NULL, NULL);
		if (k % 2 == 0)
			craft_arp(c, 2, &b, a.mac, a.ip, a.mac);
		craft_wait(c, S);
	}
}

/* Another station, with another address, has the MAC of this host. */
static void mac_clone(struct craft *c)
{
	const struct station clone = {a.mac, "192.0.2.30"};

	for (int k = 0; k < 5; k++) {
		craft_place(c, 0, CRAFT_OUT);
		craft_arp(c, 1, &a, NULL, b.ip, NULL);
		craft_place(c, 0, CRAFT_IN);
		craft_wait(c, 300);
		craft_arp(c, 2, &b, a.mac, a.ip, a.mac);
		craft_wait(c, 2 * S);
		craft_arp(c, 1, &clone, NULL, "192.0.2.21", NULL);
		craft_wait(c, 3 * S);
	}
}

/* A station that comes in at one interface, then at another. */
static void mac_flap_ports(struct craft *c)
{
	craft_place(c, 0, CRAFT_IN);
	meet(c);
	craft_wait(c, S);
	for (int i = 0; i < 8; i++) {
		craft_place(c, (uint8_t)(i % 2), CRAFT_IN);
		craft_arp(c, 1, &a, NULL, "192.0.2.77", NULL);
		craft_wait(c, S);
	}
}

/* A bridge: what comes in at one interface goes out at the other. */
static void mac_flap_ports_twin(struct craft *c)
{
	for (int i = 0; i < 8; i++) {
		craft_place(c, (uint8_t)(i % 2), CRAFT_IN);
		craft_arp(c, 1, i % 2 ? &b : &a, NULL, "192.0.2.77", NULL);
		craft_wait(c, 30);
		craft_place(c, (uint8_t)(1 - i % 2), CRAFT_OUT);
		craft_again(c, 0, NULL, NULL);
		craft_wait(c, S);
	}
}

/* One lone packet of each of many stations, with MACs of `makers` prefixes. */
static void strangers(struct craft *c, bool invented)
{
	uint32_t x = 12345;
	char mac[18], ip[16];

	meet(c);
	craft_wait(c, 10 * S);
	for (int i = 0; i < MACS; i++) {
		struct station s = {mac, ip};
		uint8_t maker[3] = {0x00, 0x1c, (uint8_t)(i % 40)};

		x = x * 1664525 + 1013904223;
		if (invented) {
			maker[0] = x >> 24 & 0xfe;
			maker[1] = x >> 16 & 0xff;
			maker[2] = x >> 8 & 0xff;
		}
		snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x",
			 maker[0], maker[1], maker[2], i >> 8 & 0xff, i & 0xff,
			 x >> 12 & 0xff);
		snprintf(ip, sizeof(ip), "10.%u.%u.%u", x >> 24, x >> 16 & 0xff,
			 1 + (x >> 8) % 250);
		craft_udp(c, &s, &b, 1024 + (uint16_t)i, 9, "x", 1);
		craft_wait(c, 10 * MS);
	}
	craft_wait(c, 5 * S);
	ping(c, 2);
}

static void mac_flood(struct craft *c)
{
	strangers(c, true);
}

static void mac_flood_twin(struct craft *c)
{
	strangers(c, false);
}

/* One side of a transfer between two others; what comes back does not pass
 * here.  The host that captures talks to its neighbour meanwhile. */
static void flooded(struct craft *c)
{
	struct station src = {"52:54:00:00:00:31", "192.0.2.31"};
	struct station dst = {"52:54:00:00:00:32", "192.0.2.32"};
	struct station other = {"52:54:00:00:00:16", "192.0.2.22"};
	uint32_t seq = 1000, ack = 5000;

	craft_pad(c, true);
	craft_arp(c, 1, &other, NULL, "192.0.2.1", NULL);
	craft_pad(c, false);
	meet(c);
	craft_wait(c, 6 * S);
	for (int i = 0; i < 60; i++) {
		struct craft_tcp t = {.sport = 40000,
				      .dport = 5432,
				      .seq = seq,
				      .ack = ack,
				      .flags = PSH_ACK,
				      .len = 100};

		craft_tcp(c, &src, &dst, &t);
		craft_wait(c, 200 * MS);
		if (i % 3 == 0)
			ping(c, (uint16_t)(i + 2));
		seq += 100;
		ack += 1000;
	}
}

/* The same transfer, and both directions of it are here: a mirror. */
static void flooded_twin(struct craft *c)
{
	struct station src = {"52:54:00:00:00:31", "192.0.2.31"};
	struct station dst = {"52:54:00:00:00:32", "192.0.2.32"};
	uint32_t seq = 1000, ack = 5000;

	meet(c);
	craft_wait(c, 6 * S);
	for (int i = 0; i < 60; i++) {
		struct craft_tcp t = {.sport = 40000,
				      .dport = 5432,
				      .seq = seq,
				      .ack = ack,
				      .flags = PSH_ACK,
				      .len = 100};
		struct craft_tcp r = {.sport = 5432,
				      .dport = 40000,
				      .seq = ack,
				      .ack = seq + 100,
				      .flags = PSH_ACK,
				      .len = 1000};

		craft_tcp(c, &src, &dst, &t);
		craft_wait(c, MS);
		craft_tcp(c, &dst, &src, &r);
		craft_wait(c, 200 * MS);
		seq += 100;
		ack += 1000;
	}
}

const struct craft_case eth_cases[] = {
	{"eth", "storm", storm},
	{"eth", "storm-twin", storm_twin},
	{"eth", "loop", loop},
	{"eth", "loop-twin", loop_twin},
	{"eth", "mac-flap", mac_flap},
	{"eth", "mac-flap-twin", mac_flap_twin},
	{"eth", "mac-flood", mac_flood},
	{"eth", "mac-flood-twin", mac_flood_twin},
	{"eth", "unicast-flood", flooded},
	{"eth", "unicast-flood-twin", flooded_twin},
	{"eth", "loop-own", loop_own, .pcapng = true},
	{"eth", "loop-own-twin", loop_own_twin, .pcapng = true},
	{"eth", "mac-clone", mac_clone, .pcapng = true},
	{"eth", "mac-flap-ports", mac_flap_ports, .pcapng = true},
	{"eth", "mac-flap-ports-twin", mac_flap_ports_twin, .pcapng = true},
	{0},
};
