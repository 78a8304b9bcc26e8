/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sizes.h - which sizes get through, for TCP directions in trouble only.
 */
#ifndef UPSTACK_ANALYSIS_TRACK_SIZES_H
#define UPSTACK_ANALYSIS_TRACK_SIZES_H

#include "analysis/track/recent.h"
#include "analysis/tracker.h"

struct sizes;

struct sizes *sizes_new(const struct tracker_home *home);

/* A TCP packet with its flow's entry. */
void sizes_packet(struct sizes *s, const struct packet *p, struct recent *r,
		  unsigned side, struct observer *out);

void sizes_finish(struct sizes *s, struct recent_cache *cache, int64_t now_ns,
		  struct observer *out);
void sizes_limits(struct sizes *s, struct checks *out);

#endif
