/* SPDX-License-Identifier: BSD-3-Clause */
/* arp.c - cases of the data link: who has which address, and who answers. */
#include <stdio.h>

#include "cases/craft.h"
#include "cases/craft_talk.h"
#include "dissectors/dissect.h"

enum { MS = 1000, S = 1000000 };

#define MAC_A	  "52:54:00:00:00:14"
#define MAC_B	  "52:54:00:00:00:15"
#define MAC_GW	  "52:54:00:00:00:01"
#define MAC_OTHER "00:0c:29:00:00:66"

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

static void ask(struct craft *c, const struct station *from, const char *ip)
{
	craft_arp(c, 1, from, NULL, ip, NULL);
}

static void answer(struct craft *c, const struct station *from,
		   const struct station *to)
{
	craft_wait(c, 300);
	craft_arp(c, 2, from, to->mac, to->ip, to->mac);
}

/* `from` finds `to` and pings it `n` times. */
static void meet(struct craft *c, struct station *from, struct station *to,
		 int n)
{
	ask(c, from, to->ip);
	answer(c, to, from);
	for (int i = 1; i <= n; i++) {
		craft_wait(c, 10 * MS);
		craft_echo(c, from, to, false, 7, (uint16_t)i, 56);
		craft_wait(c, 500);
		craft_echo(c, to, from, true, 7, (uint16_t)i, 56);
	}
}

/* Two far hosts are pinged through the gateway. */
static void far(struct craft *c, struct station *from)
{
	struct station gw = gateway();

	meet(c, from, &gw, 1);
	for (int i = 0; i < 2; i++) {
		struct station to = {MAC_GW,
				     i ? "198.51.100.8" : "198.51.100.7",
				     .ttl = 57, .id = 700};

		craft_wait(c, 20 * MS);
		craft_echo(c, from, &to, false, 8, (uint16_t)i, 56);
		craft_wait(c, 20 * MS);
		craft_echo(c, &to, from, true, 8, (uint16_t)i, 56);
	}
}

static void round_of(struct craft *c, const struct station *from,
		     const char *ip, const char *to_mac)
{
	for (int i = 0; i < 3; i++) {
		craft_wait(c, 1020 * MS);
		craft_arp(c, 1, from, NULL, ip, to_mac);
	}
}

static void unanswered(struct craft *c)
{
	struct station from = a(), to = b();

	meet(c, &from, &to, 2);
	round_of(c, &from, "192.0.2.77", NULL);
	round_of(c, &from, "192.0.2.77", NULL);
	craft_wait(c, 3 * S);
	meet(c, &from, &to, 1);
}

/* Probes before an address is taken want no answer. */
static void unanswered_twin(struct craft *c)
{
	struct station from = a(), to = b();
	const struct station nobody = {MAC_A, "0.0.0.0"};

	for (int i = 0; i < 4; i++) {
		ask(c, &nobody, from.ip);
		craft_wait(c, S);
	}
	ask(c, &from, from.ip);
	craft_wait(c, 3 * S);
	meet(c, &from, &to, 2);
}

static void gateway_unresolved(struct craft *c)
{
	struct station from = a(), to = b();

	far(c, &from);
	round_of(c, &from, "192.0.2.1", MAC_GW);
	round_of(c, &from, "192.0.2.1", NULL);
	round_of(c, &from, "192.0.2.1", NULL);
	craft_wait(c, 3 * S);
	meet(c, &from, &to, 1);
}

/* The unicast tries get lost, the broadcast is answered. */
static void gateway_unresolved_twin(struct craft *c)
{
	struct station from = a(), gw = gateway();

	far(c, &from);
	round_of(c, &from, "192.0.2.1", MAC_GW);
	craft_wait(c, S);
	ask(c, &from, gw.ip);
	answer(c, &gw, &from);
	craft_wait(c, 5 * S);
	far(c, &from);
}

static void conflict(struct craft *c)
{
	struct station from = a(), one = b(), two = b();

	two.mac = MAC_OTHER;
	for (int i = 0; i < 3; i++) {
		ask(c, &from, one.ip);
		answer(c, &one, &from);
		answer(c, &two, &from);
		craft_wait(c, 6 * S);
	}
}

