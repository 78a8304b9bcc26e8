/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_silence.c - a peer that was there and answers no more: to data, to
 * keep-alives, to the end of the other side, or with a closed window.
 */
#include <inttypes.h>

#include "analysis/detect/tcp_gone.h"
#include "analysis/detector.h"
#include "base/when.h"
#include "base/text.h"

#define LEAK_NS	      (60 * NS_PER_S)
#define ZERO_WARNS_NS NS_PER_S
#define ZERO_LEAST_NS (200 * NS_PER_MS)
#define DEADLOCK_NS   (60 * NS_PER_S)

enum {
	LEAKS = 5,
	KEEP_ALIVES = 3,
	FIN_TRIES = 3,
	ZERO_TIMES = 3,
	DEADLOCK_PROBES = 5
};

static const struct finding_def peer_lost = {
	.id = "tcp.peer_lost",
	.layer = LAYER_TRANSPORT,
	.most = CRITICAL,
	.subject = SUBJECT_FLOW,
	.relies = RELIES_ABSENCE | RELIES_ERRORS,
	.title = "The peer is gone: data is sent again and again in vain",
};

static const struct finding_def keepalive_dead = {
	.id = "tcp.keepalive_dead",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_FLOW,
	.relies = RELIES_ABSENCE,
	.title = "Keep-alives are not answered",
};

static const struct finding_def zero_window = {
	.id = "tcp.zero_window",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_FLOW,
	.title = "The receiver's buffer is full",
};

static const struct finding_def deadlock = {
	.id = "tcp.window_deadlock",
	.layer = LAYER_TRANSPORT,
	.most = CRITICAL,
	.subject = SUBJECT_FLOW,
	.relies = RELIES_ABSENCE,
	.title = "The receive window closed and never opened again",
};

static const struct finding_def close_wait = {
	.id = "tcp.close_wait",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_SERVICE,
	.relies = RELIES_ABSENCE | RELIES_EACH,
	.title = "One side closed long ago, the other does not",
};

static const struct finding_def fin_wait = {
	.id = "tcp.fin_wait",
	.layer = LAYER_TRANSPORT,
	.most = NOTICE,
	.subject = SUBJECT_FLOW,
	.relies = RELIES_ABSENCE | RELIES_PLAIN,
	.title = "The end of a connection is not acknowledged",
};

/* A side of a connection, with what every rule here needs. */
struct view {
	const struct observation *o;
	const struct tcp_ended_fact *e;
	const struct tcp_side *s, *peer;
	struct flow flow;			     /* from s to its peer */
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT]; /* by raise */
	const struct detector_context *c;
};

static void *silence_open(struct arena *home, const struct limits *limits,
			  struct hash_key key)
{
	(void)limits;
	(void)key;
	return arena_alloc(home, 1);
}

static struct finding *raise(struct view *v, const struct finding_def *def,
			     int64_t first_ns)
{
	struct subject subject =
		def->subject == SUBJECT_SERVICE
			? subject_service(&v->flow.src, v->flow.src_port, 6)
			: subject_flow(&v->flow);
	struct finding *f = finding_raise(v->c->findings, def, &subject, "",
					  first_ns, v->e->last_ns);

	if (!f)
		return NULL;
	f->count++;
	f->has_flow = true;
	f->flow = v->flow;
	/* only now: writing addresses costs more than all the rules */
	endpoint_text(&v->flow.src, v->flow.src_port, v->from);
	endpoint_text(&v->flow.dst, v->flow.dst_port, v->to);
	return f;
}

/* Nobody waits for the answer to a FIN: who asks for nothing more has lost
 * nothing.  tcp.fin_wait tells it. */
static bool only_fin(const struct tcp_side *s)
{
	return s->resent_kind[RESENT_FIN] >= s->unanswered_resends;
}

static void judge_lost(struct view *v)
{
	const struct tcp_side *s = v->s, *peer = v->peer;
	int64_t first_ns = s->last_ns - s->unanswered_ns;
	char since[WHEN_TEXT], wait[WHEN_TEXT];
	struct finding *f;

	if (!tcp_peer_gone(v->e, s, v->c->now_ns) || peer->reset ||
	    !peer->packets || peer->last_ns > first_ns + NS_PER_S ||
	    v->e->first_data_unanswered || v->e->one_way || only_fin(s))
		return;
	f = raise(v, &peer_lost, first_ns);
	if (!f)
		return;
	f->confidence = LIKELY;
	when_clock(first_ns, since);
	finding_title(f, "%s stopped answering at %s", v->to, since);
	finding_summary(f,
			"%s sent the same data %" PRIu32 " times again over "
			"%s; %s had answered before (last in frame %" PRIu64
			") and says nothing since.",
			v->from, s->unanswered_resends,
			when_duration(s->unanswered_ns, wait), v->to,
			peer->last_frame);
	finding_frame(f, peer->last_frame);
	for (unsigned i = 0; i < 8; i++)
		finding_frame(f, s->resent_frames[i]);
	finding_frame(f, s->last_frame);
	finding_advise(f, "ping %s", addr_text(&v->flow.dst, wait));
	finding_advise(f, "Is the host up, and is the path to it?");
}

