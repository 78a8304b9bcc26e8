/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * header.h - what single IP headers betray: addresses that cannot be on a wire,
 * and congestion marks.
 */
#ifndef UPSTACK_ANALYSIS_TRACK_HEADER_H
#define UPSTACK_ANALYSIS_TRACK_HEADER_H

#include "analysis/tracker.h"

struct headers;

struct headers *headers_new(const struct tracker_home *home);
void header_packet(struct headers *h, const struct packet *p,
		   struct observer *out);
void headers_finish(struct headers *h, int64_t now_ns, struct observer *out);
void headers_limits(struct headers *h, struct checks *out);

#endif
