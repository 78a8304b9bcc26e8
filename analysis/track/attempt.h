/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * attempt.h - connections that are being opened: SYN, SYN-ACK, third packet.
 *
 * A SYN never makes a connection record: a flood of spoofed SYNs must neither
 * cost much nor push out real connections.  tcp.c asks here about every TCP
 * packet whose connection it does not know; the third packet (or data) turns an
 * attempt into a connection.
 */
#ifndef UPSTACK_ANALYSIS_TRACK_ATTEMPT_H
#define UPSTACK_ANALYSIS_TRACK_ATTEMPT_H

#include "analysis/tracker.h"

struct attempts;

/* What the handshake told, handed to the connection that it opened.
 * Index 0 is the client, 1 the server. */
struct handshake {
	struct flow flow;	/* client to server */
	bool syn_seen, synack_seen; /* a cookie or a missed SYN: not known */
	uint32_t isn[2];
	bool isn_known[2];
	uint16_t mss[2];	/* 0: none sent, or not seen */
	uint8_t wscale[2];	/* 255: not offered; 254: not known */
	bool sack, timestamps;	/* agreed by both */
	bool ecn, tfo_data;
	uint16_t window[2];
	uint16_t syns, synacks;
	int64_t syn_ns, last_syn_ns, first_synack_ns, synack_ns, third_ns;
	uint64_t syn_frame, synack_frame;
	uint32_t tsval[2];	/* of the last SYN and SYN-ACK */
	uint8_t ttl[2];
};

enum attempt_turn {
	ATTEMPT_NOT_MINE, /* no SYN or SYN-ACK was seen for it: mid-stream */
	ATTEMPT_KEPT,	  /* it belongs to an attempt, or ended one */
	ATTEMPT_OPENED,	  /* a connection: *opened is filled in */
};

struct attempts *attempts_new(const struct tracker_home *home);

/* Prefetch what attempt_packet will touch. `hash` is of the unordered tuple. */
void attempt_prefetch(const struct attempts *a, uint64_t hash);

/* A TCP packet of a tuple that has no connection. */
enum attempt_turn attempt_packet(struct attempts *a, const struct packet *p,
				 uint64_t hash, struct observer *out,
				 struct handshake *opened);

/* A SYN on a tuple that has a live connection (port reuse, stale peer): it is
 * kept as an attempt beside the connection. */
void attempt_on_live(struct attempts *a, const struct packet *p, uint64_t hash,
		     struct observer *out);

/* An ICMP error that quotes a TCP segment with this flow and sequence number. */
void attempt_rejected(struct attempts *a, const struct packet *p,
		      struct observer *out);

void attempts_clock(struct attempts *a, int64_t now_ns, struct observer *out);
void attempts_finish(struct attempts *a, int64_t now_ns, struct observer *out);
void attempts_limits(struct attempts *a, struct checks *out);

#endif
