/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * detector.h - a rule across conversations: observations in, findings out.
 *
 * A detector sees observations only, in frame order, and never packets or other
 * detectors.  It keeps its own bounded tables in the arena that it is given.
 */
#ifndef UPSTACK_ANALYSIS_DETECTOR_H
#define UPSTACK_ANALYSIS_DETECTOR_H

#include "analysis/checks.h"
#include "analysis/coverage.h"
#include "analysis/finding.h"
#include "analysis/knowledge.h"
#include "analysis/limits.h"
#include "analysis/observation.h"
#include "analysis/weak.h"

/* What every call of a detector may use. */
struct detector_context {
	const struct knowledge *known;
	const struct coverage *coverage; /* what was read, cut, dropped */
	struct findings *findings;
	struct weak *weak; /* for the detectors of the capture; may be NULL */
	int64_t now_ns;		    /* the capture's clock */
	int64_t start_ns;	    /* of the capture */
	bool at_end;		    /* finish: nothing more will come */
};

struct detector {
	const char *name; /* "arp_unanswered" */
	const struct finding_def *const *findings; /* NULL-ended */
	const enum observation_kind *wants; /* ended by OBSERVATIONS */
	/* State in `home`, which is freed as a whole; NULL: no memory. */
	void *(*open)(struct arena *home, const struct limits *limits,
		      struct hash_key key);
	void (*observe)(void *self, const struct observation *o,
			const struct detector_context *c);
	/* About ten times a second of the capture's time; may be NULL. */
	void (*clock)(void *self, const struct detector_context *c);
	/* The end: decide what can be decided; may be NULL. */
	void (*finish)(void *self, const struct detector_context *c);
	/* Say what was seen to work, and what looks bad and is not; after
	 * finish; may be NULL. */
	void (*checked)(void *self, const struct detector_context *c,
			struct checks *out);
	/* Report tables that overflowed; may be NULL. */
	void (*limits)(void *self, struct checks *out);
	/* Judge what all tables forgot; after every `limits`; may be NULL. */
	void (*judge_limits)(void *self, const struct detector_context *c,
			     const struct checks *all);
};

/* Every detector, NULL-ended; analysis/detectors.c is the list. */
extern const struct detector *const detectors[];

/* Every finding of the catalogue, in the order of the list; NULL at the end. */
const struct finding_def *finding_def_at(uint32_t index);
const struct finding_def *finding_def_find(const char *id);

#endif
