/* SPDX-License-Identifier: BSD-3-Clause */
/* capture_copies.c - the same frame was recorded more than once: by what. */
#include <inttypes.h>

#include "analysis/detector.h"

enum { KINDS = COPY_HOP + 1, FRAMES = EVIDENCE_MAX };

static const struct finding_def duplicates = {
	.id = "capture.duplicates",
	.layer = LAYER_CAPTURE,
	.most = NOTICE,
	.subject = SUBJECT_CAPTURE,
	.title = "The same packets were recorded more than once",
	.advice = {"Capture on one interface, not on all",
		   "Mirror only what a port receives, or only one port"},
};

/* How a kind of copy is called, and what makes it. */
static const struct {
	const char *reason, *how;
} kinds[KINDS] = {
	[COPY_EXACT] = {"exact", "byte for byte, as a mirror of both "
				 "directions or of several ports does, or a "
				 "host that records twice what it sends"},
	[COPY_INTERFACE] = {"interface", "on more than one interface, as a "
					 "capture on all interfaces does"},
	[COPY_TAG] = {"tag", "with and without a tag, or under two tags"},
	[COPY_HOP] = {"hop", "before and after a station that passes it on: "
			     "the capture shows both of its sides"},
};

struct watch {
	struct {
		uint64_t count, frame[FRAMES];
		uint32_t frames;
		int64_t first_ns, last_ns;
	} kind[KINDS];
};

static void *copies_open(struct arena *home, const struct limits *limits,
			 struct hash_key key)
{
	(void)limits;
	(void)key;
	return arena_alloc(home, sizeof(struct watch));
}

/* Evidence: a copy and what it is a copy of. */
static void copies_observe(void *self, const struct observation *o,
			   const struct detector_context *c)
{
	struct watch *w = self;
	uint8_t k = o->as.copy.kind;

	(void)c;
	if (k >= KINDS)
		return;
	if (!w->kind[k].count++)
		w->kind[k].first_ns = o->time_ns;
	w->kind[k].last_ns = o->time_ns;
	if (w->kind[k].frames + 2 > FRAMES)
		return;
	w->kind[k].frame[w->kind[k].frames++] = o->as.copy.of;
	w->kind[k].frame[w->kind[k].frames++] = o->frame;
}

static void raise_kind(const struct watch *w, int k,
		       const struct detector_context *c)
{
	const struct subject subject = subject_capture();
	uint64_t n = w->kind[k].count, all = c->coverage->packets;
	struct finding *f = finding_raise(c->findings, &duplicates, &subject,
					  kinds[k].reason, w->kind[k].first_ns,
					  w->kind[k].last_ns);

	if (!f)
		return;
	f->count = n;
	for (uint32_t i = 0; i < w->kind[k].frames; i++)
		finding_frame(f, w->kind[k].frame[i]);
	finding_title(f, "%" PRIu64 " packets were recorded twice", n);
	finding_summary(f,
			"%" PRIu64 " of %" PRIu64 " packets (%.0f %%) repeat "
			"one recorded just before, %s. Frame %" PRIu64
			" is frame %" PRIu64 " again. From there on such "
			"copies are left out of the diagnosis.",
			n, all, all ? 100.0 * (double)n / (double)all : 0.0,
			kinds[k].how, w->kind[k].frame[1], w->kind[k].frame[0]);
}

static void copies_finish(void *self, const struct detector_context *c)
{
	const struct watch *w = self;

	for (int k = 0; k < KINDS; k++)
		if (w->kind[k].count)
			raise_kind(w, k, c);
}

static const struct finding_def *const findings[] = {&duplicates, NULL};
static const enum observation_kind wants[] = {OBS_COPY, OBSERVATIONS};

const struct detector capture_copies_detector = {
	.name = "capture_copies",
	.findings = findings,
	.wants = wants,
	.open = copies_open,
	.observe = copies_observe,
	.finish = copies_finish,
};
