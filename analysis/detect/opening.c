/* SPDX-License-Identifier: BSD-3-Clause */
/* opening.c - how connections open: counts once, for the rules beside it. */
#include "analysis/detect/opening.h"
#include "base/text.h"

#include <stdlib.h>

enum { SWEEP_RATE = 3 * BUSY_SYNS, TOOK = 1024 };

static void *opening_open(struct arena *home, const struct limits *limits,
			  struct hash_key key)
{
	const struct table_spec hosts = {"TCP servers", sizeof(struct addr),
					 sizeof(struct host), limits->services};
	struct opening *o = arena_alloc(home, sizeof(*o));

	if (!o)
		return NULL;
	o->hosts = table_new(home, &hosts, key);
	if (!o->hosts || !services_open(o, home, limits, key) ||
	    !scan_open(o, home, limits, key) ||
	    !failed_open(o, home, limits, key) ||
	    !late_open(o, home, limits, key) ||
	    !accept_open(o, home, limits, key))
		return NULL;
	return o;
}

/* A busy service's SYNs are not looked at by source: no scan sends dozens of
 * them to one port, and a flood's sources are without end. */
static void on_syn(struct opening *o, const struct observation *ob)
{
	struct service *s = service_of(o, &ob->as.syn.flow);

	if (!s)
		return;
	service_syn(o, s, ob);
	if (!s->busy || !service_rate_is(s, ob->time_ns, SWEEP_RATE))
		scan_syn(o, ob);
}

static void host_note(struct opening *o, const struct flow *flow, uint8_t ttl,
		      int64_t ns)
{
	struct host *h = table_add(o->hosts, &flow->dst, NULL);

	if (!h)
		return;
	h->ttl = ttl;
	h->port = flow->dst_port;
	h->last_ns = ns;
}

static void on_synack(struct opening *o, const struct observation *ob)
{
	const struct tcp_synack_fact *f = &ob->as.synack;
	struct service *s;
	struct pane *p;

	accept_synack(o, ob);
	if (!f->answers_syn || f->after_open)
		return;
	s = service_of(o, &f->flow);
	host_note(o, &f->flow, f->ttl, ob->time_ns);
	if (!s)
		return;
	s->last_synack_ns = ob->time_ns;
	if (f->tries == 1) {
		s->synacks++;
		p = service_pane(s, f->syn_ns);
		if (p)
			p->synacks++;
	}
	scan_synack(o, ob);
}

static void took_note(struct opening *o, const struct tcp_opened_fact *f)
{
	int64_t us = (f->third_ns - f->syn_ns) / NS_PER_US;

	if (f->syns && us >= 0 && us < UINT32_MAX)
		o->took_us[o->took_count++ % TOOK] = (uint32_t)us;
}

static void on_opened(struct opening *o, const struct observation *ob,
		      const struct detector_context *c)
{
	const struct tcp_opened_fact *f = &ob->as.opened;
	struct service *s = service_of(o, &f->flow);
	struct flow original;
	struct pane *p;

	/* of what an address translator shows twice, one is enough */
	if (!known_original(c->known, &f->flow, &original)) {
		o->opened++;
		took_note(o, f);
	}
	if (s) {
		s->opened++;
		s->last_opened_ns = ob->time_ns;
		p = service_pane(s, f->syn_ns);
		if (p) {
			p->opened++;
			p->opened_repeated += f->syns > 1;
		}
	}
	scan_opened(o, ob);
	failed_opened(o, ob);
	late_opened(o, s, ob);
}

/* A traceroute's SYN dies on the way, or is not meant to open anything. */
static bool is_probe(const struct tcp_attempt_fact *a,
		     const struct detector_context *c)
{
	return a->client_ttl && a->client_ttl <= HOPS_MAX &&
	       known_traceroute(c->known, &a->flow.src, &a->flow.dst,
				a->first_ns);
}

static void pane_attempt(struct opening *o, const struct tcp_attempt_fact *a)
{
	const struct service *s =
		service_find(o, &a->flow.dst, a->flow.dst_port);
	struct pane *p = s ? service_pane(s, a->first_ns) : NULL;

	if (!p)
		return;
	p->refused += a->outcome == TCP_REFUSED;
	p->rejected += a->outcome == TCP_REJECTED;
	p->client_reset +=
		a->outcome == TCP_CLIENT_GAVE_UP && a->synacks && a->syns == 1;
}

static void on_attempt(struct opening *o, const struct observation *ob,
		       const struct detector_context *c)
{
	const struct tcp_attempt_fact *a = &ob->as.attempt;

	if (is_probe(a, c))
		return;
	/* those that opened were counted when they did */
	if (a->outcome != TCP_COMPLETED) {
		pane_attempt(o, a);
		scan_attempt(o, ob);
	}
	down_attempt(o, ob);
	failed_attempt(o, ob, c);
	late_attempt(o, ob, c);
	accept_attempt(o, ob);
}

/* The panes that this connection's life crossed. */
static void ended_panes(const struct service *s, const struct tcp_ended_fact *e)
{
	for (int i = 0; s->busy && i < PANES; i++) {
		struct pane *p = &s->busy->pane[i];

		if (p->start_ns && e->first_ns < p->start_ns &&
		    e->last_ns > p->start_ns && e->side[1].bytes)
			p->older_served = true;
	}
}

