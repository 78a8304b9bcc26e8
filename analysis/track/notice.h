/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * notice.h - what becomes of "packet too big": obeyed or not (RFC 1191, 8201).
 */
#ifndef UPSTACK_ANALYSIS_TRACK_NOTICE_H
#define UPSTACK_ANALYSIS_TRACK_NOTICE_H

#include "analysis/tracker.h"

struct notices;

struct notices *notices_new(const struct tracker_home *home);

/* A frag-needed or packet-too-big; `big_frame` is the packet it quotes, or 0.
 */
void notice_arrived(struct notices *n, const struct packet *p,
		    uint64_t big_frame);

/* Any packet that is no ICMP error. */
void notice_packet(struct notices *n, const struct packet *p,
		   struct observer *out);

/* An ICMP error: an answer to what it quotes. */
void notice_error(struct notices *n, const struct packet *p,
		  struct observer *out);

void notices_limits(struct notices *n, struct checks *out);

#endif
