/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * scan_tcp.c - one source that tries many ports of a host, or one port of many
 * hosts, and talks to hardly any of them.
 */
#include "analysis/detect/opening.h"
#include "base/text.h"

enum {
	PORTS_MINUTE = 15,
	PORTS_TEN_MINUTES = 25,
	PORTS_ODD_FLAGS = 5,
	HOSTS_LEAST = 25,
	BITS = 1024,
	SHOWN = 8,
};

#define MINUTE_NS (60 * NS_PER_S)
#define SWEEP_NS  (300 * NS_PER_S)
#define SETTLE_NS (3 * NS_PER_S) /* answers and data get this long */

const struct finding_def port_scan_def = {
	.id = "tcp.port_scan",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_HOST,
	.title = "One source tries many ports of a host",
};

const struct finding_def host_sweep_def = {
	.id = "tcp.host_sweep",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_HOST,
	.title = "One source tries one port of many hosts",
};

struct bits {
	uint64_t word[BITS / 64];
	uint16_t set;
};

/* What a source did to one host (pair), or on one port (sweep). */
struct probe {
	int64_t first_ns, last_ns, minute_ns, hot_ns; /* hot: limit reached */
	struct bits minute, all; /* ports or hosts of the window, and of all */
	struct bits odd;	 /* with a scan's flags, or half-opened */
	uint32_t attempts, repeats, synacks, refused, rejected, half_opened;
	uint32_t opened, without_data;
	uint16_t most_minute;
	uint8_t open_count, frame_count;
	bool found;
	struct {
		struct addr addr;
		uint16_t port;
	} open[SHOWN];
	uint64_t frames[EVIDENCE_MAX];
};

struct pair_key {
	struct addr source, target;
};

struct sweep_key {
	struct addr source;
	uint16_t port, pad;
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
	return o->pairs && o->sweeps && o->scanners;
}

static bool bits_set(struct bits *b, uint32_t n)
{
	uint64_t bit = (uint64_t)1 << (n % 64);
	uint64_t *word = &b->word[n % BITS / 64];

	if (*word & bit)
		return false;
	*word |= bit;
	b->set++;
	return true;
}

/* A number for a host; the same in every run. */
static uint32_t host_number(const struct addr *a)
{
	const struct hash_key fixed = {1, 2};

	return a->family == 4 ? (uint32_t)a->bytes[3] | a->bytes[2] << 8u
			      : (uint32_t)hash_bytes(a, sizeof(*a), fixed);
}

static struct probe *pair_of(struct opening *o, const struct flow *f, bool add)
{
	struct pair_key key;

	memset(&key, 0, sizeof(key));
	key.source = f->src;
	key.target = f->dst;
	return add ? table_add(o->pairs, &key, NULL)
		   : table_find(o->pairs, &key);
}

static struct probe *sweep_of(struct opening *o, const struct flow *f, bool add)
{
	struct sweep_key key;

	memset(&key, 0, sizeof(key));
	key.source = f->src;
	key.port = f->dst_port;
	return add ? table_add(o->sweeps, &key, NULL)
		   : table_find(o->sweeps, &key);
}

static void probe_frame(struct probe *p, uint64_t frame)
{
	if (p->frame_count < EVIDENCE_MAX)
		p->frames[p->frame_count++] = frame;
}

/* One more port or host; a window that is over begins again. */
static void probe_try(struct probe *p, const struct observation *ob,
		      uint32_t number, int64_t window_ns, uint16_t limit)
{
	int64_t now = ob->time_ns;

	if (!p->attempts++)
		p->first_ns = p->minute_ns = now;
	if (now - p->minute_ns > window_ns) {
		memset(&p->minute, 0, sizeof(p->minute));
		p->minute_ns = now;
	}
	p->last_ns = now;
	bits_set(&p->minute, number);
	if (bits_set(&p->all, number) &&
	    (p->all.set <= 12 || p->all.set % 64 == 0))
		probe_frame(p, ob->frame);
	if (p->minute.set > p->most_minute)
		p->most_minute = p->minute.set;
	if (!p->hot_ns && p->most_minute >= limit)
		p->hot_ns = now;
}

/* Forget what lies more than ten windows back: ports come and go. */
static void probe_age(struct probe *p, int64_t now_ns)
{
	if (p->attempts && !p->found && now_ns - p->first_ns > 10 * MINUTE_NS)
		memset(p, 0, sizeof(*p));
}

void scan_syn(struct opening *o, const struct observation *ob)
{
	const struct flow *f = &ob->as.syn.flow;
	struct probe *pair = pair_of(o, f, true);
	struct probe *sweep = sweep_of(o, f, true);

	if (ob->as.syn.tries > 1) {
		if (pair && ob->as.syn.tries == 2)
			pair->repeats++;
		if (sweep && ob->as.syn.tries == 2)
			sweep->repeats++;
		return;
	}
	if (pair) {
		probe_age(pair, ob->time_ns);
		probe_try(pair, ob, f->dst_port, MINUTE_NS, PORTS_MINUTE);
		if (!pair->hot_ns && pair->all.set >= PORTS_TEN_MINUTES)
			pair->hot_ns = ob->time_ns;
	}
	if (sweep) {
		probe_age(sweep, ob->time_ns);
		probe_try(sweep, ob, host_number(&f->dst), SWEEP_NS,
			  HOSTS_LEAST);
	}
}

