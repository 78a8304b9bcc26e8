/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * scan_udp.c - one source that sends datagrams to many ports of a host, or to
 * one port of many hosts, and is answered by hardly any.
 */
#include "analysis/detect/probe.h"
#include "base/table.h"
#include "base/when.h"

enum {
	PORTS_LEAST = 15,
	HOSTS_LEAST = 25,
	TRACE_FROM = 33434,
	TRACE_TO = 33634,
	TRACE_TTL = 32,
	SERVICE_PORTS = 1024,
};

#define MINUTE_NS (60 * NS_PER_S)
#define SWEEP_NS  (300 * NS_PER_S)
#define SETTLE_NS (3 * NS_PER_S)

static const struct finding_def udp_scan_def = {
	.id = "udp.scan",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_HOST,
	.relies = RELIES_ABSENCE,
	.title = "One source tries many UDP ports",
};

struct udp_scan {
	struct table *pairs, *sweeps;
	int64_t next_ns, tried_ns;
	bool hot; /* some source may be a scanner */
};

static void *udp_scan_open(struct arena *home, const struct limits *limits,
			   struct hash_key key)
{
	const struct table_spec pairs = {
		"UDP sources and hosts", sizeof(struct pair_key),
		sizeof(struct probe), limits->sources};
	const struct table_spec sweeps = {
		"UDP sources and ports", sizeof(struct sweep_key),
		sizeof(struct probe), limits->sources};
	struct udp_scan *u = arena_alloc(home, sizeof(*u));

	if (!u)
		return NULL;
	u->pairs = table_new(home, &pairs, key);
	u->sweeps = table_new(home, &sweeps, key);
	if (!u->pairs || !u->sweeps)
		return NULL;
	table_on_full(u->pairs, probe_worth, &u->tried_ns);
	table_on_full(u->sweeps, probe_worth, &u->tried_ns);
	return u;
}

/* A datagram that nobody asked for and that asks for something itself: not
 * the answer of a service whose question was not seen, no traceroute, nothing
 * that is meant for all. */
static bool is_try(const struct udp_fact *f)
{
	bool answer = f->flow.src_port < SERVICE_PORTS &&
		      f->flow.dst_port >= SERVICE_PORTS;
	bool trace = f->flow.dst_port >= TRACE_FROM &&
		     f->flow.dst_port <= TRACE_TO && f->ttl <= TRACE_TTL;

	return !f->group && !answer && !trace;
}

static void on_opened(struct udp_scan *u, const struct observation *ob)
{
	const struct udp_fact *f = &ob->as.udp;
	struct pair_key pair = pair_key(&f->flow);
	struct sweep_key sweep = sweep_key(&f->flow);
	struct probe *p;

	if (!is_try(f))
		return;
	u->tried_ns = ob->time_ns;
	p = table_add(u->pairs, &pair, NULL);
	if (p) {
		probe_try(p, ob, f->flow.dst_port, MINUTE_NS, PORTS_LEAST);
		u->hot |= p->hot_ns != 0;
	}
	p = table_add(u->sweeps, &sweep, NULL);
	if (p) {
		probe_try(p, ob, host_number(&f->flow.dst), SWEEP_NS,
			  HOSTS_LEAST);
		u->hot |= p->hot_ns != 0;
	}
}

static void on_answered(struct udp_scan *u, const struct flow *flow)
{
	struct pair_key pair = pair_key(flow);
	struct sweep_key sweep = sweep_key(flow);
	struct probe *of[2] = {table_find(u->pairs, &pair),
			       table_find(u->sweeps, &sweep)};

	for (int i = 0; i < 2; i++)
		if (of[i])
			probe_answered(of[i], flow);
}

/* Port unreachable: that is how a closed port answers. */
static void on_error(struct udp_scan *u, const struct icmp_error_fact *e)
{
	struct flow flow = {.src = e->quote.src, .dst = e->quote.dst};
	struct pair_key pair = pair_key(&flow);
	struct probe *p;

	if (e->quote.protocol != 17 ||
	    !(e->version == 4 ? e->type == 3 && e->code == 3
			      : e->type == 1 && e->code == 4))
		return;
	p = table_find(u->pairs, &pair);
	if (p)
		p->refused++;
}

static void udp_scan_observe(void *self, const struct observation *ob,
			     const struct detector_context *c)
{
	struct udp_scan *u = self;

	(void)c;
	if (ob->kind == OBS_UDP_OPENED)
		on_opened(u, ob);
	else if (ob->kind == OBS_UDP_ANSWERED)
		on_answered(u, &ob->as.udp.flow);
	else if (ob->kind == OBS_ICMP_ERROR)
		on_error(u, &ob->as.icmp_error);
}

