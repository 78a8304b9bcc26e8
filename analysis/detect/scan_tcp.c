/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * scan_tcp.c - one source that tries many ports of a host, or one port of many
 * hosts, and talks to hardly any of them.
 */
#include "analysis/detect/opening.h"
#include "analysis/detect/probe.h"

enum {
	PORTS_MINUTE = 15,
	PORTS_TEN_MINUTES = 25,
	PORTS_ODD_FLAGS = 5,
	HOSTS_LEAST = 25,
};

#define MINUTE_NS (60 * NS_PER_S)
#define SWEEP_NS  (300 * NS_PER_S)
#define SETTLE_NS (3 * NS_PER_S) /* answers and data get this long */

const struct finding_def port_scan_def = {
	.id = "tcp.port_scan",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_HOST,
	.relies = RELIES_ABSENCE,
	.title = "One source tries many ports of a host",
};

const struct finding_def host_sweep_def = {
	.id = "tcp.host_sweep",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_HOST,
	.relies = RELIES_ABSENCE,
	.title = "One source tries one port of many hosts",
};

struct scanner {
	uint32_t targets, largest;
};

bool scan_open(struct opening *o, struct arena *home,
	       const struct limits *limits, struct hash_key key)
{
	const struct table_spec pairs = {
		"sources and hosts", sizeof(struct pair_key),
		sizeof(struct probe), limits->sources / 2};
	const struct table_spec sweeps = {
		"sources and ports", sizeof(struct sweep_key),
		sizeof(struct probe), limits->sources / 2};
	const struct table_spec scanners = {"scanners", sizeof(struct addr),
					    sizeof(struct scanner), 1024};

	o->pairs = table_new(home, &pairs, key);
	o->sweeps = table_new(home, &sweeps, key);
	o->scanners = table_new(home, &scanners, key);
	if (!o->pairs || !o->sweeps || !o->scanners)
		return false;
	table_on_full(o->pairs, probe_worth, &o->tried_ns);
	table_on_full(o->sweeps, probe_worth, &o->tried_ns);
	return true;
}

static struct probe *pair_of(struct opening *o, const struct flow *f, bool add)
{
	struct pair_key key = pair_key(f);

	return add ? table_add(o->pairs, &key, NULL)
		   : table_find(o->pairs, &key);
}

static struct probe *sweep_of(struct opening *o, const struct flow *f, bool add)
{
	struct sweep_key key = sweep_key(f);

	return add ? table_add(o->sweeps, &key, NULL)
		   : table_find(o->sweeps, &key);
}

void scan_expect(const struct opening *o, const struct flow *f)
{
	struct pair_key pair = pair_key(f);
	struct sweep_key sweep = sweep_key(f);

	table_expect(o->pairs, &pair);
	table_expect(o->sweeps, &sweep);
}

void scan_syn(struct opening *o, const struct observation *ob)
{
	const struct flow *f = &ob->as.syn.flow;
	struct probe *pair, *sweep;

	o->tried_ns = ob->time_ns;
	pair = pair_of(o, f, true);
	sweep = sweep_of(o, f, true);
	if (ob->as.syn.tries > 1) {
		if (pair && ob->as.syn.tries == 2)
			pair->repeats++;
		if (sweep && ob->as.syn.tries == 2)
			sweep->repeats++;
		return;
	}
	if (pair) {
		probe_try(pair, ob, f->dst_port, MINUTE_NS, PORTS_MINUTE);
		if (!pair->hot_ns && pair->all.set >= PORTS_TEN_MINUTES)
			pair->hot_ns = ob->time_ns;
		o->hot |= pair->hot_ns != 0;
	}
	if (sweep) {
		probe_try(sweep, ob, host_number(&f->dst), SWEEP_NS,
			  HOSTS_LEAST);
		o->hot |= sweep->hot_ns != 0;
	}
}

void scan_synack(struct opening *o, const struct observation *ob)
{
	const struct flow *f = &ob->as.synack.flow;
	struct probe *of[2];

	if (ob->as.synack.tries > 2)
		return;
	of[0] = pair_of(o, f, false);
	of[1] = sweep_of(o, f, false);
	for (int i = 0; i < 2; i++) {
		if (of[i] && ob->as.synack.tries == 2)
			of[i]->left_open++;
		else if (of[i])
			probe_answered(of[i], f);
	}
}

