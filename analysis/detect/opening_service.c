/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * opening_service.c - what is counted for each service.
 *
 * Every service has its SYNs by the second; one that gets many has a `busy`
 * record besides, with panes of ten seconds.  A pane is judged some seconds
 * after its end, when repeats and completions have had their time.
 */
#include "analysis/detect/opening.h"

#include <math.h>

enum { SAMPLE_FROM = 4096, SAMPLE_OF = 16 }; /* then one of so many */
enum { SAMPLES_LEAST = 5 };

static struct service_key key_of(const struct addr *a, uint16_t port)
{
	struct service_key key;

	memset(&key, 0, sizeof(key));
	key.addr = *a;
	key.port = port;
	return key;
}

struct service *service_find(const struct opening *o, const struct addr *a,
			     uint16_t port)
{
	struct service_key key = key_of(a, port);

	return table_find(o->services, &key);
}

void service_expect(const struct opening *o, const struct flow *flow)
{
	struct service_key key = key_of(&flow->dst, flow->dst_port);

	table_expect(o->services, &key);
}

const struct service_key *service_name(const struct opening *o,
				       const struct service *s)
{
	return table_key(o->services, s);
}

struct service *service_latest(const struct opening *o, const struct flow *flow)
{
	struct service *s = table_newest(o->services);
	const struct service_key *key = s ? service_name(o, s) : NULL;

	return key && key->port == flow->dst_port &&
			       addr_equal(&key->addr, &flow->dst)
		       ? s
		       : NULL;
}

struct service *service_of(struct opening *o, const struct flow *flow)
{
	struct service *latest = service_latest(o, flow);
	struct service_key key;

	if (latest)
		return latest;
	key = key_of(&flow->dst, flow->dst_port);
	return table_add(o->services, &key, NULL);
}

static void service_evicted(void *context, const void *key, void *value)
{
	struct opening *o = context;
	const struct service *s = value;

	(void)key;
	if (s->busy)
		s->busy->owner = NULL;
	if (s->history)
		table_remove(o->histories, s->history);
	if (s->failures)
		table_remove(o->failures, s->failures);
}

static void history_evicted(void *context, const void *key, void *value)
{
	const struct history *h = value;

	(void)context, (void)key;
	h->owner->history = NULL;
}

static void failures_evicted(void *context, const void *key, void *value)
{
	const struct failures *f = value;

	(void)context, (void)key;
	f->owner->failures = NULL;
}

bool services_open(struct opening *o, struct arena *home,
		   const struct limits *limits, struct hash_key key)
{
	const struct table_spec services = {
		"TCP services", sizeof(struct service_key),
		sizeof(struct service), limits->services};
	const struct table_spec histories = {
		"histories of TCP services", sizeof(struct service_key),
		sizeof(struct history), limits->services};
	const struct table_spec failures = {
		"failures of TCP services", sizeof(struct service_key),
		sizeof(struct failures), limits->services};

	o->services = table_new(home, &services, key);
	o->histories = table_new(home, &histories, key);
	o->failures = table_new(home, &failures, key);
	if (!o->services || !o->histories || !o->failures)
		return false;
	table_on_evict(o->services, service_evicted, o);
	table_on_evict(o->histories, history_evicted, o);
	table_on_evict(o->failures, failures_evicted, o);
	return true;
}

/* Move the ring of seconds on to `second`; what lies between is empty. */
static void seconds_move(struct history *h, int64_t second)
{
	int64_t steps = second - h->second;

	if (steps <= 0)
		return;
	if (steps > SECONDS)
		steps = SECONDS;
	for (int64_t i = 0; i < steps; i++)
		h->seconds[(uint64_t)(second - i) % SECONDS] = 0;
	h->second = second;
}

static void seconds_count(struct history *h, int64_t second)
{
	seconds_move(h, second);
	h->seconds[(uint64_t)h->second % SECONDS]++;
}

/* The history of a service that outgrows its own record, begun with what that
 * has; NULL if there is no room. */
static struct history *history_of(struct opening *o, struct service *s)
{
	struct history *h = s->history;

