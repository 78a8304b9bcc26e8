/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * standstill.c - half of all transfers stood still at once: findings-tcp 3.1.
 *
 * Each transfer gives its longest time without progress.  A second that lies in
 * three of them, and in half of all that were under way, is no matter of one
 * transfer.  The frame numbers around it tell whether anything else went on:
 * then it is none of the link.  Windows, sizes and timers of a single transfer
 * have been left out by who asks.
 */
#include "analysis/detect/standstill.h"

#include <inttypes.h>

#include "base/table.h"
#include "base/text.h"
#include "base/when.h"

enum {
	TRANSFERS_LEAST = 3,
	QUIET = 4, /* a part of the usual rate of packets */
	SHOWN = 8, /* two frames of each */
};

#define LEAST_NS NS_PER_S

/* Both directions of a connection; to_ns 0: it never stood still. */
struct transfer {
	int64_t first_ns, last_ns, from_ns, to_ns;
	uint64_t frame[2];
};

struct standstill {
	struct table *transfers; /* struct flow, of the client */
	int64_t forgotten_ns;	 /* the last end of those that have no room */
};

/* What stood still at one time. */
struct group {
	uint32_t stood, under_way;
	int64_t first_ns, from_ns, to_ns, last_ns; /* of any, of all */
	uint64_t before, after; /* the frames around what all share */
	struct addr a, b;	/* ends of all; family 0: not of all */
};

static void forget(void *context, const void *key, void *value)
{
	struct standstill *w = context;
	const struct transfer *t = value;

	(void)key;
	if (t->last_ns > w->forgotten_ns)
		w->forgotten_ns = t->last_ns;
}

struct standstill *standstill_new(struct arena *home,
				  const struct limits *limits,
				  struct hash_key key)
{
	struct standstill *w = arena_alloc(home, sizeof(*w));
	struct table_spec spec = {"transfers", sizeof(struct flow),
				  sizeof(struct transfer), limits->paths / 16};

	if (!w)
		return NULL;
	*w = (struct standstill){table_new(home, &spec, key), INT64_MIN};
	if (!w->transfers)
		return NULL;
	table_on_evict(w->transfers, forget, w);
	return w;
}

void standstill_note(struct standstill *w, const struct tcp_pace_fact *p,
		     bool stood)
{
	struct flow key = p->from_client ? p->flow : flow_reverse(&p->flow);
	bool new;
	struct transfer *t = table_add(w->transfers, &key, &new);

	if (!t)
		return;
	if (new || p->first_ns > t->last_ns) /* or the ports are used again */
		*t = (struct transfer){p->first_ns, p->last_ns, 0, 0, {0}};
	if (p->last_ns > t->last_ns)
		t->last_ns = p->last_ns;
	if (!stood || p->still_to_ns - p->still_from_ns < t->to_ns - t->from_ns)
		return;
	t->from_ns = p->still_from_ns;
	t->to_ns = p->still_to_ns;
	t->frame[0] = p->still_frames[0];
	t->frame[1] = p->still_frames[1];
}

static bool stands(const struct transfer *t, int64_t at_ns)
{
	return t->to_ns && t->from_ns <= at_ns && t->to_ns >= at_ns + LEAST_NS;
}

static void keep_common(struct group *g, const struct flow *f)
{
	if (!addr_equal(&g->a, &f->src) && !addr_equal(&g->a, &f->dst))
		g->a.family = 0;
	if (!addr_equal(&g->b, &f->src) && !addr_equal(&g->b, &f->dst))
		g->b.family = 0;
}

static void join(struct group *g, const struct transfer *t,
		 const struct flow *f)
{
	if (!g->stood++) {
		*g = (struct group){1,		 g->under_way, t->from_ns,
				    t->from_ns,	 t->to_ns,     t->to_ns,
				    t->frame[0], t->frame[1],  f->src,
				    f->dst};
		return;
	}
	g->first_ns = t->from_ns < g->first_ns ? t->from_ns : g->first_ns;
	g->from_ns = t->from_ns > g->from_ns ? t->from_ns : g->from_ns;
	g->to_ns = t->to_ns < g->to_ns ? t->to_ns : g->to_ns;
	g->last_ns = t->to_ns > g->last_ns ? t->to_ns : g->last_ns;
	g->before = t->frame[0] > g->before ? t->frame[0] : g->before;
	g->after = t->frame[1] < g->after ? t->frame[1] : g->after;
	keep_common(g, f);
}

static struct group group_at(const struct standstill *w, int64_t at_ns)
{
	const struct transfer *t = table_oldest(w->transfers);
	struct group g = {0};

