/* SPDX-License-Identifier: BSD-3-Clause */
/* mtu_link.c - cases of stations, routers and switches that tell their MTU. */
#include <string.h>

#include "cases/craft_neighbour.h"
#include "dissectors/dissect.h"

enum { MS = 1000, S = 1000000, JUMBO = 8960, PLAIN = 1460, LARGE = 8000 };

#define MAC_A  "00:1b:21:00:00:14"
#define MAC_B  "00:1b:21:00:00:15"
#define MAC_GW "00:1c:0f:00:00:01"

static struct station a = {MAC_A, "192.0.2.20", .id = 100};
static struct station b = {MAC_B, "192.0.2.21", .id = 200};
static struct station a6 = {MAC_A, "2001:db8:1::14"};
static struct station b6 = {MAC_B, "2001:db8:1::15"};
static struct station router = {MAC_GW, "fe80::1", .ttl = 255};

static void resolve(struct craft *c)
{
	craft_arp(c, 1, &a, NULL, b.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &b, a.mac, a.ip, a.mac);
	craft_wait(c, 300);
}

static void resolve6(struct craft *c, const struct station *from,
		     const struct station *to)
{
	craft_ns(c, from, to->ip, NULL);
	craft_wait(c, 300);
	craft_na(c, to, to->ip, from, NA_SOLICITED | NA_OVERRIDE);
	craft_wait(c, 300);
}

static void open_one(struct craft *c, struct station *from, struct station *to,
		     uint16_t mss, uint16_t answered)
{
	struct craft_tcp t = {.sport = 40001,
			      .dport = 445,
			      .seq = 1000,
			      .flags = TCP_SYN,
			      .mss = mss};
	struct craft_tcp back = {.sport = 445,
				 .dport = 40001,
				 .seq = 5000,
				 .ack = 1001,
				 .flags = TCP_SYN | TCP_ACK,
				 .mss = answered};

	craft_tcp(c, from, to, &t);
	craft_wait(c, 300);
	craft_tcp(c, to, from, &back);
	craft_wait(c, 100);
	t = (struct craft_tcp){.sport = 40001,
			       .dport = 445,
			       .seq = 1001,
			       .ack = 5001,
			       .flags = TCP_ACK};
	craft_tcp(c, from, to, &t);
	craft_wait(c, S);
}

static void pings(struct craft *c, size_t size, bool answered)
{
	for (uint16_t i = 1; i <= 4; i++) {
		craft_echo(c, &a, &b, false, (uint16_t)size, i, size);
		craft_wait(c, MS);
		if (answered)
			craft_echo(c, &b, &a, true, (uint16_t)size, i, size);
		craft_wait(c, S);
	}
}

/* What only one of the two takes is sent in vain. */
static void bites(struct craft *c)
{
	resolve(c);
	open_one(c, &a, &b, JUMBO, PLAIN);
	pings(c, 56, true);
	pings(c, LARGE, false);
	pings(c, 56, true);
	craft_wait(c, 6 * S);
}

/* A small device announces what it can buffer, and takes every frame. */
static void small_device(struct craft *c)
{
	resolve(c);
	open_one(c, &a, &b, PLAIN, 536);
	pings(c, 1400, true);
}

static void advertise(struct craft *c, uint32_t mtu)
{
	const struct craft_ra ra = {
		.lifetime_s = 1800, .prefix = "2001:db8:1::", .mtu = mtu};

	craft_ra_of(c, &router, &ra);
	craft_wait(c, 100 * MS);
}

static void router_tells(struct craft *c)
{
	advertise(c, 1500);
	resolve6(c, &a6, &b6);
	open_one(c, &a6, &b6, 8940, 1440);
}

/* The hosts obey; the router itself need not. */
static void obeyed(struct craft *c)
{
	struct station self = {MAC_GW, "2001:db8:1::1"};

	advertise(c, 1280);
	resolve6(c, &a6, &b6);
	open_one(c, &a6, &b6, 1220, 1220);
	resolve6(c, &self, &b6);
	open_one(c, &self, &b6, 1440, 1220);
}

