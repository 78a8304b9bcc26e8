/* SPDX-License-Identifier: BSD-3-Clause */
/* dns_rcode.c - what servers say no with: SERVFAIL, REFUSED, NXDOMAIN. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/detect/dns_lookup.h"
#include "base/text.h"

#define NEAR_NS	 (2 * NS_PER_S)
#define FORMS_NS (10 * NS_PER_S)

enum { LIST_STEPS = 20, ABSENT_OFTEN = 3, LOOK_BACK = 32 };

const struct finding_def dns_servfail_def = {
	.id = "dns.servfail",
	.layer = LAYER_APPLICATION,
	.most = WARNING,
	.subject = SUBJECT_NAME,
	.title = "DNS lookups end with SERVFAIL",
	.advice = {"ask again with dig +cd: does DNSSEC fail?"},
};

const struct finding_def dns_refused_def = {
	.id = "dns.refused",
	.layer = LAYER_APPLICATION,
	.most = WARNING,
	.subject = SUBJECT_SERVICE,
	.title = "A DNS server refuses to answer",
	.advice = {"may this client use this server as its resolver?"},
};

const struct finding_def dns_nxdomain_def = {
	.id = "dns.nxdomain",
	.layer = LAYER_APPLICATION,
	.most = NOTICE,
	.subject = SUBJECT_NAME,
	.title = "A name does not exist",
	.advice = {"is the name spelt right?"},
};

/* RFC 8914 section 5.2: what an extended error says. */
static const char *extended_text(int16_t code)
{
	static const char *const texts[] = {
		[0] = NULL,
		[1] = "unsupported DNSKEY algorithm",
		[2] = "unsupported DS digest type",
		[3] = "stale answer",
		[4] = "forged answer",
		[5] = "DNSSEC indeterminate",
		[6] = "DNSSEC bogus",
		[7] = "signature expired",
		[8] = "signature not yet valid",
		[9] = "DNSKEY missing",
		[10] = "RRSIGs missing",
		[11] = "no zone key bit set",
		[12] = "NSEC missing",
		[13] = "cached error",
		[14] = "not ready",
		[15] = "blocked",
		[16] = "censored",
		[17] = "filtered",
		[18] = "prohibited",
		[19] = "stale NXDOMAIN answer",
		[20] = "not authoritative",
		[21] = "not supported",
		[22] = "no reachable authority",
		[23] = "network error",
		[24] = "invalid data",
	};

	if (code < 0 || (size_t)code >= sizeof(texts) / sizeof(texts[0]))
		return NULL;
	return texts[code];
}

/* The lookup's last word: its last response; NULL if there was none. */
static const struct dns_try *last_word(const struct dns_lookup *l)
{
	const struct dns_try *last = NULL;

	for (uint8_t i = 0; i < l->kept; i++)
		if (l->try[i].answer_ns &&
		    (!last || l->try[i].answer_ns >= last->answer_ns))
			last = &l->try[i];
	return last;
}

static void servfail(struct dns_watch *s, const struct dns_question *q,
		     const struct dns_lookup *l, const struct dns_try *last)
{
	bool excused = last->rcode != RCODE_SERVFAIL;

	for (uint8_t i = 0; i < l->kept; i++) {
		const struct dns_try *t = &l->try[i];
		const uint64_t frames[] = {t->frame, t->answer_frame};
		struct dns_tally *tally;

		if (!t->answer_ns || t->rcode != RCODE_SERVFAIL)
			continue;
		tally = dns_tally_of(s, &q->wish.client, &t->server,
				     DNS_SERVFAIL);
		if (!tally)
			continue;
		dns_tally_add(tally, q, t->ns, frames, 2);
		tally->last_ns = t->answer_ns;
		if (t->answer_ns - t->ns > tally->worst_ns)
			tally->worst_ns = t->answer_ns - t->ns;
		tally->excused += excused;
		tally->dnssec |= excused && l->cd;
		if (t->extended >= 0)
			tally->extended = t->extended;
	}
}