/* The address moves once: announced, and the old card is gone. */
static void conflict_twin(struct craft *c)
{
	struct station from = a(), one = b(), two = b();

	two.mac = MAC_OTHER;
	meet(c, &from, &one, 2);
	craft_wait(c, 5 * S);
	for (int i = 0; i < 3; i++) {
		ask(c, &two, two.ip);
		craft_wait(c, 200 * MS);
	}
	meet(c, &from, &two, 2);
}

static void spoofing(struct craft *c)
{
	struct station from = a();
	const struct station thief = {MAC_OTHER, "192.0.2.66"};
	const struct station false_gw = {MAC_OTHER, "192.0.2.1"};

	far(c, &from);
	craft_wait(c, 6 * S);
	ask(c, &thief, from.ip);
	answer(c, &from, &thief);
	for (int i = 0; i < 4; i++) {
		craft_wait(c, 2 * S);
		craft_arp(c, 2, &false_gw, from.mac, from.ip, from.mac);
	}
}

/* A failover of the gateway, announced to all by a router that has another
 * address of its own; it answers for it afterwards, the old one does not. */
static void spoofing_twin(struct craft *c)
{
	struct station from = a();
	const struct station second = {MAC_OTHER, "192.0.2.3"};
	const struct station taken = {MAC_OTHER, "192.0.2.1"};

	far(c, &from);
	craft_wait(c, 6 * S);
	ask(c, &second, from.ip);
	answer(c, &from, &second);
	for (int i = 0; i < 5; i++) {
		ask(c, &taken, taken.ip);
		craft_wait(c, 100 * MS);
	}
	ask(c, &from, taken.ip);
	answer(c, &taken, &from);
}

static void stale_entry(struct craft *c)
{
	struct station from = a(), old = b(), new = b();
	struct station third = {"52:54:00:00:00:16", "192.0.2.22", .id = 900};

	new.mac = MAC_OTHER;
	meet(c, &from, &old, 2);
	craft_wait(c, S);
	meet(c, &third, &new, 2);
	craft_wait(c, 4 * S);
	for (int i = 0; i < 7; i++) {
		craft_echo(c, &from, &old, false, 9, (uint16_t)i, 56);
		craft_wait(c, S);
	}
}

/* The sender moves on to the new card at once. */
static void stale_entry_twin(struct craft *c)
{
	struct station from = a(), old = b(), new = b();

	new.mac = MAC_OTHER;
	meet(c, &from, &old, 2);
	craft_wait(c, S);
	ask(c, &new, new.ip);
	craft_wait(c, 4 * S);
	for (int i = 0; i < 7; i++) {
		craft_echo(c, &from, &new, false, 9, (uint16_t)i, 56);
		craft_wait(c, 500);
		craft_echo(c, &new, &from, true, 9, (uint16_t)i, 56);
		craft_wait(c, S);
	}
}

static void wrong_subnet(struct craft *c)
{
	struct station right = a(), wrong = b();

	far(c, &right);
	round_of(c, &wrong, "198.51.100.7", NULL);
	round_of(c, &wrong, "198.51.100.7", NULL);
	craft_wait(c, 3 * S);
	far(c, &right);
}

/* Two networks on one link: the other network's hosts answer. */
static void wrong_subnet_twin(struct craft *c)
{
	struct station from = a();
	struct station other = {MAC_B, "198.51.100.21", .id = 500};

	far(c, &from);
	for (int i = 0; i < 3; i++) {
		craft_wait(c, S);
		meet(c, &from, &other, 1);
	}
}

static void storm(struct craft *c)
{
	struct station from = a(), to = b();

	meet(c, &from, &to, 1);
	for (int i = 0; i < 1000; i++) {
		ask(c, &from, to.ip);
		answer(c, &to, &from);
		craft_wait(c, 4700);
	}
}

