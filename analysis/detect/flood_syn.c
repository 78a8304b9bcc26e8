/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * flood_syn.c - many SYNs at one service: a flood, or a crowd of real clients?
 *
 * Ten seconds of a service are scored by a table of features.  A real stack
 * repeats a SYN that nobody answered within 1 to 3 s, a flooder seldom does;
 * real clients finish and ask for something; hosts whose address was forged
 * answer the SYN-ACK with a RST; one tool leaves one fingerprint.
 */
#include "analysis/detect/opening.h"
#include "base/text.h"

enum { ATTEMPTS_LEAST = 50, SCORE_LEAST = 6, AHEAD_LEAST = 2 };

#define JUDGE_NS  (14 * NS_PER_S)    /* after a pane began */
#define REPEAT_NS (1500 * NS_PER_MS) /* real stacks repeat after 1 s */

const struct finding_def syn_flood_def = {
	.id = "tcp.syn_flood",
	.layer = LAYER_TRANSPORT,
	.most = CRITICAL,
	.subject = SUBJECT_SERVICE,
	.relies = RELIES_ABSENCE | RELIES_RATE,
	.title = "SYN flood: connections are begun and never completed",
};

const struct finding_def flash_crowd_def = {
	.id = "tcp.flash_crowd",
	.layer = LAYER_TRANSPORT,
	.most = NOTICE,
	.subject = SUBJECT_SERVICE,
	.relies = RELIES_RATE,
	.title = "Many real clients came at once",
	.advice = {"No attack: can the service carry this load?"},
};

/* A pane in the numbers that the features look at. */
struct pane_facts {
	uint32_t attempts, synacks, opened, unfinished, waited, sources;
	uint32_t repeated;	/* unfinished ones that were repeated */
	uint32_t print, prints; /* of the commonest fingerprint; of 5 % each */
	uint32_t constant;	/* of the commonest ISN, id or port */
	uint32_t best, before;	/* best second; median second before */
	bool has_before;
	const struct pane *pane;
};

static bool few_repeated(const struct pane_facts *f)
{
	return f->waited >= 20 && f->repeated * 20 < f->waited;
}

static bool few_completed(const struct pane_facts *f)
{
	if (!f->synacks && !f->opened)
		return true;
	/* what nobody answered counts as well, unless its sender insists */
	return (uint64_t)f->opened * 5 < f->synacks ||
	       (few_repeated(f) && (uint64_t)f->opened * 5 < f->attempts);
}

static bool most_completed(const struct pane_facts *f)
{
	uint64_t of = f->synacks ? f->synacks : f->attempts;

	return (uint64_t)f->opened * 10 >= of * 7 &&
	       (uint64_t)f->opened * 2 >= f->attempts;
}

static bool some_completed(const struct pane_facts *f)
{
	return f->synacks && !few_completed(f) &&
	       f->opened * 10 < f->synacks * 9;
}

static bool third_repeated(const struct pane_facts *f)
{
	return f->waited >= 20 && f->repeated * 10 >= f->waited * 3;
}

static bool half_repeated(const struct pane_facts *f)
{
	return f->waited >= 20 && f->repeated * 2 >= f->waited;
}

static bool many_sources(const struct pane_facts *f)
{
	return (uint64_t)f->sources * 10 >= (uint64_t)f->attempts * 8;
}

static bool one_print(const struct pane_facts *f)
{
	return f->sources >= 50 &&
	       (uint64_t)f->print * 10 >= (uint64_t)f->pane->sampled * 9;
}

static bool several_prints(const struct pane_facts *f)
{
	return f->prints >= 4;
}

static bool constant_field(const struct pane_facts *f)
{
	return (uint64_t)f->constant * 10 >= (uint64_t)f->pane->sampled * 9 ||
	       (uint64_t)f->pane->no_mss * 10 >= (uint64_t)f->attempts * 9;
}

/* RFC 6528: no stack of the last decades counts its ISNs up. */
static bool invented_isn(const struct pane_facts *f)
{
	return (uint64_t)f->pane->stepped * 10 >= (uint64_t)f->attempts * 9;
}

