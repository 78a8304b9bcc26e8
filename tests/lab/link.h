/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * link.h - the path between the two hosts, in four pipes.
 *
 *   client -> up, client side -> middle -> up, server side -> server
 *   client <- down, client side <- middle <- down, server side <- server
 *
 * Each pipe has rules, then a rate with a finite queue, then a delay.  As a
 * router the path also lowers the TTL and changes the MAC addresses.
 */
#ifndef UPSTACK_TESTS_LAB_LINK_H
#define UPSTACK_TESTS_LAB_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "lab/rule.h"

struct frame;
struct record;

enum side { CLIENT_SIDE, SERVER_SIDE, SIDES };

enum { RULES_MAX = 16 };

struct pipe_spec {
	int64_t delay_ns;
	int64_t jitter_ns;    /* at most so much more; order is kept */
	uint64_t rate_bps;    /* 0: no limit */
	uint32_t queue_bytes; /* waiting for the rate; more is dropped */
	struct rule rule[RULES_MAX];
	uint32_t rules;
};

/* Who the path is, where it is a router: the addresses it answers from. */
struct router {
	bool routes;
	uint8_t mac[SIDES][6];	/* its own */
	uint8_t host[SIDES][6]; /* of the host on that side */
	uint8_t v4[SIDES][4];
	uint8_t v6[SIDES][16];
};

/* How a frame leaves the path: to the server if it went up, else the client. */
typedef void link_deliver_fn(void *context, const struct frame *f);

struct link;

struct link *link_new(const struct pipe_spec spec[2][SIDES],
		      const struct router *router, uint64_t seed,
		      struct record *record);
void link_deliver_to(struct link *l, link_deliver_fn *deliver, void *context);
void link_free(struct link *l);

/* A frame enters from a host, recorded there; the link owns it from now on. */
void link_enter(struct link *l, struct frame *f, int64_t now_ns);

/* A frame that no host sent enters the pipe of one side. */
void link_inject(struct link *l, struct frame *f, enum side side,
		 int64_t now_ns);

/* Move what is due; returns when there is more to do, or INT64_MAX. */
int64_t link_move(struct link *l, int64_t now_ns);

#endif
