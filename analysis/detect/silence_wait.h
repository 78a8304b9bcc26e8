/* SPDX-License-Identifier: BSD-3-Clause */
/* silence_wait.h - what silence.c counts and silence_text.c tells. */
#ifndef UPSTACK_ANALYSIS_DETECT_SILENCE_WAIT_H
#define UPSTACK_ANALYSIS_DETECT_SILENCE_WAIT_H

#include "analysis/detect/silence.h"

enum { WAIT_ASKERS = 4, WAIT_TIMES = 8 };

struct neighbour_key {
	uint32_t link;
	struct addr addr;
};

/* One who asks for the address; counts begin anew after a pause. */
struct wait_asker {
	struct mac mac;
	struct addr addr;
	uint32_t tries, times;
	int64_t first_ns, last_ns;
	int64_t time_ns[WAIT_TIMES]; /* of the last tries */
};

/* An address that is asked for. */
struct wait {
	uint32_t askers;
	struct wait_asker asker[WAIT_ASKERS];
	uint64_t total, judged, unicast; /* requests of all askers */
	int64_t first_ns, last_ns;
	struct frame_list frames;
	struct finding *raised;
};

/* Raise what the tries of `a` prove, or say it anew; sets w->raised. */
void silence_raise(struct silence *s, const struct neighbour_key *key,
		   struct wait *w, const struct wait_asker *a,
		   const struct detector_context *c);

/* The address gave a sign of itself after all. */
void silence_ended(struct wait *w, int64_t ns, uint64_t frame);

#endif