static void judge_keep_alive(struct view *v)
{
	const struct tcp_side *s = v->s;
	struct finding *f;

	if (s->keep_alives_unanswered < KEEP_ALIVES || v->peer->reset ||
	    !v->peer->packets || v->e->one_way)
		return;
	f = raise(v, &keepalive_dead, v->peer->last_ns);
	if (!f)
		return;
	f->confidence = LIKELY;
	finding_title(f, "%s answers no keep-alives", v->to);
	finding_summary(f,
			"%s sent %" PRIu32 " keep-alives to %s without an "
			"answer; the last sign of life is frame %" PRIu64 ".%s",
			v->from, s->keep_alives_unanswered, v->to,
			v->peer->last_frame,
			s->reset ? " It then aborted the connection." : "");
	finding_frame(f, v->peer->last_frame);
	finding_frame(f, s->last_frame);
	for (unsigned i = 0; i < 4; i++)
		finding_frame(f, s->keep_alive_frames[i]);
}

/* `s` is the receiver whose window closed. */
static void judge_window(struct view *v)
{
	const struct tcp_side *s = v->s;
	bool dead = s->zero_at_end_ns >= DEADLOCK_NS &&
		    s->zero_probes_end >= DEADLOCK_PROBES;
	const struct finding_def *def = dead ? &deadlock : &zero_window;
	char wait[WHEN_TEXT];
	struct finding *f;

	if (s->zero_window_ns < ZERO_LEAST_NS)
		return;
	f = raise(v, def, v->e->first_ns);
	if (!f)
		return;
	if (!dead && s->zero_window_ns < ZERO_WARNS_NS &&
	    s->zero_windows < ZERO_TIMES)
		f->severity = NOTICE;
	when_duration(s->zero_window_ns, wait);
	finding_title(f, "The buffer of %s was full for %s", v->from, wait);
	finding_summary(f,
			"%s closed its receive window %" PRIu32 " time%s while "
			"%s had more to send, for %s in all: the application "
			"there does not read fast enough.%s",
			v->from, s->zero_windows, plural(s->zero_windows),
			v->to, wait,
			s->zero_at_end_ns ? " It had not opened again at "
					    "the end."
					  : "");
	for (unsigned i = 0; i < 4; i++)
		finding_frame(f, s->zero_frames[i]);
	finding_frame(f, s->last_frame);
	finding_advise(f, "Is the process behind %s stopped or busy?", v->from);
	finding_advise(f, "ss -tnpm dst %s", addr_text(&v->flow.dst, wait));
}

/* `s` acknowledged its peer's FIN and never sent its own. */
static void judge_leak(struct view *v)
{
	const struct tcp_side *s = v->s, *peer = v->peer;
	int64_t idle = v->c->now_ns - peer->fin_ns;
	char wait[WHEN_TEXT];
	struct finding *f;

	if (s->state != TCPS_CLOSE_WAIT || idle < LEAK_NS ||
	    s->last_ns > peer->fin_ns + NS_PER_S)
		return;
	f = raise(v, &close_wait, peer->fin_ns);
	if (!f)
		return;
	f->confidence = f->count >= LEAKS ? LIKELY : POSSIBLE;
	f->severity = f->count >= LEAKS ? WARNING : NOTICE;
	finding_title(f, "%s does not close connections that its peer closed",
		      v->from);
	finding_summary(f,
			"%s closed its side in frame %" PRIu64 "; %s "
			"acknowledged that and sent nothing in the %s since: "
			"it stays in CLOSE-WAIT.",
			v->to, peer->fin_frame, v->from,
			when_duration(idle, wait));
	finding_frame(f, peer->fin_frame);
	finding_frame(f, s->last_frame);
	finding_advise(f, "ss -tnp state close-wait");
}

static void judge_fin(struct view *v)
{
	const struct tcp_side *s = v->s;
	struct finding *f;

	if (s->resent_kind[RESENT_FIN] < FIN_TRIES || s->fin_acked ||
	    v->peer->reset || v->e->one_way)
		return;
	f = raise(v, &fin_wait, s->fin_ns);
	if (!f)
		return;
	f->confidence = LIKELY;
	finding_title(f, "%s does not acknowledge the end of a connection",
		      v->to);
	finding_summary(f,
			"%s sent its FIN %" PRIu32 " times again; %s never "
			"acknowledged it.",
			v->from, s->resent_kind[RESENT_FIN], v->to);
	finding_frame(f, s->fin_frame);
	finding_frame(f, s->last_frame);
}

static void silence_observe(void *self, const struct observation *o,
			    const struct detector_context *c)
{
	const struct tcp_ended_fact *e = &o->as.ended;

	(void)self;
	for (unsigned i = 0; i < 2; i++) {
		struct view v;

		v.o = o;
		v.e = e;
		v.c = c;
		v.s = &e->side[i];
		v.peer = &e->side[!i];
		v.flow = i ? flow_reverse(&e->flow) : e->flow;
		judge_lost(&v);
		judge_keep_alive(&v);
		judge_window(&v);
		judge_leak(&v);
		judge_fin(&v);
	}
}

static const struct finding_def *const silence_findings[] = {
	&peer_lost,  &keepalive_dead, &zero_window, &deadlock,
	&close_wait, &fin_wait,	      NULL};
static const enum observation_kind silence_wants[] = {OBS_TCP_ENDED,
						      OBSERVATIONS};

const struct detector tcp_silence_detector = {
	.name = "tcp_silence",
	.findings = silence_findings,
	.wants = silence_wants,
	.open = silence_open,
	.observe = silence_observe,
};