void scan_opened(struct opening *o, const struct observation *ob)
{
	const struct flow *f = &ob->as.opened.flow;
	struct probe *of[2] = {pair_of(o, f, false), sweep_of(o, f, false)};

	for (int i = 0; i < 2; i++)
		if (of[i])
			of[i]->opened++;
}

void scan_attempt(struct opening *o, const struct observation *ob)
{
	const struct tcp_attempt_fact *a = &ob->as.attempt;
	struct probe *of[2] = {pair_of(o, &a->flow, false),
			       sweep_of(o, &a->flow, false)};

	for (int i = 0; i < 2; i++) {
		if (!of[i])
			continue;
		of[i]->refused += a->outcome == TCP_REFUSED;
		of[i]->rejected += a->outcome == TCP_REJECTED;
		if (a->outcome == TCP_CLIENT_GAVE_UP && a->synacks) {
			of[i]->half_opened++;
			bits_add(&of[i]->odd, a->flow.dst_port);
			if (!i && !of[i]->hot_ns &&
			    of[i]->odd.set >= PORTS_ODD_FLAGS)
				of[i]->hot_ns = ob->time_ns;
			o->hot |= of[i]->hot_ns != 0;
		}
	}
}

/* Bytes that were acknowledged and not captured are data as well. */
static bool carried_data(const struct tcp_side *s)
{
	return s->bytes || s->capture_gaps;
}

void scan_ended(struct opening *o, const struct observation *ob)
{
	const struct tcp_ended_fact *e = &ob->as.ended;
	struct probe *of[2];

	if (!e->syn_seen || carried_data(&e->side[0]) ||
	    carried_data(&e->side[1]))
		return;
	of[0] = pair_of(o, &e->flow, false);
	of[1] = sweep_of(o, &e->flow, false);
	for (int i = 0; i < 2; i++)
		if (of[i])
			of[i]->without_data++;
}

void scan_stray(struct opening *o, const struct observation *ob)
{
	const struct tcp_stray_fact *s = &ob->as.stray;
	struct probe *p;

	if (s->kind != STRAY_SCAN)
		return;
	p = pair_of(o, &s->flow, true);
	if (!p)
		return;
	probe_try(p, ob, s->flow.dst_port, MINUTE_NS, PORTS_MINUTE);
	bits_add(&p->odd, s->flow.dst_port);
	if (!p->hot_ns && p->odd.set >= PORTS_ODD_FLAGS)
		p->hot_ns = ob->time_ns;
	o->hot |= p->hot_ns != 0;
}

/* Ports that answered, and what became of it is not in the capture: a client
 * goes on or says RST, and to one that does neither the SYN-ACK is repeated. */
static uint32_t unseen(const struct probe *p)
{
	uint32_t seen = p->opened + p->half_opened + p->left_open;

	return p->answered > seen ? p->answered - seen : 0;
}

/* At least four of five never carried data.  What is open and still lives is
 * taken to carry some, and so is what may have been opened unseen. */
static bool mostly_without_data(const struct probe *p)
{
	uint32_t with =
		p->opened > p->without_data ? p->opened - p->without_data : 0;

	return ((uint64_t)with + unseen(p)) * 5 <= p->attempts;
}

/* A host whose way out is cut tries many servers as well: all of them in vain
 * and, as real stacks do, again. */
static bool cut_off(const struct probe *p)
{
	return !p->answered && !p->refused && !p->rejected &&
	       p->repeats * 2 >= p->attempts;
}

static void say_outcomes(struct finding *g, const struct probe *p)
{
	uint32_t closed = p->refused, open = p->answered;
	uint32_t known = closed + open + p->rejected;

	finding_add(g, " Open %u, closed %u, rejected %u, no answer %u.", open,
		    closed, p->rejected,
		    p->attempts > known ? p->attempts - known : 0);
}

static struct finding *probe_raise(struct opening *o, struct probe *p,
				   const struct detector_context *c,
				   const struct finding_def *def,
				   const struct addr *source, bool *larger)
{
	struct subject subject = subject_host(source);
	struct scanner *s = table_add(o->scanners, source, NULL);
	struct finding *g = finding_raise(c->findings, def, &subject, "",
					  p->first_ns, p->last_ns);

	if (!g)
		return NULL;
	*larger = g->count < p->attempts;
	if (s && !p->found)
		s->targets++;
	p->found = true;
	if (*larger)
		g->count = p->attempts;
	for (uint8_t i = 0; i < p->frame_count; i++)
		finding_frame(g, p->frames[i]);
	g->confidence = p->all.set >= 2 * HOSTS_LEAST ? CERTAIN : LIKELY;
	return g;
}

