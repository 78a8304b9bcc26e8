/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ping.c - gathers what became of the echo requests between two addresses.
 */
#include "analysis/detect/ping.h"

#include "base/text.h"
#include "base/when.h"

enum { SWEEP_PAIRS = 16 };

#define RUN_IDLE_NS  (60 * NS_PER_S)
#define UNSETTLED_NS (5 * NS_PER_S)

/* Who pings many and gets no answers sweeps: his silences prove nothing. */
struct pinger {
	uint32_t pairs, answered;
};

struct ping_watch {
	struct table *pings, *pingers;
	int64_t unsettled_until_ns; /* after a jump of the clock */
	uint64_t sent, answered;
	int64_t rtt_min_ns, rtt_max_ns, rtt_sum_ns;
};

static void *ping_open(struct arena *home, const struct limits *limits,
		       struct hash_key key)
{
	struct ping_watch *w = arena_alloc(home, sizeof(*w));
	struct table_spec pings = {"ping pairs", sizeof(struct ping_path),
				   sizeof(struct ping), limits->paths};
	struct table_spec pingers = {"pinging hosts", sizeof(struct addr),
				     sizeof(struct pinger), limits->sources};

	if (!w)
		return NULL;
	w->pings = table_new(home, &pings, key);
	w->pingers = table_new(home, &pingers, key);
	return w->pings && w->pingers ? w : NULL;
}

static struct ping *ping_of(struct ping_watch *w, const struct observation *o,
			    bool add)
{
	struct ping_path path = {o->as.echo.src, o->as.echo.dst};
	struct pinger *who;
	struct ping *p;
	bool added = false;

	p = add ? table_add(w->pings, &path, &added)
		: table_find(w->pings, &path);
	if (!added)
		return p;
	p->path = path;
	p->link = o->link;
	p->first_ns = o->as.echo.sent_ns;
	who = table_add(w->pingers, &path.src, NULL);
	if (who)
		who->pairs++;
	return p;
}

/* The run that a request belongs to, begun anew where there is none. */
static struct ping_run *run_of(struct ping *p, uint16_t id, int64_t ns)
{
	struct ping_run *run;

	for (int i = 0; i < RUNS; i++) {
		run = &p->run[i];
		if (run->last_ns && run->id == id &&
		    ns - run->last_ns < RUN_IDLE_NS)
			return run;
	}
	run = &p->run[p->next_run];
	p->next_run = (p->next_run + 1) % RUNS;
	*run = (struct ping_run){id, ns, ns};
	return run;
}

static bool is_first(const struct ping *p, const struct echo_fact *e)
{
	for (int i = 0; i < RUNS; i++)
		if (p->run[i].id == e->id && p->run[i].first_ns == e->sent_ns)
			return true;
	return false;
}

static void note_rtt(struct ping *p, int64_t rtt_ns)
{
	int64_t edge = 16 * NS_PER_US;
	int step = 0;

	for (; step < RTT_STEPS - 1 && rtt_ns > edge; step++)
		edge += edge * 189 / 1000; /* 2^(1/4) */
	if (p->rtt_step[step] < UINT16_MAX)
		p->rtt_step[step]++;
	if (!p->rtts || rtt_ns < p->rtt_min_ns)
		p->rtt_min_ns = rtt_ns;
	if (rtt_ns > p->rtt_max_ns)
		p->rtt_max_ns = rtt_ns;
	p->rtt_sum_ns += rtt_ns;
	p->rtts++;
}

static void note_answer(struct ping_watch *w, struct ping *p,
			const struct observation *o)
{
	const struct echo_fact *e = &o->as.echo;
	bool first = is_first(p, e);

	if (p->answered++ == 0) {
		struct pinger *who = table_find(w->pingers, &p->path.src);

		if (who)
			who->answered++;
	}
	if (e->late && p->lost) {
		p->lost--;
		p->judged_lost -= !first && p->judged_lost > 0;
		p->judged -= !first && p->judged > 0;
		frames_drop(&p->judged_frames, e->request_frame);
	}
	p->judged += !first;
	if (!first) {
		note_rtt(p, e->rtt_ns);
		if (e->rtt_ns > 100 * NS_PER_MS)
			frames_note(&p->slow_frames, o->frame);
	}
	if (!w->answered || e->rtt_ns < w->rtt_min_ns)
		w->rtt_min_ns = e->rtt_ns;
	if (e->rtt_ns > w->rtt_max_ns)
		w->rtt_max_ns = e->rtt_ns;
	w->rtt_sum_ns += e->rtt_ns;
	w->answered++;
	p->answered_sent_ns[2] = p->answered_sent_ns[1];
	p->answered_sent_ns[1] = p->answered_sent_ns[0];
	p->answered_sent_ns[0] = e->sent_ns;
	frames_note(&p->answered_frames, o->frame);
}

static void note_loss(struct ping *p, const struct echo_fact *e)
{
	uint32_t key = (uint32_t)e->id << 16 | e->seq;

	if (!p->lost || key != p->last_lost_key)
		p->different++;
	if (!p->lost++)
		p->first_lost_ns = e->sent_ns;
	p->last_lost_key = key;
	if (!is_first(p, e)) {
		p->judged++;
		p->judged_lost++;
		frames_note(&p->judged_frames, e->request_frame);
	}
	frames_note(&p->lost_frames, e->request_frame);
}

