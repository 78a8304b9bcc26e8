/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dns_lookup.c - joins questions and answers into lookups, and hands each
 * lookup that is over to the rules.
 */
#include <string.h>

#include "analysis/detect/dns_lookup.h"
#include "base/text.h"
#include "dissectors/dns.h"

enum { ASKED_AGAIN = 4096 };

static struct dns_question question_of(const struct dns_watch *s,
				       const struct dns_fact *d)
{
	size_t size = strnlen(d->name, sizeof(d->name));

	return (struct dns_question){{d->flow.src, d->qtype, d->qclass,
				      hash_quick(d->name, size, s->key)},
				     d->name};
}

/* A lookup is over: every rule has its say.  It may be removed then. */
static void lookup_over(struct dns_watch *s, const struct dns_question *q,
			struct dns_lookup *l, int64_t now_ns)
{
	dns_silence_ended(s, q, l, now_ns);
	dns_rcode_ended(s, q, l);
	dns_answer_ended(s, q, l);
	if (l->kept > 1)
		table_remove(s->retries, l->try);
	l->try = &l->only;
	l->kept = 0;
}

/* The same for one whose question is not at hand. */
static void lookup_given_up(struct dns_watch *s, const struct dns_wish *wish,
			    struct dns_lookup *l, int64_t now_ns)
{
	const struct dns_question q = {
		*wish, name_kept(s->names, &l->name, wish->name_hash)};

	lookup_over(s, &q, l, now_ns);
}

static void server_asked(struct dns_watch *s, const struct dns_question *q,
			 const struct observation *o)
{
	const struct dns_fact *d = &o->as.dns;
	struct dns_server *server = dns_server_of(s, &d->flow.dst);
	uint64_t hash = q->wish.name_hash;

	/* without RD it is a resolver that asks: no user waits for it; who asks
	 * all stations at once looks for one that knows */
	if (!server || !d->recursion_desired || dns_asks_all(&d->flow.dst))
		return;
	if (!server->asked++)
		server->first_ns = o->time_ns;
	if (!server->silent_tries++) {
		server->silent_since_ns = o->time_ns;
		server->silent_names = 0;
		server->frames = 0;
		memset(server->last_name_hash, 0,
		       sizeof(server->last_name_hash));
	}
	server->last_asked_ns = o->time_ns;
	if (hash != server->last_name_hash[0] &&
	    hash != server->last_name_hash[1]) {
		server->silent_names++;
		server->last_name_hash[1] = server->last_name_hash[0];
		server->last_name_hash[0] = hash;
	}
	if (server->frames < DNS_FRAMES)
		server->frame[server->frames++] = o->frame;
}

static void server_answered(struct dns_watch *s, const struct observation *o)
{
	const struct dns_fact *d = &o->as.dns;
	struct dns_server *server = dns_server_of(s, &d->flow.dst);

	if (!server)
		return;
	server->answered++;
	server->silent_tries = 0;
	server->last_answer_ns = o->time_ns;
	server->last_answer_frame = o->frame;
}

/* Room for one more try; NULL if there are enough. */
static struct dns_try *try_add(struct dns_watch *s, const struct dns_wish *wish,
			       struct dns_lookup *l)
{
	struct dns_try *all;

	if (l->kept == DNS_TRIES)
		return NULL;
	if (l->kept == 1) {
		all = table_add(s->retries, wish, NULL);
		if (!all)
			return NULL;
		all[0] = l->only;
		l->try = all;
	}
	return &l->try[l->kept++];
}

static void retries_evicted(void *context, const void *key, void *value)
{
	const struct dns_watch *s = context;
	const struct dns_try *all = value;
	struct dns_lookup *l = table_find(s->lookups, key);

	if (!l)
		return;
	l->only = all[0];
	l->try = &l->only;
	l->kept = 1;
}

