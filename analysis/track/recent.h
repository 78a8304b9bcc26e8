/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * recent.h - which conversations passed here lately, for a few nanoseconds a
 * packet.
 *
 * A cache of fixed size that forgets by itself: it answers "did this flow pass,
 * both ways, with which TTL, how far is its sequence, how large did its
 * segments get through".  What it forgot is not known; nothing is ever claimed
 * from its silence alone.  Where openings of one service crowd in it, as in a
 * flood of SYNs, they give way to each other and to all else, and push nothing
 * else out.  Its hash has no random key, so that the same capture
 * always gives the same answer; who aims at a slot makes us forget a flow, no
 * more.
 */
#ifndef UPSTACK_ANALYSIS_TRACK_RECENT_H
#define UPSTACK_ANALYSIS_TRACK_RECENT_H

#include "analysis/flow.h"
#include "base/arena.h"
#include "dissectors/dissect.h"

/* What one end sent. */
struct recent_side {
	uint32_t big_frame;   /* the last packet over RECENT_BIG bytes: the low
			       * half of its number; 0: none */
	uint32_t nxt;	      /* TCP: end of what was sent */
	uint32_t pending_end; /* of a segment larger than any delivered */
	uint16_t pending;     /* its IP length; 0: none is out */
	uint16_t passed;      /* largest IP length known to be delivered */
	uint16_t mss;	      /* that the other end announced; 0: not seen */
	uint8_t ttl;
	bool seen : 1, nxt_known : 1;
	bool watched : 1; /* sizes.c follows this direction */
};

struct recent {
	struct recent_side side[2];
	bool opening;	  /* nothing but SYNs and RSTs passed */
	uint8_t first;	  /* the side of the first packet that passed */
	uint16_t service; /* and then: crowd.h */
};

enum { RECENT_BIG = 576 };

struct recent_cache;

struct recent_cache *recent_new(struct arena *home);

/* The entry of the packet's flow, made where there is none; `*side` is that of
 * the sender.  NULL for what has no flow (no IP, later fragments, errors). */
struct recent *recent_packet(struct recent_cache *c, const struct packet *p,
			     unsigned *side);

/* A packet whose flow is not kept. */
void recent_skip(struct recent_cache *c);

/* Prefetch what recent_packet will touch, of TCP and UDP. */
void recent_prefetch(struct recent_cache *c, const struct packet *p);

/* The entry of a flow or NULL; `*side` is that of flow->src. */
struct recent *recent_find(struct recent_cache *c, const struct flow *flow,
			   unsigned *side);

/* The number of a side's last large packet, seen from a later one; 0: none. */
uint64_t recent_big_frame(const struct recent_side *s, uint64_t now);

/* Whether an entry was ever overwritten: then "not found" says nothing. */
bool recent_forgot(const struct recent_cache *c);

/* The flow of a packet, ports zero where there are none; false as above. */
bool packet_flow(const struct packet *p, struct flow *out);

/* The flow of the packet that an ICMP error quotes. */
struct flow quote_flow(const struct quote *q);

#endif