/* IEEE 802.1AB: chassis, port, time to live, and the largest frame (802.3). */
static void announce(struct craft *c, uint16_t max_frame)
{
	static const uint8_t head[] = {
		0x01, 0x80, 0xc2, 0,   0,   0x0e, 0x00, 0x1c, 0x0f, 0,	  0x10,
		0x01, 0x88, 0xcc, 2,   7,   4,	  0,	0x1c, 0x0f, 0,	  0x10,
		0x01, 4,    4,	  5,   'g', 'e',  '1',	6,    2,    0,	  120,
		10,   3,    's',  'w', '1', 0xfe, 6,	0,    0x12, 0x0f, 4};
	uint8_t frame[64] = {0};

	memcpy(frame, head, sizeof(head));
	frame[sizeof(head)] = (uint8_t)(max_frame >> 8);
	frame[sizeof(head) + 1] = (uint8_t)max_frame;
	craft_place(c, 0, CRAFT_IN);
	craft_frame(c, frame, sizeof(frame), sizeof(frame));
	craft_wait(c, MS);
}

/* The host that captures, to a neighbour that has jumbo frames too. */
static void through_a_switch(struct craft *c, uint16_t max_frame)
{
	announce(c, max_frame);
	craft_place(c, 0, CRAFT_OUT);
	craft_arp(c, 1, &a, NULL, b.ip, NULL);
	craft_wait(c, 300);
	craft_place(c, 0, CRAFT_IN);
	craft_arp(c, 2, &b, a.mac, a.ip, a.mac);
	craft_wait(c, 300);
	craft_place(c, 0, CRAFT_OUT);
	open_one(c, &a, &b, JUMBO, JUMBO);
}

/* Then it sends a request of which all beyond `passes` bytes of TCP vanishes,
 * and what is left of it arrives. */
static void vanishes(struct craft *c, uint16_t large, uint16_t small)
{
	struct craft_tcp sack = {
		.sport = 445,
		.dport = 40001,
		.seq = 5001,
		.ack = 1001,
		.flags = TCP_ACK,
		.sack = {1001u + large, 1001u + large + small}};
	struct craft_tcp t = {.sport = 40001,
			      .dport = 445,
			      .seq = 1001,
			      .ack = 5001,
			      .flags = TCP_ACK};

	for (int i = 0; i < 5; i++) {
		craft_place(c, 0, CRAFT_OUT);
		t.seq = 1001;
		t.len = large;
		craft_tcp(c, &a, &b, &t);
		craft_wait(c, 100);
		t.seq += large;
		t.len = small;
		if (!i)
			craft_tcp(c, &a, &b, &t);
		craft_wait(c, MS);
		craft_place(c, 0, CRAFT_IN);
		craft_tcp(c, &b, &a, &sack);
		craft_wait(c, (300 * MS) << i);
	}
}

static void narrow_switch_hole(struct craft *c)
{
	through_a_switch(c, 1518);
	vanishes(c, JUMBO, 300);
}

/* What passes the switch fails too: that is somewhere else. */
static void hole_elsewhere(struct craft *c)
{
	through_a_switch(c, 1518);
	vanishes(c, 1420, 300);
}

static void narrow_switch(struct craft *c)
{
	through_a_switch(c, 1518);
}

static void wide_switch(struct craft *c)
{
	through_a_switch(c, 9216);
}

const struct craft_case mtu_link_cases[] = {
	{"mtu", "link-mismatch-bites", bites},
	{"mtu", "link-mismatch-small", small_device},
	{"mtu", "link-mismatch-router", router_tells},
	{"mtu", "link-mismatch-obeyed", obeyed},
	{"mtu", "link-mismatch-switch", narrow_switch, .pcapng = true},
	{"mtu", "link-mismatch-hole", narrow_switch_hole, .pcapng = true},
	{"mtu", "link-mismatch-hole-twin", hole_elsewhere, .pcapng = true},
	{"mtu", "link-mismatch-wide", wide_switch, .pcapng = true},
	{0},
};
