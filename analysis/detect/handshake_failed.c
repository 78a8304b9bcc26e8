/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * handshake_failed.c - attempts that never opened: no answer, refused, rejected
 * by an ICMP error, or answered without effect.
 *
 * One record a path and outcome (refused: a service); it is raised with the
 * clock, when it is known whether a scan or a flood explains it.
 */
#include "analysis/detect/opening.h"

enum { REACHED = 4, FRAMES = 12, CERTAIN_SYNS = 5 };
enum { BRIEF_ATTEMPTS = 2, BRIEF_SYNS = 4 };

#define OTHERWISE_NS (5 * NS_PER_S)
#define BRIEF_NS     (2900 * NS_PER_MS)
#define SETTLE_NS    NS_PER_S

const struct finding_def no_answer_def = {
	.id = "tcp.handshake.no_answer",
	.layer = LAYER_TRANSPORT,
	.most = CRITICAL,
	.subject = SUBJECT_PATH,
	.relies = RELIES_ABSENCE | RELIES_ERRORS,
	.title = "SYN after SYN and no answer",
};

const struct finding_def refused_def = {
	.id = "tcp.handshake.refused",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_SERVICE,
	.title = "Connections are refused: nothing listens there",
};

const struct finding_def rejected_def = {
	.id = "tcp.handshake.rejected",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_PATH,
	.title = "An ICMP error answers the SYN",
};

const struct finding_def syn_received_def = {
	.id = "tcp.handshake.syn_received",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_PATH,
	.relies = RELIES_ABSENCE | RELIES_PLAIN,
	.title = "The server answers, the third packet never comes",
};

struct failed_key {
	struct addr client, server; /* refused: client is none */
	uint16_t port;
	uint8_t outcome, pad;
};

struct failed {
	struct flow flow;
	int64_t first_ns, last_ns;
	uint32_t attempts, syns, synacks, clients;
	uint32_t brief; /* of the attempts: too short to prove anything alone */
	uint16_t most_syns;
	uint8_t client_ttl, server_ttl, icmp_type, icmp_code, frame_count;
	bool dirty, heard, all_through;
	bool icmp; /* some is in the capture */
	struct addr reporter, client[4];
	uint64_t frames[FRAMES];
	uint32_t translated; /* of the attempts: seen before a translator too */
};

struct reached_key {
	struct addr client, server;
	uint16_t port, pad;
};

struct reached {
	int64_t opened_ns[REACHED];
	uint32_t at;
};

bool failed_open(struct opening *o, struct arena *home,
		 const struct limits *limits, struct hash_key key)
{
	const struct table_spec paths = {
		"failed paths", sizeof(struct failed_key),
		sizeof(struct failed), limits->services};
	const struct table_spec reached = {
		"reached services", sizeof(struct reached_key),
		sizeof(struct reached), limits->services};

	o->paths = table_new(home, &paths, key);
	o->reached = table_new(home, &reached, key);
	return o->paths && o->reached;
}

static struct reached_key reached_key(const struct flow *f)
{
	struct reached_key key;

	memset(&key, 0, sizeof(key));
	key.client = f->src;
	key.server = f->dst;
	key.port = f->dst_port;
	return key;
}

void failed_expect(const struct opening *o, const struct flow *f)
{
	struct reached_key key = reached_key(f);

	table_expect(o->reached, &key);
}

static struct reached *reached_of(struct opening *o, const struct flow *f,
				  bool add)
{
	struct reached_key key = reached_key(f);

	return add ? table_add(o->reached, &key, NULL)
		   : table_find(o->reached, &key);
}

void failed_opened(struct opening *o, const struct observation *ob)
{
	struct reached *r = reached_of(o, &ob->as.opened.flow, true);

	if (r)
		r->opened_ns[r->at++ % REACHED] = ob->time_ns;
}

/* Whether the client got through with another connection soon after. */
static bool got_through(struct opening *o, const struct tcp_attempt_fact *a)
{
	struct reached *r = reached_of(o, &a->flow, false);

	for (int i = 0; r && i < REACHED; i++)
		if (r->opened_ns[i] >= a->first_ns &&
		    r->opened_ns[i] <= a->first_ns + OTHERWISE_NS)
			return true;
	return false;
}

static void client_note(struct failed *f, const struct addr *client)
{
	uint32_t room = sizeof(f->client) / sizeof(f->client[0]);

	for (uint32_t i = 0; i < f->clients && i < room; i++)
		if (addr_equal(&f->client[i], client))
			return;
	if (f->clients < room)
		f->client[f->clients++] = *client;
}

