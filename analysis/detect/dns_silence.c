/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dns_silence.c - questions that nobody answers: dns.no_answer for some of a
 * server's, dns.server_down for all of them.
 */
#include <stdio.h>
#include <string.h>

#include "analysis/detect/dns_lookup.h"
#include "base/text.h"

const struct finding_def dns_no_answer_def = {
	.id = "dns.no_answer",
	.layer = LAYER_APPLICATION,
	.most = WARNING,
	.subject = SUBJECT_NAME,
	.relies = RELIES_ABSENCE | RELIES_EACH | RELIES_ERRORS,
	.title = "DNS questions without an answer",
	.advice = {"does the server answer other names, or other clients?"},
};

const struct finding_def dns_server_down_def = {
	.id = "dns.server_down",
	.layer = LAYER_APPLICATION,
	.most = CRITICAL,
	.subject = SUBJECT_SERVICE,
	.relies = RELIES_ABSENCE | RELIES_ERRORS,
	.title = "A DNS server answers nothing",
	.advice = {"is the name server running, and may this client reach it?"},
};

/* A try is decided without an answer when the wait is over, when the client
 * itself tried again at least a second later, or by an ICMP error.  A server
 * that was asked together with a quicker one is only slow (musl asks all).
 * Over TCP an answer may come in pieces that cannot be read: silence there is
 * a matter of the connection. */
static bool unanswered(const struct dns_lookup *l, uint8_t i, int64_t now_ns)
{
	const struct dns_try *t = &l->try[i];

	if (t->answer_ns || t->tcp)
		return false;
	if (t->icmp || now_ns - t->ns >= DNS_PATIENCE_NS)
		return true;
	for (uint8_t k = i + 1; k < l->kept; k++)
		if (l->try[k].ns - t->ns >= NS_PER_S)
			return true;
	return false;
}

/* A refusal, or a server that failed too, does not help the client. */
static bool answered_at_last(const struct dns_lookup *l)
{
	for (uint8_t i = 0; i < l->kept; i++)
		if (l->try[i].answer_ns && (l->try[i].rcode == RCODE_OK ||
					    l->try[i].rcode == RCODE_NXDOMAIN))
			return true;
	return false;
}

/* Answered only when asked with a smaller EDNS size, none, or over TCP. */
static bool smaller_worked(const struct dns_lookup *l, const struct dns_try *t)
{
	for (uint8_t i = 0; i < l->kept; i++) {
		const struct dns_try *o = &l->try[i];

		if (o->answer_ns && o->ns > t->ns && t->edns_size > 512 &&
		    (o->tcp || o->edns_size < t->edns_size))
			return true;
	}
	return false;
}

/* The server left this question alone, and answered others after it. */
static void note_passed_over(struct dns_watch *s, const struct dns_try *t)
{
	struct dns_server *v = table_find(s->servers, &t->server);

	if (v && v->answered && v->last_answer_ns - t->ns >= NS_PER_S)
		v->passed_over++;
}

void dns_silence_ended(struct dns_watch *s, const struct dns_question *q,
		       const struct dns_lookup *l, int64_t now_ns)
{
	bool excused = answered_at_last(l);

	for (uint8_t i = 0; i < l->kept; i++) {
		const struct dns_try *t = &l->try[i];
		struct dns_tally *tally;
		bool again = false;

		if (!l->recursion_desired || !unanswered(l, i, now_ns) ||
		    dns_asks_all(&t->server))
			continue;
		tally = dns_tally_of(s, &q->wish.client, &t->server,
				     DNS_SILENT);
		if (!tally)
			continue;
		/* one lookup counts once a server, with all its tries */
		for (uint8_t k = 0; k < i; k++)
			again |= addr_equal(&l->try[k].server, &t->server) &&
				 unanswered(l, k, now_ns);
		if (!again) {
			dns_tally_add(tally, q, t->ns, &t->frame, 1);
			tally->excused += excused;
			if (!excused)
				note_passed_over(s, t);
		} else if (tally->frames < DNS_FRAMES) {
			tally->frame[tally->frames++] = t->frame;
		}
		tally->last_ns = t->ns;
		tally->repeated |= again;
		tally->icmp |= t->icmp;
		tally->smaller_worked |= smaller_worked(l, t);
	}
}

/* Three tries for two names, or five, over five seconds, and nothing since. Who
 * left as many questions alone while it answered others need not be down for it
 * to leave these alone. */
static bool is_down(const struct dns_server *v, int64_t now_ns)
{
	bool enough = (v->silent_tries >= 3 && v->silent_names >= 2) ||
		      v->silent_tries >= 5;

	if (v->icmp_own && !v->answered && v->silent_tries >= 2)
		return true;
	return enough && v->passed_over < v->silent_names &&
	       v->last_asked_ns - v->silent_since_ns >= DNS_PATIENCE_NS &&
	       now_ns - v->silent_since_ns >= DNS_PATIENCE_NS;
}

