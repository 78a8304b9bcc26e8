/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_stall.c - a transfer stood still, and why: findings-tcp 3.1.
 *
 * The tracker names the reason of each pause; that segments above a size die
 * is known of the connection as a whole (track/sizes.c).  What half of all
 * share is no matter of each: standstill.c.
 */
#include <inttypes.h>

#include "analysis/detect/standstill.h"
#include "analysis/detector.h"
#include "base/table.h"
#include "base/text.h"
#include "base/when.h"

enum { STALLS_LEAST = 3 };

#define LONG_NS NS_PER_S

static const struct finding_def stall = {
	.id = "tcp.stall",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_FLOW,
	.relies = RELIES_SEQUENCE | RELIES_ABSENCE, /* of acknowledgements */
	.title = "A transfer stood still",
};

/* Directions whose large segments die while small ones pass. */
struct stalls {
	struct table *narrow; /* struct flow: bool */
	struct standstill *all;
};

static void *stall_open(struct arena *home, const struct limits *limits,
			struct hash_key key)
{
	struct stalls *w = arena_alloc(home, sizeof(*w));
	struct table_spec spec = {"connections with segments too big",
				  sizeof(struct flow), sizeof(bool),
				  limits->paths / 4};

	if (!w)
		return NULL;
	w->narrow = table_new(home, &spec, key);
	w->all = standstill_new(home, limits, key);
	return w->narrow && w->all ? w : NULL;
}

/* A router said what size passes, and larger ones were sent in vain. */
static void note_told(struct stalls *w, const struct path_mtu_fact *f)
{
	bool *entry = f->state == PATH_IGNORED
			      ? table_add(w->narrow, &f->flow, NULL)
			      : NULL;

	if (entry)
		*entry = true;
}

static void note_size(struct stalls *w, const struct tcp_size_fact *f)
{
	bool smaller = f->pieces_passed || f->smaller_passed || f->peer_alive;
	bool narrow = !f->cleared && smaller && f->failed > f->passed;
	bool *entry = narrow ? table_add(w->narrow, &f->flow, NULL)
			     : table_find(w->narrow, &f->flow);

	if (entry)
		*entry = narrow;
}

/* What a reason is called, and how the summary says it. */
static const struct {
	const char *name, *how;
} reasons[STALL_REASONS] = {
	[STALL_UNDECIDED] = {"", "for a reason that the packets do not show"},
	[STALL_ZERO_WINDOW] = {"zero_window",
			       "with the receiver's window closed"},
	[STALL_SMALL_WINDOW] = {"small_window",
				"with the receiver's window used up"},
	[STALL_DOUBLE_LOSS] = {"double_loss",
			       "because a resend was lost as well"},
	[STALL_TAIL_LOSS] = {"tail_loss",
			     "because the last segments of a burst were lost"},
	[STALL_TOO_FEW_ACKS] =
		{"too_few_acks",
		 "with too few acknowledgements for a fast resend"},
	[STALL_WINDOW_LOST] = {"window_lost",
			       "because all that was in flight was lost"},
	[STALL_PATH_DELAY] = {"path_delay",
			      "although all had arrived: the acknowledgements "
			      "came too late, if at all"},
	[STALL_ACK_LOSS] = {"ack_loss",
			    "although all had arrived: the acknowledgements "
			    "were lost"},
	[STALL_DELAYED_ACK] = {"delayed_ack",
			       "for an acknowledgement that the receiver held "
			       "back"},
	[STALL_PMTU] = {"pmtu", "because the segments were too big for the "
				"path"},
};

struct view {
	const struct tcp_pace_fact *p;
	uint32_t of[STALL_REASONS];
};

/* Where large segments die, the ones sent again were not lost by chance. */
static void judge_sizes(struct view *v, const struct stalls *w)
{
	static const uint8_t lost[] = {STALL_DOUBLE_LOSS, STALL_TAIL_LOSS,
				       STALL_WINDOW_LOST};
	const bool *narrow = table_find(w->narrow, &v->p->flow);

	if (!narrow || !*narrow)
		return;
	for (unsigned i = 0; i < sizeof(lost); i++) {
		v->of[STALL_PMTU] += v->of[lost[i]];
		v->of[lost[i]] = 0;
	}
}