	for (; t; t = table_newer(w->transfers, t)) {
		g.under_way +=
			t->first_ns <= at_ns && t->last_ns >= at_ns + LEAST_NS;
		if (stands(t, at_ns))
			join(&g, t, table_key(w->transfers, t));
	}
	return g;
}

/* The largest; of equals the one whose transfers ended first. */
static struct group largest(const struct standstill *w)
{
	const struct transfer *t = table_oldest(w->transfers);
	struct group best = {0};

	for (; t; t = table_newer(w->transfers, t)) {
		struct group g;

		if (!stands(t, t->from_ns) || t->from_ns <= w->forgotten_ns)
			continue;
		g = group_at(w, t->from_ns);
		if (g.stood > best.stood)
			best = g;
	}
	return best;
}

static uint64_t meanwhile(const struct group *g)
{
	return g->after > g->before + 1 ? g->after - g->before - 1 : 0;
}

/* Whether much less than usual was captured. */
static bool is_quiet(const struct group *g, const struct coverage *c)
{
	double usual = (double)c->packets / (double)(c->last_ns - c->first_ns);

	return (double)meanwhile(g) * QUIET <=
	       usual * (double)(g->to_ns - g->from_ns);
}

static struct subject subject_of(const struct group *g)
{
	if (g->a.family && g->b.family)
		return subject_path(&g->a, &g->b);
	if (g->a.family || g->b.family)
		return subject_host(g->a.family ? &g->a : &g->b);
	return subject_capture();
}

static void say_shared(struct finding *f, const struct group *g)
{
	char a[ADDR_TEXT], b[ADDR_TEXT];

	if (g->a.family && g->b.family)
		finding_add(f,
			    " All lead from %s to %s: what stood still is one "
			    "of the two or lies between them.",
			    addr_text(&g->a, a), addr_text(&g->b, b));
	else if (g->a.family || g->b.family)
		finding_add(f,
			    " All have %s at one end: what stood still is this "
			    "host or what all its packets pass.",
			    addr_text(g->a.family ? &g->a : &g->b, a));
	else
		finding_add(f, " No host is at an end of all: what stood still "
			       "is what all pass.");
}

static void describe(struct finding *f, const struct group *g)
{
	char span[WHEN_TEXT], when[WHEN_TEXT];

	when_duration(g->to_ns - g->from_ns, span);
	finding_title(f,
		      "%" PRIu32 " of %" PRIu32
		      " transfers stood still at once for %s",
		      g->stood, g->under_way, span);
	finding_summary(f,
			"Of %" PRIu32 " transfers under way %" PRIu32
			" made no progress at the same time, for %s from %s on "
			"(frames %" PRIu64 " and %" PRIu64 "), although data "
			"was out.",
			g->under_way, g->stood, span,
			when_clock(g->from_ns, when), g->before, g->after);
	if (meanwhile(g))
		finding_add(f,
			    " %" PRIu64 " packet%s of anything %s captured "
			    "meanwhile.",
			    meanwhile(g), plural(meanwhile(g)),
			    were(meanwhile(g)));
	else
		finding_add(f, " Not one packet of anything was captured "
			       "meanwhile: perhaps the capture itself paused.");
	say_shared(f, g);
}

static void add_frames(struct finding *f, const struct standstill *w,
		       const struct group *g)
{
	const struct transfer *t = table_oldest(w->transfers);

	finding_frame(f, g->before);
	finding_frame(f, g->after);
	for (int left = SHOWN - 1; t && left; t = table_newer(w->transfers, t))
		if (stands(t, g->from_ns) && left--)
			for (int i = 0; i < 2; i++)
				finding_frame(f, t->frame[i]);
}

void standstill_judge(const struct standstill *w,
		      const struct detector_context *c,
		      const struct finding_def *def)
{
	struct group g = largest(w);
	struct subject subject = subject_of(&g);
	struct finding *f;

	if (g.stood < TRANSFERS_LEAST || 2 * g.stood < g.under_way ||
	    !is_quiet(&g, c->coverage))
		return;
	f = finding_raise(c->findings, def, &subject, "everywhere", g.first_ns,
			  g.last_ns);
	if (!f)
		return;
	f->confidence = LIKELY;
	f->count = g.stood;
	describe(f, &g);
	add_frames(f, w, &g);
	finding_advise(f, "Look at what they share at that time: the link, its "
			  "switch, the host that captured");
}

void standstill_limits(const struct standstill *w, struct checks *out)
{
	check_table(out, w->transfers);
}
