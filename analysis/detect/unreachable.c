/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * unreachable.c - who says that a destination cannot be reached, and why
 * (RFC 792, RFC 1812 section 5.2.7, RFC 4443 section 3.1).
 *
 * "Too big" belongs to the path MTU, port unreachable for UDP to the service.
 */
#include <string.h>

#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/when.h"
#include "base/text.h"

enum { ICMP = 1, TCP = 6, UDP = 17, ANY = 255, OFFER = 2, OFFERS = 1024 };

#define TESTED_NS (10 * NS_PER_S) /* from a server's ping to its offer */
#define SETTLE_NS (5 * NS_PER_S)  /* until a traceroute would be known */
#define SCAN_NS	  NS_PER_S
#define START_NS  (5 * NS_PER_S)

static const struct finding_def unreachable = {
	.id = "icmp.unreachable",
	.layer = LAYER_NETWORK,
	.most = WARNING,
	.subject = SUBJECT_PATH,
	.title = "A destination is reported unreachable",
};

/* What each code says; `filter`: somebody decided it. */
struct code_word {
	uint8_t version, code;
	bool filter;
	const char *reason, *words;
};

static const struct code_word code_words[] = {
	{4, 0, false, "network", "no route to that network"},
	{4, 1, false, "host", "the host does not answer on its link"},
	{4, 2, false, "protocol", "the host does not speak that protocol"},
	{4, 3, false, "port", "nothing may be reached at that port"},
	{4, 5, false, "source_route", "the source route failed"},
	{4, 6, false, "network", "no such network"},
	{4, 7, false, "host", "no such host"},
	{4, 9, true, "prohibited", "a rule forbids that network"},
	{4, 10, true, "prohibited", "a rule forbids that host"},
	{4, 13, true, "prohibited", "a filter forbids it"},
	{6, 0, false, "network", "no route to that destination"},
	{6, 1, true, "prohibited", "a rule forbids it"},
	{6, 2, false, "scope", "the source address does not reach that far"},
	{6, 3, false, "host", "the host does not answer on its link"},
	{6, 4, false, "port", "nothing may be reached at that port"},
	{6, 5, true, "prohibited", "the source address is not allowed"},
	{6, 6, true, "prohibited", "the route rejects it"},
	{0, ANY, false, "other", "it cannot be reached"},
};

struct refusal_key {
	struct addr src, dst, reporter;
	uint16_t version, code;
};

struct refusal {
	struct refusal_key key;
	uint32_t count, flows, link;
	uint32_t tcp, icmp; /* of them that quote TCP, ICMP */
	uint32_t rejected;  /* attempts to connect that it ended */
	struct flow flow;   /* the latest quoted */
	bool alive, unasked, changed;
	int64_t first_ns, last_ns;
	struct frame_list frames;
};

/* An address that a DHCP server offered; none: that it offers at all. */
struct offer_key {
	struct addr server, address;
};

struct offer {
	int64_t ns;
};

struct unreachable_watch {
	struct table *refusals, *offers;
	int64_t next_scan_ns;
	bool changed;
};

static void *unreachable_open(struct arena *home, const struct limits *limits,
			      struct hash_key key)
{
	struct unreachable_watch *w = arena_alloc(home, sizeof(*w));
	struct table_spec spec = {"ICMP unreachable",
				  sizeof(struct refusal_key),
				  sizeof(struct refusal), limits->paths};
	struct table_spec offers = {"offered addresses",
				    sizeof(struct offer_key),
				    sizeof(struct offer), OFFERS};

	if (!w)
		return NULL;
	w->refusals = table_new(home, &spec, key);
	w->offers = table_new(home, &offers, key);
	return w->refusals && w->offers ? w : NULL;
}

static bool is_mine(const struct icmp_error_fact *e)
{
	bool udp = e->quote.protocol == UDP;

	if (!e->quote.present)
		return false;
	if (e->version == 4)
		return e->type == 3 && e->code != 4 && !(e->code == 3 && udp);
	return e->type == 1 && !(e->code == 4 && udp);
}

static bool same_flow(const struct refusal *r, const struct quote *q)
{
	return r->flow.protocol == q->protocol &&
	       r->flow.src_port == q->src_port &&
	       r->flow.dst_port == q->dst_port;
}

/* An attempt that the error ended has a finding of its own. */
static void note_attempt(struct unreachable_watch *w,
			 const struct tcp_attempt_fact *a)
{
	struct refusal_key key = {a->flow.src, a->flow.dst, a->reporter,
				  a->flow.dst.family, a->icmp_code};
	struct refusal *r;

	if (a->outcome != TCP_REJECTED)
		return;
	r = table_add(w->refusals, &key, NULL);
	if (!r)
		return;
	r->rejected++;
	if (r->count)
		r->changed = w->changed = true;
}

