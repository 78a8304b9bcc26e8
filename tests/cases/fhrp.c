/* SPDX-License-Identifier: BSD-3-Clause */
/* fhrp.c - cases of routers that share an address. */
#include "cases/craft_neighbour.h"

enum { MS = 1000, S = 1000000, GROUP = 51 };

#define SHARED "192.0.2.1"

static const struct station first = {"52:54:00:00:00:02", "192.0.2.2"};
static const struct station second = {"52:54:00:00:00:03", "192.0.2.3"};

static void masters(struct craft *c, const struct station *r, uint8_t priority,
		    int n)
{
	for (int i = 0; i < n; i++) {
		craft_vrrp(c, r, GROUP, priority, SHARED);
		craft_wait(c, S);
	}
}

static void two_masters(struct craft *c)
{
	for (int i = 0; i < 12; i++) {
		craft_vrrp(c, &first, GROUP, 150, SHARED);
		craft_wait(c, 400 * MS);
		craft_vrrp(c, &second, GROUP, 100, SHARED);
		craft_wait(c, 600 * MS);
	}
}

/* The master falls silent; the backup waits three intervals and takes over. */
static void failover(struct craft *c)
{
	masters(c, &first, 150, 8);
	craft_wait(c, 2600 * MS);
	masters(c, &second, 100, 8);
}

/* The same of an IPv6 group. */
static void failover_v6(struct craft *c)
{
	static const struct station a = {"52:54:00:00:00:02", "fe80::2"};
	static const struct station b = {"52:54:00:00:00:03", "fe80::3"};

	for (int i = 0; i < 16; i++) {
		const struct station *master = i < 8 ? &a : &b;

		craft_vrrp6(c, master, GROUP, i < 8 ? 150 : 100, "fe80::1");
		craft_wait(c, i == 7 ? 3600 * MS : S);
	}
}

static void failover_twin(struct craft *c)
{
	masters(c, &first, 150, 16);
}

/* Each of four handovers is one: nobody speaks while another does. */
static void there_and_back(struct craft *c)
{
	for (int i = 0; i < 3; i++) {
		masters(c, &first, 150, 8);
		craft_wait(c, 2600 * MS);
		masters(c, &second, 100, 8);
		/* the first is back, and the second had just spoken */
		craft_vrrp(c, &first, GROUP, 150, SHARED);
		craft_wait(c, 100 * MS);
		craft_vrrp(c, &second, GROUP, 100, SHARED);
		craft_wait(c, 900 * MS);
	}
	masters(c, &first, 150, 8);
}

/* Two networks on one link, each with its own group of the same number. */
static void one_number(struct craft *c)
{
	static const struct station other = {"52:54:00:00:00:04",
					     "198.51.100.2"};

	for (int i = 0; i < 12; i++) {
		craft_vrrp(c, &first, GROUP, 150, SHARED);
		craft_wait(c, 400 * MS);
		craft_vrrp(c, &other, GROUP, 100, "198.51.100.1");
		craft_wait(c, 600 * MS);
	}
}

const struct craft_case fhrp_cases[] = {
	{"fhrp", "there-and-back", there_and_back},
	{"fhrp", "two-masters", two_masters},
	{"fhrp", "two-masters-twin", failover},
	{"fhrp", "one-number-twin", one_number},
	{"fhrp", "failover", failover},
	{"fhrp", "failover-twin", failover_twin},
	{"fhrp", "failover-v6", failover_v6},
	{0},
};