	if (h)
		return h;
	h = table_add(o->histories, service_name(o, s), NULL);
	if (!h)
		return NULL;
	h->owner = s;
	s->history = h;
	for (uint32_t i = 0; i < EARLY && i < s->attempts; i++)
		seconds_count(h, s->early[i]);
	memcpy(h->sample_us, s->early_us, sizeof(s->early_us));
	return h;
}

/* Before it is counted: one more attempt. */
static void attempt_note(struct opening *o, struct service *s, int64_t second)
{
	struct history *h;

	if (!s->history && s->attempts < EARLY) {
		s->early[s->attempts] = second;
		return;
	}
	h = history_of(o, s);
	if (h)
		seconds_count(h, second);
}

void service_sample(struct opening *o, struct service *s, uint32_t us)
{
	struct history *h;

	if (!s->history && s->samples < EARLY) {
		s->early_us[s->samples++] = us;
		return;
	}
	h = history_of(o, s);
	if (h)
		h->sample_us[s->samples++ % SAMPLES] = us;
}

uint32_t service_median_us(const struct service *s)
{
	const struct history *h = s->history;
	uint32_t sorted[SAMPLES], n = 0;

	if (!h || s->samples < SAMPLES_LEAST)
		return 0;
	for (; n < s->samples && n < SAMPLES; n++) {
		uint32_t i = n;

		for (; i > 0 && sorted[i - 1] > h->sample_us[n]; i--)
			sorted[i] = sorted[i - 1];
		sorted[i] = h->sample_us[n];
	}
	return sorted[n / 2];
}

/* The newest seconds first: of a flood the first is enough. */
bool service_rate_is(const struct service *s, int64_t now_ns, uint32_t least)
{
	const struct history *h = s->history;
	int64_t second = now_ns / NS_PER_S;
	uint32_t sum = 0;

	for (int64_t i = 0; h && i < PANE_SECONDS && sum < least; i++)
		if (second - i <= h->second && second - i > h->second - SECONDS)
			sum += h->seconds[(uint64_t)(second - i) % SECONDS];
	return sum >= least;
}

/* A free record, or that of the service whose SYNs lie longest ago. */
static void busy_take(struct opening *o, struct service *s)
{
	struct busy *best = &o->busy[0];

	for (int i = 0; i < BUSY_MAX && best->owner; i++)
		if (!o->busy[i].owner ||
		    o->busy[i].owner->last_syn_ns < best->owner->last_syn_ns)
			best = &o->busy[i];
	if (best->owner)
		best->owner->busy = NULL;
	memset(best, 0, sizeof(*best));
	best->owner = s;
	s->busy = best;
}

static void top_count(struct top *t, uint32_t value)
{
	int zero = -1;

	for (int i = 0; i < TOP_KEPT; i++) {
		if (t->count[i] && t->value[i] == value) {
			t->count[i]++;
			return;
		}
		if (!t->count[i])
			zero = i;
	}
	if (zero >= 0) {
		t->value[zero] = value;
		t->count[zero] = 1;
		return;
	}
	for (int i = 0; i < TOP_KEPT; i++)
		t->count[i]--;
}

/* How often the most frequent value came at least. */
uint32_t top_share(const struct top *t, uint32_t *of_5_percent, uint32_t total)
{
	uint32_t most = 0, many = 0;

	for (int i = 0; i < TOP_KEPT; i++) {
		if (t->count[i] > most)
			most = t->count[i];
		many += t->count[i] && t->count[i] >= total / 20;
	}
	if (of_5_percent)
		*of_5_percent = many;
	return most;
}

/* The hash has no secret: what is printed must not depend on the run.  The
 * mixing is that of SplitMix64. */
static void source_count(struct pane *p, const struct addr *a)
{
	uint64_t word[2], h;
	uint8_t rank;

	memcpy(word, a->bytes, sizeof(word));
	h = (word[0] ^ word[1] * 0x9e3779b97f4a7c15u) + a->family;
	h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
	h = (h ^ h >> 27) * 0x94d049bb133111ebu;
	h ^= h >> 31;
	rank = (uint8_t)(__builtin_clzll(h << 8 | 0xff) + 1);
	if (rank > p->registers[h >> 56])
		p->registers[h >> 56] = rank;
}