static void failed_note(struct failed *f, const struct observation *ob,
			bool through, const struct detector_context *c)
{
	const struct tcp_attempt_fact *a = &ob->as.attempt;
	struct flow original;
	bool translated = known_original(c->known, &a->flow, &original);

	if (!f->attempts++) {
		f->first_ns = a->first_ns;
		f->flow = a->flow;
		f->all_through = true;
	}
	if (f->attempts == f->translated + 1 && !translated)
		f->flow = a->flow;
	if (a->first_ns < f->first_ns)
		f->first_ns = a->first_ns;
	if (a->end_ns > f->last_ns)
		f->last_ns = a->end_ns;
	f->syns += a->syns;
	f->synacks += a->synacks;
	if (a->syns > f->most_syns)
		f->most_syns = a->syns;
	f->client_ttl = a->client_ttl;
	f->server_ttl = a->server_ttl;
	f->icmp_type = a->icmp_type;
	f->icmp_code = a->icmp_code;
	f->reporter = a->reporter;
	f->all_through &= through;
	f->heard |= known_host_visible(c->known, &a->flow.src, a->first_ns);
	f->dirty = true;
	f->translated += translated;
	if (!translated || a->outcome != TCP_REFUSED)
		client_note(f, &a->flow.src);
	for (int i = 0; i < 8 && a->frames[i] && f->frame_count < FRAMES; i++)
		f->frames[f->frame_count++] = a->frames[i];
}

/* A client that waits a second or two for each of its attempts: the repeat
 * shows that the SYN before it was not answered. */
static bool is_brief(const struct tcp_attempt_fact *a)
{
	return (a->outcome == TCP_CLIENT_GAVE_UP ||
		a->outcome == TCP_UNDECIDED) &&
	       a->syns >= 2 && !a->synacks;
}

/* Brief attempts prove together what one that lasts proves alone. */
static bool is_proved(const struct failed *f)
{
	return f->attempts > f->brief ||
	       (f->brief >= BRIEF_ATTEMPTS && f->syns >= BRIEF_SYNS &&
		f->last_ns - f->first_ns >= BRIEF_NS);
}

static struct failed_key key_of(const struct flow *f, uint8_t outcome)
{
	struct failed_key key;

	memset(&key, 0, sizeof(key));
	if (outcome != TCP_REFUSED)
		key.client = f->src;
	key.server = f->dst;
	key.port = f->dst_port;
	key.outcome = outcome;
	return key;
}

void failed_attempt(struct opening *o, const struct observation *ob,
		    const struct detector_context *c)
{
	const struct tcp_attempt_fact *a = &ob->as.attempt;
	bool brief = is_brief(a);
	struct failed_key key;
	struct failed *f;

	if (a->outcome != TCP_NO_ANSWER && a->outcome != TCP_REFUSED &&
	    a->outcome != TCP_REJECTED && a->outcome != TCP_SYN_RECEIVED &&
	    !brief)
		return;
	if (!a->syns || scan_source(o, &a->flow.src))
		return;
	key = key_of(&a->flow, brief ? TCP_NO_ANSWER : a->outcome);
	f = table_add(o->paths, &key, NULL);
	if (!f)
		return;
	f->brief += brief;
	failed_note(f, ob, got_through(o, a), c);
	o->dirty = true;
}

/* Its packets carry the TTL that stacks begin with: no router in between. */
static bool is_near(uint8_t ttl)
{
	return ttl == 64 || ttl == 128 || ttl == 255;
}

static const struct host *host_of(const struct opening *o, const struct addr *a)
{
	return table_find(o->hosts, a);
}

/* What is seen on both sides of an address translator is one attempt. */
static uint32_t tried(const struct failed *f)
{
	return f->translated < f->attempts ? f->attempts - f->translated
					   : f->attempts;
}

static void say_no_answer(struct finding *g, const struct failed *f,
			  const struct opening *o, const char *client,
			  const char *service)
{
	const struct host *h = host_of(o, &f->flow.dst);
	bool near_server = h && is_near(h->ttl);
	char took[WHEN_TEXT], addr[ADDR_TEXT];

	addr_text(&f->flow.dst, addr);
	finding_title(g, "%s gets no answer from %s", client, service);
	finding_summary(g,
			"%s sent %u SYNs in %u %s to %s within %s; nothing "
			"came back, no SYN-ACK, no RST%s.",
			client, f->syns, tried(f),
			tried(f) == 1 ? "attempt" : "attempts", service,
			when_duration(f->last_ns - f->first_ns, took),
			f->icmp ? ", no ICMP error"
				: "; no ICMP at all is in the capture");
	if (near_server && !is_near(f->client_ttl))
		finding_add(g, " They arrived beside the server and were not "
			       "answered: host firewall, full queue, or no "
			       "route back.");
	else
		finding_add(g, " The SYNs or their answers are lost on the "
			       "way, or a filter swallows them.");
	if (h && h->port != f->flow.dst_port && h->last_ns)
		finding_add(g, " The host is up: it answers on port %u.",
			    h->port);
	if (f->all_through)
		finding_add(g, " Another connection of this client got "
			       "through within 5 s.");
	finding_advise(g, "From %s: nc -vz -w 5 %s %u", client, addr,
		       f->flow.dst_port);
	finding_advise(g,
		       "On the server: ss -ltn '( sport = :%u )'; nft list "
		       "ruleset",
		       f->flow.dst_port);
	g->severity = f->all_through ? NOTICE : CRITICAL;
	g->confidence = f->most_syns >= CERTAIN_SYNS ? CERTAIN : LIKELY;
	if (!f->heard) {
		g->confidence = POSSIBLE;
		if (g->severity > WARNING)
			g->severity = WARNING;
		finding_add(g,
			    " It is not sure that answers to %s would have "
			    "been recorded here.",
			    client);
	}
}

