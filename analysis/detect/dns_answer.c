/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dns_answer.c - answers that come late, cut, twice with different data, or for
 * something that the client should still know.
 */
#include <stdio.h>
#include <string.h>

#include "analysis/detect/dns_lookup.h"

enum { SLUGGISH_TIMES = 3, SLUGGISH_FACTOR = 10, REPEATS = 10, TTL_LEAST = 30 };

const struct finding_def dns_slow_def = {
	.id = "dns.slow",
	.layer = LAYER_APPLICATION,
	.most = WARNING,
	.subject = SUBJECT_NAME,
	.relies = RELIES_DELAY | RELIES_ABSENCE | RELIES_EACH,
	.title = "DNS answers come late",
	.advice = {"is the server busy, or what it asks itself far away?"},
};

const struct finding_def dns_truncated_def = {
	.id = "dns.truncated",
	.layer = LAYER_APPLICATION,
	.most = WARNING,
	.subject = SUBJECT_NAME,
	.relies = RELIES_ABSENCE | RELIES_EACH,
	.title = "A truncated DNS answer is not completed over TCP",
	.advice = {"is TCP port 53 let through?"},
};

const struct finding_def dns_conflicting_def = {
	.id = "dns.conflicting_answers",
	.layer = LAYER_APPLICATION,
	.most = WARNING,
	.subject = SUBJECT_NAME,
	.title = "Two different answers to one DNS question",
	.advice = {"who sends the first answer? Compare MAC address and TTL"},
};

const struct finding_def dns_not_cached_def = {
	.id = "dns.not_cached",
	.layer = LAYER_APPLICATION,
	.most = NOTICE,
	.subject = SUBJECT_NAME,
	.relies = RELIES_RATE,
	.title = "A name is asked again and again while its answer holds",
	.advice = {"does the client cache (systemd-resolved, nscd, dnsmasq)?"},
};

/* More responses than questions, and not the same data: somebody else answers
 * too.  A TTL that differs by 2 or more comes from another place. */
static void conflicting(const struct observation *o,
			const struct detector_context *c)
{
	const struct dns_fact *d = &o->as.dns;
	int hops = (int)d->ip_ttl - d->first_ip_ttl;
	bool elsewhere = hops >= 2 || hops <= -2;
	char from[ADDR_TEXT], to[ADDR_TEXT];
	struct subject subject;
	struct finding *f;

	if (d->tcp || !d->differs || d->responses <= d->copies)
		return;
	subject = subject_name(d->name, &d->flow.src, &d->flow.dst);
	f = finding_raise(c->findings, &dns_conflicting_def, &subject, "",
			  d->asked_ns, o->time_ns);
	if (!f)
		return;
	addr_text(&d->flow.src, from);
	addr_text(&d->flow.dst, to);
	f->confidence = elsewhere ? CERTAIN : LIKELY;
	f->count++;
	finding_frame(f, d->question_frame);
	finding_frame(f, o->frame);
	finding_title(f, "%s gets two different answers for %.90s", from,
		      d->name);
	finding_summary(f,
			"%s asked %s once for %s (frame %llu) and got %u "
			"responses that differ (the last is frame %llu): the "
			"quicker one wins, whoever sent it.",
			from, to, d->name,
			(unsigned long long)d->question_frame, d->responses,
			(unsigned long long)o->frame);
	if (elsewhere)
		finding_add(f,
			    " They came from different places: TTL %u and %u.",
			    d->first_ip_ttl, d->ip_ttl);
	finding_filter(f, "dns.id == 0x%04x && ip%s.addr == %s", d->id,
		       d->flow.dst.family == 6 ? "v6" : "", to);
	finding_advise(f, "dig @%s %s, and watch who answers first", to,
		       d->name);
}

/* Only a name that is asked again may have to be told. */
static void repeated_name(struct dns_watch *s, const struct dns_question *q)
{
	char *name = table_add(s->repeated, &q->wish.name_hash, NULL);

	if (name)
		dns_name_copy(name, q->name);
}

/* A question while an equal answer still holds. */
static void repeated(struct dns_watch *s, const struct observation *o,
		     const struct dns_question *q)
{
	const struct dns_fact *d = &o->as.dns;
	struct dns_repeat *r;

	if (d->state == DNS_ASKED) {
		r = table_touch(s->cached, &q->wish);
		if (!r || !d->recursion_desired || d->copies > 1)
			return;
		if (!r->asked++)
			repeated_name(s, q);
		else
			table_touch(s->repeated, &q->wish.name_hash);
		r->in_time += o->time_ns < r->until_ns;
		r->last_ns = o->time_ns;
		if (r->asked <= 4)
			r->frame[r->asked - 1] = o->frame;
		return;
	}
	if (d->state != DNS_ANSWERED || d->rcode != RCODE_OK ||
	    !d->answer_count || d->ttl_s < TTL_LEAST)
		return;
	r = table_add(s->cached, &q->wish, NULL);
	if (!r)
		return;
	if (r->asked)
		table_touch(s->repeated, &q->wish.name_hash);
	if (r->hash != d->answers_hash) {
		memset(r, 0, sizeof(*r));
		r->hash = d->answers_hash;
		r->first_ns = o->time_ns;
	}
	r->ttl_s = d->ttl_s;
	r->until_ns = o->time_ns + (int64_t)d->ttl_s * NS_PER_S;
	r->waited_ns += d->answered_ns - d->asked_ns;
}

