/* SPDX-License-Identifier: BSD-3-Clause */
/* nd.c - cases of neighbour discovery: who has which IPv6 address. */
#include <stdio.h>

#include "cases/craft_neighbour.h"

enum { MS = 1000, S = 1000000, TARGETS = 80 };

#define MAC_A	  "52:54:00:00:00:14"
#define MAC_GW	  "52:54:00:00:00:01"
#define MAC_OTHER "00:0c:29:00:00:66"
#define B_IP	  "2001:db8::21"

static struct station a = {MAC_A, "2001:db8::20"};
static struct station b = {"52:54:00:00:00:15", B_IP};
static struct station gw = {MAC_GW, "fe80::1"};

static void answer(struct craft *c, const struct station *from,
		   const struct station *to)
{
	craft_wait(c, 300);
	craft_na(c, from, from->ip, to, NA_SOLICITED | NA_OVERRIDE);
}

static void ping(struct craft *c, struct station *from, struct station *to,
		 int n)
{
	for (int i = 1; i <= n; i++) {
		craft_wait(c, 10 * MS);
		craft_echo(c, from, to, false, 7, (uint16_t)i, 56);
		craft_wait(c, 500);
		craft_echo(c, to, from, true, 7, (uint16_t)i, 56);
	}
}

/* `from` finds `to` and pings it. */
static void meet(struct craft *c, struct station *from, struct station *to)
{
	craft_ns(c, from, to->ip, NULL);
	answer(c, to, from);
	ping(c, from, to, 2);
}

/* Two far hosts are pinged through the router. */
static void far(struct craft *c)
{
	struct station one = {MAC_GW, "2001:db8:1::7", .ttl = 57};
	struct station two = {MAC_GW, "2001:db8:2::8", .ttl = 57};

	craft_ra(c, &gw);
	craft_ns(c, &a, gw.ip, NULL);
	answer(c, &gw, &a);
	ping(c, &a, &one, 1);
	ping(c, &a, &two, 1);
}

static void round_of(struct craft *c, const char *target,
		     const struct station *to)
{
	for (int i = 0; i < 3; i++) {
		craft_wait(c, S + 20 * MS);
		craft_ns(c, &a, target, to);
	}
}

static void unanswered(struct craft *c)
{
	meet(c, &a, &b);
	round_of(c, "2001:db8::77", NULL);
	round_of(c, "2001:db8::77", NULL);
	craft_wait(c, 3 * S);
	meet(c, &a, &b);
}

/* Detecting duplicates of a free address: silence is what is hoped for. */
static void unanswered_twin(struct craft *c)
{
	const struct station nobody = {MAC_A, "::"};

	for (int i = 0; i < 4; i++) {
		craft_ns(c, &nobody, a.ip, NULL);
		craft_wait(c, S);
	}
	craft_wait(c, 3 * S);
	meet(c, &a, &b);
}

static void router_unresolved(struct craft *c)
{
	far(c);
	round_of(c, gw.ip, &gw);
	round_of(c, gw.ip, NULL);
	round_of(c, gw.ip, NULL);
	craft_wait(c, 3 * S);
	meet(c, &a, &b);
}

/* The unicast tries get lost, the multicast is answered. */
static void router_unresolved_twin(struct craft *c)
{
	far(c);
	round_of(c, gw.ip, &gw);
	craft_wait(c, S);
	craft_ns(c, &a, gw.ip, NULL);
	answer(c, &gw, &a);
	craft_wait(c, 5 * S);
	far(c);
}

/* Many neighbours are asked for; all answer, or none. */
static void sweep(struct craft *c, bool there)
{
	char ip[32], mac[18];

	meet(c, &a, &b);
	for (int i = 0; i < TARGETS; i++) {
		struct station to = {mac, ip};

		snprintf(ip, sizeof(ip), "2001:db8::1:%x", i + 1);
		snprintf(mac, sizeof(mac), "52:54:00:00:02:%02x", i);
		craft_wait(c, 50 * MS);
		craft_ns(c, &a, ip, NULL);
		if (there)
			answer(c, &to, &a);
	}
	craft_wait(c, 5 * S);
	meet(c, &a, &b);
}

static void scan(struct craft *c)
{
	sweep(c, false);
}

static void scan_twin(struct craft *c)
{
	sweep(c, true);
}