/* Whether the clients that this server failed were served by another. */
static bool others_serve(const struct dns_watch *s, const struct addr *server)
{
	bool failed = false;

	for (struct dns_pair *p = table_oldest(s->pairs); p;
	     p = table_newer(s->pairs, p)) {
		const struct dns_pair_key *k = table_key(s->pairs, p);
		const struct dns_tally *t = p->tally[DNS_SILENT];

		if (!t || !addr_equal(&k->server, server))
			continue;
		if (t->excused < t->count)
			return false;
		failed = true;
	}
	return failed;
}

/* Whether an answer of the server would be in the capture: one was, or a
 * client's other traffic is there in both directions. */
static bool would_be_seen(const struct dns_watch *s, const struct addr *server,
			  int64_t ns, const struct detector_context *c)
{
	const struct dns_server *v = table_find(s->servers, server);

	if (v && v->answered)
		return true;
	for (struct dns_pair *p = table_oldest(s->pairs); p;
	     p = table_newer(s->pairs, p)) {
		const struct dns_pair_key *k = table_key(s->pairs, p);

		if (addr_equal(&k->server, server) &&
		    known_host_visible(c->known, &k->client, ns))
			return true;
	}
	return false;
}

/* Who was not answered: a client that is asked itself, as a forwarder is, tells
 * most; else the first. */
static struct addr asker_of(const struct dns_watch *s,
			    const struct addr *server)
{
	struct addr asker = {0};

	for (struct dns_pair *p = table_oldest(s->pairs); p;
	     p = table_newer(s->pairs, p)) {
		const struct dns_pair_key *k = table_key(s->pairs, p);

		if (!p->tally[DNS_SILENT] || !addr_equal(&k->server, server))
			continue;
		if (!asker.family)
			asker = k->client;
		if (table_find(s->servers, &k->client))
			return k->client;
	}
	return asker;
}

/* Whether nobody else answers its clients either: then their way to all is the
 * likelier fault. */
static bool none_is_heard(const struct dns_watch *s, const struct addr *server,
			  int64_t since_ns, const struct detector_context *c)
{
	bool any = false;

	for (struct dns_pair *p = table_oldest(s->pairs); p;
	     p = table_newer(s->pairs, p)) {
		const struct dns_pair_key *k = table_key(s->pairs, p);

		if (!p->tally[DNS_SILENT] || !addr_equal(&k->server, server))
			continue;
		if (!known_unheard(c->known, &k->client, server, since_ns))
			return false;
		any = true;
	}
	return any;
}

/* Whether a client asked the server again: where no answer could be seen, only
 * that shows that none came. */
static bool is_repeated(const struct dns_watch *s, const struct addr *server)
{
	for (struct dns_pair *p = table_oldest(s->pairs); p;
	     p = table_newer(s->pairs, p)) {
		const struct dns_pair_key *k = table_key(s->pairs, p);

		if (p->tally[DNS_SILENT] && p->tally[DNS_SILENT]->repeated &&
		    addr_equal(&k->server, server))
			return true;
	}
	return false;
}

/* The title, and what the rest of the network says of it. */
static void word_down(struct finding *f, const struct dns_server *v,
		      const char *server, bool others, bool alone)
{
	char when[WHEN_TEXT], asker[ADDR_TEXT];

	addr_text(&f->asker, asker);
	when_clock(v->silent_since_ns, when);
	if (alone)
		finding_title(f,
			      "Nobody answers %s from %s on, the DNS server %s "
			      "included",
			      asker, when, server);
	else if (v->answered)
		finding_title(f, "The DNS server %s answers nothing from %s on",
			      server, when);
	else
		finding_title(f, "The DNS server %s answers nothing", server);
	if (v->answered)
		finding_add(f, " Its last answer was frame %llu, at %s.",
			    (unsigned long long)v->last_answer_frame,
			    when_clock(v->last_answer_ns, when));
	finding_add(f, v->icmp_own ? " The host itself says that nothing "
				     "listens on the port."
		       : others	   ? " Other servers answered its clients in "
				     "the end, later than need be."
				   : " No other server helped these clients.");
	if (alone)
		finding_add(f,
			    " Nor did anybody else whom %s sent to since: "
			    "its own way into the network, or this capture, "
			    "is at fault rather than the server.",
			    asker);
}

static const char unsure[] = " Nothing shows that an answer would have been "
			     "recorded here: the repeats are the only proof.";

