/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * handshake_accept.c - connections that the client believes open and that the
 * server does not serve: its SYN-ACK comes again (ack_ignored), or its first
 * data is never acknowledged (dead_after_open).  Several of these, of more than
 * one kind, at one service: its queue is full (listen_overflow).
 */
#include "analysis/detect/opening.h"

enum {
	AGAIN_LEAST = 2,
	FRAMES = 8,
	TUPLES_LEAST = 3,
	EVENTS = 32,
	LATE_LEAST = 2,
	DATA_TRIES = 3,
	DATA_SMALL = 1200,
};

#define DATA_NS	    (2900 * NS_PER_MS)
#define TOGETHER_NS (10 * NS_PER_S)
#define ABORT_NS    NS_PER_S
#define LATE_NS	    NS_PER_S
#define UNSERVED_NS (5 * NS_PER_S)

const struct finding_def ack_ignored_def = {
	.id = "tcp.handshake.ack_ignored",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_PATH,
	.relies = RELIES_ABSENCE,
	.title = "The server repeats its SYN-ACK although it was answered",
};

const struct finding_def dead_after_open_def = {
	.id = "tcp.handshake.dead_after_open",
	.layer = LAYER_TRANSPORT,
	.most = CRITICAL,
	.subject = SUBJECT_PATH,
	.relies = RELIES_ABSENCE | RELIES_ERRORS,
	.title = "A connection opens, but its first data is never acknowledged",
};

const struct finding_def listen_overflow_def = {
	.id = "tcp.handshake.listen_overflow",
	.layer = LAYER_TRANSPORT,
	.most = CRITICAL,
	.subject = SUBJECT_SERVICE,
	.relies = RELIES_ABSENCE | RELIES_PLAIN,
	.title = "A listening server's queue is full",
};

/* A connection whose SYN-ACK came again after it had opened. */
struct unheard {
	uint32_t again;
	bool data_waits; /* the client's data was ignored too */
	int64_t first_ns, last_ns;
	uint64_t frames[FRAMES];
};

enum kind { ACK_IGNORED, SYN_IGNORED, ABORTED, DATA_IGNORED, KINDS };

struct event {
	int64_t ns;
	uint64_t frame[2];
	uint16_t client_port;
	uint8_t kind;
};

/* What was ignored at a service lately. */
struct overflow {
	struct event event[EVENTS];
	uint32_t count;
	/* Connections that opened and then waited long for their answer. */
	uint32_t late;
	int64_t late_first_ns, late_last_ns;
	bool dirty;
};

bool accept_open(struct opening *o, struct arena *home,
		 const struct limits *limits, struct hash_key key)
{
	const struct table_spec unheard = {
		"repeated SYN-ACKs", sizeof(struct flow),
		sizeof(struct unheard), limits->services};
	const struct table_spec overflows = {"services that ignore clients",
					     sizeof(struct service_key),
					     sizeof(struct overflow), 512};

	o->unheard = table_new(home, &unheard, key);
	o->overflows = table_new(home, &overflows, key);
	return o->unheard && o->overflows;
}

void accept_synack(struct opening *o, const struct observation *ob)
{
	const struct tcp_synack_fact *f = &ob->as.synack;
	struct unheard *u;

	if (!f->after_open)
		return;
	u = table_add(o->unheard, &f->flow, NULL);
	if (!u)
		return;
	if (!u->again)
		u->first_ns = ob->time_ns;
	u->last_ns = ob->time_ns;
	if (u->again < FRAMES)
		u->frames[u->again] = ob->frame;
	u->again++;
	u->data_waits = u->data_waits || f->data_waits;
}

static void event_add(struct opening *o, const struct flow *flow,
		      enum kind kind, int64_t ns, uint64_t frame,
		      uint64_t frame_b)
{
	struct service_key key;
	struct overflow *v;
	struct event *e;

	memset(&key, 0, sizeof(key));
	key.addr = flow->dst;
	key.port = flow->dst_port;
	v = table_add(o->overflows, &key, NULL);
	if (!v)
		return;
	e = &v->event[v->count++ % EVENTS];
	e->ns = ns;
	e->frame[0] = frame;
	e->frame[1] = frame_b;
	e->client_port = flow->src_port;
	e->kind = (uint8_t)kind;
	v->dirty = o->dirty = true;
}

