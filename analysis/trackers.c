/* SPDX-License-Identifier: BSD-3-Clause */
/* trackers.c - the table of trackers, made from track/list.h. */
#include "analysis/track/list.h"
#include "analysis/tracker.h"

#define X(name) extern const struct tracker name##_tracker;
TRACKERS(X)
#undef X

const struct tracker *const trackers[] = {
#define X(name) &name##_tracker,
	TRACKERS(X)
#undef X
	NULL,
};
