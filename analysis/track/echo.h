/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * echo.h - echo requests and their replies (RFC 792, RFC 4443).
 */
#ifndef UPSTACK_ANALYSIS_TRACK_ECHO_H
#define UPSTACK_ANALYSIS_TRACK_ECHO_H

#include "analysis/tracker.h"

struct echoes;

struct echoes *echoes_new(const struct tracker_home *home);

/* An echo request or reply. */
void echo_packet(struct echoes *e, const struct packet *p,
		 struct observer *out);

/* An ICMP error that quotes an echo request; returns the request's frame, and
 * the TTL it had here, or 0. */
uint64_t echo_rejected(struct echoes *e, const struct packet *p, uint8_t *ttl,
		       struct observer *out);

void echoes_clock(struct echoes *e, int64_t now_ns, struct observer *out);
void echoes_finish(struct echoes *e, int64_t now_ns, struct observer *out);
void echoes_limits(struct echoes *e, struct checks *out);

#endif