static void refused(struct dns_watch *s, const struct dns_question *q,
		    const struct dns_lookup *l, const struct dns_try *last)
{
	struct dns_server *server = dns_server_of(s, &last->server);
	struct dns_refusals *v;

	/* RFC 8482: ANY may be refused; transfers and CHAOS are not lookups */
	if (!server || q->wish.qtype >= 250 || q->wish.qclass == CLASS_CHAOS)
		return;
	if (!server->refused)
		server->refused = table_add(s->refusals, &last->server, NULL);
	v = server->refused;
	if (!v)
		return;
	if (!v->count++) {
		v->first_ns = last->ns;
		v->client = q->wish.client;
		dns_name_copy(v->name, q->name);
	}
	v->last_ns = last->answer_ns;
	v->recursive |= last->recursion_available;
	v->users += l->recursion_desired;
	v->extended = last->extended;
	if (v->count <= 2) {
		v->frame[v->count * 2 - 2] = last->frame;
		v->frame[v->count * 2 - 1] = last->answer_frame;
	}
}

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && strcmp(name + n - m, end) == 0 &&
	       (n == m || name[n - m - 1] == '.');
}

/* Four octets before a zone that is not in-addr.arpa: a blocklist query, for
 * which "does not exist" is the good answer. */
static bool is_blocklist(const char *name)
{
	int octets = 0;
	char *end;

	while (octets < 4) {
		unsigned long v = strtoul(name, &end, 10);

		if (end == name || v > 255 || *end != '.')
			return false;
		name = end + 1;
		octets++;
	}
	return !ends_with(name, "in-addr.arpa");
}

/* Names that are asked to learn that they do not exist. */
static bool is_probe(const struct dns_question *q)
{
	static const char *const probes[] = {"wpad", "isatap"};
	const char *dot = strchr(q->name, '.');
	size_t first = dot ? (size_t)(dot - q->name) : strlen(q->name);

	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++)
		if (first == strlen(probes[i]) &&
		    strncmp(q->name, probes[i], first) == 0)
			return true;
	return strcmp(q->name, "use-application-dns.net") == 0 ||
	       ends_with(q->name, "_dns.resolver.arpa") ||
	       is_blocklist(q->name) || q->wish.qtype == TYPE_PTR;
}

/* Whether `failed` is `name` with a search suffix, or both are one host name
 * with different suffixes, or the same name (for another type). */
static bool is_step(const char *failed, const char *name)
{
	size_t first = strcspn(name, ".");

	return strncmp(failed, name, strlen(name)) == 0 ||
	       (strncmp(failed, name, first) == 0 && failed[first] == '.');
}

static int64_t *denied_at(struct dns_watch *s, const struct addr *client)
{
	uint64_t hash = hash_quick(client, sizeof(*client), s->key);

	return &s->denied_ns[hash % DNS_DENIED];
}

/* Something exists: what the client was denied just before was no fault of its
 * own if it was a step on the way there. */
static void excuse_steps(struct dns_watch *s, const struct dns_question *q,
			 int64_t now_ns)
{
	int looked = 0;

	if (now_ns - *denied_at(s, &q->wish.client) > NEAR_NS)
		return;
	for (struct dns_absent *a = table_newest(s->absent);
	     a && looked < LOOK_BACK && now_ns - a->last_ns <= NEAR_NS;
	     a = table_older(s->absent, a), looked++) {
		const struct dns_wish *other = table_key(s->absent, a);

		if (!addr_equal(&other->client, &q->wish.client))
			continue;
		a->near_ok = true;
		if (a->excused || !is_step(a->name, q->name))
			continue;
		a->excused = true;
		if (!s->search_steps) {
			s->search_first_ns = a->first_ns;
			s->search_frame = a->frame[0];
			s->search_client = q->wish.client;
		}
		s->search_last_ns = a->last_ns;
		s->search_steps += a->count;
	}
}

static void absent(struct dns_watch *s, const struct dns_question *q,
		   const struct dns_try *last)
{
	struct dns_wish wish = q->wish;
	const struct dns_pair *pair =
		dns_pair_of(s, &wish.client, &last->server);
	struct dns_absent *a;
	int64_t *denied;

	wish.qtype = 0; /* a name does not exist for any type (RFC 8020) */
	a = table_add(s->absent, &wish, NULL);
	if (!a)
		return;
	if (!a->count++) {
		a->first_ns = last->ns;
		a->server = last->server;
		dns_name_copy(a->name, q->name);
	}
	a->last_ns = last->answer_ns;
	denied = denied_at(s, &wish.client);
	if (a->last_ns > *denied)
		*denied = a->last_ns;
	a->near_ok |= pair && pair->last_ok_ns &&
		      last->ns - pair->last_ok_ns <= NEAR_NS;
	if (a->count <= 2) {
		a->frame[a->count * 2 - 2] = last->frame;
		a->frame[a->count * 2 - 1] = last->answer_frame;
	}
}