static void on_ended(struct opening *o, const struct observation *ob,
		     const struct detector_context *c)
{
	const struct tcp_ended_fact *e = &ob->as.ended;
	const struct service *s =
		service_find(o, &e->flow.dst, e->flow.dst_port);
	struct pane *p = s ? service_pane(s, e->first_ns) : NULL;

	if (s)
		ended_panes(s, e);
	if (p && e->opened && (e->side[0].bytes || e->side[1].bytes))
		p->data++;
	scan_ended(o, ob);
	accept_ended(o, ob, c);
}

/* What an opening is looked up in, fetched all at once: one after the other
 * each would be waited for.  The SYNs of a flood go where the last one went. */
static void expect(const struct opening *o, const struct flow *flow)
{
	if (service_latest(o, flow))
		return;
	service_expect(o, flow);
	scan_expect(o, flow);
	failed_expect(o, flow);
}

static void opening_observe(void *self, const struct observation *ob,
			    const struct detector_context *c)
{
	struct opening *o = self;

	if (ob->kind == OBS_TCP_SYN || ob->kind == OBS_TCP_CROWD)
		expect(o, &ob->as.syn.flow);
	else if (ob->kind == OBS_TCP_OPENED)
		expect(o, &ob->as.opened.flow);
	switch (ob->kind) {
	case OBS_TCP_SYN:
	case OBS_TCP_CROWD:
		on_syn(o, ob);
		break;
	case OBS_TCP_SYNACK:
		on_synack(o, ob);
		break;
	case OBS_TCP_OPENED:
		on_opened(o, ob, c);
		break;
	case OBS_TCP_ATTEMPT:
		on_attempt(o, ob, c);
		break;
	case OBS_TCP_STRAY:
		scan_stray(o, ob);
		break;
	case OBS_TCP_ENDED:
		on_ended(o, ob, c);
		break;
	default:
		break;
	}
}

/* Explanations first: floods, scans, then what they may explain. */
static void opening_clock(void *self, const struct detector_context *c)
{
	struct opening *o = self;

	flood_syn_clock(o, c);
	if (c->now_ns < o->next_slow_ns)
		return;
	o->next_slow_ns = c->now_ns + NS_PER_S;
	scan_clock(o, c);
	if (!o->dirty)
		return;
	o->dirty = false;
	down_clock(o, c);
	failed_clock(o, c);
	late_clock(o, c);
	accept_clock(o, c);
}

static void opening_finish(void *self, const struct detector_context *c)
{
	struct opening *o = self;

	flood_syn_finish(o, c);
	scan_clock(o, c);
	down_clock(o, c);
	failed_finish(o, c);
	late_clock(o, c);
	accept_clock(o, c);
}

static int compare_us(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void opening_checked(void *self, const struct detector_context *c,
			    struct checks *out)
{
	struct opening *o = self;
	uint64_t n = o->took_count < TOOK ? o->took_count : TOOK;
	char took[WHEN_TEXT];

	(void)c;
	if (!o->opened) {
		if (table_count(o->services))
			check_add(out, CHECK_TRIED, LAYER_TRANSPORT,
				  "connections were tried, none opened");
		return;
	}
	qsort(o->took_us, n, sizeof(o->took_us[0]), compare_us);
	if (n)
		check_add(out, CHECK_WORKS, LAYER_TRANSPORT,
			  "%llu connection%s opened (median %s)",
			  (unsigned long long)o->opened, plural(o->opened),
			  when_duration(o->took_us[n / 2] * NS_PER_US, took));
	else
		check_add(out, CHECK_WORKS, LAYER_TRANSPORT,
			  "%llu connection%s opened",
			  (unsigned long long)o->opened, plural(o->opened));
}

static void opening_limits(void *self, struct checks *out)
{
	const struct opening *o = self;

	check_table(out, o->services);
	check_table(out, o->pairs);
	check_table(out, o->sweeps);
	check_table(out, o->paths);
	check_table(out, o->late);
	check_table(out, o->unheard);
	check_table(out, o->reached);
	check_table(out, o->scanners);
	check_table(out, o->hosts);
	check_table(out, o->overflows);
}

static const struct finding_def *const opening_findings[] = {
	&no_answer_def,	   &refused_def,
	&rejected_def,	   &syn_received_def,
	&ack_ignored_def,  &listen_overflow_def,
	&retried_def,	   &slow_def,
	&stale_peer_def,   &dead_after_open_def,
	&syn_flood_def,	   &port_scan_def,
	&host_sweep_def,   &flash_crowd_def,
	&service_down_def, NULL};

static const enum observation_kind opening_wants[] = {
	OBS_TCP_SYN,	 OBS_TCP_CROWD, OBS_TCP_SYNACK, OBS_TCP_OPENED,
	OBS_TCP_ATTEMPT, OBS_TCP_STRAY, OBS_TCP_ENDED,	OBSERVATIONS};

const struct detector opening_detector = {
	.name = "opening",
	.findings = opening_findings,
	.wants = opening_wants,
	.open = opening_open,
	.observe = opening_observe,
	.clock = opening_clock,
	.finish = opening_finish,
	.checked = opening_checked,
	.limits = opening_limits,
};
