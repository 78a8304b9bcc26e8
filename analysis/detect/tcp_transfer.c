/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_transfer.c - what sets the pace of a transfer: the receiver's window, a
 * full queue, small writes, waiting.  One direction of one connection at a
 * time.
 */
#include <inttypes.h>

#include "analysis/detector.h"
#include "base/when.h"
#include "base/text.h"

enum {
	DELAYED_LEAST = 3,
	UNHELD_SHARE = 4,
	TRIPS_LEAST = 20,
	UNSCALED = 65535,
};

#define FAR_NS	    (50 * NS_PER_MS)
#define LINK_NS	    (100 * NS_PER_MS)
#define STEADY_NS   (40 * NS_PER_MS)

static const struct finding_def window_limited = {
	.id = "tcp.window_limited",
	.layer = LAYER_TRANSPORT,
	.most = NOTICE,
	.subject = SUBJECT_FLOW,
	.relies = RELIES_RATE | RELIES_SEQUENCE,
	.title = "The receive window, not the network, sets the pace",
};

static const struct finding_def window_unscaled = {
	.id = "tcp.window_unscaled",
	.layer = LAYER_TRANSPORT,
	.most = NOTICE,
	.subject = SUBJECT_FLOW,
	.relies = RELIES_OPENING,
	.title = "No window scaling on a path that needs it",
};

static const struct finding_def nagle = {
	.id = "tcp.nagle_delayed_ack",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_FLOW,
	.relies = RELIES_SEQUENCE | RELIES_DELAY,
	.title = "Small writes wait for delayed acknowledgements",
	.advice = {"Write each request at once, or set TCP_NODELAY in the "
		   "application that sends it"},
};

static const struct finding_def bufferbloat = {
	.id = "tcp.bufferbloat",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_FLOW,
	.relies = RELIES_DELAY,
	.title = "Round trips grow with the load",
	.advice = {"Which queue on the way is deep and full? Shape below the "
		   "line's rate, with fq_codel or cake"},
};

static const struct finding_def rtt_high = {
	.id = "tcp.rtt_high",
	.layer = LAYER_TRANSPORT,
	.most = NOTICE,
	.subject = SUBJECT_FLOW,
	.relies = RELIES_DELAY,
	.title = "Round trips became far longer than before",
	.advice = {"Did the route change? Compare mtr now and in quiet hours"},
};

/* A direction, and how its ends are called. */
struct view {
	const struct tcp_pace_fact *p;
	const struct detector_context *c;
	uint32_t link;
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];
};

static void *pace_open(struct arena *home, const struct limits *limits,
		       struct hash_key key)
{
	(void)limits, (void)key;
	return arena_alloc(home, 1);
}

static struct finding *raise(struct view *v, const struct finding_def *def,
			     const char *reason, int64_t first_ns)
{
	const struct tcp_pace_fact *p = v->p;
	struct subject subject = subject_flow(&p->flow);
	struct finding *f = finding_raise(v->c->findings, def, &subject,
					  reason, first_ns, p->last_ns);

	if (!f)
		return NULL;
	f->has_flow = true;
	f->flow = p->flow;
	f->confidence = LIKELY;
	finding_frame(f, p->last_frame);
	endpoint_text(&p->flow.src, p->flow.src_port, v->from);
	endpoint_text(&p->flow.dst, p->flow.dst_port, v->to);
	return f;
}

static double per_second(uint64_t bytes, int64_t ns)
{
	return ns > 0 ? (double)bytes * NS_PER_S / (double)ns : 0;
}

