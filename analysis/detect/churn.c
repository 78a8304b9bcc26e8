/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * churn.c - a new connection for every request, where one would do.
 */
#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"

enum {
	IN_MINUTE = 100,
	IN_TEN_SECONDS = 40,
	EXCHANGES = 2,
	TENS = 6, /* buckets of ten seconds */
	FRAMES = 12,
};

#define TEN_NS	 (10 * NS_PER_S)
#define SHORT_NS NS_PER_S

static const struct finding_def churn_def = {
	.id = "tcp.churn",
	.layer = LAYER_TRANSPORT,
	.most = NOTICE,
	.subject = SUBJECT_PATH,
	.title = "A new connection for every request",
};

struct churn_path {
	int64_t ten; /* the newest bucket, in tens of seconds */
	int64_t first_ns, last_ns, end_ns;
	uint32_t brief[TENS];
	int64_t run_ns; /* one after another, since */
	uint32_t run;
	uint32_t total;
	uint64_t frames[FRAMES];
	uint8_t frame_count;
};

struct churn {
	struct table *paths;
};

static void *churn_open(struct arena *home, const struct limits *limits,
			struct hash_key key)
{
	const struct table_spec spec = {"busy paths", sizeof(struct path_key),
					sizeof(struct churn_path),
					limits->services};
	struct churn *h = arena_alloc(home, sizeof(*h));

	if (h)
		h->paths = table_new(home, &spec, key);
	return h && h->paths ? h : NULL;
}

static struct churn_path *path_of(struct churn *h, const struct flow *f)
{
	const struct path_key key = path_key_of(f);

	return table_add(h->paths, &key, NULL);
}

/* Connections are counted by when they began; late ones that belong to a
 * bucket gone by are left out. */
static int bucket_of(struct churn_path *p, int64_t first_ns)
{
	int64_t ten = first_ns / TEN_NS, steps = ten - p->ten;

	if (steps <= -TENS)
		return -1;
	for (int64_t i = 0; i < steps && i < TENS; i++) {
		uint64_t at = (uint64_t)(ten - i) % TENS;

		p->brief[at] = 0;
	}
	if (steps > 0)
		p->ten = ten;
	return (int)((uint64_t)ten % TENS);
}

static uint32_t sum_of(const uint32_t count[TENS])
{
	uint32_t sum = 0;

	for (int i = 0; i < TENS; i++)
		sum += count[i];
	return sum;
}

static bool is_brief(const struct tcp_ended_fact *e)
{
	bool closed = e->side[0].fin && e->side[1].fin;

	return e->syn_seen && e->opened && (!e->at_end || closed) &&
	       e->last_ns - e->first_ns < SHORT_NS && e->side[0].bytes &&
	       e->side[1].bytes && e->side[0].data_segments <= EXCHANGES;
}

static void say_path(const struct flow *f, char client[static ADDR_TEXT],
		     char service[static ENDPOINT_TEXT])
{
	addr_text(&f->src, client);
	endpoint_text(&f->dst, f->dst_port, service);
}

static void churn_raise(const struct churn_path *p, const struct flow *f,
			const struct detector_context *c)
{
	struct subject subject =
		subject_path_to(&f->src, &f->dst, f->dst_port, 6);
	struct finding *g = finding_raise(c->findings, &churn_def, &subject, "",
					  p->first_ns, p->last_ns);
	char client[ADDR_TEXT], service[ENDPOINT_TEXT], span[WHEN_TEXT];

	if (!g)
		return;
	g->count = p->total;
	for (uint8_t i = 0; i < p->frame_count; i++)
		finding_frame(g, p->frames[i]);
	say_path(f, client, service);
	finding_title(g, "%s opens a new connection to %s for every request",
		      client, service);
	finding_summary(g,
			"%u connections of %s to %s within %s lived less than "
			"a second and carried one or two requests each. Every "
			"one costs a round trip and leaves a port in "
			"TIME-WAIT.",
			p->total, client, service,
			when_duration(p->last_ns - p->first_ns, span));
	if (!g->advice[0][0])
		finding_advise(g,
			       "Use persistent connections or a pool in the "
			       "client; on it: ss -tan state time-wait dst "
			       "%s | wc -l",
			       service);
}

/* Connections that each began after the one before had ended. */
static void run_note(struct churn_path *p, const struct tcp_ended_fact *e)
{
	if (e->first_ns - p->run_ns > TEN_NS) {
		p->run_ns = e->first_ns;
		p->run = 0;
	}
	p->run += e->first_ns >= p->end_ns;
}

/* A client goes on when it has closed, or when the server has. */
static int64_t end_of(const struct tcp_ended_fact *e)
{
	int64_t a = e->side[0].fin_ns, b = e->side[1].fin_ns;

	if (a && b)
		return a < b ? a : b;
	return a ? a : b ? b : e->last_ns;
}

static void on_ended(struct churn *h, const struct tcp_ended_fact *e,
		     const struct detector_context *c)
{
	struct churn_path *p;
	int at;

	if (!is_brief(e))
		return;
	p = path_of(h, &e->flow);
	at = p ? bucket_of(p, e->first_ns) : -1;
	if (at < 0)
		return;
	if (!p->total++)
		p->first_ns = e->first_ns;
	p->brief[at]++;
	run_note(p, e);
	if (end_of(e) > p->end_ns)
		p->end_ns = end_of(e);
	if (p->frame_count < FRAMES)
		p->frames[p->frame_count++] = e->first_frame;
	p->last_ns = e->last_ns;
	if (sum_of(p->brief) >= IN_MINUTE || p->run >= IN_TEN_SECONDS)
		churn_raise(p, &e->flow, c);
}

static void churn_observe(void *self, const struct observation *ob,
			  const struct detector_context *c)
{
	on_ended(self, &ob->as.ended, c);
}

static void churn_limits(void *self, struct checks *out)
{
	struct churn *h = self;

	check_table(out, h->paths);
}

static const struct finding_def *const churn_findings[] = {&churn_def, NULL};
static const enum observation_kind churn_wants[] = {OBS_TCP_ENDED,
						    OBSERVATIONS};

const struct detector churn_detector = {
	.name = "churn",
	.findings = churn_findings,
	.wants = churn_wants,
	.open = churn_open,
	.observe = churn_observe,
	.limits = churn_limits,
};