void dns_answer_observe(struct dns_watch *s, const struct observation *o,
			const struct dns_question *q,
			const struct detector_context *c)
{
	if (o->as.dns.state == DNS_ANSWERED)
		conflicting(o, c);
	repeated(s, o, q);
}

/* The client went on to its next try before this answer came. */
static bool too_late(const struct dns_lookup *l, const struct dns_try *t)
{
	for (uint8_t i = 0; i < l->kept; i++)
		if (l->try[i].ns > t->ns && l->try[i].ns < t->answer_ns)
			return true;
	return t->icmp;
}

static void late(struct dns_watch *s, const struct dns_question *q,
		 const struct dns_lookup *l, const struct dns_try *t)
{
	const uint64_t frames[] = {t->frame, t->answer_frame};
	int64_t rtt = t->answer_ns - t->ns;
	struct dns_pair *pair;
	struct dns_tally *tally;

	if (!t->answer_ns || rtt < DNS_SLUGGISH_NS || rtt > DNS_FORGOT_NS ||
	    q->wish.qtype >= 250)
		return;
	/* the time that it took to fail belongs to dns.servfail */
	if (t->rcode == RCODE_SERVFAIL)
		return;
	/* a resolver's own work may take its time */
	if (!l->recursion_desired && rtt < 2 * NS_PER_S)
		return;
	pair = dns_pair_of(s, &q->wish.client, &t->server);
	tally = dns_tally_of(s, &q->wish.client, &t->server, DNS_LATE);
	if (!pair || !tally)
		return;
	if (rtt < DNS_SLOW_NS) {
		pair->sluggish++;
	} else {
		pair->slow++;
		pair->too_late += too_late(l, t);
	}
	dns_tally_add(tally, q, t->ns, frames, 2);
	tally->last_ns = t->answer_ns;
	if (rtt > tally->worst_ns)
		tally->worst_ns = rtt;
}

/* TC was set, and nothing complete ever came. */
static void cut(struct dns_watch *s, const struct dns_question *q,
		const struct dns_lookup *l)
{
	const struct dns_try *last = NULL, *tcp = NULL;
	struct dns_tally *tally;

	for (uint8_t i = 0; i < l->kept; i++) {
		const struct dns_try *t = &l->try[i];

		if (t->tcp)
			tcp = t;
		if (t->answer_ns && !t->truncated)
			return;
		if (t->answer_ns)
			last = t;
	}
	if (!last)
		return;
	tally = dns_tally_of(s, &q->wish.client, &last->server, DNS_CUT);
	if (tally) {
		const uint64_t frames[] = {last->frame, last->answer_frame,
					   tcp ? tcp->frame : 0};

		dns_tally_add(tally, q, last->answer_ns, frames, 3);
	}
}

void dns_answer_ended(struct dns_watch *s, const struct dns_question *q,
		      const struct dns_lookup *l)
{
	for (uint8_t i = 0; i < l->kept; i++)
		late(s, q, l, &l->try[i]);
	cut(s, q, l);
}

static void tell_late(const struct dns_pair_key *k, const struct dns_pair *pair,
		      const struct detector_context *c)
{
	const struct dns_tally *t = pair->tally[DNS_LATE];
	int64_t median = dns_median(pair->rtt, pair->rtts);
	bool sluggish = pair->sluggish >= SLUGGISH_TIMES &&
			t->worst_ns >= SLUGGISH_FACTOR * median;
	struct subject subject = dns_subject(t, k);
	char names[300], from[ADDR_TEXT], to[ADDR_TEXT], worst[WHEN_TEXT],
		usual[WHEN_TEXT];
	struct finding *f;

	if (!pair->slow && !sluggish)
		return;
	f = finding_raise(c->findings, &dns_slow_def, &subject,
			  pair->too_late ? "too_late" : "", t->first_ns,
			  t->last_ns);
	if (!f)
		return;
	dns_names_text(t, names, sizeof(names));
	addr_text(&k->client, from);
	addr_text(&k->server, to);
	f->severity = pair->slow ? WARNING : NOTICE;
	f->count = t->count;
	for (uint8_t i = 0; i < t->frames; i++)
		finding_frame(f, t->frame[i]);
	finding_title(f, "The DNS server %s takes up to %s to answer", to,
		      when_duration(t->worst_ns, worst));
	finding_summary(f,
			"%u of %u answers to %s came late (%s); the slowest "
			"took %s, half of all came within %s.",
			t->count, pair->answered, from, names, worst,
			when_duration(median, usual));
	if (pair->too_late)
		finding_add(f,
			    " %u came after the client had given up and "
			    "asked again.",
			    pair->too_late);
	finding_filter(f, "dns.time > 0.3 && ip%s.addr == %s",
		       k->server.family == 6 ? "v6" : "", to);
	finding_advise(f, "dig @%s %s | grep 'Query time'", to, t->name[0]);
}

