/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * port_exhaustion.c - a client that runs out of ports towards one service.
 *
 * Who closes first keeps the port for a minute (TIME-WAIT, RFC 9293, 3.3.2).  A
 * client that closes nearly as many connections in a minute as it has ports
 * soon cannot open any: that leaves no trace on the wire but its absence.  One
 * that takes ports again within the minute meets the server's TIME-WAIT: a
 * challenge, a RST or silence.
 */
#include <inttypes.h>
#include <string.h>

#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"

enum {
	TENS = 7,  /* buckets of ten seconds; one is being emptied */
	BUSY = 16, /* closed in a minute: from here on ports are remembered */
	LINUX_PORTS = 28232,   /* 32768-60999 */
	PORTS_LEAST = 32768,   /* remembered */
	WINDOWS_PORTS = 16384, /* 49152-65535, RFC 6335 */
	WINDOWS_FROM = 49152,
	PERCENT = 80,
	REUSES = 3,
	FRAMES = 12,
};

#define TEN_NS	(10 * NS_PER_S)
#define WAIT_NS (60 * NS_PER_S)

static const struct finding_def port_exhaustion = {
	.id = "tcp.port_exhaustion",
	.layer = LAYER_TRANSPORT,
	.most = CRITICAL,
	.subject = SUBJECT_PATH,
	.relies = RELIES_ABSENCE,
	.title = "A client runs out of ports towards one service",
};

struct path {
	int64_t ten; /* the newest bucket, in tens of seconds */
	int64_t first_ns, last_ns;
	uint32_t kept[TENS]; /* ports in the client's TIME-WAIT, by their close
			      */
	uint32_t closed[TENS];		   /* connections, whoever closed */
	uint32_t most;			   /* kept at a time */
	uint16_t lowest;		   /* port of the client */
	uint32_t worked, challenged, dead; /* reuses within a minute */
	uint64_t frame[FRAMES];
	uint32_t frames;
};

struct watch {
	struct table *paths; /* struct path_key -> struct path */
	/* a hash of the flow -> when it was closed: a client must get through
	 * all of its ports before the first of them is forgotten */
	struct table *ports;
	struct hash_key key;
};

static void *ports_open(struct arena *home, const struct limits *limits,
			struct hash_key key)
{
	const struct table_spec paths = {"paths whose ports are counted",
					 sizeof(struct path_key),
					 sizeof(struct path), limits->services};
	const uint32_t most = limits->attempts;
	const struct table_spec ports = {
		"ports closed of late", sizeof(uint64_t), sizeof(int64_t),
		most > PORTS_LEAST ? most : PORTS_LEAST};
	struct watch *w = arena_alloc(home, sizeof(*w));

	if (!w)
		return NULL;
	w->key = key;
	w->paths = table_new(home, &paths, key);
	w->ports = table_new(home, &ports, key);
	return w->paths && w->ports ? w : NULL;
}

static uint64_t port_key(const struct watch *w, const struct flow *f)
{
	return hash_quick(f, sizeof(*f), w->key);
}

/* The bucket of a time; -1: too old. */
static int bucket_of(struct path *p, int64_t ns)
{
	int64_t ten = ns / TEN_NS, steps = ten - p->ten;

	if (steps <= -TENS)
		return -1;
	for (int64_t i = 0; i < steps && i < TENS; i++) {
		uint64_t at = (uint64_t)(ten - i) % TENS;

		p->kept[at] = p->closed[at] = 0;
	}
	if (steps > 0)
		p->ten = ten;
	return (int)((uint64_t)ten % TENS);
}

/* Of the last sixty seconds before the bucket that is being filled. */
static uint32_t sum_of(const struct path *p, const uint32_t count[TENS])
{
	uint32_t sum = 0;

	for (int i = 0; i < TENS; i++)
		if (i != (int)((uint64_t)(p->ten + 1) % TENS))
			sum += count[i];
	return sum;
}

static void on_ended(struct watch *w, const struct tcp_ended_fact *e)
{
	const struct path_key key = path_key_of(&e->flow);
	uint64_t port;
	int64_t *closed;
	struct path *p;
	uint32_t kept;
	int at;

	if (!e->opened || e->at_end || e->evicted)
		return;
	p = table_add(w->paths, &key, NULL);
	at = p ? bucket_of(p, e->last_ns) : -1;
	if (at < 0)
		return;
	if (!p->first_ns)
		p->first_ns = e->first_ns;
	p->last_ns = e->last_ns;
	if (!p->lowest || e->flow.src_port < p->lowest)
		p->lowest = e->flow.src_port;
	p->closed[at]++;
	if (e->side[0].state == TCPS_TIME_WAIT) {
		p->kept[at]++;
		kept = sum_of(p, p->kept);
		if (kept > p->most)
			p->most = kept;
	}
	if (sum_of(p, p->closed) < BUSY)
		return;
	port = port_key(w, &e->flow);
	closed = table_add(w->ports, &port, NULL);
	if (closed)
		*closed = e->last_ns;
}

