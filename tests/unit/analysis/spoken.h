/* SPDX-License-Identifier: BSD-3-Clause */
/* spoken.h - segments of TCP between a client and a server, for trackers, and
 * what a tracker lives on: an arena and somebody who listens. */
#ifndef UPSTACK_TESTS_UNIT_ANALYSIS_SPOKEN_H
#define UPSTACK_TESTS_UNIT_ANALYSIS_SPOKEN_H

#include "analysis/observer.h"
#include "analysis/tracker.h"
#include "base/when.h"

enum speaker { C, S }; /* the client, the server */

/* What is not said is 0, or what most segments have. */
struct spoken {
	uint64_t number;
	int64_t time_ns;
	enum speaker from;
	uint16_t client_port; /* 40000 */
	uint16_t id, window, mss;
	uint8_t flags, ttl; /* 64 */
	bool df, has_wscale, sack_permitted;
	uint32_t seq, ack, len;
	uint32_t tsval, tsecr; /* 0: no time stamps */
	uint32_t sack[2];      /* of one block; 0: none */
};

/* As dissected. */
void spoken_packet(struct packet *p, const struct spoken *w);

/* Where a tracker is at home. */
struct hall {
	struct arena *arena;
	struct limits limits;
	struct observer observer;
	struct detector_context context;
};

/* The listener hears what is observed, `events` say: every segment, too. */
struct tracker_home hall_open(struct hall *h, const struct detector *listener,
			      void *self, bool events);
void hall_close(struct hall *h);

#endif