/* A router has started anew and asks for all its hosts, for two seconds. */
static void storm_twin(struct craft *c)
{
	struct station from = gateway();
	char ip[24], mac[32];

	for (int i = 0; i < 100; i++) {
		struct station to = {mac, ip};

		snprintf(ip, sizeof(ip), "192.0.2.%d", 10 + i);
		snprintf(mac, sizeof(mac), "52:54:00:00:01:%02x", i);
		ask(c, &from, ip);
		answer(c, &to, &from);
		craft_wait(c, 20 * MS);
	}
}

static void scan(struct craft *c)
{
	struct station from = a(), to = b();
	char ip[24];

	meet(c, &from, &to, 1);
	for (int i = 30; i < 90; i++) {
		snprintf(ip, sizeof(ip), "192.0.2.%d", i);
		ask(c, &from, ip);
		craft_wait(c, 50 * MS);
	}
	craft_wait(c, 3 * S);
	meet(c, &from, &to, 1);
}

/* A monitor: all its targets answer. */
static void scan_twin(struct craft *c)
{
	struct station from = a();
	char ip[24], mac[32];

	for (int i = 0; i < 60; i++) {
		struct station to = {mac, ip};

		snprintf(ip, sizeof(ip), "192.0.2.%d", 30 + i);
		snprintf(mac, sizeof(mac), "52:54:00:00:02:%02x", i);
		ask(c, &from, ip);
		answer(c, &to, &from);
		craft_wait(c, 100 * MS);
	}
}

/* Two stations hold an address; only one of them has the service. */
static void conflict_refuses(struct craft *c)
{
	struct station client = {"52:54:00:00:00:14", "192.0.2.20", .id = 100};
	struct station right = {"52:54:00:00:00:30", "192.0.2.30", .id = 6000};
	struct station wrong = {"52:54:00:00:00:66", "192.0.2.30", .id = 9000};

	for (uint16_t n = 0; n < 6; n++) {
		struct station *now = n % 2 ? &wrong : &right;
		struct talk t =
			talk_new(c, &client, now, (uint16_t)(40000 + n), 22);
		const struct craft_tcp in = {.sport = (uint16_t)(40000 + n),
					     .dport = 22,
					     .seq = n * 1000u,
					     .flags = TCP_SYN,
					     .mss = 1460};
		const struct craft_tcp rst = {.sport = 22,
					      .dport = (uint16_t)(40000 + n),
					      .ack = n * 1000u + 1,
					      .flags = TCP_RST | TCP_ACK,
					      .id = -1,
					      .zero_window = true};

		craft_arp(c, 1, &client, NULL, right.ip, NULL);
		craft_wait(c, 300);
		craft_arp(c, 2, now, client.mac, client.ip, client.mac);
		craft_wait(c, 100);
		craft_arp(c, 2, n % 2 ? &right : &wrong, client.mac, client.ip,
			  client.mac);
		craft_wait(c, 300);
		t.rtt_us = 300;
		if (n % 2 == 0) {
			talk_open(&t);
			talk_exchange(&t, 50, 50, MS);
			talk_close(&t);
		} else {
			craft_tcp(c, &client, now, &in);
			craft_wait(c, 300);
			craft_tcp(c, now, &client, &rst);
		}
		craft_wait(c, 2 * S);
	}
}

const struct craft_case arp_cases[] = {
	{"arp", "unanswered", unanswered},
	{"arp", "unanswered-twin", unanswered_twin},
	{"arp", "gateway-unresolved", gateway_unresolved},
	{"arp", "gateway-unresolved-twin", gateway_unresolved_twin},
	{"arp", "conflict", conflict},
	{"arp", "conflict-twin", conflict_twin},
	{"arp", "spoofing", spoofing},
	{"arp", "spoofing-twin", spoofing_twin},
	{"arp", "stale-entry", stale_entry},
	{"arp", "stale-entry-twin", stale_entry_twin},
	{"arp", "wrong-subnet", wrong_subnet},
	{"arp", "wrong-subnet-twin", wrong_subnet_twin},
	{"arp", "storm", storm},
	{"arp", "storm-twin", storm_twin},
	{"arp", "scan", scan},
	{"arp", "scan-twin", scan_twin},
	{"arp", "conflict-refuses", conflict_refuses},
	{0},
};
