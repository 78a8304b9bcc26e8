/* SPDX-License-Identifier: BSD-3-Clause */
/* flood_icmp.c - echo requests at a rate that hurts their target. */
#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"

enum {
	BURST = 250, /* requests in one second */
	STEADY = 100,
	SECONDS = 5, /* in each of so many */
	TIMES = 10,
	SOURCES = 4,
	FRAMES = 8,
	SLICES = 10, /* of a second */
};

static const struct finding_def icmp_flood_def = {
	.id = "icmp.flood",
	.layer = LAYER_NETWORK,
	.most = WARNING,
	.subject = SUBJECT_HOST,
	.relies = RELIES_RATE,
	.title = "A flood of echo requests",
};

struct pinged {
	int64_t first_ns, last_ns, second;
	uint64_t requests, replies, before, seconds_before;
	uint32_t in_second, best, run, slice[SLICES];
	int64_t slice_at; /* tenths of a second since the epoch */
	uint16_t id, seq;
	uint8_t ttl;
	struct addr source[SOURCES];
	uint8_t sources, frame_count;
	bool flood;
	uint64_t frames[FRAMES];
};

struct icmp_flood {
	struct table *targets;
	int64_t next_ns;
};

static void *icmp_flood_open(struct arena *home, const struct limits *limits,
			     struct hash_key key)
{
	const struct table_spec spec = {"pinged hosts", sizeof(struct addr),
					sizeof(struct pinged),
					limits->targets / 2};
	struct icmp_flood *i = arena_alloc(home, sizeof(*i));

	if (i)
		i->targets = table_new(home, &spec, key);
	return i && i->targets ? i : NULL;
}

static void source_note(struct pinged *t, const struct addr *source)
{
	for (uint8_t i = 0; i < t->sources; i++)
		if (addr_equal(&t->source[i], source))
			return;
	if (t->sources < SOURCES)
		t->source[t->sources++] = *source;
}

/* A second is over: was it loud, compared with those before? */
static void second_close(struct pinged *t, int64_t second)
{
	uint64_t usual = t->seconds_before ? t->before / t->seconds_before : 0;

	if (t->in_second >= STEADY && t->in_second >= TIMES * usual) {
		t->run++;
		t->flood |= t->run >= SECONDS;
	} else {
		t->run = 0;
		t->before += t->in_second;
		t->seconds_before +=
			t->second ? (uint64_t)(second - t->second) : 1;
	}
	if (second != t->second + 1)
		t->run = 0;
	t->second = second;
	t->in_second = 0;
}

/* Requests of the second up to now, by tenths of it. */
static uint32_t slices_count(struct pinged *t, int64_t ns)
{
	int64_t at = ns / (NS_PER_S / SLICES), steps = at - t->slice_at;
	uint32_t sum = 0;

	for (int64_t i = 0; i < steps && i < SLICES; i++)
		t->slice[(uint64_t)(at - i) % SLICES] = 0;
	if (steps > 0)
		t->slice_at = at;
	t->slice[(uint64_t)at % SLICES]++;
	for (int i = 0; i < SLICES; i++)
		sum += t->slice[i];
	return sum;
}

static void on_sent(struct icmp_flood *f, const struct observation *ob)
{
	const struct echo_fact *e = &ob->as.echo;
	struct pinged *t = table_add(f->targets, &e->dst, NULL);
	int64_t second = ob->time_ns / NS_PER_S;
	uint32_t recent;

	if (!t || (t->requests && t->id == e->id && t->seq == e->seq &&
		   t->ttl != e->ttl))
		return; /* the same one again, on its way round a loop */
	t->ttl = e->ttl;
	t->id = e->id;
	t->seq = e->seq;
	if (second != t->second)
		second_close(t, second);
	if (!t->requests++)
		t->first_ns = ob->time_ns;
	t->last_ns = ob->time_ns;
	t->in_second++;
	recent = slices_count(t, ob->time_ns);
	if (recent > t->best)
		t->best = recent;
	t->flood |= recent >= BURST;
	source_note(t, &e->src);
	if (t->frame_count < FRAMES && (t->requests & (t->requests - 1)) == 0)
		t->frames[t->frame_count++] = ob->frame;
}

