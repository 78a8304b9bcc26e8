/* SPDX-License-Identifier: BSD-3-Clause */
/* crowd.c - of which services a cache of openings holds too many. */
#include "analysis/track/crowd.h"

#include <string.h>

void crowd_begin(struct crowd *c, uint32_t entries)
{
	c->limit = entries / CROWD_SHARE;
}

/* Without a random key, so that the same capture gives the same answer. */
uint16_t crowd_of(const struct addr *host, uint16_t port)
{
	uint64_t low, high, x;

	memcpy(&low, host->bytes, 8);
	memcpy(&high, host->bytes + 8, 8);
	x = (low ^ port) * 0x9e3779b97f4a7c15u + high * 0xc2b2ae3d27d4eb4fu;
	x ^= x >> 29;
	return (uint16_t)(x * 0xbf58476d1ce4e5b9u >> 48);
}

void crowd_join(struct crowd *c, uint16_t service)
{
	c->crowds += c->count[service]++ == c->limit;
}

void crowd_leave(struct crowd *c, uint16_t service)
{
	c->crowds -= --c->count[service] == c->limit;
}

bool crowd_is(const struct crowd *c, uint16_t service)
{
	return c->count[service] > c->limit;
}

bool crowd_any(const struct crowd *c)
{
	return c->crowds > 0;
}