/* For its answer, or for one that never came though the request arrived. */
static bool waited_long(const struct tcp_ended_fact *e, int64_t now_ns)
{
	bool unanswered = e->side[0].acked_bytes && !e->side[1].bytes &&
			  e->at_end && now_ns - e->first_ns >= UNSERVED_NS;

	return e->server_wait_ns >= LATE_NS || unanswered;
}

/* It was accepted late: the application takes its time. */
static void late_add(struct opening *o, const struct tcp_ended_fact *e)
{
	struct service_key key;
	struct overflow *v;

	memset(&key, 0, sizeof(key));
	key.addr = e->flow.dst;
	key.port = e->flow.dst_port;
	v = table_add(o->overflows, &key, NULL);
	if (!v)
		return;
	if (!v->late++ || e->first_ns < v->late_first_ns)
		v->late_first_ns = e->first_ns;
	if (e->last_ns > v->late_last_ns)
		v->late_last_ns = e->last_ns;
	v->dirty = o->dirty = true;
}

/* SYNs that were repeated in vain, at a service that serves others. */
void accept_attempt(struct opening *o, const struct observation *ob)
{
	const struct tcp_attempt_fact *a = &ob->as.attempt;
	bool ignored = a->outcome == TCP_NO_ANSWER ||
		       (a->syns > 1 && !a->synacks &&
			(a->outcome == TCP_UNDECIDED ||
			 a->outcome == TCP_CLIENT_GAVE_UP)) ||
		       (a->outcome == TCP_COMPLETED && a->syns > 2);

	if (ignored)
		event_add(o, &a->flow, SYN_IGNORED, a->first_ns, a->frames[0],
			  a->frames[1]);
}

static void say_path(struct finding *g, const struct tcp_ended_fact *e,
		     const char *title)
{
	char client[ADDR_TEXT], service[ENDPOINT_TEXT];

	addr_text(&e->flow.src, client);
	endpoint_text(&e->flow.dst, e->flow.dst_port, service);
	finding_title(g, title, service, client);
	g->count++;
	g->has_flow = true;
	g->flow = e->flow;
}

static struct finding *path_raise(const struct tcp_ended_fact *e,
				  const struct detector_context *c,
				  const struct finding_def *def)
{
	struct subject subject = subject_path_to(&e->flow.src, &e->flow.dst,
						 e->flow.dst_port, 6);

	return finding_raise(c->findings, def, &subject, "", e->first_ns,
			     e->last_ns);
}

static void ignored_raise(const struct tcp_ended_fact *e,
			  const struct unheard *u,
			  const struct detector_context *c)
{
	struct finding *g = path_raise(e, c, &ack_ignored_def);
	char span[WHEN_TEXT];

	if (!g)
		return;
	finding_frame(g, e->first_frame);
	for (uint32_t i = 0; i < u->again && i < FRAMES; i++)
		finding_frame(g, u->frames[i]);
	finding_frame(g, e->last_frame);
	say_path(g, e, "%s does not take the answer of %s to its SYN-ACK");
	finding_summary(g,
			"The third packet passed here, and yet the server "
			"repeated its SYN-ACK %u times within %s%s. Either the "
			"third packet is lost behind this point, or the "
			"server's accept queue is full.",
			u->again, when_duration(u->last_ns - e->first_ns, span),
			e->first_data_unanswered
				? ", and never acknowledged the client's data"
				: "");
	if (g->count > 1)
		finding_add(g, " %llu connections of this client met this.",
			    (unsigned long long)g->count);
	memset(g->advice, 0, sizeof(g->advice));
	finding_advise(g,
		       "On the server: ss -ltn '( sport = :%u )' (Recv-Q at "
		       "its limit?); nstat -az TcpExtListenOverflows",
		       e->flow.dst_port);
	finding_advise(g, "Capture at the server: does the third packet "
			  "arrive?");
	g->severity = WARNING;
	g->confidence = e->first_data_unanswered ? CERTAIN : LIKELY;
}