static bool clients_reset(const struct pane_facts *f)
{
	return f->pane->client_reset &&
	       f->pane->client_reset * 100 >= f->synacks;
}

static bool carried_data(const struct pane_facts *f)
{
	return f->opened && f->pane->data * 2 >= f->opened;
}

static bool older_served(const struct pane_facts *f)
{
	return f->pane->older_served;
}

enum { FLOOD, CROWD, DOWN, OVERFLOW, NAMES };

static const struct feature {
	bool (*holds)(const struct pane_facts *f);
	int points[NAMES]; /* flood, crowd, down, overflow */
	const char *says;
} features[] = {
	{few_completed, {3, 0, 0, 0}, "hardly any was completed"},
	{most_completed, {0, 3, 0, 0}, "most were completed"},
	{some_completed, {0, 0, 0, 1}, "some were completed"},
	{few_repeated,
	 {3, 0, 0, 0},
	 "hardly any was repeated, as a real client would"},
	{half_repeated, {0, 0, 4, 0}, "most were repeated, as real clients do"},
	{third_repeated, {0, 0, 0, 3}, "a third or more were repeated"},
	{many_sources, {2, 0, 0, 0}, "nearly every one has its own source"},
	{one_print, {2, 0, 2, 1}, "all have one fingerprint"},
	{several_prints, {0, 2, 0, 0}, "several kinds of client"},
	{constant_field,
	 {2, 0, 0, 0},
	 "a field that differs between real clients is always the same"},
	{invented_isn, {2, 0, 0, 0}, "their sequence numbers are counted up"},
	{clients_reset,
	 {2, 0, 0, 0},
	 "the answers to some were met by a RST: these never asked"},
	{carried_data, {0, 3, 0, 0}, "the completed ones carried data"},
	{older_served, {0, 1, 0, 3}, "older connections went on meanwhile"},
};

enum { FEATURES = sizeof(features) / sizeof(features[0]) };

/* The median SYNs a second of up to a minute before the busiest second. */
static void facts_before(struct pane_facts *f, const struct service *s,
			 int64_t start_ns)
{
	const struct pane *p = f->pane;
	const struct history *h = s->history;
	uint32_t count[SECONDS], n = 0, at = 0;
	int64_t best, from;

	for (uint32_t i = 0; i < PANE_SECONDS; i++)
		if (p->second[i] > p->second[at])
			at = i;
	f->best = p->second[at];
	best = (p->start_ns + at * NS_PER_S) / NS_PER_S;
	from = start_ns / NS_PER_S;
	if (best - from > SECONDS - 4)
		from = best - (SECONDS - 4);
	for (int64_t t = from; t < best; t++) {
		uint32_t v = h && t > h->second - SECONDS
				     ? h->seconds[(uint64_t)t % SECONDS]
				     : 0;
		uint32_t i = n++;

		for (; i > 0 && count[i - 1] > v; i--)
			count[i] = count[i - 1];
		count[i] = v;
	}
	f->has_before = n > 0;
	f->before = n ? count[n / 2] : 0;
}

/* How many of the pane's attempts had the time to be repeated. */
static uint32_t attempts_waited(const struct pane *p, int64_t now_ns)
{
	uint32_t n = 0;

	for (int i = 0; i < PANE_SECONDS * 4; i++)
		if (p->start_ns + (i + 1) * (NS_PER_S / 4) <=
		    now_ns - REPEAT_NS)
			n += p->quarter[i];
	return n;
}

static struct pane_facts facts_of(const struct service *s, const struct pane *p,
				  const struct detector_context *c)
{
	struct pane_facts f = {.pane = p};
	uint32_t repeated = p->repeated;

	f.attempts = p->attempts;
	f.synacks = p->synacks;
	f.opened = p->opened;
	f.unfinished = p->attempts > p->opened ? p->attempts - p->opened : 0;
	f.waited = attempts_waited(p, c->now_ns);
	f.waited = f.waited > p->opened ? f.waited - p->opened : 0;
	f.repeated = repeated > p->opened_repeated
			     ? repeated - p->opened_repeated
			     : 0;
	f.sources = pane_sources(p);
	f.print = top_share(&p->top[TOP_PRINT], &f.prints, p->sampled);
	for (int i = TOP_ISN; i <= TOP_PORT; i++) {
		uint32_t n = top_share(&p->top[i], NULL, p->sampled);

		if (n > f.constant)
			f.constant = n;
	}
	facts_before(&f, s, c->start_ns);
	return f;
}

