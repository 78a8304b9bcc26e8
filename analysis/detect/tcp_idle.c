/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_idle.c - a middlebox forgot a connection that was idle.
 *
 * Both ends paused; then data is answered by nobody and a new connection works
 * at once, or by a reset that the peer did not send.
 */
#include <inttypes.h>
#include <string.h>

#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"

enum { RESENDS = 3, FOREIGN = 2, NO_SOCKET = 2 };

#define IDLE_NS (50 * NS_PER_S)

static const struct finding_def idle_timeout = {
	.id = "tcp.idle_timeout",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_FLOW,
	.relies = RELIES_ABSENCE | RELIES_SEQUENCE | RELIES_EACH,
	.title = "A middlebox forgot an idle connection",
};

/* Of a client and a service. */
struct pair {
	int64_t opened_ns;   /* the newest connection that opened */
	int64_t survived_ns; /* the longest pause after which data passed */
};

struct idle {
	struct table *pairs;
};

static void *idle_open(struct arena *home, const struct limits *limits,
		       struct hash_key key)
{
	const struct table_spec spec = {"clients of a service",
					sizeof(struct path_key),
					sizeof(struct pair), limits->services};
	struct idle *d = arena_alloc(home, sizeof(*d));

	if (d)
		d->pairs = table_new(home, &spec, key);
	return d && d->pairs ? d : NULL;
}

static struct pair *pair_of(struct idle *d, const struct flow *f, bool add)
{
	const struct path_key key = path_key_of(f);

	return add ? table_add(d->pairs, &key, NULL)
		   : table_find(d->pairs, &key);
}

/* Time-outs that well-known boxes have, in seconds. */
static const struct {
	int seconds;
	const char *whose;
} usual[] = {
	{60, ""},
	{120, ""},
	{240, " (as in Azure)"},
	{300, ""},
	{350, " (as in AWS)"},
	{600, " (as in Google Cloud)"},
	{900, ""},
	{1800, ""},
	{3600, ""},
};

/* The usual one in the bracket, or within a twentieth of its upper end. */
static void say_usual(struct finding *f, int64_t survived_ns, int64_t killed_ns)
{
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		int64_t ns = usual[i].seconds * NS_PER_S;

		if (ns <= survived_ns || ns > killed_ns ||
		    killed_ns - ns > ns / 20)
			continue;
		finding_add(f, " A time-out of %d s%s is usual.",
			    usual[i].seconds, usual[i].whose);
		return;
	}
}

/* A shorter pause that was survived confirms a time-out, a longer one speaks
 * against it. */
static enum confidence sure(const struct pair *p, int64_t idle_ns)
{
	if (!p || !p->survived_ns)
		return LIKELY;
	return p->survived_ns < idle_ns ? CERTAIN : POSSIBLE;
}

static struct finding *raise(const struct flow *flow, int64_t idle_ns,
			     const struct pair *p, int64_t first_ns,
			     const struct detector_context *c)
{
	struct subject subject = subject_flow(flow);
	struct finding *f = finding_raise(c->findings, &idle_timeout, &subject,
					  "", first_ns, c->now_ns);
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT], pause[WHEN_TEXT];

	if (!f)
		return NULL;
	f->count = 1;
	f->has_flow = true;
	f->flow = *flow;
	f->confidence = sure(p, idle_ns);
	endpoint_text(&flow->src, flow->src_port, from);
	endpoint_text(&flow->dst, flow->dst_port, to);
	finding_title(f, "A box on the way forgot %s > %s after %s of silence",
		      from, to, when_duration(idle_ns, pause));
	finding_advise(f,
		       "Which firewall, NAT or load balancer lies between %s "
		       "and %s, and what is its idle time-out?",
		       from, to);
	finding_advise(f, "Let the application send keep-alives more often: "
			  "sysctl net.ipv4.tcp_keepalive_time, with "
			  "SO_KEEPALIVE set");
	return f;
}

static void say_bracket(struct finding *f, const struct pair *p,
			int64_t idle_ns)
{
	char survived[WHEN_TEXT];

	if (p && p->survived_ns)
		finding_add(f, " A pause of %s was survived.",
			    when_duration(p->survived_ns, survived));
	say_usual(f, p ? p->survived_ns : 0, idle_ns);
}