static void pair_raise(struct opening *o, struct probe *p,
		       const struct detector_context *c)
{
	const struct pair_key *k = table_key(o->pairs, p);
	char source[ADDR_TEXT], target[ADDR_TEXT], when[WHEN_TEXT], n[32];
	char took[WHEN_TEXT];
	bool larger;
	struct finding *g =
		probe_raise(o, p, c, &port_scan_def, &k->source, &larger);

	if (!g || !larger)
		return;
	addr_text(&k->source, source);
	addr_text(&k->target, target);
	probe_many(p, n, sizeof(n));
	finding_title(g, "%s scans the ports of %s", source, target);
	finding_summary(g,
			"%s tried %s ports of %s within %s, from %s on, and "
			"exchanged data on hardly any.",
			source, n, target,
			when_duration(p->last_ns - p->first_ns, took),
			when_clock(p->first_ns, when));
	say_outcomes(g, p);
	probe_say_open(g, p, false);
	if (p->odd.set >= PORTS_ODD_FLAGS)
		finding_add(g,
			    " %u were half-opened or had flags that no "
			    "stack sends.",
			    p->odd.set);
	finding_filter(g, "ip.addr == %s && ip.addr == %s && tcp", source,
		       target);
	if (k->source.family == 6)
		finding_filter(g, "ipv6.addr == %s && ipv6.addr == %s && tcp",
			       source, target);
	if (!g->advice[0][0]) {
		finding_advise(g,
			       "Is %s a scanner of your own? If not, who "
			       "uses it?",
			       source);
		finding_advise(g,
			       "Close the open ports that nobody needs: ss "
			       "-ltnp on %s",
			       target);
	}
}

static void sweep_raise(struct opening *o, struct probe *p,
			const struct detector_context *c)
{
	const struct sweep_key *k = table_key(o->sweeps, p);
	char source[ADDR_TEXT], when[WHEN_TEXT], took[WHEN_TEXT], n[32];
	bool larger;
	struct finding *g =
		probe_raise(o, p, c, &host_sweep_def, &k->source, &larger);

	if (!g || !larger)
		return;
	addr_text(&k->source, source);
	probe_many(p, n, sizeof(n));
	finding_title(g, "%s tries port %u of many hosts", source, k->port);
	finding_summary(g,
			"%s tried port %u of %s hosts within %s, from %s on, "
			"and exchanged data with hardly any.",
			source, k->port, n,
			when_duration(p->last_ns - p->first_ns, took),
			when_clock(p->first_ns, when));
	say_outcomes(g, p);
	probe_say_open(g, p, true);
	finding_filter(g, "%s.src == %s && tcp.dstport == %u",
		       k->source.family == 6 ? "ipv6" : "ip", source, k->port);
	if (!g->advice[0][0])
		finding_advise(g,
			       "Is %s a scanner of your own? If not, look "
			       "for malware on it",
			       source);
}

static bool probe_ripe(const struct probe *p, const struct detector_context *c)
{
	return p->hot_ns && mostly_without_data(p) && !cut_off(p) &&
	       (c->at_end || c->now_ns - p->hot_ns >= SETTLE_NS);
}

/* Look at all again each second: a scan that goes on grows its finding.  Where
 * no source has reached a limit there is nothing to look at. */
void scan_clock(struct opening *o, const struct detector_context *c)
{
	struct probe *p;
	bool hot = false;

	if (!o->hot)
		return;
	for (p = table_oldest(o->pairs); p; p = table_newer(o->pairs, p)) {
		hot |= p->hot_ns != 0;
		if (probe_ripe(p, c))
			pair_raise(o, p, c);
	}
	for (p = table_oldest(o->sweeps); p; p = table_newer(o->sweeps, p)) {
		hot |= p->hot_ns != 0;
		if (probe_ripe(p, c))
			sweep_raise(o, p, c);
	}
	o->hot = hot;
}

bool scan_source(const struct opening *o, const struct addr *source)
{
	return table_count(o->scanners) && table_find(o->scanners, source);
}
