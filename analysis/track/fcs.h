/* SPDX-License-Identifier: BSD-3-Clause */
/* fcs.h - frame check sequences, where a capture kept them. */
#ifndef UPSTACK_ANALYSIS_TRACK_FCS_H
#define UPSTACK_ANALYSIS_TRACK_FCS_H

#include "analysis/tracker.h"

struct sequences;

struct sequences *sequences_new(const struct tracker_home *home);

/* A frame that has one (frame.fcs). */
void sequence_packet(struct sequences *s, const struct packet *p,
		     struct observer *out);

void sequences_finish(const struct sequences *s, int64_t now_ns,
		      struct observer *out);

#endif
