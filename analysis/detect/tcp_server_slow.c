/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp_server_slow.c - the network is quick, the first byte of the answer is
 * not. */
#include <inttypes.h>

#include "analysis/detector.h"
#include "base/when.h"
#include "base/text.h"

#define LONE_NS	 (5 * NS_PER_S)
#define NEVER_NS (10 * NS_PER_S)

enum { OFTEN = 3, NEVER_FRAMES = 8, NEVERS = 256 };

static const struct finding_def slow = {
	.id = "tcp.server_slow",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_SERVICE,
	.relies = RELIES_DELAY | RELIES_SEQUENCE,
	.title = "The server takes long to begin its answers",
	.advice = {"Look at the load and the back ends of the server, not at "
		   "the network"},
};

struct service {
	struct addr addr;
	uint32_t port;
};

struct waits {
	uint32_t count;
	int64_t worst_ns, first_ns, rtt_ns;
	uint64_t frames[2];
	struct flow flow;
	struct never *never; /* NULL: each request was answered */
	uint32_t answered;   /* connections with an answer */
};

/* Connections whose first request was never answered, until the client went. */
struct never {
	uint32_t count;
	int64_t first_ns, last_ns, longest_ns;
	struct flow flow;
	uint64_t frames[NEVER_FRAMES];
};

struct watch {
	struct table *services;
	struct table *nevers;
};

static void *slow_open(struct arena *home, const struct limits *limits,
		       struct hash_key key)
{
	const struct table_spec spec = {"slow services", sizeof(struct service),
					sizeof(struct waits), limits->services};
	const struct table_spec nevers = {"mute services",
					  sizeof(struct service),
					  sizeof(struct never), NEVERS};
	struct watch *w = arena_alloc(home, sizeof(*w));

	if (!w)
		return NULL;
	w->services = table_new(home, &spec, key);
	w->nevers = table_new(home, &nevers, key);
	return w->services && w->nevers ? w : NULL;
}

static void raise(const struct service *at, const struct waits *n,
		  const struct detector_context *c, int64_t last_ns)
{
	const struct subject subject =
		subject_service(&at->addr, (uint16_t)at->port, 6);
	char server[ENDPOINT_TEXT], worst[WHEN_TEXT], rtt[WHEN_TEXT];
	struct finding *f;

	f = finding_raise(c->findings, &slow, &subject, "", n->first_ns,
			  last_ns);
	if (!f)
		return;
	f->count = n->count;
	f->confidence = LIKELY;
	f->has_flow = true;
	f->flow = n->flow;
	endpoint_text(&at->addr, (uint16_t)at->port, server);
	when_duration(n->worst_ns, worst);
	finding_title(f, "%s takes up to %s to begin an answer", server, worst);
	finding_summary(f,
			"%s began %" PRIu32 " answer%s late, up to %s after "
			"the request (frames %" PRIu64 " and %" PRIu64
			"), which it had acknowledged at once.",
			server, n->count, plural(n->count), worst, n->frames[0],
			n->frames[1]);
	if (n->rtt_ns)
		finding_add(f, " A round trip takes %s.",
			    when_duration(n->rtt_ns, rtt));
	finding_frame(f, n->frames[0]);
	finding_frame(f, n->frames[1]);
}

static void raise_never(const struct service *at, const struct waits *n,
			const struct never *v, const struct detector_context *c)
{
	const struct subject subject =
		subject_service(&at->addr, (uint16_t)at->port, 6);
	char server[ENDPOINT_TEXT], longest[WHEN_TEXT], client[ADDR_TEXT];
	struct finding *f;

	f = finding_raise(c->findings, &slow, &subject, "never", v->first_ns,
			  v->last_ns);
	if (!f)
		return;
	f->count = v->count;
	f->confidence = n->answered ? LIKELY : POSSIBLE;
	f->severity = n->answered ? WARNING : NOTICE;
	f->has_flow = true;
	f->flow = v->flow;
	endpoint_text(&at->addr, (uint16_t)at->port, server);
	addr_text(&v->flow.src, client);
	finding_title(f, "%s takes requests of %s and never answers", server,
		      client);
	finding_summary(f,
			"%s acknowledged the request of %" PRIu32
			" connection%s at once and sent nothing more, until "
			"the client gave up after up to %s (frame %" PRIu64
			").",
			server, v->count, plural(v->count),
			when_duration(v->longest_ns, longest), v->frames[0]);
	if (n->answered)
		finding_add(f, " %" PRIu32 " other%s got an answer.",
			    n->answered, plural(n->answered));
	else
		finding_add(f, " Nobody got an answer there: it may be a "
			       "service that only takes.");
	finding_add(f, " The application hangs, or its answers are lost on "
		       "the way, as large ones are in a black hole.");
	for (int i = 0; i < NEVER_FRAMES; i++)
		finding_frame(f, v->frames[i]);
	finding_advise(f, "Capture at the server as well: does it send an "
			  "answer?");
	finding_advise(f, "Is the process stuck, or does it wait for a back "
			  "end of its own?");
}