/* Data after the pause never arrived, and a new connection did at once. */
static void on_pace(struct idle *d, const struct tcp_pace_fact *f,
		    const struct detector_context *c)
{
	struct flow flow = f->from_client ? f->flow : flow_reverse(&f->flow);
	struct pair *p = NULL;
	struct finding *g;
	char pause[WHEN_TEXT];

	if (f->survived_ns || f->idle_ns)
		p = pair_of(d, &flow, false);
	if (!p)
		return;
	if (f->survived_ns > p->survived_ns)
		p->survived_ns = f->survived_ns;
	if (f->idle_ns < IDLE_NS || f->unanswered < RESENDS || f->reset ||
	    p->opened_ns < f->idle_end_ns || p->opened_ns > f->due_ns)
		return;
	g = raise(&flow, f->idle_ns, p, f->idle_end_ns, c);
	if (!g)
		return;
	finding_frame(g, f->idle_frames[0]);
	finding_frame(g, f->idle_frames[1]);
	finding_frame(g, f->last_frame);
	finding_summary(g,
			"Nothing passed on this connection for %s (frames "
			"%" PRIu64 " and %" PRIu64 "). What was sent then was "
			"sent again %" PRIu32 " times in vain, while a new "
			"connection of the same client to the same service "
			"opened at once: the service is well, and something "
			"on the way forgot the old connection.",
			when_duration(f->idle_ns, pause), f->idle_frames[0],
			f->idle_frames[1], f->unanswered);
	say_bracket(g, p, f->idle_ns);
}

/* A reset for data after the pause, and not in the way of the peer's own. */
static void on_reset(struct idle *d, const struct observation *o,
		     const struct detector_context *c)
{
	const struct tcp_reset_fact *r = &o->as.reset;
	struct flow flow = r->from_client ? r->flow : flow_reverse(&r->flow);
	struct finding *g;
	char pause[WHEN_TEXT];

	if (r->pause_ns < IDLE_NS || r->after_fin || r->form == NO_SOCKET ||
	    reset_points(r->signs) < FOREIGN || r->signs & SIGN_WENT_ON)
		return;
	g = raise(&flow, r->pause_ns, pair_of(d, &flow, false), o->time_ns, c);
	if (!g)
		return;
	finding_frame(g, r->cause_frame);
	finding_frame(g, o->frame);
	finding_summary(g,
			"Nothing passed on this connection for %s. The data "
			"in frame %" PRIu64 " drew a reset (frame %" PRIu64
			") that is not of the kind that the other end's "
			"system sends: something on the way had forgotten "
			"the connection and refused it.",
			when_duration(r->pause_ns, pause), r->cause_frame,
			o->frame);
	say_bracket(g, pair_of(d, &flow, false), r->pause_ns);
}

static void idle_observe(void *self, const struct observation *o,
			 const struct detector_context *c)
{
	struct idle *d = self;
	struct pair *p;

	if (o->kind == OBS_TCP_PACE) {
		on_pace(d, &o->as.pace, c);
	} else if (o->kind == OBS_TCP_RESET) {
		on_reset(d, o, c);
	} else if (o->kind == OBS_TCP_PAUSE) {
		pair_of(d, &o->as.pause.flow, true);
	} else if (table_count(d->pairs)) {
		p = pair_of(d, &o->as.opened.flow, false);
		if (p)
			p->opened_ns = o->as.opened.syn_ns;
	}
}

static void idle_limits(void *self, struct checks *out)
{
	struct idle *d = self;

	check_table(out, d->pairs);
}

static const struct finding_def *const idle_findings[] = {&idle_timeout, NULL};
static const enum observation_kind idle_wants[] = {
	OBS_TCP_PAUSE, OBS_TCP_PACE, OBS_TCP_RESET, OBS_TCP_OPENED,
	OBSERVATIONS};

const struct detector tcp_idle_detector = {
	.name = "tcp_idle",
	.findings = idle_findings,
	.wants = idle_wants,
	.open = idle_open,
	.observe = idle_observe,
	.limits = idle_limits,
};