/* The end of the capture: a request that waited longer than any answer took,
 * while three later ones were answered, is lost; else it stays undecided. */
static void note_pending(struct ping *p, const struct echo_fact *e,
			 int64_t now_ns)
{
	int64_t patience = 10 * ping_rtt_share(p, 0.5);

	if (patience < NS_PER_S)
		patience = NS_PER_S;
	if (now_ns - e->sent_ns > patience &&
	    p->answered_sent_ns[2] > e->sent_ns)
		note_loss(p, e);
	else
		p->pending++;
}

static void note_sent(struct ping_watch *w, struct ping *p,
		      const struct echo_fact *e)
{
	w->sent++;
	p->sent++;
	run_of(p, e->id, e->sent_ns)->last_ns = e->sent_ns;
	p->last_ns = e->sent_ns;
}

static bool is_sweep(const struct ping_watch *w, const struct ping *p)
{
	const struct pinger *who = table_find(w->pingers, &p->path.src);

	return who && who->pairs >= SWEEP_PAIRS &&
	       who->answered * 2 < who->pairs;
}

static void judge(const struct ping_watch *w, struct ping *p,
		  const struct detector_context *c)
{
	if (known_traceroute(c->known, &p->path.src, &p->path.dst, p->last_ns))
		return;
	if (p->answered == 0) {
		ping_judge_silence(p, is_sweep(w, p), c);
		return;
	}
	ping_withdraw_silence(p, c);
	ping_judge_loss(p, c);
	ping_judge_delay(p, c);
}

/* A flood of silences must not cost a sentence each. */
static bool worth_judging(uint32_t lost)
{
	return lost == 3 || (lost >= 2 && (lost & (lost - 1)) == 0);
}

static void ping_observe(void *self, const struct observation *o,
			 const struct detector_context *c)
{
	struct ping_watch *w = self;
	const struct echo_fact *e = &o->as.echo;
	struct ping *p;

	if (o->kind == OBS_CLOCK_STEP) {
		if (o->as.clock.jump)
			w->unsettled_until_ns = c->now_ns + UNSETTLED_NS;
		return;
	}
	if (e->state == ECHO_STRAY || addr_is_multicast(&e->dst) ||
	    addr_is_broadcast(&e->dst))
		return;
	p = ping_of(w, o, e->state == ECHO_SENT);
	if (!p)
		return;
	if (e->state == ECHO_SENT)
		note_sent(w, p, e);
	else if (e->state == ECHO_ANSWERED)
		note_answer(w, p, o);
	else if (e->state == ECHO_REJECTED)
		p->rejected++;
	else if (o->time_ns < w->unsettled_until_ns)
		p->pending++;
	else if (e->state == ECHO_PENDING)
		note_pending(p, e, c->now_ns);
	else
		note_loss(p, e);
	if (e->state == ECHO_UNANSWERED && worth_judging(p->lost))
		judge(w, p, c);
}

static void ping_finish(void *self, const struct detector_context *c)
{
	struct ping_watch *w = self;

	for (struct ping *p = table_oldest(w->pings); p;
	     p = table_newer(w->pings, p))
		judge(w, p, c);
}

/* The probes of a traceroute that run out on the way are no pings. */
static uint64_t probes_lost(const struct ping_watch *w,
			    const struct detector_context *c)
{
	uint64_t n = 0;

	for (const struct ping *p = table_oldest(w->pings); p;
	     p = table_newer(w->pings, p))
		if (known_traceroute(c->known, &p->path.src, &p->path.dst,
				     p->last_ns))
			n += p->sent > p->answered ? p->sent - p->answered : 0;
	return n;
}

static void ping_checked(void *self, const struct detector_context *c,
			 struct checks *out)
{
	const struct ping_watch *w = self;
	uint64_t sent = w->sent - probes_lost(w, c);
	char low[WHEN_TEXT], high[WHEN_TEXT], mean[WHEN_TEXT];

	if (w->answered)
		check_add(out, CHECK_WORKS, LAYER_NETWORK,
			  "%llu of %llu ping%s answered (min %s, average %s, "
			  "max %s)",
			  (unsigned long long)w->answered,
			  (unsigned long long)sent, plural(sent),
			  when_duration(w->rtt_min_ns, low),
			  when_duration(w->rtt_sum_ns / (int64_t)w->answered,
					mean),
			  when_duration(w->rtt_max_ns, high));
	else if (sent)
		check_add(out, CHECK_TRIED, LAYER_NETWORK,
			  "%llu ping%s sent, none seen answered",
			  (unsigned long long)sent, plural(sent));
}

static void ping_limits(void *self, struct checks *out)
{
	const struct ping_watch *w = self;

	check_table(out, w->pings);
	check_table(out, w->pingers);
}

static const struct finding_def *const ping_findings[] = {
	&echo_no_reply, &echo_loss, &echo_slow, NULL};

static const enum observation_kind ping_wants[] = {OBS_ECHO, OBS_CLOCK_STEP,
						   OBSERVATIONS};

const struct detector ping_detector = {
	.name = "ping",
	.findings = ping_findings,
	.wants = ping_wants,
	.open = ping_open,
	.observe = ping_observe,
	.finish = ping_finish,
	.checked = ping_checked,
	.limits = ping_limits,
};