static void dead_raise(const struct tcp_ended_fact *e,
		       const struct detector_context *c)
{
	struct finding *g = path_raise(e, c, &dead_after_open_def);
	char span[WHEN_TEXT];
	const struct tcp_side *side =
		&e->side[e->side[0].unanswered_resends ? 0 : 1];

	if (!g)
		return;
	finding_frame(g, e->first_frame);
	for (int i = 0; i < 8; i++)
		finding_frame(g, side->resent_frames[i]);
	finding_frame(g, side->last_frame);
	say_path(g, e, "%s opens connections of %s and hears nothing after");
	finding_summary(g,
			"The handshake was completed; the first %u bytes of "
			"data were then sent %u times within %s and never "
			"acknowledged, and nothing else came.",
			e->first_data_bytes, e->first_data_tries,
			when_duration(e->first_data_ns, span));
	if (g->count > 1)
		finding_add(g, " %llu connections of this client met this.",
			    (unsigned long long)g->count);
	if (!g->advice[0][0]) {
		finding_advise(g, "Is a filter or inspection box letting SYNs "
				  "pass but not data?");
		finding_advise(g,
			       "On the server: ss -ltn '( sport = :%u )'; "
			       "nstat -az TcpExtListenOverflows",
			       e->flow.dst_port);
	}
	g->confidence = LIKELY;
}

/* A RST of the server's right after the handshake, before any data. */
static bool was_aborted(const struct tcp_ended_fact *e)
{
	return e->opened && e->side[1].reset && !e->side[1].bytes &&
	       !e->side[1].fin && !e->side[0].acked_bytes &&
	       e->last_ns - e->first_ns < ABORT_NS;
}

void accept_ended(struct opening *o, const struct observation *ob,
		  const struct detector_context *c)
{
	const struct tcp_ended_fact *e = &ob->as.ended;
	const struct unheard none = {0}, *u;
	bool silent = e->first_data_unanswered;
	/* one_way says silence; that the way back is seen its SYN-ACK shows */
	bool heard = !e->one_way || e->side[1].mss || e->side[1].packets;

	if (!e->opened || !heard || e->midstream)
		return;
	u = table_count(o->unheard) ? table_find(o->unheard, &e->flow) : NULL;
	u = u ? u : &none;
	if (waited_long(e, c->now_ns))
		late_add(o, e);
	if (was_aborted(e)) {
		event_add(o, &e->flow, ABORTED, e->first_ns, e->first_frame,
			  e->last_frame);
	} else if (u->again >= AGAIN_LEAST &&
		   (silent || (!e->side[0].bytes && !e->side[1].bytes &&
			       e->side[0].packets >= 3))) {
		event_add(o, &e->flow, ACK_IGNORED, e->first_ns, u->frames[0],
			  u->frames[1]);
		ignored_raise(e, u, c);
	} else if (silent && !u->again && e->first_data_tries >= DATA_TRIES &&
		   e->first_data_ns >= DATA_NS) {
		event_add(o, &e->flow, DATA_IGNORED, e->first_ns,
			  e->first_frame, e->last_frame);
		if (e->first_data_bytes <= DATA_SMALL)
			dead_raise(e, c);
	} else if (u->data_waits && !silent &&
		   (e->side[0].acked_bytes || e->side[1].acked_bytes)) {
		late_third(o, &e->flow, e->first_ns, u->last_ns, u->frames,
			   u->again < FRAMES ? (int)u->again : FRAMES);
	}
}

/* The busiest ten seconds: distinct tuples by kind. */
static uint32_t overflow_count(const struct overflow *v, int64_t from_ns,
			       uint32_t kinds[KINDS])
{
	uint32_t n = v->count < EVENTS ? v->count : EVENTS, tuples = 0;

	memset(kinds, 0, KINDS * sizeof(kinds[0]));
	for (uint32_t i = 0; i < n; i++) {
		const struct event *e = &v->event[i];
		bool seen = false;

		if (e->ns < from_ns || e->ns > from_ns + TOGETHER_NS)
			continue;
		for (uint32_t k = 0; k < i && !seen; k++)
			seen = v->event[k].client_port == e->client_port &&
			       v->event[k].ns >= from_ns &&
			       v->event[k].ns <= from_ns + TOGETHER_NS;
		if (seen)
			continue;
		kinds[e->kind]++;
		tuples++;
	}
	return tuples;
}

