/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * crowd.h - of which services a cache of openings holds too many.
 *
 * A flood of SYNs goes to one service, or to few.  A cache that knows how many
 * of its entries each service has can let the flood push out its own kind, and
 * keep the openings of all others.  Services share a counter by chance, one in
 * 65536: who does share that of a flooded one is no better off than before.
 */
#ifndef UPSTACK_ANALYSIS_TRACK_CROWD_H
#define UPSTACK_ANALYSIS_TRACK_CROWD_H

#include "base/addr.h"

enum { CROWD_COUNTERS = 1 << 16, CROWD_SHARE = 32 };

struct crowd {
	uint32_t limit; /* beyond, it is a crowd */
	uint32_t crowds;
	uint32_t count[CROWD_COUNTERS];
};

/* None yet, of a cache with so many entries; all is zero before. */
void crowd_begin(struct crowd *c, uint32_t entries);

/* The counter of a service. */
uint16_t crowd_of(const struct addr *host, uint16_t port);

/* An entry of the service comes, goes. */
void crowd_join(struct crowd *c, uint16_t service);
void crowd_leave(struct crowd *c, uint16_t service);

/* Whether it has more than one in CROWD_SHARE entries; whether any has. */
bool crowd_is(const struct crowd *c, uint16_t service);
bool crowd_any(const struct crowd *c);

#endif