static void tell_down(struct dns_watch *s, const struct dns_server *v,
		      const struct addr *a, const struct detector_context *c)
{
	struct subject subject = subject_service(a, 53, 17);
	struct finding *f;
	bool others = others_serve(s, a);
	bool seen = would_be_seen(s, a, v->last_asked_ns, c);
	bool alone = v->answered && !v->icmp_own &&
		     none_is_heard(s, a, v->silent_since_ns, c);
	char text[ADDR_TEXT], span[WHEN_TEXT];

	if (!seen && !v->icmp_own && !is_repeated(s, a))
		return;
	f = finding_raise(c->findings, &dns_server_down_def, &subject,
			  v->icmp_own ? "icmp" : "silent", v->silent_since_ns,
			  v->last_asked_ns);
	if (!f)
		return;
	f->asker = asker_of(s, a);
	addr_text(a, text);
	f->severity = others ? WARNING : CRITICAL;
	f->confidence = v->icmp_own	 ? CERTAIN
			: seen && !alone ? LIKELY
					 : POSSIBLE;
	if (f->confidence == POSSIBLE)
		f->severity = WARNING;
	f->count = v->silent_tries;
	for (uint8_t i = 0; i < v->frames; i++)
		finding_frame(f, v->frame[i]);
	finding_frame(f, v->last_answer_frame);
	finding_summary(
		f, "%u questions within %s got no answer.", v->silent_tries,
		when_duration(v->last_asked_ns - v->silent_since_ns, span));
	word_down(f, v, text, others, alone);
	if (!seen && !v->icmp_own)
		finding_add(f, "%s", unsure);
	finding_filter(f, "ip%s.addr == %s && (dns || icmp%s)",
		       a->family == 6 ? "v6" : "", text,
		       a->family == 6 ? "v6" : "");
	finding_advise(f, "dig @%s example.org   (from the client)", text);
	finding_advise(f, "cat /etc/resolv.conf; is %s still the right one?",
		       text);
}

static bool is_told_down(const struct detector_context *c, const struct addr *a)
{
	struct subject subject = subject_service(a, 53, 17);

	return finding_find(c->findings, &dns_server_down_def, &subject,
			    "icmp") ||
	       finding_find(c->findings, &dns_server_down_def, &subject,
			    "silent");
}

static const char *silence_reason(const struct dns_tally *t,
				  const struct dns_pair *pair)
{
	if (t->icmp)
		return "icmp";
	if (t->smaller_worked)
		return "large_lost";
	return pair->answered ? "upstream" : "silent";
}

static void tell_silence(struct dns_watch *s, const struct dns_pair_key *k,
			 const struct dns_pair *pair,
			 const struct detector_context *c)
{
	const struct dns_tally *t = pair->tally[DNS_SILENT];
	const char *reason = silence_reason(t, pair);
	struct subject subject = dns_subject(t, k);
	const struct dns_server *server = table_find(s->servers, &k->server);
	enum confidence sure = t->icmp || (server && server->answered) ? CERTAIN
			       : would_be_seen(s, &k->server, t->last_ns, c)
				       ? LIKELY
				       : POSSIBLE;
	struct finding *f;
	char names[300], from[ADDR_TEXT], to[ADDR_TEXT];

	if (sure == POSSIBLE && !t->repeated && !t->excused)
		return;
	f = finding_raise(c->findings, &dns_no_answer_def, &subject, reason,
			  t->first_ns, t->last_ns);
	if (!f)
		return;
	dns_names_text(t, names, sizeof(names));
	addr_text(&k->client, from);
	addr_text(&k->server, to);
	f->severity = t->excused == t->count ? NOTICE : WARNING;
	f->confidence = sure;
	f->count = t->count;
	for (uint8_t i = 0; i < t->frames; i++)
		finding_frame(f, t->frame[i]);
	finding_title(f, "%u DNS question%s to %s got no answer", t->count,
		      plural(t->count), to);
	finding_summary(f, "%s asked %s for %s and got no response.", from, to,
			names);
	if (t->excused)
		finding_add(f,
			    " %u of %u got the answer all the same: from a "
			    "repeat, or from another server.",
			    t->excused, t->count);
	if (strcmp(reason, "upstream") == 0)
		finding_add(f, " The server answers other questions: a query "
			       "was lost, or what it asks itself is silent.");
	if (strcmp(reason, "large_lost") == 0)
		finding_add(f, " Only smaller answers, or TCP, came through: "
			       "large datagrams are lost on the way.");
	if (strcmp(reason, "icmp") == 0)
		finding_add(f, " An ICMP error came instead.");
	if (f->confidence == POSSIBLE)
		finding_add(f, "%s", unsure);
	finding_filter(f, "dns && ip%s.addr == %s && ip%s.addr == %s",
		       k->client.family == 6 ? "v6" : "", from,
		       k->server.family == 6 ? "v6" : "", to);
	finding_advise(f, "dig @%s %s   dig +tcp @%s %s", to, t->name[0], to,
		       t->name[0]);
}

void dns_silence_tell(struct dns_watch *s, const struct detector_context *c)
{
	for (struct dns_server *v = table_oldest(s->servers); v;
	     v = table_newer(s->servers, v))
		if (is_down(v, c->now_ns))
			tell_down(s, v, table_key(s->servers, v), c);
	for (struct dns_pair *p = table_oldest(s->pairs); p;
	     p = table_newer(s->pairs, p)) {
		const struct dns_pair_key *k = table_key(s->pairs, p);

		if (p->tally[DNS_SILENT] && !is_told_down(c, &k->server))
			tell_silence(s, k, p, c);
	}
}