/* The client closed or aborted while it waited for its first answer. */
static int64_t waited_in_vain(const struct tcp_ended_fact *e)
{
	const struct tcp_side *client = &e->side[0], *server = &e->side[1];
	bool first = client->reset ||
		     (client->fin &&
		      (!server->fin || client->state == TCPS_TIME_WAIT));

	if (!e->opened || !e->syn_seen || e->one_way || !e->asked_ns ||
	    e->never_came || server->bytes || server->acked_bytes ||
	    server->reset || server->capture_gaps || !first)
		return 0;
	return (client->fin ? client->fin_ns : client->last_ns) - e->asked_ns;
}

static void note_never(struct watch *w, const struct service *key,
		       struct waits *n, const struct tcp_ended_fact *e,
		       int64_t waited_ns)
{
	struct never *v = n->never;

	if (!v)
		v = n->never = table_add(w->nevers, key, NULL);
	if (!v)
		return;
	if (!v->count || e->first_ns < v->first_ns)
		v->first_ns = e->first_ns;
	if (waited_ns > v->longest_ns) {
		v->longest_ns = waited_ns;
		v->flow = e->flow;
	}
	v->last_ns = e->last_ns;
	for (int i = 0; i < NEVER_FRAMES - 1; i += 2)
		if (!v->frames[i]) {
			v->frames[i] = e->asked_frame;
			v->frames[i + 1] = e->last_frame;
			break;
		}
	v->count++;
}

static void note_waits(struct waits *n, const struct tcp_ended_fact *e)
{
	if (!n->count || e->first_ns < n->first_ns)
		n->first_ns = e->first_ns;
	n->count += e->server_waits;
	if (e->server_wait_ns <= n->worst_ns)
		return;
	n->worst_ns = e->server_wait_ns;
	n->frames[0] = e->wait_frames[0];
	n->frames[1] = e->wait_frames[1];
	n->flow = e->flow;
	n->rtt_ns = e->side[0].rr_min_ns + e->side[1].rr_min_ns;
}

static void slow_observe(void *self, const struct observation *o,
			 const struct detector_context *c)
{
	const struct tcp_ended_fact *e = &o->as.ended;
	int64_t waited = waited_in_vain(e);
	struct watch *w = self;
	struct service key;
	struct waits *n;

	if (!e->server_waits && waited < LONE_NS && !e->side[1].bytes)
		return;
	memset(&key, 0, sizeof(key));
	key.addr = e->flow.dst;
	key.port = e->flow.dst_port;
	n = table_add(w->services, &key, NULL);
	if (!n)
		return;
	n->answered += e->side[1].bytes && e->opened;
	if (waited >= LONE_NS)
		note_never(w, &key, n, e, waited);
	if (!e->server_waits)
		return;
	note_waits(n, e);
	if (n->count >= OFTEN || n->worst_ns >= LONE_NS)
		raise(&key, n, c, e->last_ns);
}

/* At the end it is known whether the service answers anybody, and how soon. */
static void slow_finish(void *self, const struct detector_context *c)
{
	struct watch *w = self;

	for (struct never *v = table_oldest(w->nevers); v;
	     v = table_newer(w->nevers, v)) {
		const struct service *key = table_key(w->nevers, v);
		const struct waits *n = table_find(w->services, key);

		if (!n || v->longest_ns <= 2 * n->worst_ns)
			continue;
		if (n->answered || v->longest_ns >= NEVER_NS)
			raise_never(key, n, v, c);
	}
}

static void slow_limits(void *self, struct checks *out)
{
	struct watch *w = self;

	check_table(out, w->services);
	check_table(out, w->nevers);
}

static const struct finding_def *const slow_findings[] = {&slow, NULL};
static const enum observation_kind slow_wants[] = {OBS_TCP_ENDED, OBSERVATIONS};

const struct detector tcp_server_slow_detector = {
	.name = "tcp_server_slow",
	.findings = slow_findings,
	.wants = slow_wants,
	.open = slow_open,
	.observe = slow_observe,
	.finish = slow_finish,
	.limits = slow_limits,
};