static void succeeded(struct dns_watch *s, const struct dns_question *q,
		      const struct dns_try *last)
{
	struct dns_pair *pair = dns_pair_of(s, &q->wish.client, &last->server);

	if (pair)
		pair->last_ok_ns = last->answer_ns;
	excuse_steps(s, q, last->answer_ns);
}

void dns_rcode_ended(struct dns_watch *s, const struct dns_question *q,
		     const struct dns_lookup *l)
{
	const struct dns_try *last = last_word(l);

	if (!last)
		return;
	if (last->rcode == RCODE_REFUSED)
		refused(s, q, l, last);
	if (!l->recursion_desired)
		return;
	servfail(s, q, l, last);
	if (last->rcode == RCODE_NXDOMAIN && !is_probe(q))
		absent(s, q, last);
	if (last->rcode == RCODE_OK)
		succeeded(s, q, last);
}

static void tell_servfail(const struct dns_pair_key *k,
			  const struct dns_tally *t,
			  const struct detector_context *c)
{
	struct subject subject = dns_subject(t, k);
	struct finding *f = finding_raise(
		c->findings, &dns_servfail_def, &subject,
		t->dnssec || (t->extended >= 6 && t->extended <= 12) ? "dnssec"
								     : "",
		t->first_ns, t->last_ns);
	char names[300], from[ADDR_TEXT], to[ADDR_TEXT], took[WHEN_TEXT];

	if (!f)
		return;
	dns_names_text(t, names, sizeof(names));
	addr_text(&k->client, from);
	addr_text(&k->server, to);
	f->severity = t->excused == t->count ? NOTICE : WARNING;
	f->count = t->count;
	for (uint8_t i = 0; i < t->frames; i++)
		finding_frame(f, t->frame[i]);
	finding_title(f, "%s answers SERVFAIL to %s", to, names);
	finding_summary(f,
			"%s asked %s for %s and was told, %u time%s, that the "
			"server failed to find out.",
			from, to, names, t->count, plural(t->count));
	if (t->worst_ns >= DNS_SLOW_NS)
		finding_add(f,
			    " It took up to %s to say so: what it asks itself "
			    "is slow or silent.",
			    when_duration(t->worst_ns, took));
	if (extended_text(t->extended))
		finding_add(f, " The server's reason (RFC 8914): %s.",
			    extended_text(t->extended));
	if (t->excused == t->count)
		finding_add(f, " A later try succeeded.");
	finding_filter(f, "dns.flags.rcode == 2 && ip%s.addr == %s",
		       k->server.family == 6 ? "v6" : "", to);
	finding_advise(f, "dig @%s %s   dig +cd @%s %s   dig +trace %s", to,
		       t->name[0], to, t->name[0], t->name[0]);
}

static void tell_refused(const struct addr *a, const struct dns_refusals *v,
			 const struct detector_context *c)
{
	struct subject subject = subject_service(a, 53, 17);
	bool policy = v->extended >= 15 && v->extended <= 18;
	struct finding *f =
		finding_raise(c->findings, &dns_refused_def, &subject,
			      policy ? "policy" : "", v->first_ns, v->last_ns);
	char to[ADDR_TEXT], from[ADDR_TEXT];

	if (!f)
		return;
	addr_text(a, to);
	addr_text(&v->client, from);
	/* without RD it was a resolver that asked, for nobody in particular */
	f->severity = policy || !v->users ? NOTICE : WARNING;
	f->count = v->count;
	for (int i = 0; i < 4; i++)
		finding_frame(f, v->frame[i]);
	finding_title(f, "The DNS server %s refuses to answer", to);
	finding_summary(f,
			"%s asked it for %s%s and was refused (%u lookup%s in "
			"all).",
			from, v->name, v->count > 1 ? " and others" : "",
			v->count, plural(v->count));
	if (extended_text(v->extended))
		finding_add(f, " The server's reason (RFC 8914): %s.",
			    extended_text(v->extended));
	else if (!v->recursive)
		finding_add(f, " It does not offer recursion to this client.");
	finding_filter(f, "dns.flags.rcode == 5 && ip%s.addr == %s",
		       a->family == 6 ? "v6" : "", to);
	finding_advise(f, "dig @%s %s", to, v->name);
	finding_advise(f, "cat /etc/resolv.conf on %s: is %s its resolver?",
		       from, to);
}

