/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * listen.c - a run over interfaces: analyse what comes, tell what is found, do
 * what is asked, until the end.
 */
#include "cli/session.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/when.h"
#include "cli/signals.h"
#include "cli/snapshot.h"

/* Things to be done now and then: not more often than this. */
#define CHORES_NS (100 * NS_PER_MS)
#define LOOK_NS	  NS_PER_S
/* Nothing is held to be silent before it could have arrived. */
#define LATE_NS (500 * NS_PER_MS)
/* A look at what the report would say now: not more often, and at most for a
 * twentieth of the time. */
#define GLANCE_NS   (2 * NS_PER_S)
#define GLANCE_PART 20
/* When nothing has come for so long there is nothing new to look for. */
#define IDLE_NS (120 * NS_PER_S)
/* What is still in the kernel's buffer at the end is taken, for so long. */
#define DRAIN_NS (300 * NS_PER_MS)

struct listener {
	struct session *session;
	struct wishes wishes;
	struct snapshot snapshot, glance;
	int64_t now_ns, start_ns, heard_ns;
	int64_t chores_ns, look_ns, every_ns, glance_ns; /* when they are due */
	int64_t glance_began_ns;
	uint64_t packets;
};

static int64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* Take what there is; false if there was nothing. */
static bool take_frames(struct listener *l)
{
	struct session *r = l->session;
	struct frame frames[BATCH];
	uint32_t most = BATCH, n;

	if (r->options->count && r->options->count - l->packets < most)
		most = (uint32_t)(r->options->count - l->packets);
	n = source_read(r->source, frames, most);
	l->now_ns = clock_ns();
	if (n == 0)
		return false;
	l->heard_ns = l->now_ns;
	l->packets += n;
	if (r->keep)
		keep_add(r->keep, frames, n);
	engine_feed(r->engine, frames, n);
	return true;
}

static void tell_link(const struct source_link *link)
{
	if (link->renamed)
		fprintf(stderr, "upstack: the interface is now called %s\n",
			link->name);
	if (link->returned)
		fprintf(stderr, "upstack: %s is back, and listened on\n",
			link->name);
	if (!link->present)
		fprintf(stderr,
			"upstack: %s vanished; waiting until it is back\n",
			link->name);
}

/* News has to be taken as soon as it is there: a read is woken by it. */
static void hear_links(struct listener *l)
{
	struct session *r = l->session;
	struct source_link link;

	while (source_link_next(r->source, &link)) {
		tell_link(&link);
		engine_link(r->engine, &link);
	}
}

static void look(struct listener *l)
{
	source_look(l->session->source);
	hear_links(l);
	if (l->session->keep)
		keep_look(l->session->keep);
}

/* In the child: end the analysis as if it were over now. */
static const struct diagnosis *end_in_child(struct listener *l)
{
	l->session->mute = true;
	engine_quiet(l->session->engine, l->now_ns - l->heard_ns - LATE_NS);
	return engine_finish(l->session->engine);
}

static int write_so_far(void *context, FILE *out)
{
	struct listener *l = context;
	const struct report_options ro = session_report_options(l->session);

	return report_write(out, &ro, end_in_child(l));
}

/* In the child: what the report would say now and nobody was told.  Many rules
 * weigh everything there is, and so speak at the end only. */
static int write_news(void *context, FILE *out)
{
	struct listener *l = context;
	const struct session *r = l->session;
	const struct report_options ro = session_report_options(r);
	const bool all = ro.format == REPORT_NDJSON;
	const struct diagnosis *d = end_in_child(l);
	struct told_batch batch = {.count = 0};

	if (fwrite(&batch, sizeof(batch), 1, out) != 1)
		return -1;
	for (uint32_t i = 0; i < d->finding_count; i++) {
		const struct finding *f = d->findings[i];
		int shown;

		if (batch.count == TOLD_BATCH)
			break;
		if (!told_wants(&r->told, f, all) || (f->cause_count && !all))
			continue;
		shown = report_alert(out, &ro, f);
		if (shown < 0)
			return -1;
		if (shown == 0)
			continue;
		batch.one[batch.count] = told_of(f);
		batch.def[batch.count++] = f->def;
	}
	return fseek(out, 0, SEEK_SET) == 0 &&
			       fwrite(&batch, sizeof(batch), 1, out) == 1
		       ? 0
		       : -1;
}

/* What was found in the meantime by other ways is not told twice: the child's
 * lines are left out as a whole then, and the next glance has the rest. */
static bool is_news(const struct told *t, const struct told_batch *b)
{
	for (uint32_t i = 0; i < b->count; i++)
		for (uint32_t k = 0; k < t->count; k++)
			if (t->one[k].key == b->one[i].key &&
			    t->one[k].severity >= b->one[i].severity)
				return false;
	return b->count > 0;
}

