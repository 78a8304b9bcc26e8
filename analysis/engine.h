/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * engine.h - the door of analysis/: packets in, a diagnosis out.
 *
 * An engine is a value: it has no globals, and two can run side by side.
 */
#ifndef UPSTACK_ANALYSIS_ENGINE_H
#define UPSTACK_ANALYSIS_ENGINE_H

#include "analysis/diagnosis.h"
#include "analysis/limits.h"
#include "base/err.h"

/* Called while the engine runs; the pointers are valid during the call. */
struct engine_listener {
	void *context;
	/* --events tcp: one segment that is not simply in order; may be NULL */
	void (*segment)(void *context, const struct observation *o);
	/* a finding was raised, or has become more severe; at most a tenth of a
	 * second of the capture's time later; may be NULL */
	void (*finding)(void *context, const struct finding *f);
};

struct engine_options {
	size_t memory; /* bytes, at least MEMORY_MIN */
	const struct engine_listener *listener; /* NULL: nobody listens */
	uint32_t connections; /* so many are kept for --connections; 0: none */
	enum connection_order order;
	const struct source *source; /* for coverage; NULL in tests */
};

struct engine;

/* NULL with `err` filled if there is not enough memory. */
struct engine *engine_new(const struct engine_options *options,
			  struct err *err);

/* Analyse up to READ frames, in order: where a stamp lies less than 200 us
 * before that of the frame in front of it, in the order of the stamps. */
void engine_feed(struct engine *e, const struct frame *frames, uint32_t count);

/* Nothing was captured for `quiet_ns` since the last frame, so far: what was
 * waited for in vain is then decided. */
void engine_quiet(struct engine *e, int64_t quiet_ns);

/* The system says something of an interface. */
void engine_link(struct engine *e, const struct source_link *link);

/* The capture ended.  The diagnosis belongs to the engine. */
const struct diagnosis *engine_finish(struct engine *e);

void engine_free(struct engine *e);

#endif