static void note_error(struct unreachable_watch *w, const struct observation *o,
		       const struct detector_context *c)
{
	const struct icmp_error_fact *e = &o->as.icmp_error;
	const struct quote *q = &e->quote;
	struct refusal_key key = {q->src, q->dst, e->reporter, e->version,
				  e->code};
	struct refusal *r;

	if (!is_mine(e))
		return;
	r = table_add(w->refusals, &key, NULL);
	if (!r)
		return;
	if (!r->count) {
		r->key = key;
		r->link = o->link;
		r->first_ns = o->time_ns;
		r->unasked = true;
	}
	if (!r->count++ || !same_flow(r, q))
		r->flows++;
	r->flow = (struct flow){q->src,	     q->dst,	  q->src_port,
				q->dst_port, q->protocol, {0}};
	r->tcp += q->protocol == TCP;
	r->icmp += q->protocol == ICMP;
	r->last_ns = o->time_ns;
	r->alive |= e->flow_alive;
	if ((e->quoted_seen && !e->never_sent) ||
	    o->time_ns - c->start_ns < START_NS ||
	    addr_equal(&e->reporter, &q->src) ||
	    !known_host_visible(c->known, &q->src, o->time_ns))
		r->unasked = false;
	frames_note(&r->frames, o->frame);
	r->changed = w->changed = true;
}

static void note_offer(struct unreachable_watch *w, const struct observation *o)
{
	const struct dhcp_fact *d = &o->as.dhcp;
	struct offer_key key = {d->src, d->yiaddr};
	struct offer *offer;

	if (d->from_client || d->type != OFFER)
		return;
	offer = table_add(w->offers, &key, NULL);
	if (offer)
		offer->ns = o->time_ns;
	memset(&key.address, 0, sizeof(key.address));
	table_add(w->offers, &key, NULL);
}

/* A DHCP server pings an address before it offers it (RFC 2131 2.2): that
 * nobody has it is what it hopes for. */
static bool tested(const struct unreachable_watch *w, const struct refusal *r)
{
	struct offer_key key = {r->key.src, r->key.dst};
	const struct offer *offer = table_find(w->offers, &key);

	return offer && r->icmp == r->count &&
	       r->last_ns - offer->ns < TESTED_NS &&
	       offer->ns - r->last_ns < TESTED_NS;
}

/* Only pings of a DHCP server: its offer may follow. */
static bool by_server(const struct unreachable_watch *w,
		      const struct refusal *r)
{
	struct offer_key key = {.server = r->key.src};

	return r->icmp == r->count && table_find(w->offers, &key);
}

/* A traceroute or an offer would be known by now. */
static bool settled(const struct unreachable_watch *w, const struct refusal *r,
		    int64_t now_ns)
{
	return now_ns - (by_server(w, r) ? r->last_ns : r->first_ns) >
	       SETTLE_NS;
}

/* The offer is beyond the end of the capture, or cut off by it. */
static bool may_be_test(const struct unreachable_watch *w,
			const struct refusal *r,
			const struct detector_context *c)
{
	return (by_server(w, r) && !settled(w, r, c->now_ns)) ||
	       (r->icmp == r->count && c->coverage->cut_services & CUT_DHCP);
}

static void unreachable_observe(void *self, const struct observation *o,
				const struct detector_context *c)
{
	if (o->kind == OBS_TCP_ATTEMPT)
		note_attempt(self, &o->as.attempt);
	else if (o->kind == OBS_DHCP)
		note_offer(self, o);
	else
		note_error(self, o, c);
}

static const struct code_word *word_of(const struct refusal_key *key)
{
	const struct code_word *w = code_words;

	while (w->code != ANY &&
	       (w->version != key->version || w->code != key->code))
		w++;
	return w;
}

/* It reports on its own packets: they never left. */
static bool by_sender(const struct refusal *r)
{
	return addr_equal(&r->key.reporter, &r->key.src);
}

static void describe(struct finding *f, const struct refusal *r,
		     const struct code_word *word)
{
	char src[ADDR_TEXT], dst[ADDR_TEXT], by[ADDR_TEXT], list[FRAMES_TEXT];
	char from[WHEN_TEXT];
	const char *ip = r->key.version == 6 ? "ip -6" : "ip";

	addr_text(&r->key.src, src);
	addr_text(&r->key.dst, dst);
	addr_text(&r->key.reporter, by);
	finding_title(f, "%s says that %s cannot be reached: %s", by, dst,
		      word->words);
	finding_summary(f,
			"%s told %s %u time%s from %s on that %s cannot be "
			"reached: %s (ICMP%s type %u code %u, %s).",
			by, src, r->count, plural(r->count),
			when_clock(r->first_ns, from), dst, word->words,
			r->key.version == 6 ? "v6" : "",
			r->key.version == 6 ? 1 : 3, r->key.code,
			frames_text(&r->frames, list));
	if (r->alive)
		finding_add(f, " The conversation had packets both ways.");
	else if (r->count > 1)
		finding_add(f,
			    " At least %u packets of %u conversation%s "
			    "died of it; routers limit how often they say so.",
			    r->count, r->flows, plural(r->flows));
	if (addr_equal(&r->key.reporter, &r->key.dst))
		finding_add(f, " The destination itself says so.");
	if (by_sender(r))
		finding_add(f, " That is the sender itself: a rule or route of "
			       "its own stops them before they leave.");
	if (word->filter)
		finding_advise(f, "which rule of %s forbids it?", by);
	else
		finding_advise(f, "%s route get %s   on %s", ip, dst, by);
	finding_advise(f, "traceroute -n %s", dst);
}

