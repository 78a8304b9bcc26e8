/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * attempt_record.h - an attempt that got more than one packet.
 *
 * Shared by attempt.c, which reads packets into it, and attempt_outcome.c,
 * which keeps the table and decides how an attempt ended.
 */
#ifndef UPSTACK_ANALYSIS_TRACK_ATTEMPT_RECORD_H
#define UPSTACK_ANALYSIS_TRACK_ATTEMPT_RECORD_H

#include "analysis/track/attempt.h"
#include "analysis/track/syn_ring.h"
#include "base/table.h"

#define SYN_COPY_NS (50 * 1000000LL)   /* sooner is a copy, not a repeat */
#define RETRY_NS    (3 * 1000000000LL) /* another ISN this soon after a RST */

enum attempt_state { SYN_SENT, SYN_ANSWERED, SYN_REFUSED, SYN_REJECTED };

struct attempt {
	struct flow flow; /* client to server */
	struct half half[2];
	int64_t first_ns, last_syn_ns, first_synack_ns, synack_ns, last_ns;
	int64_t patience_ns; /* after last_ns it is over */
	uint64_t first_frame, synack_frame, frames[8];
	uint32_t first_tsval, stale_ack;
	uint16_t syns, synacks;
	uint8_t frame_count, state, icmp_type, icmp_code;
	bool stale; /* a bare ACK of other numbers answered */
	bool on_live, copy_heard_first, copy_heard_later;
	struct addr reporter;
};

struct attempts {
	struct syn_ring *ring;
	struct table *records; /* hash of the tuple -> struct attempt */
	struct observer *out;  /* while a packet is handled: for evictions */
	int64_t next_sweep_ns;
};

struct attempt *record_find(struct attempts *a, uint64_t hash);

/* A record for this tuple; one that stands there ends first. */
struct attempt *record_new(struct attempts *a, uint64_t hash,
			   const struct flow *flow);

/* Turn a stub into a record; NULL if memory ran out. */
struct attempt *record_from(struct attempts *a, struct stub *s,
			    const struct flow *flow, uint64_t frame_now);

void record_frame(struct attempt *t, uint64_t frame);

/* Report the outcome and forget the attempt. */
void record_end(struct attempts *a, struct attempt *t,
		enum tcp_outcome outcome);

/* As far as the packets up to now tell. */
enum tcp_outcome record_outcome(const struct attempt *t, int64_t now_ns);

/* The whole frame number whose low 32 bits are `low`. */
uint64_t frame_whole(uint64_t frame_now, uint32_t low);

#endif
