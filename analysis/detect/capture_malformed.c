/* SPDX-License-Identifier: BSD-3-Clause */
/* capture_malformed.c - headers that contradict themselves: not cut, wrong. */
#include <inttypes.h>
#include <string.h>

#include "analysis/detector.h"

enum { KINDS_MAX = 16, SHOWN = 3 };

static const struct finding_def malformed = {
	.id = "capture.malformed",
	.layer = LAYER_CAPTURE,
	.most = NOTICE,
	.subject = SUBJECT_CAPTURE,
	.title = "Headers contradict themselves",
	.advice = {"Look at the named frames and at the sender's MAC address: "
		   "a broken driver, a tool that makes packets, or an attack"},
};

/* One way to be wrong. */
struct kind {
	uint8_t proto;
	const char *why;
	uint32_t value;
	uint64_t frame, count;
	struct mac src;
};

struct watch {
	struct kind kind[KINDS_MAX];
	uint32_t kinds;
	uint64_t count, frame[EVIDENCE_MAX];
	int64_t first_ns, last_ns;
};

static void *malformed_open(struct arena *home, const struct limits *limits,
			    struct hash_key key)
{
	(void)limits;
	(void)key;
	return arena_alloc(home, sizeof(struct watch));
}

static void note_kind(struct watch *w, const struct observation *o)
{
	const struct malformed_fact *fact = &o->as.malformed;
	uint32_t i = 0;

	while (i < w->kinds && (w->kind[i].proto != fact->proto ||
				strcmp(w->kind[i].why, fact->why) != 0))
		i++;
	if (i == KINDS_MAX)
		return;
	if (i == w->kinds) {
		w->kind[i] = (struct kind){fact->proto, fact->why, fact->value,
					   o->frame,	0,	   fact->src};
		w->kinds++;
	}
	w->kind[i].count++;
}

static void malformed_observe(void *self, const struct observation *o,
			      const struct detector_context *c)
{
	struct watch *w = self;

	(void)c;
	if (!w->count)
		w->first_ns = o->time_ns;
	if (w->count < EVIDENCE_MAX)
		w->frame[w->count] = o->frame;
	w->count++;
	w->last_ns = o->time_ns;
	note_kind(w, o);
}

static void malformed_finish(void *self, const struct detector_context *c)
{
	const struct watch *w = self;
	const struct subject subject = subject_capture();
	char mac[MAC_TEXT];
	struct finding *f;

	if (!w->count)
		return;
	f = finding_raise(c->findings, &malformed, &subject, "", w->first_ns,
			  w->last_ns);
	if (!f)
		return;
	f->count = w->count;
	for (uint32_t i = 0; i < EVIDENCE_MAX; i++)
		finding_frame(f, w->frame[i]);
	finding_title(f,
		      "%" PRIu64 " packet%s a header that contradicts "
		      "itself",
		      w->count, w->count == 1 ? " has" : "s have");
	for (uint32_t i = 0; i < w->kinds && i < SHOWN; i++) {
		const struct kind *k = &w->kind[i];

		finding_add(f,
			    "%s%" PRIu64 " x %s: %s (%" PRIu32
			    "), first in frame %" PRIu64 "%s%s.",
			    i ? " " : "", k->count, protocol_name(k->proto),
			    k->why, k->value, k->frame,
			    mac_is_zero(&k->src) ? "" : " from ",
			    mac_is_zero(&k->src) ? "" : mac_text(&k->src, mac));
	}
}

static const struct finding_def *const findings[] = {&malformed, NULL};
static const enum observation_kind wants[] = {OBS_MALFORMED, OBSERVATIONS};

const struct detector capture_malformed_detector = {
	.name = "capture_malformed",
	.findings = findings,
	.wants = wants,
	.open = malformed_open,
	.observe = malformed_observe,
	.finish = malformed_finish,
};
