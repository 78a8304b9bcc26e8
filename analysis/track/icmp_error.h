/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * icmp_error.h - ICMP errors and redirects, with what is known of what they quote.
 */
#ifndef UPSTACK_ANALYSIS_TRACK_ICMP_ERROR_H
#define UPSTACK_ANALYSIS_TRACK_ICMP_ERROR_H

#include "analysis/track/echo.h"
#include "analysis/track/recent.h"
#include "analysis/tracker.h"

/* An ICMP error or redirect; true: the packet was one. */
bool icmp_error_packet(struct recent_cache *recent, struct echoes *echoes,
		       const struct packet *p, struct observer *out);

/* Whether what an error quotes of a TCP connection is far from all that this
 * connection sent here. */
bool icmp_quote_forged(struct recent_cache *recent, const struct quote *q);

/* "Packet too big" in either version. */
bool icmp_is_too_big(const struct packet *p);

#endif
