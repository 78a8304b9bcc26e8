/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * attempt_record.h - an attempt that got more than one packet.
 *
 * Shared by attempt.c, attempt_open.c and attempt_refused.c, which read packets
 * into it, and attempt_outcome.c, which keeps the table and decides how an
 * attempt ended.
 */
#ifndef UPSTACK_ANALYSIS_TRACK_ATTEMPT_RECORD_H
#define UPSTACK_ANALYSIS_TRACK_ATTEMPT_RECORD_H

#include "analysis/track/attempt.h"
#include "analysis/track/syn_ring.h"
#include "base/table.h"

#define SYN_COPY_NS (50 * 1000000LL)   /* sooner is a copy, not a repeat */
#define RETRY_NS    (3 * 1000000000LL) /* another ISN this soon after a RST */

enum attempt_state { SYN_SENT, SYN_ANSWERED, SYN_REFUSED, SYN_REJECTED };

/* A RST in the server's name, before anything else of the server. */
struct foreign_rst {
	uint64_t frame; /* 0: none */
	int64_t time_ns;
	uint32_t seq, id, link;
	uint8_t ttl;
	bool with_ack;
};

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
	struct foreign_rst rst;
};

enum { HELD = 4096 };

struct attempts {
	struct syn_ring *ring;
	struct table *records; /* hash of the tuple -> struct attempt */
	struct observer *out;  /* while a packet is handled: for evictions */
	int64_t next_sweep_ns;
	uint16_t held[HELD]; /* records, by some bits of their hash */
};

/* One packet on its way through this file. */
struct turn {
	struct attempts *a;
	const struct packet *p;
	const struct ip_header *ip;
	const struct tcp_header *tcp;
	uint64_t hash;
	struct flow flow; /* as the packet goes */
	bool src_low;	  /* its source sorts before its destination */
	struct observer *out;
};

enum { NEAR = 65536 }; /* how far beyond the ISN first data may lie */

/* Filled in where it stands: what was written in pieces is not copied. */
void turn_begin(struct turn *t, struct attempts *a, const struct packet *p,
		uint64_t hash, struct observer *out);
/* Name the flow of a turn that has no TCP header of its own. */
void turn_name(struct turn *t, const struct addr *src, uint16_t src_port,
	       const struct addr *dst, uint16_t dst_port);
int64_t turn_now(const struct turn *t);
bool turn_from_client(const struct turn *t, const struct attempt *r);

/* A packet with ACK and without SYN and RST. */
enum attempt_turn turn_ack(const struct turn *t, struct handshake *opened);
void turn_rst(const struct turn *t);
/* The server answers the SYN after all. */
void rst_disproved(const struct turn *t, struct attempt *r);
void turn_stray(const struct turn *t, enum tcp_stray kind);

/* Forget it; what is to be told of it was told. */
void record_drop(struct attempts *a, struct attempt *t);

struct attempt *record_find(struct attempts *a, uint64_t hash);

/* A record for this tuple; one that stands there ends first. */
struct attempt *record_new(struct attempts *a, uint64_t hash,
			   const struct flow *flow);

/* What the stub says, into a zeroed record that has its flow. */
void record_fill(struct attempt *t, const struct stub *s, uint64_t frame_now);

/* Turn a stub into a record; NULL if memory ran out. */
struct attempt *record_from(struct attempts *a, struct stub *s,
			    const struct flow *flow, uint64_t frame_now);

void record_frame(struct attempt *t, uint64_t frame);

void outcome_report(struct attempts *a, const struct attempt *t,
		    enum tcp_outcome outcome);

/* Report the outcome and forget the attempt. */
void record_end(struct attempts *a, struct attempt *t,
		enum tcp_outcome outcome);

/* As far as the packets up to now tell. */
enum tcp_outcome record_outcome(const struct attempt *t, int64_t now_ns);

/* The whole frame number whose low 32 bits are `low`. */
uint64_t frame_whole(uint64_t frame_now, uint32_t low);

#endif
