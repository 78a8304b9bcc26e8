/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * observer.h - the one way from trackers to knowledge and detectors.
 */
#ifndef UPSTACK_ANALYSIS_OBSERVER_H
#define UPSTACK_ANALYSIS_OBSERVER_H

#include "analysis/connections.h"
#include "analysis/detector.h"
#include "analysis/tracker.h"

/* What takes observations of one kind. */
struct subscriber {
	const struct detector *detector;
	void *self;
};

enum { SUBSCRIBERS_MAX = 32 };

struct observer {
	struct observation scratch;
	struct knowledge *knowledge;
	struct detector_context *context;
	void (*segment)(void *context, const struct observation *o);
	void *segment_context;
	struct connections *connections; /* NULL: nobody asked */
	uint8_t count[OBSERVATIONS];
	struct subscriber by_kind[OBSERVATIONS][SUBSCRIBERS_MAX];
};

/* Subscribe a detector to what it wants. */
void observer_subscribe(struct observer *out, const struct detector *d,
			void *self);

#endif
