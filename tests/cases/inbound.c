/* SPDX-License-Identifier: BSD-3-Clause */
/* inbound.c - cases of a host that nothing reaches, and of such as look so. */
#include "cases/craft_neighbour.h"

#include "dissectors/dissect.h"

enum { MS = 1000, S = 1000000, COOKED = 113, REQUEST = 1, DISCOVER = 1 };

#define HOST_MAC   "00:1b:21:00:00:14"
#define ROUTER_MAC "00:1c:0f:00:00:01"

static struct station host = {HOST_MAC, "192.0.2.20"};
static struct station router = {ROUTER_MAC, "192.0.2.1"};
static struct station peer = {"00:1b:21:00:00:15", "192.0.2.21"};
static const struct station nobody = {HOST_MAC, "0.0.0.0"};
static const struct station all = {"ff:ff:ff:ff:ff:ff", "255.255.255.255"};

static void ask(struct craft *c, const char *target, int times)
{
	for (int i = 0; i < times; i++) {
		craft_arp(c, REQUEST, &host, NULL, target, NULL);
		craft_wait(c, 1020 * MS);
	}
}

static void discover(struct craft *c)
{
	const struct craft_dhcp d = {
		.type = DISCOVER, .mac = HOST_MAC, .xid = 0x1234};

	craft_dhcp(c, &nobody, &all, &d);
}

static void solicit(struct craft *c)
{
	struct station from = {HOST_MAC, "fe80::14", .ttl = 255};
	struct station routers = {"33:33:00:00:00:02", "ff02::2"};

	craft_icmp(c, &from, &routers, 133, 0, 0, NULL, 0);
}

/* What a host does whose port is in the wrong VLAN, or deaf. */
static void in_vain(struct craft *c)
{
	for (int i = 0; i < 4; i++) {
		discover(c);
		craft_wait(c, 300 * MS);
		solicit(c);
		craft_wait(c, 700 * MS);
		ask(c, "192.0.2.1", 3);
	}
}

static void deaf(struct craft *c)
{
	craft_place(c, 0, CRAFT_OUT);
	in_vain(c);
}

static void pings(struct craft *c, uint16_t from, uint16_t to)
{
	for (uint16_t k = from; k < to; k++) {
		craft_place(c, 0, CRAFT_OUT);
		craft_echo(c, &host, &peer, false, 9, k, 56);
		craft_wait(c, MS);
		craft_place(c, 0, CRAFT_IN);
		craft_echo(c, &peer, &host, true, 9, k, 56);
		craft_wait(c, S);
	}
}

/* It hears, until it does not. */
static void falls_deaf(struct craft *c)
{
	pings(c, 1, 6);
	craft_place(c, 0, CRAFT_OUT);
	for (uint16_t k = 6; k < 12; k++) {
		craft_echo(c, &host, &peer, false, 9, k, 56);
		craft_wait(c, S);
	}
	for (int i = 0; i < 4; i++) {
		ask(c, "192.0.2.21", 3);
		ask(c, "192.0.2.1", 3);
	}
}

/* Outbound frames alone were captured: a download goes on, as its
 * acknowledgements tell, and what it asks for it is told. */
static void outbound_only(struct craft *c)
{
	struct station server = {ROUTER_MAC, "198.51.100.7"};
	struct craft_tcp t = {.sport = 40000,
			      .dport = 80,
			      .seq = 1000,
			      .flags = TCP_SYN,
			      .mss = 1460};

	ask(c, "192.0.2.1", 1);
	craft_tcp(c, &host, &server, &t);
	t.flags = TCP_ACK;
	t.mss = 0;
	t.seq = 1001;
	for (int i = 0; i < 20; i++) {
		t.ack = 5000 + 2920 * (uint32_t)i;
		craft_tcp(c, &host, &server, &t);
		craft_wait(c, S);
	}
	for (int i = 0; i < 3; i++) {
		ask(c, "192.0.2.77", 3);
		ask(c, "192.0.2.78", 3);
	}
}

/* Two stations on a cable: one asks for a third, and the other has no reason to
 * speak. */
static void absent(struct craft *c)
{
	craft_place(c, 0, CRAFT_OUT);
	for (int i = 0; i < 5; i++)
		ask(c, "192.0.2.77", 3);
}

/* What a bystander sees of a host that looks for two that are switched off: its
 * broadcasts, and not its own conversations. */
static void broadcasts_alone(struct craft *c)
{
	craft_pad(c, true);
	for (int i = 0; i < 5; i++) {
		ask(c, "192.0.2.77", 3);
		ask(c, "192.0.2.78", 3);
	}
}

/* The same, and now and then it asks for one that answers: once each. */
static void answered_elsewhere(struct craft *c)
{
	craft_pad(c, true);
	for (int i = 0; i < 5; i++) {
		const char *const there[] = {"192.0.2.31", "192.0.2.32",
					     "192.0.2.33", "192.0.2.34",
					     "192.0.2.35"};

		discover(c);
		ask(c, "192.0.2.77", 3);
		ask(c, there[i], 1);
		craft_wait(c, 3 * S);
	}
}

static void alone_again(struct craft *c)
{
	deaf(c);
	craft_place(c, 0, CRAFT_IN);
	craft_arp(c, REQUEST, &router, NULL, "192.0.2.20", NULL);
}

const struct craft_case inbound_cases[] = {
	{"link", "no-inbound", alone_again, .link_type = COOKED},
	{"link", "no-inbound-ethernet", in_vain},
	{"link", "no-inbound-later", falls_deaf, .pcapng = true},
	{"link", "no-inbound-twin", outbound_only},
	{"link", "no-inbound-absent", absent, .link_type = COOKED},
	{"link", "no-inbound-broadcasts", broadcasts_alone},
	{"link", "no-inbound-elsewhere", answered_elsewhere},
	{0},
};