static void probe_answered(struct probe *p, const struct flow *f)
{
	p->synacks++;
	for (uint8_t i = 0; i < p->open_count; i++)
		if (p->open[i].port == f->dst_port &&
		    addr_equal(&p->open[i].addr, &f->dst))
			return;
	if (p->open_count < SHOWN) {
		p->open[p->open_count].addr = f->dst;
		p->open[p->open_count++].port = f->dst_port;
	}
}

void scan_synack(struct opening *o, const struct observation *ob)
{
	const struct flow *f = &ob->as.synack.flow;
	struct probe *of[2] = {pair_of(o, f, false), sweep_of(o, f, false)};

	for (int i = 0; i < 2; i++)
		if (of[i] && ob->as.synack.tries == 1)
			probe_answered(of[i], f);
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
			bits_set(&of[i]->odd, a->flow.dst_port);
		}
	}
}

void scan_ended(struct opening *o, const struct observation *ob)
{
	const struct tcp_ended_fact *e = &ob->as.ended;
	struct probe *of[2] = {pair_of(o, &e->flow, false),
			       sweep_of(o, &e->flow, false)};

	if (!e->syn_seen || e->side[0].bytes || e->side[1].bytes)
		return;
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
	probe_age(p, ob->time_ns);
	probe_try(p, ob, s->flow.dst_port, MINUTE_NS, PORTS_MINUTE);
	bits_set(&p->odd, s->flow.dst_port);
	if (!p->hot_ns && p->odd.set >= PORTS_ODD_FLAGS)
		p->hot_ns = ob->time_ns;
}

/* At least four of five never carried data.  What is open and still lives is
 * taken to carry some. */
static bool mostly_without_data(const struct probe *p)
{
	uint32_t with =
		p->opened > p->without_data ? p->opened - p->without_data : 0;

	return (uint64_t)with * 5 <= p->attempts;
}

/* A host whose way out is cut tries many servers as well: all of them in vain
 * and, as real stacks do, again. */
static bool cut_off(const struct probe *p)
{
	return !p->synacks && !p->refused && !p->rejected &&
	       p->repeats * 2 >= p->attempts;
}

static void say_open(struct finding *g, const struct probe *p, bool hosts)
{
	char text[ADDR_TEXT];

	for (uint8_t i = 0; i < p->open_count; i++) {
		finding_add(g, "%s", i ? ", " : " Answered: ");
		if (hosts)
			finding_add(g, "%s", addr_text(&p->open[i].addr, text));
		else
			finding_add(g, "%u", p->open[i].port);
	}
	if (p->open_count)
		finding_add(g, "%s",
			    p->open_count == SHOWN ? " and more." : ".");
}

static void say_outcomes(struct finding *g, const struct probe *p)
{
	uint32_t closed = p->refused, open = p->synacks;
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

static const char *how_many(const struct probe *p, char *out, size_t size)
{
	struct text t = text_over(out, size);

	if (p->all.set > BITS / 2)
		text_add(&t, "about %u", p->attempts);
	else
		text_add(&t, "%u", p->all.set);
	return out;
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
	how_many(p, n, sizeof(n));
	finding_title(g, "%s scans the ports of %s", source, target);
	finding_summary(g,
			"%s tried %s ports of %s within %s, from %s on, and "
			"exchanged data on hardly any.",
			source, n, target,
			when_duration(p->last_ns - p->first_ns, took),
			when_clock(p->first_ns, when));
	say_outcomes(g, p);
	say_open(g, p, false);
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
	how_many(p, n, sizeof(n));
	finding_title(g, "%s tries port %u of many hosts", source, k->port);
	finding_summary(g,
			"%s tried port %u of %s hosts within %s, from %s on, "
			"and exchanged data with hardly any.",
			source, k->port, n,
			when_duration(p->last_ns - p->first_ns, took),
			when_clock(p->first_ns, when));
	say_outcomes(g, p);
	say_open(g, p, true);
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

/* Look at all again each second: a scan that goes on grows its finding. */
void scan_clock(struct opening *o, const struct detector_context *c)
{
	struct probe *p;

	for (p = table_oldest(o->pairs); p; p = table_newer(o->pairs, p))
		if (probe_ripe(p, c))
			pair_raise(o, p, c);
	for (p = table_oldest(o->sweeps); p; p = table_newer(o->sweeps, p))
		if (probe_ripe(p, c))
			sweep_raise(o, p, c);
}

bool scan_source(const struct opening *o, const struct addr *source)
{
	return table_count(o->scanners) && table_find(o->scanners, source);
}
