/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp_server_slow.c - the network is quick, the first byte of the answer is
 * not. */
#include <inttypes.h>

#include "analysis/detector.h"
#include "base/when.h"
#include "base/text.h"

#define LONE_NS (5 * NS_PER_S)

enum { OFTEN = 3 };

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
};

struct watch {
	struct table *services;
};

static void *slow_open(struct arena *home, const struct limits *limits,
		       struct hash_key key)
{
	const struct table_spec spec = {"slow services", sizeof(struct service),
					sizeof(struct waits), limits->services};
	struct watch *w = arena_alloc(home, sizeof(*w));

	if (!w)
		return NULL;
	w->services = table_new(home, &spec, key);
	return w->services ? w : NULL;
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
		finding_add(f, "  A round trip takes %s.",
			    when_duration(n->rtt_ns, rtt));
	finding_frame(f, n->frames[0]);
	finding_frame(f, n->frames[1]);
}

static void slow_observe(void *self, const struct observation *o,
			 const struct detector_context *c)
{
	const struct tcp_ended_fact *e = &o->as.ended;
	struct watch *w = self;
	struct service key;
	struct waits *n;

	if (!e->server_waits)
		return;
	memset(&key, 0, sizeof(key));
	key.addr = e->flow.dst;
	key.port = e->flow.dst_port;
	n = table_add(w->services, &key, NULL);
	if (!n)
		return;
	if (!n->count || e->first_ns < n->first_ns)
		n->first_ns = e->first_ns;
	n->count += e->server_waits;
	if (e->server_wait_ns > n->worst_ns) {
		n->worst_ns = e->server_wait_ns;
		n->frames[0] = e->wait_frames[0];
		n->frames[1] = e->wait_frames[1];
		n->flow = e->flow;
		n->rtt_ns = e->side[0].rr_min_ns + e->side[1].rr_min_ns;
	}
	if (n->count >= OFTEN || n->worst_ns >= LONE_NS)
		raise(&key, n, c, e->last_ns);
}

static void slow_limits(void *self, struct checks *out)
{
	struct watch *w = self;

	check_table(out, w->services);
}

static const struct finding_def *const slow_findings[] = {&slow, NULL};
static const enum observation_kind slow_wants[] = {OBS_TCP_ENDED, OBSERVATIONS};

const struct detector tcp_server_slow_detector = {
	.name = "tcp_server_slow",
	.findings = slow_findings,
	.wants = slow_wants,
	.open = slow_open,
	.observe = slow_observe,
	.limits = slow_limits,
};
