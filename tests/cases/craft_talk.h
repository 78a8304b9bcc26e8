/* SPDX-License-Identifier: BSD-3-Clause */
/* craft_talk.h - one TCP connection, told in turns: both ends keep count. */
#ifndef UPSTACK_TESTS_CASES_CRAFT_TALK_H
#define UPSTACK_TESTS_CASES_CRAFT_TALK_H

#include "cases/craft.h"

struct talk {
	struct craft *c;
	struct station *end[2]; /* 0: the client */
	uint16_t port[2];
	uint32_t seq[2]; /* next of each end */
	int64_t rtt_us;	 /* beside the client */
	int64_t lag_us;	 /* of their clocks behind the capture's */
	bool bad_sums;	 /* every TCP checksum is wrong */
};

enum { CLIENT, SERVER };

/* A connection that is not open yet. */
struct talk talk_new(struct craft *c, struct station *client,
		     struct station *server, uint16_t sport, uint16_t dport);

/* SYN, SYN-ACK, third packet: one round trip. */
void talk_open(struct talk *t);

/* One segment of an end that acknowledges all; no time passes. */
void talk_send(struct talk *t, int end, uint32_t len);

/* The same, with the fields of `with` (flags, window, len, seq offset...) laid
 * over it: seq and ack are relative to what is next. */
void talk_segment(struct talk *t, int end, const struct craft_tcp *with);

/* A request, and after `wait_us` its answer, acknowledged. */
void talk_exchange(struct talk *t, uint32_t ask, uint32_t answer,
		   int64_t wait_us);

/* FIN, FIN, ACK. */
void talk_close(struct talk *t);

#endif