static void lookup_asked(struct dns_watch *s, const struct observation *o,
			 const struct dns_question *q)
{
	const struct dns_fact *d = &o->as.dns;
	struct dns_lookup *l = table_add(s->lookups, &q->wish, NULL);
	struct dns_pair *pair = dns_pair_of(s, &q->wish.client, &d->flow.dst);
	struct dns_try *try;

	server_asked(s, q, o);
	s->recent[s->recent_at++ % DNS_RECENT] =
		(struct dns_recent){q->wish, d->flow.dst, d->flow.src_port};
	if (!l || !pair)
		return;
	pair->asked++;
	if (l->tries && o->time_ns - l->last_ns > DNS_LOOKUP_NS) {
		lookup_over(s, q, l, o->time_ns);
		memset(l, 0, sizeof(*l));
	}
	if (!l->tries++) {
		l->first_ns = o->time_ns;
		l->try = &l->only;
		name_keep(s->names, &l->name, q->name, q->wish.name_hash);
	} else if (l->name.elsewhere) {
		table_touch(s->names, &q->wish.name_hash);
	}
	l->last_ns = o->time_ns;
	l->recursion_desired |= d->recursion_desired;
	l->cd |= d->cd;
	try = try_add(s, &q->wish, l);
	if (!try)
		return;
	*try = (struct dns_try){
		.server = d->flow.dst,
		.ns = o->time_ns,
		.frame = o->frame,
		.port = d->flow.src_port,
		.edns_size = d->edns_size,
		.tcp = d->tcp,
		.extended = -1,
	};
}

/* The first response to a try; `last` when its lookup is over with it. */
static void lookup_answered(struct dns_watch *s, const struct observation *o,
			    const struct dns_question *q)
{
	const struct dns_fact *d = &o->as.dns;
	struct dns_lookup *l = table_find(s->lookups, &q->wish);
	struct dns_pair *pair = dns_pair_of(s, &q->wish.client, &d->flow.dst);
	int64_t rtt = d->answered_ns - d->asked_ns;

	server_answered(s, o);
	if (pair) {
		pair->answered++;
		dns_pair_rtt(s, pair, rtt);
	}
	s->rtt[s->rtt_seen++ % DNS_RTTS] = rtt;
	if (!l)
		return;
	for (uint8_t i = 0; i < l->kept; i++) {
		struct dns_try *t = &l->try[i];

		if (t->frame != d->question_frame || t->answer_ns)
			continue;
		t->answer_ns = o->time_ns;
		t->answer_frame = o->frame;
		t->rcode = d->rcode;
		t->extended = d->extended;
		t->truncated = d->truncated;
		t->recursion_available = d->recursion_available;
		t->authoritative = d->authoritative;
	}
	if (!d->truncated &&
	    (d->rcode == RCODE_OK || d->rcode == RCODE_NXDOMAIN)) {
		s->lookups_answered++;
		lookup_over(s, q, l, o->time_ns);
		table_remove(s->lookups, l);
	}
}

/* A port unreachable for a question: the try is decided. */
static void icmp_error(struct dns_watch *s, const struct observation *o)
{
	const struct icmp_error_fact *e = &o->as.icmp_error;
	const struct quote *quote = &e->quote;
	struct dns_server *server;

	if (!quote->has_ports || quote->protocol != 17 || quote->dst_port != 53)
		return;
	server = table_find(s->servers, &quote->dst);
	if (server && addr_equal(&e->reporter, &quote->dst))
		server->icmp_own = true;
	for (uint32_t r = 0; r < DNS_RECENT; r++) {
		const struct dns_recent *recent = &s->recent[r];
		struct dns_lookup *l;

		if (recent->port != quote->src_port ||
		    !addr_equal(&recent->server, &quote->dst) ||
		    !addr_equal(&recent->wish.client, &quote->src))
			continue;
		l = table_find(s->lookups, &recent->wish);
		for (uint8_t i = 0; l && i < l->kept; i++)
			if (l->try[i].port == quote->src_port &&
			    addr_equal(&l->try[i].server, &quote->dst))
				l->try[i].icmp = true;
	}
}

static void over_tcp(struct dns_watch *s, const struct tcp_ended_fact *e)
{
	const struct dns_pair_key key = {e->flow.src, e->flow.dst};
	struct dns_pair *pair;

	if (e->flow.dst_port != DNS_PORT || !e->side[1].data_segments)
		return;
	pair = table_find(s->pairs, &key);
	if (pair)
		pair->tcp_spoke = true;
}

static void dns_observe(void *self, const struct observation *o,
			const struct detector_context *c)
{
	struct dns_watch *s = self;
	struct dns_question q;

	if (o->kind == OBS_ICMP_ERROR) {
		icmp_error(s, o);
		return;
	}
	if (o->kind == OBS_TCP_ENDED) {
		over_tcp(s, &o->as.ended);
		return;
	}
	q = question_of(s, &o->as.dns);
	s->exchanges++;
	dns_answer_observe(s, o, &q, c);
	if (o->as.dns.state == DNS_ASKED)
		lookup_asked(s, o, &q);
	else if (o->as.dns.state == DNS_ANSWERED && o->as.dns.responses == 1)
		lookup_answered(s, o, &q);
	else if (o->as.dns.state == DNS_ANSWERED)
		server_answered(s, o);
}

