/* SPDX-License-Identifier: BSD-3-Clause */
/* capture_limits.c - our own tables were full: what that weakens. */
#include <inttypes.h>

#include "analysis/detector.h"

static const struct finding_def limits_def = {
	.id = "capture.limits",
	.layer = LAYER_CAPTURE,
	.most = NOTICE,
	.subject = SUBJECT_CAPTURE,
	.title = "There was more to remember than memory was granted for",
	.advice = {"Grant more memory: --memory 2GiB",
		   "Analyse a part of the capture: a filter, or a shorter "
		   "time"},
};

static void *limits_open(struct arena *home, const struct limits *limits,
			 struct hash_key key)
{
	(void)limits;
	(void)key;
	return arena_alloc(home, 1);
}

static void limits_observe(void *self, const struct observation *o,
			   const struct detector_context *c)
{
	(void)self;
	(void)o;
	(void)c;
}

static void limits_judge(void *self, const struct detector_context *c,
			 const struct checks *all)
{
	const struct subject subject = subject_capture();
	struct finding *f;

	(void)self;
	if (!all->limit_count)
		return;
	f = finding_raise(c->findings, &limits_def, &subject, "",
			  c->coverage->first_ns, c->coverage->last_ns);
	if (!f)
		return;
	f->count = all->limit_count;
	finding_title(f, "%" PRIu32 " table%s of upstack %s full",
		      all->limit_count, all->limit_count == 1 ? "" : "s",
		      all->limit_count == 1 ? "was" : "were");
	finding_summary(f, "Forgotten to make room:");
	for (uint32_t i = 0; i < all->limit_count; i++)
		finding_add(f, "%s %" PRIu64 " %s (room for %" PRIu64 ")",
			    i ? "," : "", all->limit[i].evicted,
			    all->limit[i].table, all->limit[i].max);
	finding_add(f, ".  Counts are at least what is said, and what was "
		       "forgotten may have been answered later.");
}

static const struct finding_def *const findings[] = {&limits_def, NULL};
static const enum observation_kind wants[] = {OBSERVATIONS};

const struct detector capture_limits_detector = {
	.name = "capture_limits",
	.findings = findings,
	.wants = wants,
	.open = limits_open,
	.observe = limits_observe,
	.judge_limits = limits_judge,
};