/* A forged error, or one about a packet with a forged source. */
static void raise_unasked(const struct refusal *r,
			  const struct detector_context *c)
{
	char src[ADDR_TEXT], dst[ADDR_TEXT], by[ADDR_TEXT], list[FRAMES_TEXT];
	struct subject s = subject_path(&r->key.src, &r->key.dst);
	struct finding *f = finding_raise(c->findings, &unreachable, &s,
					  "unasked", r->first_ns, r->last_ns);

	if (!f)
		return;
	finding_restate(f);
	f->severity = NOTICE;
	f->confidence = LIKELY;
	f->count = r->count;
	frames_prove(&r->frames, f);
	addr_text(&r->key.src, src);
	addr_text(&r->key.dst, dst);
	addr_text(&r->key.reporter, by);
	finding_title(f, "%s reports packets that %s never sent", by, src);
	finding_summary(f,
			"%s says that %s cannot be reached and quotes packets "
			"of %s that were not seen here, although its traffic "
			"is (%s): somebody uses its address, or the report is "
			"forged.",
			by, dst, src, frames_text(&r->frames, list));
	finding_advise(f, "does %s itself send packets to %s?", src, dst);
}

/* tcp.handshake.rejected says it all: only SYNs were met by it. */
static bool told_by_attempts(const struct refusal *r)
{
	return r->rejected && r->tcp == r->count && !r->alive;
}

static void judge(const struct unreachable_watch *w, struct refusal *r,
		  const struct detector_context *c)
{
	const struct code_word *word = word_of(&r->key);
	struct subject s = subject_path(&r->key.src, &r->key.dst);
	struct finding *f;

	r->changed = false;
	if (known_traceroute(c->known, &r->key.src, &r->key.dst, r->last_ns) ||
	    tested(w, r))
		return;
	if (r->unasked) {
		raise_unasked(r, c);
		return;
	}
	f = told_by_attempts(r)
		    ? finding_find(c->findings, &unreachable, &s, word->reason)
		    : finding_raise(c->findings, &unreachable, &s, word->reason,
				    r->first_ns, r->last_ns);
	if (!f)
		return;
	finding_restate(f);
	f->withheld = told_by_attempts(r);
	f->severity =
		r->count < 2 || r->alive || by_sender(r) || may_be_test(w, r, c)
			? NOTICE
			: WARNING;
	f->count = r->count;
	f->flow = r->flow;
	f->has_flow = true;
	frames_prove(&r->frames, f);
	describe(f, r, word);
}

static void judge_all(struct unreachable_watch *w, bool at_end,
		      const struct detector_context *c)
{
	w->changed = false;
	for (struct refusal *r = table_oldest(w->refusals); r;
	     r = table_newer(w->refusals, r)) {
		if (!r->changed)
			continue;
		if (at_end || settled(w, r, c->now_ns))
			judge(w, r, c);
		else
			w->changed = true;
	}
}

static void unreachable_clock(void *self, const struct detector_context *c)
{
	struct unreachable_watch *w = self;

	if (!w->changed || c->now_ns < w->next_scan_ns)
		return;
	w->next_scan_ns = c->now_ns + SCAN_NS;
	judge_all(w, false, c);
}

static void unreachable_finish(void *self, const struct detector_context *c)
{
	judge_all(self, true, c);
}

static void unreachable_limits(void *self, struct checks *out)
{
	const struct unreachable_watch *w = self;

	check_table(out, w->refusals);
	check_table(out, w->offers);
}

static const struct finding_def *const unreachable_findings[] = {&unreachable,
								 NULL};

static const enum observation_kind unreachable_wants[] = {
	OBS_ICMP_ERROR, OBS_TCP_ATTEMPT, OBS_DHCP, OBSERVATIONS};

const struct detector unreachable_detector = {
	.name = "unreachable",
	.findings = unreachable_findings,
	.wants = unreachable_wants,
	.open = unreachable_open,
	.observe = unreachable_observe,
	.clock = unreachable_clock,
	.finish = unreachable_finish,
	.limits = unreachable_limits,
};
