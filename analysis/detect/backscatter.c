/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * backscatter.c - answers to SYNs that were never sent from here.
 *
 * A server that is flooded with forged SYNs answers the addresses that were
 * forged.  Many of these from one server: its flood uses our addresses.  From
 * many servers to one host: they are used as reflectors against it.
 */
#include "analysis/detect/probe.h"
#include "base/table.h"
#include "base/when.h"

enum {
	TARGETS_LEAST = 5,
	ANSWERS_LEAST = 10,
	ANSWERS_BLIND = 20,
	SERVERS_LEAST = 10,
	ANSWERS_LONG = 100,
};

#define WINDOW_NS (60 * NS_PER_S)
#define AGE_NS	  (130 * NS_PER_S) /* by then no SYN of before is answered */

static const struct finding_def backscatter_def = {
	.id = "tcp.backscatter",
	.layer = LAYER_TRANSPORT,
	.most = NOTICE,
	.subject = SUBJECT_HOST,
	.relies = RELIES_ABSENCE,
	.title = "Answers arrive to SYNs that were never sent",
	.advice = {"Nothing is wrong here: somebody elsewhere forges these "
		   "addresses"},
};

struct answers_key {
	struct addr host;
	uint16_t port, pad; /* 0: a target, whatever the port */
};

/* Unasked answers of one server, or to one host. */
struct answers {
	int64_t window_ns, first_ns, last_ns;
	uint32_t in_window, best, unasked, asked, goes_on;
	struct bits others; /* targets (host and port), or servers */
	uint64_t frames[EVIDENCE_MAX];
	uint8_t frame_count;
	bool visible; /* a target's own packets are recorded here */
};

struct backscatter {
	struct table *servers, *targets;
	int64_t next_ns;
};

static void *backscatter_open(struct arena *home, const struct limits *limits,
			      struct hash_key key)
{
	const struct table_spec servers = {
		"unasked answers", sizeof(struct answers_key),
		sizeof(struct answers), limits->targets / 4};
	const struct table_spec targets = {
		"targets of unasked answers", sizeof(struct answers_key),
		sizeof(struct answers), limits->targets / 4};
	struct backscatter *b = arena_alloc(home, sizeof(*b));

	if (!b)
		return NULL;
	b->servers = table_new(home, &servers, key);
	b->targets = table_new(home, &targets, key);
	return b->servers && b->targets ? b : NULL;
}

static struct answers *answers_of(struct table *t, const struct addr *host,
				  uint16_t port, bool add)
{
	struct answers_key key;

	memset(&key, 0, sizeof(key));
	key.host = *host;
	key.port = port;
	return add ? table_add(t, &key, NULL) : table_find(t, &key);
}

static void answers_note(struct answers *a, const struct observation *ob,
			 uint32_t other)
{
	if (!a->unasked++)
		a->first_ns = a->window_ns = ob->time_ns;
	if (ob->time_ns - a->window_ns > WINDOW_NS) {
		a->window_ns = ob->time_ns;
		a->in_window = 0;
	}
	if (++a->in_window > a->best)
		a->best = a->in_window;
	a->last_ns = ob->time_ns;
	if (bits_add(&a->others, other) && a->frame_count < EVIDENCE_MAX)
		a->frames[a->frame_count++] = ob->frame;
}

/* `flow` goes from the supposed client to the server. */
static void unasked(struct backscatter *b, const struct observation *ob,
		    const struct flow *flow, const struct detector_context *c)
{
	struct answers *s =
		answers_of(b->servers, &flow->dst, flow->dst_port, true);
	struct answers *t = answers_of(b->targets, &flow->src, 0, true);
	bool visible = known_host_visible(c->known, &flow->src, ob->time_ns);

	if (s) {
		answers_note(s, ob,
			     host_number(&flow->src) * 31 + flow->src_port);
		s->visible |= visible;
	}
	if (t) {
		answers_note(t, ob, host_number(&flow->dst));
		t->visible |= visible;
	}
}