/* A newcomer wants an address that is held: dadfailed. */
static void conflict(struct craft *c)
{
	const struct station nobody = {MAC_OTHER, "::"};

	meet(c, &a, &b);
	craft_wait(c, S);
	craft_ns(c, &nobody, b.ip, NULL);
	craft_wait(c, 300);
	craft_na(c, &b, b.ip, NULL, NA_OVERRIDE);
	craft_wait(c, 2 * S);
	meet(c, &a, &b);
}

/* One's own probe comes back from a port that loops. */
static void conflict_twin(struct craft *c)
{
	const struct station nobody = {MAC_A, "::"};

	craft_ns(c, &nobody, a.ip, NULL);
	craft_wait(c, 100);
	craft_ns(c, &nobody, a.ip, NULL);
	craft_wait(c, 2 * S);
	meet(c, &a, &b);
}

/* Somebody with an address of its own tells A that the router is at its MAC. */
static void spoofing(struct craft *c)
{
	struct station m = {MAC_OTHER, "2001:db8::66"};
	struct station m_local = {MAC_OTHER, "fe80::66"};

	far(c);
	meet(c, &a, &m);
	craft_wait(c, MS);
	meet(c, &a, &m_local);
	for (int i = 0; i < 6; i++) {
		craft_wait(c, 2 * S);
		craft_na(c, &m, gw.ip, &a, NA_ROUTER | NA_OVERRIDE);
		if (i == 1)
			craft_ra(c, &gw);
	}
	craft_wait(c, S);
	meet(c, &a, &b);
}

/* RFC 4861 7.2.6: a host has a new card and says so three times, to all. */
static void spoofing_twin(struct craft *c)
{
	struct station new = {MAC_OTHER, B_IP};

	meet(c, &a, &b);
	craft_wait(c, 5 * S);
	for (int i = 0; i < 3; i++) {
		craft_na(c, &new, new.ip, NULL, NA_OVERRIDE);
		craft_wait(c, S);
	}
	ping(c, &a, &new, 2);
}

static void advertise(struct craft *c, const struct station *from,
		      const char *prefix)
{
	const struct craft_ra ra = {.lifetime_s = 1800, .prefix = prefix};

	craft_ra_of(c, from, &ra);
	craft_wait(c, 200 * MS);
}

/* Somebody's second router daemon brings another prefix. */
static void rogue_ra(struct craft *c)
{
	const struct station rogue = {MAC_OTHER, "fe80::66"};

	for (int i = 0; i < 3; i++) {
		advertise(c, &gw, "2001:db8::");
		advertise(c, &rogue, "fd00:66::");
		craft_wait(c, 10 * S);
	}
	meet(c, &a, &b);
}

/* A second router with the same prefix, and the border router of a mesh, which
 * is no default router. */
static void rogue_ra_twin(struct craft *c)
{
	const struct station second = {"52:54:00:00:00:02", "fe80::2"};
	const struct station border = {"52:54:00:00:00:03", "fe80::3"};
	const struct craft_ra mesh = {.prefix = "fd00:77::",
				      .route = "fd00:78::"};

	for (int i = 0; i < 3; i++) {
		advertise(c, &gw, "2001:db8::");
		advertise(c, &second, "2001:db8::");
		craft_ra_of(c, &border, &mesh);
		craft_wait(c, 10 * S);
	}
	meet(c, &a, &b);
}

/* Another station takes the router out of service. */
static void withdrawn_ra(struct craft *c)
{
	const struct station liar = {MAC_OTHER, gw.ip};

	advertise(c, &gw, "2001:db8::");
	meet(c, &a, &b);
	craft_wait(c, 5 * S);
	craft_ra_of(c, &liar, &(struct craft_ra){.prefix = "2001:db8::"});
	craft_wait(c, 200 * MS);
	meet(c, &a, &b);
}

const struct craft_case nd_cases[] = {
	{"nd", "rogue-ra", rogue_ra},
	{"nd", "rogue-ra-twin", rogue_ra_twin},
	{"nd", "rogue-ra-withdrawn", withdrawn_ra},
	{"nd", "unanswered", unanswered},
	{"nd", "unanswered-twin", unanswered_twin},
	{"nd", "router-unresolved", router_unresolved},
	{"nd", "router-unresolved-twin", router_unresolved_twin},
	{"nd", "scan", scan},
	{"nd", "scan-twin", scan_twin},
	{"nd", "conflict", conflict},
	{"nd", "conflict-twin", conflict_twin},
	{"nd", "spoofing", spoofing},
	{"nd", "spoofing-twin", spoofing_twin},
	{0},
};