static void say_overflow(struct finding *g, const struct service_key *k,
			 uint32_t tuples, const uint32_t kinds[KINDS],
			 const struct service *s)
{
	static const char *const says[] = {
		"%s%u got the SYN-ACK again after they had answered it",
		"%s%u got no answer to the SYN",
		"%s%u were reset right after the handshake",
		"%s%u got no acknowledgement of the first data"};
	char service[ENDPOINT_TEXT];
	const char *between = " Of these ";

	endpoint_text(&k->addr, k->port, service);
	finding_title(g, "The queue of %s is full", service);
	finding_summary(g,
			"%s turned away %u connections within 10 s while it "
			"answered others (%u opened in all).",
			service, tuples, s->opened);
	for (int i = 0; i < KINDS; i++) {
		if (!kinds[i])
			continue;
		finding_add(g, says[i], between, kinds[i]);
		between = ", ";
	}
	finding_add(g, ". The application does not accept connections as fast "
		       "as they come.");
	if (g->advice[0][0])
		return;
	finding_advise(g,
		       "On the server: ss -ltn '( sport = :%u )' (Recv-Q "
		       "above Send-Q?); nstat -az TcpExtListenOverflows",
		       k->port);
	finding_advise(g, "Is the application stuck? Else raise its backlog "
			  "and net.core.somaxconn");
}

/* SYNs ignored alone may be a filter's doing; where what opens waits long for
 * its answer, it is the application that does not keep up. */
static bool is_behind(const struct overflow *v, const uint32_t kinds[KINDS],
		      int64_t from_ns)
{
	return kinds[SYN_IGNORED] >= TUPLES_LEAST && v->late >= LATE_LEAST &&
	       v->late_first_ns <= from_ns + TOGETHER_NS &&
	       v->late_last_ns >= from_ns - TOGETHER_NS;
}

/* It answers others: a connection opened, or was answered, at that time. */
static bool serves_others(const struct service *s, int64_t ns)
{
	return s && s->opened && s->last_synack_ns >= ns - TOGETHER_NS;
}

static void overflow_judge(struct opening *o, struct overflow *v,
			   const struct detector_context *c)
{
	const struct service_key *k = table_key(o->overflows, v);
	const struct service *s = service_find(o, &k->addr, k->port);
	uint32_t n = v->count < EVENTS ? v->count : EVENTS, best = 0;
	uint32_t kinds[KINDS], best_kinds[KINDS] = {0};
	int64_t from = 0;
	struct subject subject = subject_service(&k->addr, k->port, 6);
	struct finding *g;

	v->dirty = false;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t of = 0,
			 tuples = overflow_count(v, v->event[i].ns, kinds);

		for (int x = 0; x < KINDS; x++)
			of += kinds[x] > 0;
		if (tuples > best &&
		    (of >= 2 || is_behind(v, kinds, v->event[i].ns))) {
			best = tuples;
			from = v->event[i].ns;
			memcpy(best_kinds, kinds, sizeof(kinds));
		}
	}
	if (best < TUPLES_LEAST || !serves_others(s, from) ||
	    service_flooded(s, from))
		return;
	g = finding_raise(c->findings, &listen_overflow_def, &subject, "", from,
			  from + TOGETHER_NS);
	if (!g)
		return;
	g->count = best;
	for (uint32_t i = 0; i < n; i++)
		for (int x = 0; x < 2; x++)
			if (v->event[i].ns >= from)
				finding_frame(g, v->event[i].frame[x]);
	g->confidence = best_kinds[ACK_IGNORED] || best_kinds[ABORTED] ? CERTAIN
								       : LIKELY;
	say_overflow(g, k, best, best_kinds, s);
	if (v->late >= LATE_LEAST)
		finding_add(g,
			    " %u connections that opened waited a second or "
			    "more for their answer.",
			    v->late);
}

void accept_clock(struct opening *o, const struct detector_context *c)
{
	for (struct overflow *v = table_oldest(o->overflows); v;
	     v = table_newer(o->overflows, v))
		if (v->dirty)
			overflow_judge(o, v, c);
}