static void judge_window(struct view *v)
{
	const struct tcp_pace_fact *p = v->p;
	double rate = per_second(p->full_bytes, p->full_ns);
	char trip[WHEN_TEXT];
	struct finding *f;

	if (!pace_fills_window(p))
		return;
	f = raise(v, &window_limited, "", v->p->first_ns);
	if (!f)
		return;
	f->count = p->full;
	finding_title(f, "The window of %s holds the transfer at %.0f kB/s",
		      v->to, rate / 1000);
	finding_summary(f,
			"In %" PRIu32 " of %" PRIu32 " round trips of %s the "
			"sender %s had as much in flight as the window of %s "
			"allows (%" PRIu32 " bytes) and waited: %.0f kB/s, "
			"whatever the network could carry. 100 Mbit/s would "
			"need a window of %.0f kB.",
			p->full, p->rounds, when_duration(p->rtt_ns, trip),
			v->from, v->to, p->window, rate / 1000,
			(double)TARGET_RATE * (double)p->rtt_ns / NS_PER_S /
				1000);
	finding_advise(f, "On the receiver: sysctl net.ipv4.tcp_rmem, and does "
			  "the application set SO_RCVBUF?");
}

/* Both SYNs were seen and one lacks the scale: no window exceeds 64 KiB. */
static void judge_unscaled(struct view *v)
{
	const struct tcp_pace_fact *p = v->p;
	char trip[WHEN_TEXT];
	struct finding *f;

	if (!p->syn_seen || (p->wscale != 255 && p->peer_wscale != 255) ||
	    p->rtt_ns <= FAR_NS || p->flight <= UNSCALED / 10 * 9)
		return;
	f = raise(v, &window_unscaled, "", v->p->first_ns);
	if (!f)
		return;
	f->count = 1;
	finding_title(f, "No window scaling between %s and %s", v->from, v->to);
	finding_summary(f,
			"%s did not offer window scaling, so that at most "
			"65535 bytes may be in flight; a round trip takes %s, "
			"and %" PRIu32 " bytes were in flight. That is at most "
			"%.0f kB/s.",
			p->wscale == 255 ? v->from : v->to,
			when_duration(p->rtt_ns, trip), p->flight,
			per_second(UNSCALED, p->rtt_ns) / 1000);
	finding_advise(f, "sysctl net.ipv4.tcp_window_scaling at both ends; "
			  "does a box between them remove the option?");
}

static void judge_nagle(struct view *v)
{
	const struct tcp_pace_fact *p = v->p;
	char wait[WHEN_TEXT];
	struct finding *f;

	/* a timer is steady: what varies more is the path */
	if (p->delayed < DELAYED_LEAST || p->delayed_spread_ns > STEADY_NS ||
	    p->unheld > p->delayed / UNHELD_SHARE)
		return;
	f = raise(v, &nagle, "", v->p->first_ns);
	if (!f)
		return;
	f->count = p->delayed;
	for (int i = 0; i < 6; i++)
		finding_frame(f, p->delayed_frames[i]);
	when_duration(p->delayed_ns / p->delayed, wait);
	finding_title(f, "Small writes of %s wait %s each", v->from, wait);
	finding_summary(f,
			"%" PRIu32 " times %s sent a small segment and held "
			"the next one back until the delayed acknowledgement "
			"of %s came, %s later on the average (frames %" PRIu64
			" %" PRIu64 " %" PRIu64 "). Nagle's algorithm and the "
			"delayed acknowledgement wait for each other.",
			p->delayed, v->from, v->to, wait, p->delayed_frames[0],
			p->delayed_frames[1], p->delayed_frames[2]);
}

static void judge_trips(struct view *v, const struct tcp_trips *t)
{
	char low[WHEN_TEXT], high[WHEN_TEXT];
	struct finding *f;

	if (trips_grow_with_load(t)) {
		f = raise(v, &bufferbloat, "", v->p->first_ns);
		if (!f)
			return;
		f->count = t->count;
		f->confidence = t->rests ? LIKELY : POSSIBLE;
		f->severity = t->rests ? WARNING : NOTICE;
		when_duration(t->low_us * NS_PER_US, low);
		when_duration(t->loaded_us * NS_PER_US, high);
		finding_title(f,
			      "Round trips of %s grow from %s to %s under load",
			      v->from, low, high);
		finding_summary(f,
				"With little in flight a round trip takes %s, "
				"with much %s: what %s sends to %s waits in a "
				"queue on the way (%" PRIu32 " round trips, "
				"rank correlation with the bytes in flight "
				"%.2f).",
				low, high, v->from, v->to, t->count,
				t->correlation / 1000.0);
		if (t->rests)
			finding_add(f, " After %" PRIu32 " of %" PRIu32
				    " rests the first was quick again.",
				    t->back, t->rests);
	}
}