static void keep_frames(struct path *p, const struct tcp_attempt_fact *a)
{
	for (int i = 0; i < 2; i++)
		if (a->frames[i] && p->frames < FRAMES)
			p->frame[p->frames++] = a->frames[i];
}

/* A port that was in use less than a minute ago: what becomes of it? */
static void on_attempt(struct watch *w, const struct tcp_attempt_fact *a)
{
	const int64_t *closed;
	struct path_key key;
	uint64_t port;
	struct path *p;

	if (!table_count(w->ports) || a->outcome == TCP_UNDECIDED ||
	    a->outcome == TCP_CLIENT_GAVE_UP)
		return;
	port = port_key(w, &a->flow);
	closed = table_find(w->ports, &port);
	if (!closed || a->first_ns < *closed ||
	    a->first_ns - *closed >= WAIT_NS)
		return;
	key = path_key_of(&a->flow);
	p = table_find(w->paths, &key);
	if (!p)
		return;
	if (a->outcome == TCP_COMPLETED) {
		p->worked++;
		return;
	}
	p->challenged += a->outcome == TCP_STALE_PEER;
	p->dead += a->outcome != TCP_STALE_PEER;
	p->last_ns = a->end_ns;
	keep_frames(p, a);
}

static void ports_observe(void *self, const struct observation *o,
			  const struct detector_context *c)
{
	(void)c;
	if (o->kind == OBS_TCP_ENDED)
		on_ended(self, &o->as.ended);
	else
		on_attempt(self, &o->as.attempt);
}

static uint32_t range_of(const struct path *p)
{
	return p->lowest >= WINDOWS_FROM ? WINDOWS_PORTS : LINUX_PORTS;
}

static bool ports_fail(const struct path *p)
{
	return p->challenged + p->dead >= REUSES;
}

static void say_reuse(struct finding *f, const struct path *p,
		      const char *client, const char *service)
{
	finding_title(f, "%s has no fresh port left towards %s", client,
		      service);
	finding_summary(f,
			"%s took ports towards %s again that had been closed "
			"less than a minute before, and %" PRIu32
			" times that failed (frame %" PRIu64 "): the server "
			"still held the old connection. %" PRIu32
			" were met by an ACK of the old one, %" PRIu32
			" by a RST, an error or silence; %" PRIu32 " worked.",
			client, service, p->challenged + p->dead, p->frame[0],
			p->challenged, p->dead, p->worked);
	f->confidence = LIKELY;
	f->severity = p->dead ? CRITICAL : WARNING;
}

static void say_count(struct finding *f, const struct path *p,
		      const char *client, const char *service)
{
	finding_title(f, "%s uses up its ports towards %s", client, service);
	finding_summary(f,
			"%s closed %" PRIu32 " connections to %s within a "
			"minute, each of which keeps its port for a minute: "
			"of %" PRIu32 " that a client has by default. When "
			"none is left it cannot connect, and nothing of that "
			"is seen on the wire.",
			client, p->most, service, range_of(p));
	f->confidence = POSSIBLE;
	f->severity = WARNING;
}

static void judge(const struct path *p, const struct path_key *k,
		  const struct detector_context *c)
{
	const struct subject subject =
		subject_path_to(&k->client, &k->server, k->port, 6);
	char client[ADDR_TEXT], service[ENDPOINT_TEXT];
	struct finding *f;

	if (!ports_fail(p) &&
	    p->most * 100ULL < range_of(p) * (uint64_t)PERCENT)
		return;
	f = finding_raise(c->findings, &port_exhaustion, &subject, "",
			  p->first_ns, p->last_ns);
	if (!f)
		return;
	f->count = ports_fail(p) ? p->challenged + p->dead : p->most;
	for (uint32_t i = 0; i < p->frames; i++)
		finding_frame(f, p->frame[i]);
	addr_text(&k->client, client);
	endpoint_text(&k->server, k->port, service);
	if (ports_fail(p))
		say_reuse(f, p, client, service);
	else
		say_count(f, p, client, service);
	finding_advise(f,
		       "On %s: ss -tan state time-wait dst %s | wc -l; "
		       "sysctl net.ipv4.ip_local_port_range",
		       client, service);
	finding_advise(f, "Persistent connections or a pool; several addresses "
			  "on either side");
}

static void ports_finish(void *self, const struct detector_context *c)
{
	struct watch *w = self;

	for (struct path *p = table_oldest(w->paths); p;
	     p = table_newer(w->paths, p))
		judge(p, table_key(w->paths, p), c);
}

static void ports_limits(void *self, struct checks *out)
{
	struct watch *w = self;

	check_table(out, w->paths);
	check_table(out, w->ports);
}

static const struct finding_def *const findings[] = {&port_exhaustion, NULL};
static const enum observation_kind wants[] = {OBS_TCP_ENDED, OBS_TCP_ATTEMPT,
					      OBSERVATIONS};

const struct detector port_exhaustion_detector = {
	.name = "port_exhaustion",
	.findings = findings,
	.wants = wants,
	.open = ports_open,
	.observe = ports_observe,
	.finish = ports_finish,
	.limits = ports_limits,
};
