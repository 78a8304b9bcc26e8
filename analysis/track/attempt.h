/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * attempt.h - connections that are being opened: SYN, SYN-ACK, third packet.
 *
 * A SYN never makes a connection record: a flood of spoofed SYNs must neither
 * cost much nor push out real connections.  tcp.c asks here about every TCP
 * packet whose connection it does not know; the third packet (or data) turns an
 * attempt into a connection.
 *
 * An attempt is a tuple and an ISN with its repeats, and the same tuple with
 * another ISN within 3 s of a RST.  Observations:
 *   OBS_TCP_SYN      each SYN that is not a network copy; a first one of a
 *                    crowd is an OBS_TCP_CROWD instead
 *   OBS_TCP_SYNACK   each SYN-ACK; answers_syn false: no SYN was seen for it
 *   OBS_TCP_OPENED   just before attempt_packet says ATTEMPT_OPENED
 *   OBS_TCP_ATTEMPT  once for each attempt that got any answer, was repeated,
 *                    or was opened.  A lone SYN without an answer has none:
 *                    its OBS_TCP_SYN has told all that there is to tell.
 *   OBS_TCP_STRAY    RST, FIN or a scan's flags without attempt or connection
 */
#ifndef UPSTACK_ANALYSIS_TRACK_ATTEMPT_H
#define UPSTACK_ANALYSIS_TRACK_ATTEMPT_H

#include "analysis/tracker.h"

struct attempts;

/* Instead of a window scale, which is 14 at most (RFC 7323 2.3). */
enum { SCALE_UNKNOWN = 254, SCALE_NONE = 255 };

/* What the handshake told, handed to the connection that it opened.
 * Index 0 is the client, 1 the server. */
struct handshake {
	struct flow flow;	    /* client to server */
	bool syn_seen, synack_seen; /* a cookie or a missed SYN: not known */
	uint32_t isn[2];
	bool isn_known[2];
	uint16_t mss[2];       /* 0: none sent, or not seen */
	uint8_t wscale[2];     /* or SCALE_NONE: not offered, SCALE_UNKNOWN */
	bool sack, timestamps; /* agreed by both */
	bool ecn, tfo_data;
	bool syn_lost; /* a repeated SYN was the first that was heard */
	uint16_t window[2];
	uint16_t syns, synacks;
	int64_t syn_ns, last_syn_ns, first_synack_ns, synack_ns, third_ns;
	uint64_t syn_frame, synack_frame;
	uint32_t tsval[2]; /* of the last SYN and SYN-ACK */
	uint8_t ttl[2];
};

enum attempt_turn {
	ATTEMPT_NOT_MINE, /* no SYN or SYN-ACK was seen for it: mid-stream */
	ATTEMPT_KEPT,	  /* it belongs to an attempt, or ended one, or is a
			     stray RST or scan: make no connection of it */
	ATTEMPT_OPENED,	  /* a connection: *opened is filled in, and the packet
			     is its first (third packet, data, or the server's
			     when the third packet was missed) */
};

struct attempts *attempts_new(const struct tracker_home *home);

/* Whether it is a SYN to a service that has a large share of all openings under
 * way (crowd.h), in no tunnel, and there are very many within seconds. */
bool attempt_is_crowd(const struct attempts *a, const struct packet *p);

/* Prefetch what attempt_packet will touch. `hash` is of the unordered tuple. */
void attempt_prefetch(const struct attempts *a, uint64_t hash);
/* Later: what it keeps of the tuple, if anything. */
void attempt_prefetch_stub(const struct attempts *a, uint64_t hash);

/* A TCP packet of a tuple that has no connection. */
enum attempt_turn attempt_packet(struct attempts *a, const struct packet *p,
				 uint64_t hash, struct observer *out,
				 struct handshake *opened);

/* A SYN whose ISN is not that of the live connection with its tuple (port
 * reuse, stale peer): it is kept as an attempt beside the connection.  From
 * then on tcp.c offers every packet of the tuple to attempt_packet first:
 * NOT_MINE belongs to the old connection, KEPT to the attempt, OPENED ends the
 * old connection and begins a new one. */
void attempt_on_live(struct attempts *a, const struct packet *p, uint64_t hash,
		     struct observer *out);

/* A SYN-ACK on a connection that had opened before: the server says it again.
 * Reports OBS_TCP_SYNACK with after_open; keeps nothing.  `tries` counts this
 * one too, `syn_ns` is the handshake's. */
void attempt_synack_again(const struct packet *p, uint16_t tries, bool waits,
			  int64_t syn_ns, struct observer *out);

/* The same where it answers a repeat of the SYN: nobody waits for it. */
void attempt_synack_answers(const struct packet *p, uint16_t tries,
			    struct observer *out);

/* An ICMP error that quotes a TCP segment.  `hash` is of the quoted tuple. It
 * is ignored unless it quotes the SYN of an attempt. */
void attempt_rejected(struct attempts *a, const struct packet *p, uint64_t hash,
		      struct observer *out);

void attempts_clock(struct attempts *a, int64_t now_ns, struct observer *out);
void attempts_finish(struct attempts *a, int64_t now_ns, struct observer *out);
void attempts_limits(struct attempts *a, struct checks *out);

#endif