static void icmp_flood_observe(void *self, const struct observation *ob,
			       const struct detector_context *c)
{
	const struct echo_fact *e = &ob->as.echo;
	struct icmp_flood *f = self;
	struct pinged *t;

	(void)c;
	if (e->state == ECHO_SENT) {
		on_sent(f, ob);
	} else if (e->state == ECHO_ANSWERED) {
		t = table_find(f->targets, &e->dst);
		if (t)
			t->replies++;
	}
}

static bool is_group(const struct addr *a)
{
	return addr_is_multicast(a) || addr_is_broadcast(a);
}

static void say_flood(struct finding *g, const struct addr *target,
		      const struct pinged *t)
{
	char to[ADDR_TEXT], from[ADDR_TEXT], when[WHEN_TEXT], span[WHEN_TEXT];

	addr_text(target, to);
	addr_text(&t->source[0], from);
	finding_title(g, "%s is flooded with echo requests", to);
	finding_summary(g,
			"From %s on %llu echo requests went to %s within %s, "
			"up to %u in a second; %llu were answered.",
			when_clock(t->first_ns, when),
			(unsigned long long)t->requests, to,
			when_duration(t->last_ns - t->first_ns, span), t->best,
			(unsigned long long)t->replies);
	if (t->sources == 1)
		finding_add(g, " All come from %s.", from);
	else
		finding_add(g, " They come from %s sources, %s among them.",
			    t->sources == SOURCES ? "many" : "several", from);
	memset(g->advice, 0, sizeof(g->advice));
	if (t->sources == 1)
		finding_advise(g, "Is somebody running ping -f on %s?", from);
	finding_advise(g,
		       "Rate-limit echo requests to %s; forged sources show "
		       "in the MAC address",
		       to);
}

static void flood_raise(const struct addr *target, const struct pinged *t,
			const struct detector_context *c)
{
	struct subject subject = subject_host(target);
	struct finding *g =
		finding_raise(c->findings, &icmp_flood_def, &subject, "",
			      t->first_ns, t->last_ns);
	bool answered = t->replies * 100 >= t->requests * 95;
	bool half = t->replies * 2 >= t->requests;

	if (!g)
		return;
	g->count = t->requests;
	for (uint8_t i = 0; i < t->frame_count; i++)
		finding_frame(g, t->frames[i]);
	g->severity = (t->sources == 1 && answered) ||
				      (half && t->sources < SOURCES &&
				       !is_group(target))
			      ? NOTICE
			      : WARNING;
	say_flood(g, target, t);
}

/* The replies to the last requests have had their time at the next tick. */
static void icmp_flood_clock(void *self, const struct detector_context *c)
{
	struct icmp_flood *f = self;

	if (c->now_ns < f->next_ns && !c->at_end)
		return;
	f->next_ns = c->now_ns + NS_PER_S;
	for (struct pinged *t = table_oldest(f->targets); t;
	     t = table_newer(f->targets, t))
		if (t->flood)
			flood_raise(table_key(f->targets, t), t, c);
}

static void icmp_flood_limits(void *self, struct checks *out)
{
	const struct icmp_flood *f = self;

	check_table(out, f->targets);
}

static const struct finding_def *const icmp_flood_findings[] = {&icmp_flood_def,
								NULL};
static const enum observation_kind icmp_flood_wants[] = {OBS_ECHO,
							 OBSERVATIONS};

const struct detector flood_icmp_detector = {
	.name = "flood_icmp",
	.findings = icmp_flood_findings,
	.wants = icmp_flood_wants,
	.open = icmp_flood_open,
	.observe = icmp_flood_observe,
	.clock = icmp_flood_clock,
	.finish = icmp_flood_clock,
	.limits = icmp_flood_limits,
};
