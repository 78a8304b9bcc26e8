/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * flood_udp.c - datagrams at a rate that hurts their target.
 *
 * The tracker reports each second in which a host got very many.  One source
 * that gets nothing back is a notice; a host that gets ten thousand a second
 * for three seconds, far more than before, is flooded.
 */
#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"

enum {
	ONE_FLOW = 500, /* datagrams in a second, nothing back */
	MANY = 10000,
	MANY_BYTES = 100 * 1000 * 1000 / 8,
	SECONDS = 3,
	TIMES = 5,
};

static const struct finding_def udp_flood_def = {
	.id = "udp.flood",
	.layer = LAYER_TRANSPORT,
	.most = CRITICAL,
	.subject = SUBJECT_HOST,
	.relies = RELIES_RATE,
	.title = "A flood of datagrams",
	.advice = {"Who is the source, and is this traffic wanted? If not: "
		   "filter it before it reaches the target"},
};

/* Ports to which datagrams go one way by design: SNMP traps, syslog, NetFlow,
 * VXLAN, GENEVE, sFlow, statsd, IPFIX. */
static const uint16_t one_way_ports[] = {162,  514,  2055, 4739, 4789, 6081,
					 6343, 8125, 8472, 9995, 9996};

struct flooded {
	int64_t first_ns, last_ns, second_ns;
	uint64_t packets, bytes, quiet_packets, quiet_seconds;
	uint32_t run, best, best_flow, flows;
	bool many;
};

struct udp_flood {
	struct table *targets;
};

static void *udp_flood_open(struct arena *home, const struct limits *limits,
			    struct hash_key key)
{
	const struct table_spec spec = {"flooded targets", sizeof(struct addr),
					sizeof(struct flooded),
					limits->targets / 4};
	struct udp_flood *u = arena_alloc(home, sizeof(*u));

	if (u)
		u->targets = table_new(home, &spec, key);
	return u && u->targets ? u : NULL;
}

static bool is_one_way_port(uint16_t port)
{
	size_t n = sizeof(one_way_ports) / sizeof(one_way_ports[0]);

	for (size_t i = 0; i < n; i++)
		if (one_way_ports[i] == port)
			return true;
	return false;
}

static void say_flood(struct finding *g, const struct udp_rate_fact *r,
		      const struct flooded *t)
{
	char target[ADDR_TEXT], source[ENDPOINT_TEXT], when[WHEN_TEXT];
	char span[WHEN_TEXT];

	addr_text(&r->target, target);
	endpoint_text(&r->source, r->source_port, source);
	finding_title(g, "%s is flooded with datagrams", target);
	finding_summary(g,
			"From %s on %s got %llu datagrams within %s, up to %u "
			"in a second, and sent hardly any back.",
			when_clock(t->first_ns, when), target,
			(unsigned long long)t->packets,
			when_duration(t->last_ns - t->first_ns, span), t->best);
	if (t->flows > 100)
		finding_add(g,
			    " They belong to %u conversations, as from "
			    "forged sources.",
			    t->flows);
	else
		finding_add(g, " The busiest source is %s, to port %u.", source,
			    r->port);
}

static void flood_raise(const struct udp_rate_fact *r, struct flooded *t,
			const struct detector_context *c)
{
	struct subject subject = subject_host(&r->target);
	struct finding *g = finding_raise(c->findings, &udp_flood_def, &subject,
					  "", t->first_ns, t->last_ns);
	char target[ADDR_TEXT];

	if (!g)
		return;
	g->count = t->packets;
	for (int i = 0; i < 4; i++)
		finding_frame(g, r->frames[i]);
	g->severity = t->many ? WARNING : NOTICE;
	g->confidence = t->many ? LIKELY : POSSIBLE;
	g->has_flow = r->busiest > 0;
	g->flow = (struct flow){r->source, r->target, r->source_port,
				r->port,   17,	      {0}};
	finding_filter(g, "%s.dst == %s && udp",
		       r->target.family == 6 ? "ipv6" : "ip",
		       addr_text(&r->target, target));
	if (r->packets >= t->best || !g->title[0])
		say_flood(g, r, t);
}

/* Three such seconds in a row, five times what came before, nothing back. */
static bool is_many(const struct udp_rate_fact *r, struct flooded *t)
{
	bool loud = (r->packets >= MANY || r->bytes >= MANY_BYTES) &&
		    (uint64_t)r->back * 100 < r->packets;
	uint64_t before =
		t->quiet_seconds ? t->quiet_packets / t->quiet_seconds : 0;

	if (!loud || r->packets < TIMES * before) {
		t->quiet_packets += r->packets;
		t->quiet_seconds++;
		t->run = 0;
		return false;
	}
	t->run = r->from_ns - t->second_ns < 2 * NS_PER_S ? t->run + 1 : 1;
	return t->run >= SECONDS;
}

static void udp_flood_observe(void *self, const struct observation *ob,
			      const struct detector_context *c)
{
	const struct udp_rate_fact *r = &ob->as.udp_rate;
	struct udp_flood *u = self;
	struct flooded *t;
	bool one;

	if (addr_is_multicast(&r->target) || r->media * 2 > r->packets ||
	    is_one_way_port(r->port))
		return;
	t = table_add(u->targets, &r->target, NULL);
	if (!t)
		return;
	one = r->busiest >= ONE_FLOW;
	t->many |= is_many(r, t);
	t->second_ns = r->from_ns;
	if (!one && !t->many && t->run == 0)
		return;
	if (!t->packets)
		t->first_ns = r->from_ns;
	t->last_ns = r->to_ns;
	t->packets += r->packets;
	t->bytes += r->bytes;
	t->flows += r->flows;
	if (r->packets > t->best)
		t->best = r->packets;
	if (one || t->many)
		flood_raise(r, t, c);
}

static void udp_flood_limits(void *self, struct checks *out)
{
	struct udp_flood *u = self;

	check_table(out, u->targets);
}

static const struct finding_def *const udp_flood_findings[] = {&udp_flood_def,
							       NULL};
static const enum observation_kind udp_flood_wants[] = {OBS_UDP_RATE,
							OBSERVATIONS};

const struct detector flood_udp_detector = {
	.name = "flood_udp",
	.findings = udp_flood_findings,
	.wants = udp_flood_wants,
	.open = udp_flood_open,
	.observe = udp_flood_observe,
	.limits = udp_flood_limits,
};