/* The most frequent; of equals the one that is told first. */
static const char *main_reason(const struct view *v)
{
	int best = 0;

	for (int i = 1; i < STALL_REASONS; i++)
		if (v->of[i] > v->of[best])
			best = i;
	return reasons[best].name;
}

static struct finding *raise(const struct view *v,
			     const struct detector_context *c)
{
	const struct tcp_pace_fact *p = v->p;
	struct subject subject = subject_flow(&p->flow);
	struct finding *f =
		finding_raise(c->findings, &stall, &subject, main_reason(v),
			      p->stall_first_ns, p->stall_last_ns);

	if (!f)
		return NULL;
	f->has_flow = true;
	f->flow = p->flow;
	f->confidence = LIKELY;
	f->count = p->stalls;
	f->severity = p->stall_ns < LONG_NS ? NOTICE : WARNING;
	finding_frame(f, p->worst_frames[0]);
	finding_frame(f, p->worst_frames[1]);
	for (int i = 0; i < 6; i++)
		finding_frame(f, p->stall_frames[i]);
	return f;
}

static void judge(const struct view *v, const struct detector_context *c)
{
	const struct tcp_pace_fact *p = v->p;
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];
	char all[WHEN_TEXT], worst[WHEN_TEXT];
	struct finding *f = raise(v, c);

	if (!f)
		return;
	endpoint_text(&p->flow.src, p->flow.src_port, from);
	endpoint_text(&p->flow.dst, p->flow.dst_port, to);
	when_duration(p->stall_ns, all);
	when_duration(p->stall_worst_ns, worst);
	finding_title(f, "The transfer from %s stood still for %s", from, all);
	finding_summary(f,
			"%s sent nothing to %s %" PRIu32 " time%s although "
			"data was out, %s in all, %s at most (frames %" PRIu64
			" and %" PRIu64 ").",
			from, to, p->stalls, plural(p->stalls), all, worst,
			p->worst_frames[0], p->worst_frames[1]);
	for (int i = 0; i < STALL_REASONS; i++)
		if (v->of[i])
			finding_add(f, " %" PRIu32 " %s.", v->of[i],
				    reasons[i].how);
}

/* A window, a size and a timer are matters of this one transfer. */
static bool may_share(const struct view *v)
{
	return v->p->stalls && !v->of[STALL_ZERO_WINDOW] &&
	       !v->of[STALL_SMALL_WINDOW] && !v->of[STALL_PMTU] &&
	       !v->of[STALL_DELAYED_ACK];
}

static void stall_observe(void *self, const struct observation *o,
			  const struct detector_context *c)
{
	const struct tcp_pace_fact *p = &o->as.pace;
	struct stalls *w = self;
	struct view v = {.p = p};

	if (o->kind == OBS_TCP_SIZE) {
		note_size(w, &o->as.size);
		return;
	}
	if (o->kind == OBS_PATH_MTU) {
		note_told(w, &o->as.path_mtu);
		return;
	}
	for (int i = 0; i < STALL_REASONS; i++)
		v.of[i] = p->stall_of[i];
	judge_sizes(&v, w);
	standstill_note(w->all, p, may_share(&v));
	if (!p->stalls ||
	    (p->stalls < STALLS_LEAST && p->stall_worst_ns < LONG_NS &&
	     p->stall_ns * 10 < p->last_ns - p->first_ns))
		return;
	judge(&v, c);
}

static void stall_finish(void *self, const struct detector_context *c)
{
	const struct stalls *w = self;

	standstill_judge(w->all, c, &stall);
}

static void stall_limits(void *self, struct checks *out)
{
	const struct stalls *w = self;

	check_table(out, w->narrow);
	standstill_limits(w->all, out);
}

static const struct finding_def *const stall_findings[] = {&stall, NULL};
static const enum observation_kind stall_wants[] = {OBS_TCP_PACE, OBS_TCP_SIZE,
						    OBS_PATH_MTU, OBSERVATIONS};

const struct detector tcp_stall_detector = {
	.name = "tcp_stall",
	.findings = stall_findings,
	.wants = stall_wants,
	.open = stall_open,
	.observe = stall_observe,
	.finish = stall_finish,
	.limits = stall_limits,
};
