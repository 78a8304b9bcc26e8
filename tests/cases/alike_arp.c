/* SPDX-License-Identifier: BSD-3-Clause */
/* alike_arp.c - networks as they are, which look wrong to one who asks who has
 * which address; and wrong ones that look right. */
#include <stdio.h>

#include "cases/craft_neighbour.h"
#include "cases/craft_talk.h"

enum { MS = 1000, S = 1000000, ACK = 5 };

#define MAC_A  "52:54:00:00:00:14"
#define MAC_B  "52:54:00:00:00:15"
#define MAC_GW "52:54:00:00:00:01"

static struct station a = {MAC_A, "192.0.2.20", .id = 100};
static struct station b = {MAC_B, "192.0.2.21", .id = 200};
static struct station gw = {MAC_GW, "192.0.2.1", .id = 300};
static struct station afar = {MAC_GW, "198.51.100.7", .ttl = 57, .id = 400};

static void ask(struct craft *c, const struct station *from, const char *ip,
		const char *to_mac, int times)
{
	for (int i = 0; i < times; i++) {
		craft_arp(c, 1, from, NULL, ip, to_mac);
		craft_wait(c, 1020 * MS);
	}
}

static void resolve(struct craft *c, const struct station *from,
		    const struct station *to)
{
	craft_arp(c, 1, from, NULL, to->ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, to, from->mac, from->ip, from->mac);
	craft_wait(c, 300);
}

static void pings(struct craft *c, struct station *from, struct station *to,
		  uint16_t n)
{
	for (uint16_t i = 1; i <= n; i++) {
		craft_echo(c, from, to, false, 7, i, 56);
		craft_wait(c, 5 * MS);
		craft_echo(c, to, from, true, 7, i, 56);
		craft_wait(c, 200 * MS);
	}
}

/* The link is 192.0.2.0/24, as a server says to a. */
static void leased(struct craft *c)
{
	const struct craft_dhcp d = {.type = ACK,
				     .from_server = true,
				     .mac = MAC_A,
				     .xid = 7,
				     .yiaddr = a.ip,
				     .server = gw.ip,
				     .router = gw.ip,
				     .mask = "255.255.255.0",
				     .lease_s = 3600};

	craft_dhcp(c, &gw, &a, &d);
	craft_wait(c, MS);
	resolve(c, &a, &gw);
	pings(c, &a, &afar, 2);
}

/* The capture begins when all is resolved: nobody ever says who 192.0.2.1 is,
 * and its own answer comes from the station that everything goes through. */
static void gateway_late(struct craft *c)
{
	pings(c, &a, &gw, 1);
	pings(c, &a, &afar, 2);
	ask(c, &a, gw.ip, MAC_GW, 3);
	ask(c, &a, gw.ip, NULL, 6);
	craft_wait(c, 3 * S);
	resolve(c, &a, &b);
	pings(c, &a, &b, 1);
}

/* A mask that is too wide, and a router that helps. */
static void proxied(struct craft *c)
{
	const struct station stand_in = {MAC_GW, "198.51.100.7"};

	resolve(c, &a, &gw);
	pings(c, &a, &gw, 1);
	resolve(c, &a, &stand_in);
	pings(c, &a, &afar, 3);
}

/* A port of the router itself, which it passes on to a host behind it: the
 * answers bear its address, and that host's TTL. */
static void port_forwarded(struct craft *c)
{
	struct station client = a, behind = {MAC_GW, gw.ip, .ttl = 63};
	struct talk t;

	resolve(c, &a, &gw);
	t = talk_new(c, &client, &behind, 40000, 8080);
	t.rtt_us = MS;
	talk_open(&t);
	talk_exchange(&t, 200, 800, 2 * MS);
	talk_close(&t);
}

/* Two of one address group speak for their virtual router. */
static void proxied_twin(struct craft *c)
{
	const struct station vip = {"00:00:5e:00:01:0a", "192.0.2.254"};
	struct station shared = {"00:00:5e:00:01:0a", "198.51.100.7",
				 .ttl = 57};

	resolve(c, &a, &vip);
	pings(c, &a, &shared, 3);
	resolve(c, &a, &b);
	pings(c, &a, &b, 2);
}

/* Neighbours that talk as routers do: the one who asks keeps its packets on the
 * link with a TTL of one, and who answers begins with another TTL each time. */
static void link_only_twin(struct craft *c)
{
	struct station near = b;

	resolve(c, &a, &near);
	pings(c, &a, &near, 1);
	near.ttl = 1;
	pings(c, &a, &near, 3);
	near.ttl = 2;
	pings(c, &a, &near, 1);
	resolve(c, &a, &gw);
	near = (struct station){MAC_GW, "192.0.2.1", .ttl = 1};
	pings(c, &a, &near, 2);
}

/* A second network on the link, which no server knows of: one of it looks for
 * another that is switched off. */
static void second_network(struct craft *c)
{
	struct station p = {MAC_B, "10.9.0.7"},
		       q = {"52:54:00:00:00:17", "10.9.0.8"};

	leased(c);
	resolve(c, &p, &q);
	pings(c, &p, &q, 2);
	ask(c, &p, "10.9.0.9", NULL, 6);
	craft_wait(c, 3 * S);
	pings(c, &p, &q, 2);
}

static void outside(struct craft *c)
{
	leased(c);
	resolve(c, &b, &a);
	pings(c, &b, &a, 1);
	ask(c, &b, "192.0.77.9", NULL, 6);
	craft_wait(c, 3 * S);
	pings(c, &b, &a, 1);
}

/* Somebody far away tries a whole network; the router has no room left for a
 * neighbour that is there. */
static void starved(struct craft *c)
{
	const struct station router = {MAC_GW, "fe80::1"};
	const struct station there = {MAC_B, "2001:db8::21"};
	char ip[32];

	craft_ra(c, &router);
	craft_ns(c, &router, there.ip, NULL);
	craft_wait(c, 300);
	craft_na(c, &there, there.ip, &router, NA_SOLICITED | NA_OVERRIDE);
	craft_wait(c, S);
	for (int i = 0; i < 150; i++) {
		snprintf(ip, sizeof(ip), "2001:db8::1:%x", i + 1);
		craft_ns(c, &router, ip, NULL);
		craft_wait(c, 50 * MS);
		if (i == 60 || i == 80 || i == 100)
			craft_ns(c, &router, there.ip, NULL);
	}
	craft_wait(c, 5 * S);
	craft_ra(c, &router);
}

const struct craft_case alike_arp_cases[] = {
	{"nd", "scan-starves", starved},
	{"arp", "gateway-unresolved-late", gateway_late},
	{"arp", "proxied", proxied},
	{"arp", "proxied-twin", proxied_twin},
	{"arp", "port-forwarded", port_forwarded},
	{"arp", "second-network", second_network},
	{"arp", "outside", outside},
	{"arp", "link-only-twin", link_only_twin},
	{0},
};
