/* SPDX-License-Identifier: BSD-3-Clause */
/* forge.h - frames that no host sent: errors of routers, resets, floods. */
#ifndef UPSTACK_TESTS_LAB_FORGE_H
#define UPSTACK_TESTS_LAB_FORGE_H

#include <stdbool.h>
#include <stdint.h>

#include "lab/link.h"

struct frame;

/* The ICMP or ICMPv6 error that the rule calls for, to the sender of `f`; NULL
 * where there is none for such a frame. */
struct frame *forge_icmp(const struct router *router, enum side side,
			 const struct frame *f, const struct rule *rule);

/* A reset in the name of one end, in sequence; NULL unless `f` is TCP. */
struct frame *forge_reset(const struct frame *f, const struct rule *rule);

/* What is sent without an occasion: `count` frames, one each `every_ns`. */
struct flood {
	bool synack; /* answers to SYNs that nobody sent; else SYNs */
	bool up;
	uint16_t port;
	uint32_t count;
	int64_t from_ns, every_ns;
	bool one_source; /* else each has another invented address */
};

/* The n-th frame of a flood. */
struct frame *forge_flood(const struct router *router,
			  const struct flood *flood, uint32_t n,
			  struct dice *dice);

#endif