static void tell_news(struct listener *l)
{
	struct session *r = l->session;
	struct told_batch batch;

	if (snapshot_head(&l->glance, &batch, sizeof(batch)) &&
	    is_news(&r->told, &batch)) {
		if (snapshot_copy(&l->glance, sizeof(batch), r->report) != 0)
			session_output_failed(r);
		for (uint32_t i = 0; i < batch.count; i++)
			told_add(&r->told, &batch.one[i], batch.def[i]);
		r->alerts_waiting = true;
	}
	snapshot_free(&l->glance);
}

static void glance(struct listener *l)
{
	int64_t took_ns = l->now_ns - l->glance_began_ns;
	enum snapshot_state state = snapshot_look(&l->glance);

	if (state == SNAPSHOT_DONE)
		tell_news(l);
	if (state == SNAPSHOT_DONE || state == SNAPSHOT_FAILED)
		l->glance_ns = l->now_ns + (GLANCE_PART * took_ns > GLANCE_NS
						    ? GLANCE_PART * took_ns
						    : GLANCE_NS);
	if (state != SNAPSHOT_NONE || l->now_ns < l->glance_ns || !l->packets ||
	    l->now_ns - l->heard_ns > IDLE_NS ||
	    l->session->options->format == REPORT_JSON)
		return;
	l->glance_began_ns = l->now_ns;
	if (snapshot_begin(&l->glance, write_news, l) != 0)
		l->glance_ns = l->now_ns + GLANCE_NS;
}

static void report_so_far(struct listener *l)
{
	if (l->snapshot.child) /* one is being made: the next time */
		return;
	if (snapshot_begin(&l->snapshot, write_so_far, l) == 0) {
		l->wishes.report = false;
		return;
	}
	fprintf(stderr, "upstack: there is no report so far: %s\n",
		strerror(errno));
	l->wishes.report = false;
}

static void publish(struct listener *l)
{
	struct session *r = l->session;
	FILE *out = output_begin(&r->output);

	if (!out) {
		session_output_failed(r);
	} else if (snapshot_copy(&l->snapshot, 0, out) != 0) {
		session_output_failed(r);
		output_abandon(&r->output, out);
	} else if (output_end(&r->output, out) != 0) {
		session_output_failed(r);
	}
	snapshot_free(&l->snapshot);
}

static void look_for_report(struct listener *l)
{
	const uint32_t every_s = l->session->options->every_s;

	switch (snapshot_look(&l->snapshot)) {
	case SNAPSHOT_DONE:
		publish(l);
		break;
	case SNAPSHOT_FAILED:
		fprintf(stderr, "upstack: a report so far could not be made\n");
		break;
	default:
		break;
	}
	if (every_s && l->now_ns >= l->every_ns) {
		l->every_ns = l->now_ns + every_s * NS_PER_S;
		l->wishes.report = true;
	}
	if (l->wishes.report)
		report_so_far(l);
}

static void reopen(struct listener *l)
{
	l->wishes.reopen = false;
	if (l->session->keep)
		keep_reopen(l->session->keep);
}

static void do_chores(struct listener *l)
{
	struct session *r = l->session;

	l->chores_ns = l->now_ns + CHORES_NS;
	signals_read(r->signal_fd, &l->wishes);
	if (l->now_ns >= l->look_ns) {
		l->look_ns = l->now_ns + LOOK_NS;
		look(l);
	}
	hear_links(l);
	engine_quiet(r->engine, l->now_ns - l->heard_ns - LATE_NS);
	if (l->wishes.reopen)
		reopen(l);
	look_for_report(l);
	glance(l);
	if (r->alerts_waiting && fflush(r->report) != 0)
		session_output_failed(r);
	r->alerts_waiting = false;
}

static bool is_over(const struct listener *l)
{
	const struct options *o = l->session->options;

	return l->wishes.end || l->session->output_failed ||
	       (o->count && l->packets >= o->count) ||
	       (o->duration_s &&
		l->now_ns - l->start_ns >= o->duration_s * NS_PER_S) ||
	       (l->session->keep && keep_is_full(l->session->keep));
}

/* Say on what we listen, once it is true. */
static void tell_start(const struct session *r)
{
	for (uint32_t i = 0; i < source_interfaces(r->source); i++)
		fprintf(stderr, "%s%s", i ? ", " : "upstack: listening on ",
			source_interface(r->source, i)->name);
	fprintf(stderr, "; Ctrl-C ends with the report\n");
}

void listen_all(struct session *r)
{
	struct listener l = {.session = r};

	l.now_ns = l.start_ns = l.heard_ns = clock_ns();
	l.look_ns = l.now_ns;
	l.every_ns = l.now_ns + r->options->every_s * NS_PER_S;
	if (!r->options->quiet)
		tell_start(r);
	while (!is_over(&l)) {
		bool any = take_frames(&l);

		if (!any || l.now_ns >= l.chores_ns)
			do_chores(&l);
	}
	l.start_ns = l.now_ns;
	while (!(r->options->count && l.packets >= r->options->count) &&
	       l.now_ns - l.start_ns < DRAIN_NS && take_frames(&l))
		;
	look(&l);
	engine_quiet(r->engine, source_quiet_ns(r->source));
}
