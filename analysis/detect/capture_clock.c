/* SPDX-License-Identifier: BSD-3-Clause */
/* capture_clock.c - time stamps that run backwards, jump, or are no times. */
#include <inttypes.h>

#include "analysis/detector.h"
#include "base/when.h"

enum { INTERFACES = 64, STEPS = 3, FRAMES = 8 };

static const struct finding_def clock_def = {
	.id = "capture.clock",
	.layer = LAYER_CAPTURE,
	.most = NOTICE,
	.subject = SUBJECT_CAPTURE,
	.title = "Time stamps run backwards or jump",
	.advice = {"Keep the clock of the capturing host steady: chronyc "
		   "tracking",
		   "Put packets in order: reordercap IN OUT"},
};

struct watch {
	uint32_t steps[INTERFACES], all_steps, jumps;
	uint64_t frame[FRAMES], jump_frame;
	uint32_t frames;
	int64_t first_ns, last_ns, worst_ns;
	int64_t jump_before_ns, jump_after_ns;
};

static void *clock_open(struct arena *home, const struct limits *limits,
			struct hash_key key)
{
	(void)limits;
	(void)key;
	return arena_alloc(home, sizeof(struct watch));
}

static void note_frame(struct watch *w, uint64_t frame)
{
	if (w->frames < FRAMES)
		w->frame[w->frames++] = frame;
}

static void clock_observe(void *self, const struct observation *o,
			  const struct detector_context *c)
{
	const struct clock_fact *fact = &o->as.clock;
	struct watch *w = self;
	int64_t back_ns = fact->before_ns - fact->after_ns;

	if (fact->jump)
		weak_jump(c->weak, o->time_ns);
	if (!w->all_steps++)
		w->first_ns = o->time_ns;
	w->last_ns = o->time_ns;
	note_frame(w, o->frame);
	if (!fact->jump) {
		w->steps[fact->interface % INTERFACES]++;
		if (back_ns > w->worst_ns)
			w->worst_ns = back_ns;
	} else if (!w->jumps++) {
		w->jump_frame = o->frame;
		w->jump_before_ns = fact->before_ns;
		w->jump_after_ns = fact->after_ns;
	}
}

static struct finding *raise_clock(const struct watch *w,
				   const struct detector_context *c,
				   const char *reason, uint32_t count)
{
	const struct subject subject = subject_capture();
	const struct coverage *seen = c->coverage;
	struct finding *f =
		finding_raise(c->findings, &clock_def, &subject, reason,
			      w->all_steps ? w->first_ns : seen->first_ns,
			      w->all_steps ? w->last_ns : seen->last_ns);

	if (f)
		f->count = count;
	return f;
}

static void raise_jump(const struct watch *w, const struct detector_context *c)
{
	struct finding *f = raise_clock(w, c, "jump", w->jumps);
	bool back = w->jump_after_ns < w->jump_before_ns;
	int64_t far = w->jump_before_ns - w->jump_after_ns;
	char by[WHEN_TEXT], from[WHEN_TEXT], to[WHEN_TEXT];

	if (!f)
		return;
	when_duration(back ? far : -far, by);
	when_date(w->jump_before_ns, from);
	when_date(w->jump_after_ns, to);
	finding_frame(f, w->jump_frame);
	finding_frame(f, w->jump_frame - 1);
	for (uint32_t i = 0; i < w->frames; i++)
		finding_frame(f, w->frame[i]);
	finding_title(f, "The clock jumped %s by %s at frame %" PRIu64,
		      back ? "back" : "ahead", by, w->jump_frame);
	finding_summary(f,
			"In frame %" PRIu64 " the time stamps go from %s to %s "
			"(%s %s). What lies before and after it was judged as "
			"if the clock had gone on; times given after that "
			"frame are those of the clock before the jump.",
			w->jump_frame, from, to, by, back ? "back" : "ahead");
	if (w->jumps > 1)
		finding_add(f, " There are %" PRIu32 " such jumps.", w->jumps);
}

static void raise_steps(const struct watch *w, const struct detector_context *c)
{
	struct finding *f = raise_clock(w, c, "disorder", w->all_steps);
	char by[WHEN_TEXT];

	if (!f)
		return;
	for (uint32_t i = 0; i < w->frames; i++)
		finding_frame(f, w->frame[i]);
	finding_title(f, "Time stamps run backwards %" PRIu32 " times",
		      w->all_steps);
	finding_summary(
		f,
		"%" PRIu32 " packets are stamped earlier than one "
		"before them by a millisecond or more, at most by %s, "
		"the first in frame %" PRIu64 ". Short times are not exact.",
		w->all_steps, when_duration(w->worst_ns, by), w->frame[0]);
}

/* Stamps that the reader had to mend, such as a fraction above a second. */
static void raise_impossible(const struct watch *w,
			     const struct detector_context *c)
{
	const struct source *s = c->coverage->source;
	struct finding *f = NULL;

	for (uint32_t i = 0; s && i < source_troubles(s); i++) {
		const struct source_trouble *t = source_trouble_at(s, i);

		if (!t->time)
			continue;
		if (!f)
			f = raise_clock(w, c, "impossible", 0);
		if (!f)
			return;
		if (!f->count++)
			finding_summary(f, "%s.", t->text);
		finding_frame(f, t->frame);
		finding_frame(f, t->frame + 1);
	}
	if (!f)
		return;
	finding_title(f, "Impossible time stamps were mended");
	finding_add(f, " Times that begin or end there are not to be relied "
		       "on.");
}

static void clock_finish(void *self, const struct detector_context *c)
{
	const struct watch *w = self;
	bool disorder = false;

	for (uint32_t i = 0; i < INTERFACES; i++)
		disorder |= w->steps[i] >= STEPS;
	if (w->jumps)
		raise_jump(w, c);
	else if (disorder)
		raise_steps(w, c);
	raise_impossible(w, c);
}

static void clock_checked(void *self, const struct detector_context *c,
			  struct checks *out)
{
	const struct watch *w = self;

	(void)c;
	if (w->jumps)
		check_add(out, CHECK_NOT_JUDGED, LAYER_CAPTURE,
			  "how long it was from frame %" PRIu64 " to %" PRIu64
			  ", where the clock jumped",
			  w->jump_frame - 1, w->jump_frame);
}

static const struct finding_def *const findings[] = {&clock_def, NULL};
static const enum observation_kind wants[] = {OBS_CLOCK_STEP, OBSERVATIONS};

const struct detector capture_clock_detector = {
	.name = "capture_clock",
	.findings = findings,
	.wants = wants,
	.open = clock_open,
	.observe = clock_observe,
	.finish = clock_finish,
	.checked = clock_checked,
};
