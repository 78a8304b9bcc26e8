/* SPDX-License-Identifier: BSD-3-Clause */
/* sightings.h - packets that pass again and again, and are no copies. */
#ifndef UPSTACK_ANALYSIS_SIGHTINGS_H
#define UPSTACK_ANALYSIS_SIGHTINGS_H

#include "analysis/admission/fingerprint.h"
#include "analysis/tracker.h"

struct sightings;

/* When a packet was seen first: between whom, with which TTL. */
struct sighting {
	uint64_t frame;
	uint8_t ttl;
	uint16_t src, dst; /* as in struct fingerprint */
};

struct sightings *sightings_new(const struct tracker_home *home);

void sightings_limits(const struct sightings *s, struct checks *out);

/* The packet passed before, at `first` or later: report it. */
void sightings_note(struct sightings *s, const struct fingerprint *print,
		    const struct sighting *first, const struct packet *p,
		    struct observer *out);

#endif
