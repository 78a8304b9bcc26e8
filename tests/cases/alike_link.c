/* SPDX-License-Identifier: BSD-3-Clause */
/* alike_link.c - more cases of the data link: what looks alike and is healthy,
 * and the failures that it looks like. */
#include <stdio.h>

#include "cases/craft_neighbour.h"

enum { MS = 1000, S = 1000000 };
enum { DISCOVER = 1, OFFER, REQUEST, ACK = 5 };

#define MAC_A	   "52:54:00:00:00:14"
#define MAC_B	   "52:54:00:00:00:15"
#define MAC_C	   "52:54:00:00:00:16"
#define MAC_GW	   "52:54:00:00:00:01"
#define MAC_OTHER  "00:0c:29:00:00:66"
#define MAC_SECOND "00:1b:21:00:10:02"

static const struct station nobody = {MAC_A, "0.0.0.0"};
static const struct station all = {"ff:ff:ff:ff:ff:ff", "255.255.255.255"};

static struct station a(void)
{
	return (struct station){MAC_A, "192.0.2.20", .id = 100};
}

static struct station b(void)
{
	return (struct station){MAC_B, "192.0.2.21", .id = 200};
}

static struct station gateway(void)
{
	return (struct station){MAC_GW, "192.0.2.1", .id = 300};
}

static void answer(struct craft *c, const struct station *from,
		   const struct station *to)
{
	craft_wait(c, 300);
	craft_arp(c, 2, from, to->mac, to->ip, to->mac);
}

static void meet(struct craft *c, const struct station *from,
		 const struct station *to)
{
	craft_arp(c, 1, from, NULL, to->ip, NULL);
	answer(c, to, from);
	craft_wait(c, MS);
}

static void pings(struct craft *c, struct station *from, struct station *to,
		  uint16_t id, int n)
{
	for (int i = 1; i <= n; i++) {
		craft_echo(c, from, to, false, id, (uint16_t)i, 56);
		craft_wait(c, 500);
		craft_echo(c, to, from, true, id, (uint16_t)i, 56);
		craft_wait(c, 500 * MS);
	}
}

/* A server asks whether an address is free before it offers it. */
static void tested_by_dhcp(struct craft *c)
{
	const struct station server = gateway();
	struct craft_dhcp d = {DISCOVER, .mac = MAC_A, .xid = 7};

	craft_dhcp(c, &nobody, &all, &d);
	for (int i = 0; i < 3; i++) {
		craft_wait(c, 1000 * MS);
		craft_arp(c, 1, &server, NULL, "192.0.2.20", NULL);
	}
	craft_wait(c, 20 * MS);
	d = (struct craft_dhcp){OFFER,
				true,
				MAC_A,
				7,
				.yiaddr = "192.0.2.20",
				.server = server.ip,
				.router = server.ip,
				.mask = "255.255.255.0",
				.lease_s = 3600};
	craft_dhcp(c, &server, &all, &d);
	craft_wait(c, 5 * MS);
	craft_dhcp(c, &nobody, &all,
		   &(struct craft_dhcp){REQUEST, .mac = MAC_A, .xid = 7,
					.server = server.ip,
					.requested = "192.0.2.20"});
	craft_wait(c, 5 * MS);
	d.type = ACK;
	craft_dhcp(c, &server, &all, &d);
}

/* A third port: broadcasts come by, the answers do not.  The gateway speaks. */
static void bystander(struct craft *c)
{
	struct station gw = gateway();
	const struct station hosts[] = {a(), b(), {MAC_C, "192.0.2.22"}};
	const char *const targets[] = {"192.0.2.30", "192.0.2.31", "192.0.2.32",
				       "192.0.2.33"};

	for (int i = 0; i < 12; i++) {
		craft_arp(c, 1, &hosts[i % 3], NULL, gw.ip, NULL);
		craft_wait(c, S);
		if (i % 3 == 2)
			craft_arp(c, 1, &gw, NULL, targets[i / 3], NULL);
		craft_wait(c, S);
	}
}

/* A balancing bond tells each asker one of its two MACs. */
static void balanced(struct craft *c)
{
	const struct station one = {MAC_SECOND, "192.0.2.9"};
	const struct station two = {"00:1b:21:00:10:03", "192.0.2.9"};
	const struct station left = a(), right = b();

	for (int i = 0; i < 6; i++) {
		meet(c, &left, &one);
		craft_wait(c, 5 * S);
		meet(c, &right, &two);
		craft_wait(c, 5 * S);
	}
}

/* A router group: asked for by its virtual MAC, answered from a physical one.
 */
static void answered_from_another(struct craft *c)
{
	struct station from = a(), real = {MAC_SECOND, "192.0.2.1", .id = 9};
	struct station group = {"00:00:5e:00:01:07", "192.0.2.1"};

	meet(c, &from, &group);
	for (uint16_t i = 1; i <= 10; i++) {
		craft_echo(c, &from, &group, false, 7, i, 56);
		craft_wait(c, 500);
		craft_echo(c, &real, &from, true, 7, i, 56);
		craft_wait(c, S);
	}
}

/* A third station tells both ends that the other is at its MAC, and passes on
 * what they send. */
