/* SPDX-License-Identifier: BSD-3-Clause */
/* watch.h - a connection of a few packets that the TCP tracker watches from
 * beside the client, and what is told of each. */
#ifndef UPSTACK_TESTS_UNIT_ANALYSIS_WATCH_H
#define UPSTACK_TESTS_UNIT_ANALYSIS_WATCH_H

#include "unit/analysis/spoken.h"

enum { WATCH_MOST = 64, WATCH_SIZE = 1000, WATCH_RTT_MS = 20 };

/* One packet; the numbers are relative to the first of each side. */
struct say {
	enum speaker from;
	int64_t at_ms;
	uint32_t seq, len, ack;
	uint32_t sack[2]; /* of one block; 0: none */
	uint16_t id;
	uint16_t window;
	uint32_t tsval, tsecr;
	uint8_t flags; /* beside ACK */
	uint8_t ttl;   /* 60 */
};

struct watch {
	struct hall hall;
	void *tcp;
	uint64_t number;
	struct tcp_segment_fact fact[WATCH_MOST]; /* by frame */
	bool told[WATCH_MOST];
	struct tcp_ended_fact ended;
};

/* Without a handshake; or with one, of this or the usual round trip. */
void watch_begin(struct watch *b);
void watch_near(struct watch *b, int64_t rtt_ms);
void watch_open(struct watch *b);
void watch_close(struct watch *b);

/* Each returns its frame. */
uint64_t watch_pass(struct watch *b, struct say k);

/* The client's segment number `n`; with an ID, or time stamps. */
uint64_t watch_data(struct watch *b, uint32_t n, int64_t at_ms);
uint64_t watch_numbered(struct watch *b, uint32_t n, int64_t at_ms, int id);
uint64_t watch_stamped(struct watch *b, uint32_t n, int64_t at_ms,
		       uint32_t tsval, uint32_t tsecr);

/* What acknowledges all before segment `n`; with the D-SACK of `block`. */
uint64_t watch_ack(struct watch *b, uint32_t n, int64_t at_ms);
uint64_t watch_dsack(struct watch *b, uint32_t n, uint32_t block,
		     int64_t at_ms);

/* It was told as a resend, needless or of what was lost after this point. */
void watch_resend(const struct watch *b, uint64_t frame, bool spurious);

#endif