/* Something that no crowd of real clients shows.  Without it, and before they
 * had the time to repeat, both look alike. */
static bool unlike_clients(const struct pane_facts *f)
{
	return few_repeated(f) || constant_field(f) || invented_isn(f) ||
	       clients_reset(f);
}

/* What each name needs besides its points. */
static bool required(const struct pane_facts *f, int name)
{
	bool burst = f->has_before ? f->best >= 50 && f->best >= 5 * f->before
				   : f->best >= 100;

	switch (name) {
	case FLOOD:
		return (burst || f->unfinished >= 50) && unlike_clients(f);
	case CROWD:
		return f->has_before && burst;
	case DOWN:
		return f->synacks == 0 && f->sources >= 3 &&
		       !f->pane->older_served;
	default:
		return true;
	}
}

/* The winner's name, or NAMES; `score` gets everybody's points. */
static int judge(const struct pane_facts *f, int score[NAMES])
{
	int first = NAMES, second = 0;

	for (int n = 0; n < NAMES; n++) {
		score[n] = 0;
		for (int i = 0; i < FEATURES; i++)
			if (features[i].points[n] && features[i].holds(f))
				score[n] += features[i].points[n];
		if (!required(f, n))
			score[n] = 0;
	}
	for (int n = 0; n < NAMES; n++)
		if (first == NAMES || score[n] > score[first])
			first = n;
	for (int n = 0; n < NAMES; n++)
		if (n != first && score[n] > second)
			second = score[n];
	return score[first] >= SCORE_LEAST &&
			       score[first] - second >= AHEAD_LEAST
		       ? first
		       : NAMES;
}

/* "hardly any was completed; all have one fingerprint" */
static void say_features(struct text *t, const struct pane_facts *f, int name,
			 bool for_it)
{
	const char *between = "";

	for (int i = 0; i < FEATURES; i++) {
		int other = 0;

		if (!features[i].holds(f))
			continue;
		for (int n = 0; n < NAMES; n++)
			if (n != name && features[i].points[n] > other)
				other = features[i].points[n];
		if (for_it ? !features[i].points[name]
			   : features[i].points[name] || !other)
			continue;
		text_add(t, "%s%s", between, features[i].says);
		between = "; ";
	}
}

/* Real clients among the flood: they repeat, or nothing is answered. */
static enum severity flood_severity(const struct pane_facts *f)
{
	return f->repeated || f->synacks * 2 < f->attempts ? CRITICAL : WARNING;
}

static void say_verdict(struct finding *g, const struct pane_facts *f, int name,
			const int score[NAMES])
{
	static const char *const names[] = {"flood", "crowd", "service down",
					    "full queue"};
	int next = name == 0;
	char for_it[400] = "", against[300] = "";
	struct text t = text_over(for_it, sizeof(for_it));
	struct text u = text_over(against, sizeof(against));

	for (int n = 0; n < NAMES; n++)
		if (n != name && score[n] > score[next])
			next = n;
	say_features(&t, f, name, true);
	say_features(&u, f, name, false);
	finding_add(g, " For it: %s (%d points, %s %d).", for_it, score[name],
		    names[next], score[next]);
	if (against[0])
		finding_add(g, " Against it: %s.", against);
}

