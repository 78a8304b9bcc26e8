/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * timeline.h - the clock of the capture, which never runs backwards.
 *
 * Time stamps do: by microseconds between the queues of a card, by seconds when
 * somebody sets the clock or pastes two captures together.  Every packet gets
 * the largest time that its interface has reached; after a jump the rest is
 * shifted so that the capture goes on where it was.  A jump ahead is one where the
 * clocks of two hosts in the capture did not move with it.
 */
#ifndef UPSTACK_ANALYSIS_TIMELINE_H
#define UPSTACK_ANALYSIS_TIMELINE_H

#include "analysis/tracker.h"

struct timeline;

struct timeline *timeline_new(const struct tracker_home *home);

/* The batch whose packets are placed next, in order. */
void timeline_expect(struct timeline *t, const struct packet *batch,
		     uint32_t count);

/* Give the packet its place in time; reports OBS_CLOCK_STEP. */
void timeline_place(struct timeline *t, struct packet *p, struct observer *out);

/* The latest time of all; INT64_MIN before the first packet. */
int64_t timeline_now(const struct timeline *t);

#endif