/* The half of the path behind the receiver of one direction is that behind the
 * sender of the other: one finding for both. */
static void judge_rise(struct view *v, const struct tcp_trips *t, bool behind)
{
	const struct tcp_pace_fact *p = v->p;
	struct tcp_pace_fact there = *p;
	char low[WHEN_TEXT], high[WHEN_TEXT];
	struct finding *f;

	if (!t->after_us || trips_grow_with_load(t))
		return;
	if (behind)
		there.flow = flow_reverse(&p->flow);
	v->p = &there;
	f = raise(v, &rtt_high, "", p->first_ns);
	v->p = p;
	if (!f)
		return;
	f->count = t->count > f->count ? t->count : f->count;
	when_duration(t->before_us * NS_PER_US, low);
	when_duration(t->after_us * NS_PER_US, high);
	finding_title(f, "Round trips of %s went from %s to %s", v->from, low,
		      high);
	finding_summary(f,
			"A round trip between %s and %s took %s at first and "
			"%s from some point on, without more in flight.",
			v->from, v->to, low, high);
}

/* Neighbours answer each other in a millisecond or so.  Acknowledgements that
 * a timer holds back, and an application that answers late, are not the way. */
static void judge_link(struct view *v)
{
	const struct tcp_pace_fact *p = v->p;
	enum proof a = known_on_link(v->c->known, v->link, &p->flow.src);
	enum proof b = known_on_link(v->c->known, v->link, &p->flow.dst);
	struct tcp_pace_fact once = *p; /* one finding for both directions */
	char trip[WHEN_TEXT];
	struct finding *f;

	if (a < PROOF_INFERRED || b < PROOF_INFERRED)
		return;
	once.flow = p->from_client ? p->flow : flow_reverse(&p->flow);
	v->p = &once;
	f = raise(v, &rtt_high, "on_link", p->first_ns);
	v->p = p;
	if (!f)
		return;
	f->count += p->trips[0].count + p->trips[1].count;
	if (a != PROOF_PROVEN || b != PROOF_PROVEN)
		f->confidence = POSSIBLE;
	when_duration(p->floor_ns, trip);
	finding_title(f, "Round trips of %s and %s take %s on one link",
		      v->from, v->to, trip);
	finding_summary(f,
			"%s and %s are neighbours on one link, and yet no "
			"round trip between them was quicker than %s.",
			v->from, v->to, trip);
	finding_advise(f, "Is the link a slow radio or a tunnel, or one of the "
			  "hosts overloaded? Compare with a ping to a third");
}

static bool is_slow_link(const struct tcp_pace_fact *p)
{
	return p->floor_ns > LINK_NS && p->syn_seen && !p->delayed &&
	       p->trips[0].count + p->trips[1].count >= TRIPS_LEAST;
}

static void pace_observe(void *self, const struct observation *o,
			 const struct detector_context *c)
{
	struct view v;

	(void)self;
	v.p = &o->as.pace;
	v.c = c;
	v.link = o->link;
	if (is_slow_link(v.p))
		judge_link(&v);
	judge_window(&v);
	judge_unscaled(&v);
	judge_nagle(&v);
	judge_trips(&v, &v.p->trips[0]);
	judge_trips(&v, &v.p->trips[1]);
	judge_rise(&v, &v.p->trips[0], false);
	judge_rise(&v, &v.p->trips[1], true);
}

static const struct finding_def *const pace_findings[] = {
	&window_limited, &window_unscaled, &nagle,
	&rtt_high,	 &bufferbloat,	   NULL};
static const enum observation_kind pace_wants[] = {OBS_TCP_PACE, OBSERVATIONS};

const struct detector tcp_transfer_detector = {
	.name = "tcp_transfer",
	.findings = pace_findings,
	.wants = pace_wants,
	.open = pace_open,
	.observe = pace_observe,
};