/* Two hops aside, or with no router between here and the sender while there is
 * one between here and the host. */
static bool from_elsewhere(uint8_t ttl, uint8_t host_ttl)
{
	int off = (int)host_ttl - (int)ttl;

	return host_ttl && ttl &&
	       (off >= 2 || off <= -2 || (is_near(ttl) && !is_near(host_ttl)));
}

static void say_refused(struct finding *g, const struct failed *f,
			const struct opening *o, const char *client,
			const char *service)
{
	const struct host *h = host_of(o, &f->flow.dst);
	bool boxed = h && from_elsewhere(f->server_ttl, h->ttl);

	finding_title(g, "%s refuses connections", service);
	finding_summary(g, "%s answered the SYNs of %u %s with a RST%s%s",
			service, tried(f),
			tried(f) == 1 ? "attempt" : "attempts",
			f->clients > 1 ? " (several clients)" : "",
			boxed ? "." : ": nothing listens there.");
	if (f->clients == 1)
		finding_add(g, " The client is %s.", client);
	if (boxed) {
		finding_add(g,
			    " Their TTL is %u, other packets of the host have "
			    "%u: not the host refuses, but a firewall on the "
			    "way in its name.",
			    f->server_ttl, h->ttl);
		finding_advise(g,
			       "Which firewall lies on the way to %s, and what "
			       "does it say of port %u?",
			       service, f->flow.dst_port);
		g->confidence = LIKELY;
	}
	finding_advise(g, "On the server: ss -ltn '( sport = :%u )'",
		       f->flow.dst_port);
	g->severity = tried(f) >= 3 || f->clients >= 2 ? WARNING : NOTICE;
}

static const char *icmp_says(const struct failed *f)
{
	static const char *const v4[] = {
		[0] = "network unreachable",	     [1] = "host unreachable",
		[2] = "protocol unreachable",	     [3] = "port unreachable",
		[9] = "network prohibited",	     [10] = "host prohibited",
		[13] = "administratively prohibited"};
	static const char *const v6[] = {[0] = "no route",
					 [1] = "administratively prohibited",
					 [3] = "address unreachable",
					 [4] = "port unreachable",
					 [5] = "source address refused",
					 [6] = "route rejected"};
	bool six = f->flow.dst.family == 6;
	size_t most =
		six ? sizeof(v6) / sizeof(v6[0]) : sizeof(v4) / sizeof(v4[0]);
	const char *says =
		f->icmp_code < most ? (six ? v6 : v4)[f->icmp_code] : NULL;

	return says ? says : "unreachable";
}

static void say_rejected(struct finding *g, const struct failed *f,
			 const struct opening *o, const char *client,
			 const char *service)
{
	char reporter[ADDR_TEXT];

	(void)o;
	addr_text(&f->reporter, reporter);
	finding_title(g, "%s rejects connections from %s to %s", reporter,
		      client, service);
	finding_summary(g,
			"%u %s of %s to open a connection to %s: %s answered "
			"with ICMP \"%s\" (type %u code %u).",
			tried(f), tried(f) == 1 ? "attempt" : "attempts",
			client, service, reporter, icmp_says(f), f->icmp_type,
			f->icmp_code);
	if (addr_equal(&f->reporter, &f->flow.dst))
		finding_add(g, " The server itself says so.");
	else
		finding_add(g, " A router or firewall on the way says so.");
	finding_advise(g, "Look at the filter and the routes of %s", reporter);
	g->severity = f->all_through ? NOTICE : WARNING;
}