static void in_the_middle(struct craft *c)
{
	struct station from = a(), gw = gateway(),
		       far = {MAC_OTHER, "198.51.100.7", .ttl = 57, .id = 900};
	const struct station thief = {MAC_OTHER, "192.0.2.66"};
	const struct station as_gw = {MAC_OTHER, "192.0.2.1"};
	const struct station as_a = {MAC_OTHER, "192.0.2.20"};

	meet(c, &from, &gw);
	meet(c, &from, &thief);
	craft_wait(c, 6 * S);
	for (uint16_t i = 1; i <= 6; i++) {
		craft_arp(c, 2, &as_gw, MAC_A, from.ip, MAC_A);
		craft_arp(c, 2, &as_a, MAC_GW, gw.ip, MAC_GW);
		craft_wait(c, 300 * MS);
		craft_echo(c, &from, &far, false, 7, i, 56);
		craft_wait(c, 400);
		craft_again(c, 63, MAC_OTHER, MAC_GW);
		craft_wait(c, 20 * MS);
		craft_echo(c, &far, &from, true, 7, i, 56);
		craft_wait(c, 2 * S);
	}
}

/* On another port: the client broadcasts, the server answers it alone. */
static void served_elsewhere(struct craft *c)
{
	craft_dhcp(c, &nobody, &all,
		   &(struct craft_dhcp){DISCOVER, .mac = MAC_A, .xid = 7});
	craft_wait(c, 4 * S);
	craft_dhcp(c, &nobody, &all,
		   &(struct craft_dhcp){DISCOVER, .mac = MAC_A, .xid = 7});
	craft_wait(c, 3 * S);
	craft_dhcp(c, &nobody, &all,
		   &(struct craft_dhcp){REQUEST, .mac = MAC_A, .xid = 7,
					.server = "192.0.2.1",
					.requested = "192.0.2.20"});
	for (int i = 0; i < 3; i++) {
		const struct station up = a();

		craft_wait(c, 10 * S);
		craft_arp(c, 1, &up, NULL, up.ip, NULL);
	}
}

/* A boot server beside the DHCP server: its offer has no address. */
static void boot_server(struct craft *c)
{
	const struct station server = gateway(), pxe = {MAC_B, "192.0.2.69"};

	craft_dhcp(c, &nobody, &all,
		   &(struct craft_dhcp){DISCOVER, .mac = MAC_A, .xid = 7});
	craft_wait(c, 2 * MS);
	craft_dhcp(
		c, &pxe, &all,
		&(struct craft_dhcp){OFFER, true, MAC_A, 7, .server = pxe.ip});
	craft_wait(c, 2 * MS);
	for (uint8_t type = OFFER; type <= ACK; type += 3) {
		craft_dhcp(c, &server, &all,
			   &(struct craft_dhcp){
				   type, true, MAC_A, 7, .yiaddr = "192.0.2.20",
				   .server = server.ip, .router = server.ip,
				   .mask = "255.255.255.0", .lease_s = 3600});
		craft_wait(c, 2 * MS);
		if (type == OFFER)
			craft_dhcp(c, &nobody, &all,
				   &(struct craft_dhcp){
					   REQUEST, .mac = MAC_A, .xid = 7,
					   .server = server.ip,
					   .requested = "192.0.2.20"});
		craft_wait(c, 2 * MS);
	}
}

/* The capture of a trunk starts: all its stations are new, once. */
static void trunk_starts(struct craft *c)
{
	struct station to = b();
	uint32_t x = 4711;
	char mac[18], ip[24];

	for (int i = 0; i < 500; i++) {
		struct station s = {mac, ip};

		x = x * 1664525 + 1013904223;
		snprintf(mac, sizeof(mac), "%02x:%02x:%02x:00:%02x:%02x",
			 x >> 24 & 0xfe, x >> 16 & 0xff, x >> 8 & 0xff,
			 i >> 8 & 0xff, i & 0xff);
		snprintf(ip, sizeof(ip), "10.1.%d.%d", i / 200, 1 + i % 200);
		craft_udp(c, &s, &to, 1024 + (uint16_t)i, 9, "x", 1);
		craft_wait(c, 8 * MS);
	}
	to.mac = MAC_GW;
	craft_wait(c, 20 * S);
	for (int i = 0; i < 3; i++) {
		struct station from = a();

		pings(c, &from, &to, 5, 2);
	}
}

/* The router advertises itself on, and answers no solicitation. */
static void router_filtered(struct craft *c)
{
	struct station host = {MAC_A, "2001:db8::20"};
	const struct station local = {MAC_A, "fe80::20"};
	const struct station router = {MAC_GW, "fe80::1"};
	struct station peer = {MAC_B, "2001:db8::21"};

	craft_ra(c, &router);
	craft_ns(c, &host, "2001:db8::21", NULL);
	craft_wait(c, 300);
	craft_na(c, &peer, "2001:db8::21", &host, NA_SOLICITED | NA_OVERRIDE);
	craft_wait(c, MS);
	pings(c, &host, &peer, 3, 2);
	for (int i = 0; i < 9; i++) {
		craft_ns(c, &local, "fe80::1", NULL);
		craft_wait(c, S);
		if (i % 3 == 2)
			craft_ra(c, &router);
		craft_echo(c, &host, &peer, false, 4, (uint16_t)i, 56);
		craft_wait(c, 500);
		craft_echo(c, &peer, &host, true, 4, (uint16_t)i, 56);
	}
	craft_wait(c, 3 * S);
	pings(c, &host, &peer, 3, 2);
}

const struct craft_case alike_link_cases[] = {
	{"arp", "tested-by-dhcp-twin", tested_by_dhcp},
	{"arp", "bystander-twin", bystander},
	{"arp", "balanced-twin", balanced},
	{"arp", "answered-from-another-twin", answered_from_another},
	{"arp", "in-the-middle", in_the_middle},
	{"dhcp", "served-elsewhere-twin", served_elsewhere},
	{"dhcp", "boot-server-twin", boot_server},
	{"eth", "trunk-starts-twin", trunk_starts},
	{"nd", "router-filtered", router_filtered},
	{0},
};