/* HyperLogLog (Flajolet et al., 2007) with 256 registers: within 7 %. */
uint32_t pane_sources(const struct pane *p)
{
	const double m = 256;
	double sum = 0, estimate;
	uint32_t empty = 0;

	for (int i = 0; i < 256; i++) {
		sum += ldexp(1, -p->registers[i]);
		empty += p->registers[i] == 0;
	}
	estimate = 0.7213 / (1 + 1.079 / m) * m * m / sum;
	if (estimate < 2.5 * m && empty)
		estimate = m * log(m / empty);
	return (uint32_t)(estimate + 0.5);
}

void pane_frame(struct pane *p, uint64_t frame)
{
	if (p->frame_count < EVIDENCE_MAX)
		p->frames[p->frame_count++] = frame;
}

static bool pane_holds(const struct pane *p, int64_t ns)
{
	return p->start_ns && ns >= p->start_ns &&
	       ns < p->start_ns + PANE_SECONDS * NS_PER_S;
}

struct pane *service_pane(const struct service *s, int64_t first_ns)
{
	if (!s->busy)
		return NULL;
	for (int i = 0; i < PANES; i++)
		if (pane_holds(&s->busy->pane[i], first_ns))
			return &s->busy->pane[i];
	return NULL;
}

/* A new pane under way; the one before last stays if it is the busiest. */
static struct pane *pane_begin(struct busy *b, int64_t now_ns)
{
	if (b->pane[1].attempts > b->pane[2].attempts)
		b->pane[2] = b->pane[1];
	b->pane[1] = b->pane[0];
	memset(&b->pane[0], 0, sizeof(b->pane[0]));
	b->pane[0].start_ns = b->pane[0].first_ns = now_ns;
	return &b->pane[0];
}

static void pane_syn(struct pane *p, const struct observation *ob)
{
	const struct tcp_syn_fact *f = &ob->as.syn;
	uint32_t step = f->isn - p->last_isn;
	int64_t i = (ob->time_ns - p->start_ns) / NS_PER_S;

	p->attempts++;
	p->last_ns = ob->time_ns;
	p->no_mss += f->mss == 0 && !f->options_cut;
	p->stepped += p->attempts > 1 && step < 1024;
	p->last_isn = f->isn;
	p->second[i]++;
	p->quarter[(ob->time_ns - p->start_ns) / (NS_PER_S / 4)]++;
	source_count(p, &f->flow.src);
	if (p->attempts <= 8 || !(p->attempts & (p->attempts - 1)))
		pane_frame(p, ob->frame);
	if (p->attempts > SAMPLE_FROM && p->attempts % SAMPLE_OF)
		return;
	p->sampled++;
	if (!f->options_cut)
		top_count(&p->top[TOP_PRINT],
			  (uint32_t)(f->option_layout * 31 +
				     (f->option_layout >> 32) +
				     f->window * 65599u));
	top_count(&p->top[TOP_ISN], f->isn);
	if (f->ip_id) /* 0: stacks that do not count send it always */
		top_count(&p->top[TOP_ID], f->ip_id);
	top_count(&p->top[TOP_PORT], f->flow.src_port);
}

void service_syn(struct opening *o, struct service *s,
		 const struct observation *ob)
{
	const struct tcp_syn_fact *f = &ob->as.syn;
	struct pane *p;

	if (!s->syns++)
		s->first_ns = ob->time_ns;
	s->last_syn_ns = ob->time_ns;
	if (f->tries > 1) {
		p = service_pane(s, f->first_ns);
		if (p && f->tries == 2)
			p->repeated++;
		return;
	}
	attempt_note(o, s, ob->time_ns / NS_PER_S);
	s->attempts++;
	if (!s->busy && s->attempts >= BUSY_SYNS &&
	    service_rate_is(s, ob->time_ns, BUSY_SYNS))
		busy_take(o, s);
	if (!s->busy)
		return;
	p = &s->busy->pane[0];
	if (!pane_holds(p, ob->time_ns))
		p = pane_begin(s->busy, ob->time_ns);
	pane_syn(p, ob);
}

bool service_flooded(const struct service *s, int64_t ns)
{
	return s && s->flood_from_ns && ns >= s->flood_from_ns - 2 * NS_PER_S &&
	       ns <= s->flood_to_ns + 60 * NS_PER_S;
}
