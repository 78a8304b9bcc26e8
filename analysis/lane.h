/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lane.h - the direction of a conversation that a usual packet belongs to: from
 * which station and end to which, on which link, with which TTL.
 *
 * Nearly every packet is one more of a lane.  Where a tracker keeps what it
 * knows of it, it notes here, and the next packet need not look it up.  All of
 * it is a memo: a lane may be forgotten at any time, so that nothing may depend
 * on what it holds, and a note must be such that its tracker can see whether it
 * still holds.
 */
#ifndef UPSTACK_ANALYSIS_LANE_H
#define UPSTACK_ANALYSIS_LANE_H

#include "base/arena.h"
#include "base/hash.h"
#include "dissectors/dissect.h"

struct station;
struct connection;
struct udp_flow;

struct lane {
	/* what its packets have in common, hashed */
	_Alignas(64) uint64_t name;
	/* What trackers noted; zero where there is nothing.  recent.c: the sum
	 * of its flow */
	uint64_t recent;
	union {				       /* a lane is of one protocol */
		struct connection *connection; /* tcp_tracker.c */
		struct udp_flow *udp_flow;
	};
	struct station *station; /* card.c */
	uint32_t serial;	 /* of the connection */
	uint32_t talk, talk_use; /* talk.c: its slot, and the use of that */
	uint16_t takers;	 /* engine.c: a bit for each that it concerns */
	uint16_t src : 10, dst : 10;	       /* fingerprint.c: the stations */
	bool has_recent : 1, has_stations : 1; /* the notes are there */
	bool cut : 1;	   /* census.c: its services are counted */
	bool harmless : 1; /* header.c: no martian address */
	uint8_t recent_side : 1, dir : 1; /* its side in both */
	/* End of the notes. */
	uint32_t link;	/* of its packets, where all places of it are joined */
	uint32_t batch; /* the last that it had a packet in */
};

_Static_assert(sizeof(struct lane) == 64, "a line of the cache");

struct lanes;

/* Room for `room` lanes at most.  NULL: no memory. */
struct lanes *lanes_new(struct arena *home, uint32_t room,
			struct hash_key secret);

/* A batch begins, and lanes of the last one mean nothing; each of its packets, in order, is expected first (memory is
 * fetched) and then, all over again, its lane is found.  p->link has to be set,
 * though it may still be joined with others.  NULL: the packet is unusual, or
 * there is no room for its lane in this batch. */
void lanes_begin(struct lanes *l);
void lanes_expect(struct lanes *l, const struct packet *p);
struct lane *lanes_find(struct lanes *l);

/* Its packets are now of this link: what was noted for another is forgotten. */
void lane_move(struct lane *lane, uint32_t link);

#endif
