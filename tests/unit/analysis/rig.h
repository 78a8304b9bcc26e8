/* SPDX-License-Identifier: BSD-3-Clause */
/* rig.h - one detector by itself: observations by hand in, findings out. */
#ifndef UPSTACK_TESTS_UNIT_ANALYSIS_RIG_H
#define UPSTACK_TESTS_UNIT_ANALYSIS_RIG_H

#include <assert.h>
#include <string.h>

#include "analysis/detector.h"
#include "analysis/knowledge.h"
#include "base/when.h"

struct rig {
	const struct detector *detector;
	void *self;
	struct arena *arena;
	struct limits limits;
	struct knowledge *known;
	struct coverage coverage;
	struct detector_context context;
};

static inline void rig_open(struct rig *r, const struct detector *d)
{
	const struct hash_key key = {1, 2};

	memset(r, 0, sizeof(*r));
	r->detector = d;
	r->limits = limits_for(MEMORY_MIN);
	r->arena = arena_new(r->limits.memory);
	assert(r->arena);
	r->known = knowledge_new(r->arena, &r->limits, key);
	r->context.known = r->known;
	r->context.coverage = &r->coverage;
	r->context.findings = findings_new(r->arena, key);
	r->self = d->open(r->arena, &r->limits, key);
	assert(r->self);
}

static inline void rig_close(struct rig *r)
{
	arena_free(r->arena);
}

/* Hand over an observation, as the observer does; the clock follows it. */
static inline void rig_observe(struct rig *r, const struct observation *o)
{
	if (!r->context.start_ns)
		r->context.start_ns = o->time_ns;
	r->context.now_ns = o->time_ns;
	knowledge_observe(r->known, o);
	r->detector->observe(r->self, o, &r->context);
}

static inline void rig_clock(struct rig *r, int64_t now_ns)
{
	r->context.now_ns = now_ns;
	if (r->detector->clock)
		r->detector->clock(r->self, &r->context);
}

/* The end of the capture; returns how many findings there are. */
static inline uint32_t rig_finish(struct rig *r)
{
	r->context.at_end = true;
	if (r->detector->finish)
		r->detector->finish(r->self, &r->context);
	return findings_count(r->context.findings);
}

/* The first finding of an id, or NULL. */
static inline struct finding *rig_found(const struct rig *r, const char *id)
{
	for (uint32_t i = 0; i < findings_count(r->context.findings); i++) {
		struct finding *f = finding_at(r->context.findings, i);

		if (strcmp(f->def->id, id) == 0)
			return f;
	}
	return NULL;
}

#endif