static void say_syn_received(struct finding *g, const struct failed *f,
			     const struct opening *o, const char *client,
			     const char *service)
{
	(void)o;
	finding_title(g, "%s answers %s, the third packet never comes", service,
		      client);
	finding_summary(g,
			"%s answered the SYNs of %u %s of %s with %u SYN-ACKs; "
			"no third packet is in the capture.",
			service, tried(f),
			tried(f) == 1 ? "attempt" : "attempts", client,
			f->synacks);
	finding_add(g, f->syns > f->attempts
			       ? " The client repeats its SYN: it does not "
				 "hear the server. The way back is broken."
			       : " The client does not repeat its SYN: its "
				 "third packet is lost on the way, or it is "
				 "gone.");
	finding_advise(g,
		       "Capture at %s: do the SYN-ACKs arrive, does it "
		       "answer?",
		       client);
	g->confidence = LIKELY;
	g->severity = f->all_through ? NOTICE : WARNING;
}

static const struct {
	const struct finding_def *def;
	void (*say)(struct finding *g, const struct failed *f,
		    const struct opening *o, const char *client,
		    const char *service);
} sayings[] = {
	[TCP_NO_ANSWER] = {&no_answer_def, say_no_answer},
	[TCP_REFUSED] = {&refused_def, say_refused},
	[TCP_REJECTED] = {&rejected_def, say_rejected},
	[TCP_SYN_RECEIVED] = {&syn_received_def, say_syn_received},
};

static struct subject failed_subject(const struct failed *f, uint8_t outcome)
{
	return outcome == TCP_REFUSED
		       ? subject_service(&f->flow.dst, f->flow.dst_port, 6)
		       : subject_path_to(&f->flow.src, &f->flow.dst,
					 f->flow.dst_port, 6);
}

static void failed_raise(struct opening *o, struct failed *f,
			 const struct detector_context *c)
{
	const struct failed_key *k = table_key(o->paths, f);
	struct subject subject = failed_subject(f, k->outcome);
	struct finding *g =
		finding_raise(c->findings, sayings[k->outcome].def, &subject,
			      "", f->first_ns, f->last_ns);
	char client[ADDR_TEXT], service[ENDPOINT_TEXT];
	struct flow original;

	f->dirty = false;
	f->icmp = c->coverage->icmp > 0;
	if (!g)
		return;
	g->count = tried(f);
	g->has_flow = true;
	g->flow = f->flow;
	for (uint8_t i = 0; i < f->frame_count; i++)
		finding_frame(g, f->frames[i]);
	memset(g->advice, 0, sizeof(g->advice));
	addr_text(&f->flow.src, client);
	endpoint_text(&f->flow.dst, f->flow.dst_port, service);
	sayings[k->outcome].say(g, f, o, client, service);
	if (f->translated < f->attempts ||
	    !known_original(c->known, &f->flow, &original))
		return;
	addr_text(&original.src, client);
	finding_add(g,
		    " They are SYNs of %s, whose address a translator (NAT) "
		    "changed: the same numbers, at the same times, one hop "
		    "further.",
		    client);
}

/* What explains it all: a scan of the client's, a flood of the service, or,
 * where it refuses everybody, that the service is down. */
static bool explained(const struct opening *o, const struct failed *f,
		      uint8_t outcome)
{
	const struct service *s =
		service_find(o, &f->flow.dst, f->flow.dst_port);

	if (f->clients == 1 && scan_source(o, &f->flow.src))
		return true;
	if (outcome == TCP_SYN_RECEIVED && service_flooded(s, f->first_ns))
		return true;
	return outcome == TCP_REFUSED && s && s->down_ns;
}

/* Others of its attempts were told why: an ICMP error, whose rate routers
 * limit, or a RST. */
static bool told_else(const struct opening *o, const struct failed_key *k)
{
	struct failed_key other = *k;

	other.outcome = TCP_REJECTED;
	if (table_find(o->paths, &other))
		return true;
	other.outcome = TCP_REFUSED;
	memset(&other.client, 0, sizeof(other.client));
	return table_find(o->paths, &other);
}

void failed_clock(struct opening *o, const struct detector_context *c)
{
	struct failed *f;

	for (f = table_oldest(o->paths); f; f = table_newer(o->paths, f)) {
		const struct failed_key *k = table_key(o->paths, f);

		if (!f->dirty ||
		    (!c->at_end && c->now_ns - f->last_ns < SETTLE_NS))
			continue;
		if (!is_proved(f) || explained(o, f, k->outcome))
			continue;
		if (f->brief < f->attempts || !told_else(o, k))
			failed_raise(o, f, c);
	}
}

/* Withhold what was raised before its explanation was known. */
void failed_finish(struct opening *o, const struct detector_context *c)
{
	struct failed *f;

	failed_clock(o, c);
	for (f = table_oldest(o->paths); f; f = table_newer(o->paths, f)) {
		const struct failed_key *k = table_key(o->paths, f);
		struct subject subject = failed_subject(f, k->outcome);
		struct finding *g = finding_find(
			c->findings, sayings[k->outcome].def, &subject, "");

		if (g && explained(o, f, k->outcome))
			g->withheld = true;
	}
}