static bool is_scan(const struct probe *p, const struct detector_context *c)
{
	return p->hot_ns && (uint64_t)p->answered * 5 <= p->attempts &&
	       (c->at_end || c->now_ns - p->hot_ns >= SETTLE_NS);
}

static void say_scan(struct finding *g, const struct probe *p,
		     const struct addr *source, const struct addr *target,
		     uint16_t port)
{
	char from[ADDR_TEXT], to[ADDR_TEXT] = "", when[WHEN_TEXT];
	char took[WHEN_TEXT], n[32];

	addr_text(source, from);
	probe_many(p, n, sizeof(n));
	when_duration(p->last_ns - p->first_ns, took);
	when_clock(p->first_ns, when);
	if (target) {
		addr_text(target, to);
		finding_title(g, "%s scans the UDP ports of %s", from, to);
		finding_summary(g,
				"%s sent datagrams to %s ports of %s within "
				"%s, from %s on; %u were answered, %u met "
				"\"port unreachable\".",
				from, n, to, took, when, p->answered,
				p->refused);
	} else {
		finding_title(g, "%s tries UDP port %u of many hosts", from,
			      port);
		finding_summary(g,
				"%s sent datagrams to port %u of %s hosts "
				"within %s, from %s on; %u answered.",
				from, port, n, took, when, p->answered);
	}
	probe_say_open(g, p, !target);
	if (!g->advice[0][0])
		finding_advise(g,
			       "Is %s a scanner of your own? If not, who "
			       "uses it?",
			       from);
}

static void scan_raise(struct probe *p, const struct detector_context *c,
		       const struct addr *source, const struct addr *target,
		       uint16_t port)
{
	struct subject subject = subject_host(source);
	struct finding *g = finding_raise(c->findings, &udp_scan_def, &subject,
					  "", p->first_ns, p->last_ns);

	if (!g)
		return;
	for (uint8_t i = 0; i < p->frame_count; i++)
		finding_frame(g, p->frames[i]);
	g->confidence = p->all.set >= 2 * HOSTS_LEAST ? CERTAIN : LIKELY;
	p->found = true;
	if (g->count >= p->attempts)
		return;
	g->count = p->attempts;
	say_scan(g, p, source, target, port);
}

/* Where no source has reached a limit there is nothing to look at. */
static void udp_scan_judge(struct udp_scan *u, const struct detector_context *c)
{
	struct probe *p;
	bool hot = false;

	if (!u->hot)
		return;
	for (p = table_oldest(u->pairs); p; p = table_newer(u->pairs, p)) {
		const struct pair_key *k = table_key(u->pairs, p);

		hot |= p->hot_ns != 0;
		if (is_scan(p, c))
			scan_raise(p, c, &k->source, &k->target, 0);
	}
	for (p = table_oldest(u->sweeps); p; p = table_newer(u->sweeps, p)) {
		const struct sweep_key *k = table_key(u->sweeps, p);

		hot |= p->hot_ns != 0;
		if (is_scan(p, c))
			scan_raise(p, c, &k->source, NULL, k->port);
	}
	u->hot = hot;
}

static void udp_scan_clock(void *self, const struct detector_context *c)
{
	struct udp_scan *u = self;

	if (c->now_ns < u->next_ns)
		return;
	u->next_ns = c->now_ns + NS_PER_S;
	udp_scan_judge(u, c);
}

static void udp_scan_finish(void *self, const struct detector_context *c)
{
	udp_scan_judge(self, c);
}

static void udp_scan_limits(void *self, struct checks *out)
{
	struct udp_scan *u = self;

	check_table(out, u->pairs);
	check_table(out, u->sweeps);
}

static const struct finding_def *const udp_scan_findings[] = {&udp_scan_def,
							      NULL};
static const enum observation_kind udp_scan_wants[] = {
	OBS_UDP_OPENED, OBS_UDP_ANSWERED, OBS_ICMP_ERROR, OBSERVATIONS};

const struct detector scan_udp_detector = {
	.name = "scan_udp",
	.findings = udp_scan_findings,
	.wants = udp_scan_wants,
	.open = udp_scan_open,
	.observe = udp_scan_observe,
	.clock = udp_scan_clock,
	.finish = udp_scan_finish,
	.limits = udp_scan_limits,
};