static void tell_absent(const struct dns_wish *wish, const struct dns_absent *a,
			const struct detector_context *c)
{
	struct subject subject =
		subject_name(a->name, &wish->client, &a->server);
	struct finding *f =
		finding_raise(c->findings, &dns_nxdomain_def, &subject, "",
			      a->first_ns, a->last_ns);
	char from[ADDR_TEXT];

	if (!f)
		return;
	addr_text(&wish->client, from);
	f->count = a->count;
	for (int i = 0; i < 4; i++)
		finding_frame(f, a->frame[i]);
	finding_title(f, "The name %.90s does not exist", a->name);
	finding_summary(f,
			"%s asked for %s %u time%s and was told that there "
			"is no such name.",
			from, a->name, a->count, plural(a->count));
	finding_filter(f, "dns.flags.rcode == 3 && ip%s.addr == %s",
		       wish->client.family == 6 ? "v6" : "", from);
	finding_advise(f, "getent hosts %s; is it spelt right, and registered?",
		       a->name);
}

static void tell_search(const struct dns_watch *s,
			const struct detector_context *c)
{
	struct subject subject = subject_host(&s->search_client);
	struct finding *f = finding_raise(
		c->findings, &dns_nxdomain_def, &subject, "search_list",
		s->search_first_ns, s->search_last_ns);
	char from[ADDR_TEXT];

	if (!f)
		return;
	addr_text(&s->search_client, from);
	f->count = s->search_steps;
	finding_frame(f, s->search_frame);
	finding_title(f, "%s tries search suffixes in vain", from);
	finding_summary(f,
			"%u questions were for names with a search suffix that "
			"do not exist; the name without it, or with the next, "
			"does. Each costs a round trip.",
			s->search_steps);
	finding_filter(f, "dns.flags.rcode == 3");
	finding_advise(f,
		       "search and ndots in /etc/resolv.conf of %s; a final "
		       "dot ends the search",
		       from);
}

/* Mark what `a` is a longer form of.  Each is looked up, because comparing all
 * with all takes long where many names are absent. */
static void mark_shorter(struct dns_watch *s, const struct dns_absent *a)
{
	struct dns_wish wish =
		*(const struct dns_wish *)table_key(s->absent, a);

	for (const char *dot = strchr(a->name, '.'); dot;
	     dot = strchr(dot + 1, '.')) {
		struct dns_absent *shorter;

		wish.name_hash = hash_quick(
			a->name, (size_t)(dot - a->name), s->key);
		shorter = table_find(s->absent, &wish);
		if (shorter)
			shorter->has_forms = true;
	}
}

/* One search whose every form failed: P, P.S1, P.S2 count together, as P. */
static void join_forms(struct dns_watch *s, struct dns_absent *a)
{
	const struct dns_wish *p = table_key(s->absent, a);
	size_t n = strlen(a->name);

	for (struct dns_absent *b = table_oldest(s->absent); b;
	     b = table_newer(s->absent, b)) {
		const struct dns_wish *q = table_key(s->absent, b);
		int64_t apart = b->last_ns - a->last_ns;

		if (b == a || b->excused || apart > FORMS_NS ||
		    apart < -FORMS_NS || !addr_equal(&q->client, &p->client) ||
		    strncmp(b->name, a->name, n) != 0 || b->name[n] != '.')
			continue;
		b->excused = true;
		a->count += b->count;
		if (b->first_ns < a->first_ns)
			a->first_ns = b->first_ns;
	}
}

void dns_rcode_tell(struct dns_watch *s, const struct detector_context *c)
{
	for (struct dns_pair *p = table_oldest(s->pairs); p;
	     p = table_newer(s->pairs, p))
		if (p->tally[DNS_SERVFAIL])
			tell_servfail(table_key(s->pairs, p),
				      p->tally[DNS_SERVFAIL], c);
	for (struct dns_server *v = table_oldest(s->servers); v;
	     v = table_newer(s->servers, v))
		if (v->refused)
			tell_refused(table_key(s->servers, v), v->refused, c);
	for (struct dns_absent *a = table_oldest(s->absent); a;
	     a = table_newer(s->absent, a))
		mark_shorter(s, a);
	for (struct dns_absent *a = table_oldest(s->absent); a;
	     a = table_newer(s->absent, a))
		if (a->has_forms && !a->excused)
			join_forms(s, a);
	for (struct dns_absent *a = table_oldest(s->absent); a;
	     a = table_newer(s->absent, a))
		if (!a->excused && (a->count >= ABSENT_OFTEN || !a->near_ok))
			tell_absent(table_key(s->absent, a), a, c);
	if (s->search_steps >= LIST_STEPS &&
	    (uint64_t)s->search_steps * 2 >= s->exchanges / 2)
		tell_search(s, c);
}