static void tell_cut(const struct dns_pair_key *k, const struct dns_pair *pair,
		     const struct detector_context *c)
{
	const struct dns_tally *t = pair->tally[DNS_CUT];
	struct subject subject = dns_subject(t, k);
	char names[300], from[ADDR_TEXT], to[ADDR_TEXT];
	struct finding *f;

	/* the client has five seconds to try TCP; an answer that comes in
	 * odd pieces cannot be read */
	if (c->now_ns - t->first_ns < DNS_PATIENCE_NS || pair->tcp_spoke)
		return;
	f = finding_raise(c->findings, &dns_truncated_def, &subject, "",
			  t->first_ns, t->last_ns);
	if (!f)
		return;
	dns_names_text(t, names, sizeof(names));
	addr_text(&k->client, from);
	addr_text(&k->server, to);
	f->confidence = LIKELY;
	f->count = t->count;
	for (uint8_t i = 0; i < t->frames; i++)
		finding_frame(f, t->frame[i]);
	finding_title(f, "Truncated answers from %s are never completed", to);
	finding_summary(f,
			"%s asked %s for %s; the answer does not fit into a "
			"datagram (TC is set), and no answer came over TCP.",
			from, to, names);
	finding_filter(f,
		       "dns.flags.truncated == 1 && ip%s.addr == %s || "
		       "(tcp.port == 53 && ip%s.addr == %s)",
		       k->server.family == 6 ? "v6" : "", to,
		       k->server.family == 6 ? "v6" : "", to);
	finding_advise(f, "dig +tcp @%s %s   (is TCP port 53 let through?)", to,
		       t->name[0]);
}

static void tell_repeated(struct dns_watch *s, const struct dns_wish *wish,
			  const struct dns_repeat *r,
			  const struct detector_context *c)
{
	const char *name = table_find(s->repeated, &wish->name_hash);
	char from[ADDR_TEXT], waited[WHEN_TEXT];
	struct subject subject;
	struct finding *f;

	if (!name || r->asked + 1 < REPEATS || r->in_time * 2 < r->asked)
		return;
	subject = subject_name(name, &wish->client, NULL);
	f = finding_raise(c->findings, &dns_not_cached_def, &subject, "",
			  r->first_ns, r->last_ns);
	if (!f)
		return;
	addr_text(&wish->client, from);
	f->confidence = LIKELY;
	f->count = r->in_time;
	for (int i = 0; i < 4; i++)
		finding_frame(f, r->frame[i]);
	finding_title(f, "%s asks for %.80s again and again", from, name);
	finding_summary(f,
			"%s asked %u times for %s although the answer before "
			"still held (TTL up to %u s); the same data came each "
			"time. It waited %s for it in all.",
			from, r->in_time, name, r->ttl_s,
			when_duration(r->waited_ns, waited));
	finding_filter(f, "dns && ip%s.src == %s",
		       wish->client.family == 6 ? "v6" : "", from);
	/* a name from the wire may hold what a filter cannot */
	if (!strpbrk(name, "\"\\"))
		finding_filter(f, "dns.qry.name == \"%s\" && ip%s.src == %s",
			       name, wish->client.family == 6 ? "v6" : "",
			       from);
	finding_advise(f,
		       "is there a cache on %s (systemd-resolved, nscd, "
		       "dnsmasq)?",
		       from);
}

void dns_answer_tell(struct dns_watch *s, const struct detector_context *c)
{
	for (struct dns_pair *p = table_oldest(s->pairs); p;
	     p = table_newer(s->pairs, p)) {
		const struct dns_pair_key *k = table_key(s->pairs, p);

		if (p->tally[DNS_LATE])
			tell_late(k, p, c);
		if (p->tally[DNS_CUT])
			tell_cut(k, p, c);
	}
	for (struct dns_repeat *r = table_oldest(s->cached); r;
	     r = table_newer(s->cached, r))
		tell_repeated(s, table_key(s->cached, r), r, c);
}