static void backscatter_observe(void *self, const struct observation *ob,
				const struct detector_context *c)
{
	struct backscatter *b = self;
	struct answers *s;
	struct flow flow;

	switch (ob->kind) {
	case OBS_TCP_SYNACK:
		if (ob->as.synack.after_open)
			return;
		if (!ob->as.synack.answers_syn) {
			unasked(b, ob, &ob->as.synack.flow, c);
			return;
		}
		flow = ob->as.synack.flow;
		s = answers_of(b->servers, &flow.dst, flow.dst_port, false);
		if (s)
			s->asked++;
		return;
	case OBS_TCP_STRAY:
		flow = flow_reverse(&ob->as.stray.flow);
		if (ob->as.stray.kind == STRAY_RST &&
		    ob->as.stray.flags & TCP_ACK)
			unasked(b, ob, &flow, c);
		return;
	default:
		flow = ob->as.opened.flow;
		if (ob->as.opened.syns)
			return;
		s = answers_of(b->servers, &flow.dst, flow.dst_port, false);
		if (s)
			s->goes_on++;
		s = answers_of(b->targets, &flow.src, 0, false);
		if (s)
			s->goes_on++;
	}
}

/* Whether the SYNs would have been seen, had there been any. */
static bool is_unasked(const struct answers *a,
		       const struct detector_context *c)
{
	bool certain =
		a->visible || (a->unasked >= ANSWERS_BLIND && !a->goes_on);
	bool old = a->first_ns - c->start_ns > AGE_NS;

	return a->best >= ANSWERS_LEAST && certain &&
	       a->goes_on * 10 < a->unasked &&
	       (old || a->unasked >= (uint64_t)a->asked * 9);
}

static void answers_raise(const struct answers *a, const struct addr *host,
			  uint16_t port, const struct detector_context *c)
{
	struct subject subject = subject_host(host);
	struct finding *g =
		finding_raise(c->findings, &backscatter_def, &subject,
			      port ? "" : "reflected", a->first_ns, a->last_ns);
	char text[ENDPOINT_TEXT], when[WHEN_TEXT];

	if (!g)
		return;
	g->count = a->unasked;
	for (uint8_t i = 0; i < a->frame_count; i++)
		finding_frame(g, a->frames[i]);
	g->confidence = a->visible ? LIKELY : POSSIBLE;
	when_clock(a->first_ns, when);
	if (port) {
		endpoint_text(host, port, text);
		finding_title(g, "%s answers SYNs that were never sent", text);
		finding_summary(g,
				"From %s on %s sent %u SYN-ACKs or RSTs that "
				"nobody here asked for, to at least %u "
				"endpoints. It is being flooded with SYNs that "
				"bear our addresses.",
				when, text, a->unasked, a->others.set);
		return;
	}
	addr_text(host, text);
	finding_title(g, "%s gets answers to SYNs that it never sent", text);
	finding_summary(g,
			"From %s on at least %u servers sent %u SYN-ACKs or "
			"RSTs to %s, which asked none of them: they are used "
			"as reflectors against it.",
			when, a->others.set, a->unasked, text);
}

/* Many servers; or some that go on for longer than any SYN is answered. */
static bool is_reflection(const struct answers *a)
{
	return a->others.set >= SERVERS_LEAST ||
	       (a->others.set >= TARGETS_LEAST && a->unasked >= ANSWERS_LONG &&
		a->last_ns - a->first_ns > AGE_NS);
}

static void backscatter_judge(struct backscatter *b,
			      const struct detector_context *c)
{
	struct answers *a;

	for (a = table_oldest(b->servers); a; a = table_newer(b->servers, a)) {
		const struct answers_key *k = table_key(b->servers, a);

		if (a->others.set >= TARGETS_LEAST && is_unasked(a, c))
			answers_raise(a, &k->host, k->port, c);
	}
	for (a = table_oldest(b->targets); a; a = table_newer(b->targets, a)) {
		const struct answers_key *k = table_key(b->targets, a);

		if (is_reflection(a) && is_unasked(a, c))
			answers_raise(a, &k->host, 0, c);
	}
}

static void backscatter_clock(void *self, const struct detector_context *c)
{
	struct backscatter *b = self;

	if (c->now_ns < b->next_ns && !c->at_end)
		return;
	b->next_ns = c->now_ns + 5 * NS_PER_S;
	backscatter_judge(b, c);
}

static void backscatter_limits(void *self, struct checks *out)
{
	struct backscatter *b = self;

	check_table(out, b->servers);
	check_table(out, b->targets);
}

static const struct finding_def *const backscatter_findings[] = {
	&backscatter_def, NULL};
static const enum observation_kind backscatter_wants[] = {
	OBS_TCP_SYNACK, OBS_TCP_STRAY, OBS_TCP_OPENED, OBSERVATIONS};

const struct detector backscatter_detector = {
	.name = "backscatter",
	.findings = backscatter_findings,
	.wants = backscatter_wants,
	.open = backscatter_open,
	.observe = backscatter_observe,
	.clock = backscatter_clock,
	.finish = backscatter_clock,
	.limits = backscatter_limits,
};