static void lookup_evicted(void *context, const void *key, void *value)
{
	struct dns_lookup *l = value;

	lookup_given_up(context, key, l, l->last_ns);
}

static struct dns_watch *tables_open(struct arena *home,
				     const struct limits *limits,
				     struct hash_key key)
{
	const struct table_spec specs[] = {
		{"DNS lookups", sizeof(struct dns_wish),
		 sizeof(struct dns_lookup), limits->names},
		{"DNS retries", sizeof(struct dns_wish),
		 DNS_TRIES * sizeof(struct dns_try), limits->names},
		{"absent names", sizeof(struct dns_wish),
		 sizeof(struct dns_absent), 4096},
		{"repeated names", sizeof(struct dns_wish),
		 sizeof(struct dns_repeat), ASKED_AGAIN},
	};
	struct dns_watch *s = arena_alloc(home, sizeof(*s));
	struct table **const tables[] = {&s->lookups, &s->retries, &s->absent,
					 &s->cached};

	for (size_t i = 0; s && i < sizeof(specs) / sizeof(specs[0]); i++) {
		*tables[i] = table_new(home, &specs[i], key);
		if (!*tables[i])
			return NULL;
	}
	return s && dns_pairs_open(s, home, key) ? s : NULL;
}

static void *dns_open(struct arena *home, const struct limits *limits,
		      struct hash_key key)
{
	struct dns_watch *s = tables_open(home, limits, key);

	if (!s)
		return NULL;
	s->key = key;
	s->names = name_store_new(home, limits->names, key);
	s->repeated = name_store_new(home, ASKED_AGAIN, key);
	if (!s->names || !s->repeated)
		return NULL;
	table_on_evict(s->lookups, lookup_evicted, s);
	table_on_evict(s->retries, retries_evicted, s);
	return s;
}

static void dns_finish(void *self, const struct detector_context *c)
{
	struct dns_watch *s = self;

	for (struct dns_lookup *l = table_oldest(s->lookups); l;
	     l = table_newer(s->lookups, l))
		lookup_given_up(s, table_key(s->lookups, l), l, c->now_ns);
	dns_silence_tell(s, c);
	dns_rcode_tell(s, c);
	dns_answer_tell(s, c);
}

static void dns_checked(void *self, const struct detector_context *c,
			struct checks *out)
{
	const struct dns_watch *s = self;
	char median[WHEN_TEXT];
	uint32_t n = s->rtt_seen < DNS_RTTS ? s->rtt_seen : DNS_RTTS;

	(void)c;
	if (s->lookups_answered)
		check_add(out, CHECK_WORKS, LAYER_APPLICATION,
			  "%llu DNS lookup%s (median %s)",
			  (unsigned long long)s->lookups_answered,
			  plural(s->lookups_answered),
			  when_duration(dns_median(s->rtt, n), median));
	else if (s->exchanges)
		check_add(out, CHECK_TRIED, LAYER_APPLICATION, "DNS was asked");
	if (s->search_steps)
		check_add(out, CHECK_NOT_FAULT, LAYER_APPLICATION,
			  "%u DNS quer%s with a search suffix that does not "
			  "exist",
			  s->search_steps, s->search_steps == 1 ? "y" : "ies");
}

static void dns_limits(void *self, struct checks *out)
{
	const struct dns_watch *s = self;

	check_table(out, s->lookups);
	check_table(out, s->pairs);
	check_table(out, s->servers);
	check_table(out, s->absent);
	check_table(out, s->cached);
}

static const struct finding_def *const dns_findings[] = {
	&dns_no_answer_def,  &dns_server_down_def,
	&dns_servfail_def,   &dns_refused_def,
	&dns_nxdomain_def,   &dns_slow_def,
	&dns_truncated_def,  &dns_conflicting_def,
	&dns_not_cached_def, NULL,
};

static const enum observation_kind dns_wants[] = {OBS_DNS, OBS_ICMP_ERROR,
						  OBS_TCP_ENDED, OBSERVATIONS};

const struct detector dns_detector = {
	.name = "dns",
	.findings = dns_findings,
	.wants = dns_wants,
	.open = dns_open,
	.observe = dns_observe,
	.finish = dns_finish,
	.checked = dns_checked,
	.limits = dns_limits,
};
