/* SPDX-License-Identifier: BSD-3-Clause */
/* traceroute.c - prints a traceroute as its hops. */
#include "analysis/detect/loop.h"

#include "base/text.h"
#include "base/when.h"

enum { UDP = 17, TCP = 6 };

#define SETTLED_NS (5 * NS_PER_S)

static const struct finding_def traceroute_def = {
	.id = "icmp.traceroute",
	.layer = LAYER_NETWORK,
	.most = INFO,
	.subject = SUBJECT_PATH,
	.title = "A traceroute",
	.advice = {"nothing is wrong: silent hops only limit their answers"},
};

struct traceroute_watch {
	int64_t next_ns;
};

static void *traceroute_open(struct arena *home, const struct limits *limits,
			     struct hash_key key)
{
	(void)limits, (void)key;
	return arena_alloc(home, sizeof(struct traceroute_watch));
}

static void traceroute_observe(void *self, const struct observation *o,
			       const struct detector_context *c)
{
	(void)self, (void)o, (void)c;
}

static const char *kind_of(const struct traceroute *t)
{
	return t->protocol == UDP ? "UDP" : t->protocol == TCP ? "TCP" : "ICMP";
}

static uint8_t last_hop(const struct traceroute *t)
{
	uint8_t last = t->reached ? t->reached : t->highest;

	for (uint8_t i = HOPS_MAX; !t->reached && i > last; i--)
		if (t->hop[i].reporter.family)
			last = i;
	return last;
}

/* " 1 192.0.2.1 0.4 ms; 2 silent; 3 ..." */
static void add_hops(struct finding *f, const struct traceroute *t)
{
	uint8_t first = t->lowest ? t->lowest : 1, last = last_hop(t);
	char buffer[600], who[ADDR_TEXT], rtt[WHEN_TEXT];
	struct text line = text_over(buffer, sizeof(buffer));

	for (uint8_t i = first; i <= last; i++) {
		const struct hop *h = &t->hop[i];

		text_add(&line, "%s%u ", i > first ? "; " : " ", i);
		if (!h->reporter.family)
			text_add(&line, "silent");
		else
			text_add(&line, "%s", addr_text(&h->reporter, who));
		if (h->rtt_ns)
			text_add(&line, " %s", when_duration(h->rtt_ns, rtt));
	}
	if (last >= first)
		finding_add(f, " Hops:%s.", buffer);
}

static void tell(const struct traceroute *t, const struct detector_context *c)
{
	char src[ADDR_TEXT], dst[ADDR_TEXT], from[WHEN_TEXT];
	struct subject s = subject_path(&t->src, &t->dst);
	struct finding *f = finding_raise(c->findings, &traceroute_def, &s, "",
					  t->first_ns, t->last_ns);

	if (!f)
		return;
	finding_restate(f);
	f->count = t->probes ? t->probes : 1; /* it may lack them all */
	finding_frame(f, t->first_frame);
	for (uint8_t i = 1; i <= HOPS_MAX; i++)
		finding_frame(f, t->hop[i].answer_frame);
	addr_text(&t->src, src);
	addr_text(&t->dst, dst);
	finding_title(f, "A traceroute from %s to %s", src, dst);
	finding_summary(f, "%s traced the way to %s with %s probes from %s.",
			src, dst, kind_of(t), when_clock(t->first_ns, from));
	add_hops(f, t);
	if (t->reached)
		finding_add(f, " The destination answered.");
}

static void tell_all(const struct detector_context *c)
{
	const struct probes *all = known_probes(c->known);
	const struct traceroute *t = NULL;

	while ((t = probes_next(all, t))) {
		tell(t, c);
		loop_of_traceroute(t, c);
	}
}

static void traceroute_clock(void *self, const struct detector_context *c)
{
	struct traceroute_watch *w = self;

	if (c->now_ns < w->next_ns)
		return;
	w->next_ns = c->now_ns + SETTLED_NS;
	tell_all(c);
}

static void traceroute_finish(void *self, const struct detector_context *c)
{
	(void)self;
	tell_all(c);
}

static void traceroute_checked(void *self, const struct detector_context *c,
			       struct checks *out)
{
	const struct probes *all = known_probes(c->known);
	const struct traceroute *t = NULL, *first = NULL;
	uint32_t count = 0;

	(void)self;
	while ((t = probes_next(all, t))) {
		if (!first)
			first = t;
		count++;
	}
	if (count)
		check_add(out, CHECK_NOT_FAULT, LAYER_NETWORK,
			  "%u traceroute%s (frame %llu)", count, plural(count),
			  (unsigned long long)first->first_frame);
}

static const struct finding_def *const traceroute_findings[] = {&traceroute_def,
								NULL};

static const enum observation_kind traceroute_wants[] = {OBSERVATIONS};

const struct detector traceroute_detector = {
	.name = "traceroute",
	.findings = traceroute_findings,
	.wants = traceroute_wants,
	.open = traceroute_open,
	.observe = traceroute_observe,
	.clock = traceroute_clock,
	.finish = traceroute_finish,
	.checked = traceroute_checked,
};