static void say_flood(struct finding *g, const struct pane_facts *f,
		      const struct service_key *k, const int score[NAMES])
{
	char service[ENDPOINT_TEXT], when[WHEN_TEXT];

	endpoint_text(&k->addr, k->port, service);
	finding_title(g, "%s is flooded with SYNs", service);
	finding_summary(g,
			"From %s on, %u connections to %s were begun within "
			"%d s by about %u source%s, up to %u in a second; %u "
			"were answered, %u completed.",
			when_clock(f->pane->first_ns, when), f->attempts,
			service, PANE_SECONDS, f->sources, plural(f->sources),
			f->best, f->synacks, f->opened);
	say_verdict(g, f, FLOOD, score);
	if (!g->advice[0][0]) {
		finding_advise(g,
			       "On the server: ss -nt state syn-recv "
			       "'( sport = :%u )' | wc -l; sysctl "
			       "net.ipv4.tcp_syncookies",
			       k->port);
		finding_advise(g, "Filter or rate-limit upstream: forged "
				  "sources cannot be blocked one by one");
	}
}

static void say_crowd(struct finding *g, const struct pane_facts *f,
		      const struct service_key *k, const int score[NAMES])
{
	char service[ENDPOINT_TEXT], when[WHEN_TEXT];

	endpoint_text(&k->addr, k->port, service);
	finding_title(g, "Many real clients came to %s at once", service);
	finding_summary(g,
			"From %s on, %u connections to %s were begun within "
			"%d s by about %u clients, up to %u in a second "
			"(before: %u); %u were completed. No attack.",
			when_clock(f->pane->first_ns, when), f->attempts,
			service, PANE_SECONDS, f->sources, f->best, f->before,
			f->opened);
	say_verdict(g, f, CROWD, score);
}

static void pane_raise(struct opening *o, struct service *s, struct pane *p,
		       const struct detector_context *c, int name,
		       const struct pane_facts *f, const int score[NAMES])
{
	const struct service_key *k = service_name(o, s);
	struct subject subject = subject_service(&k->addr, k->port, 6);
	const struct finding_def *def =
		name == FLOOD ? &syn_flood_def : &flash_crowd_def;
	struct finding *g = finding_raise(c->findings, def, &subject, "",
					  p->first_ns, p->last_ns);
	bool larger;

	if (!g)
		return;
	larger = f->attempts > g->count;
	g->count += f->attempts;
	for (uint8_t i = 0; i < p->frame_count; i++)
		finding_frame(g, p->frames[i]);
	g->confidence = score[name] >= SCORE_LEAST + 2 ? CERTAIN : LIKELY;
	if (name == FLOOD) {
		enum severity severity = flood_severity(f);

		if (g->count == f->attempts || severity > g->severity)
			g->severity = severity;
		if (!s->flood_from_ns)
			s->flood_from_ns = p->first_ns;
		s->flood_to_ns = p->last_ns;
	}
	if (larger && name == FLOOD)
		say_flood(g, f, k, score);
	else if (larger)
		say_crowd(g, f, k, score);
}

static void pane_judge(struct opening *o, struct service *s, struct pane *p,
		       const struct detector_context *c)
{
	struct pane_facts f;
	int score[NAMES], name;

	if (!p->start_ns || p->judged || p->attempts < ATTEMPTS_LEAST)
		return;
	f = facts_of(s, p, c);
	name = judge(&f, score);
	if (name != FLOOD && name != CROWD)
		return;
	p->judged = true;
	pane_raise(o, s, p, c, name, &f, score);
}

void flood_syn_clock(struct opening *o, const struct detector_context *c)
{
	for (int i = 0; i < BUSY_MAX; i++) {
		struct busy *b = &o->busy[i];

		for (int k = 0; b->owner && k < 2; k++)
			if (!b->pane[k].tried &&
			    c->now_ns - b->pane[k].start_ns >= JUDGE_NS) {
				pane_judge(o, b->owner, &b->pane[k], c);
				b->pane[k].tried = true;
			}
	}
}

void flood_syn_finish(struct opening *o, const struct detector_context *c)
{
	for (int i = 0; i < BUSY_MAX; i++) {
		struct busy *b = &o->busy[i];

		for (int k = PANES - 1; b->owner && k >= 0; k--)
			pane_judge(o, b->owner, &b->pane[k], c);
	}
}
