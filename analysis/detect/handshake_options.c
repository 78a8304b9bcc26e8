/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * handshake_options.c - a middlebox takes options out of the handshake.
 *
 * The server grants an option to others that offer it, and never to this
 * client: something between them removes it (RFC 1323 lived through this).
 */
#include "analysis/detector.h"
#include "base/table.h"

enum { ATTEMPTS_LEAST = 3, FRAMES = 8 };
enum option { OPTION_SACK = 1, OPTION_WSCALE = 2, OPTION_TS = 4 };

static const struct finding_def options_stripped_def = {
	.id = "tcp.handshake.options_stripped",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_PATH,
	.title = "A middlebox removes TCP options from the handshake",
};

struct service_key {
	struct addr server;
	uint16_t port, pad;
};

struct options_path {
	struct flow flow;
	int64_t first_ns, last_ns;
	uint8_t granted;
	uint32_t missing[3], answers;
	uint64_t frames[FRAMES];
	uint8_t frame_count;
};

/* What a service grants to anybody is gathered from its paths in the end, and
 * only if some path lacks an option: a SYN-ACK touches one entry. */
struct options {
	struct table *paths;
	struct table *services; /* service_key -> uint8_t, granted */
};

static void *options_open(struct arena *home, const struct limits *limits,
			  struct hash_key key)
{
	const struct table_spec spec = {
		"paths of handshakes", sizeof(struct path_key),
		sizeof(struct options_path), limits->services};
	const struct table_spec services = {"services and their TCP options",
					    sizeof(struct service_key),
					    sizeof(uint8_t), limits->services};
	struct options *x = arena_alloc(home, sizeof(*x));

	if (!x)
		return NULL;
	x->paths = table_new(home, &spec, key);
	x->services = table_new(home, &services, key);
	return x->paths && x->services ? x : NULL;
}

static struct options_path *path_of(struct options *x, const struct flow *f)
{
	const struct path_key key = path_key_of(f);

	return table_add(x->paths, &key, NULL);
}

static uint8_t *service_of(struct options *x, const struct options_path *p)
{
	const struct path_key *path = table_key(x->paths, p);
	struct service_key key;

	memset(&key, 0, sizeof(key));
	key.server = path->server;
	key.port = path->port;
	return table_add(x->services, &key, NULL);
}

/* A SYN-ACK, and what its client had offered.  A SYN cookie for a SYN without
 * time stamps keeps neither SACK nor the window scale: that is no middlebox. */
static void on_synack(struct options *x, const struct observation *ob)
{
	const struct tcp_synack_fact *f = &ob->as.synack;
	uint8_t granted = (f->sack ? OPTION_SACK : 0) |
			  (f->wscale ? OPTION_WSCALE : 0) |
			  (f->has_ts ? OPTION_TS : 0);
	struct options_path *p = path_of(x, &f->flow);
	uint8_t lost;

	if (!p)
		return;
	p->granted |= granted;
	if (!f->offered)
		return;
	lost = f->offered & (uint8_t)~granted;
	if (!(f->offered & OPTION_TS) &&
	    (lost & (OPTION_SACK | OPTION_WSCALE)) ==
		    (OPTION_SACK | OPTION_WSCALE))
		return;
	if (!p->answers++) {
		p->flow = f->flow;
		p->first_ns = ob->time_ns;
	}
	p->last_ns = ob->time_ns;
	for (int i = 0; i < 3; i++)
		p->missing[i] += lost >> i & 1;
	if (lost && p->frame_count < FRAMES)
		p->frames[p->frame_count++] = ob->frame;
}

static void options_observe(void *self, const struct observation *ob,
			    const struct detector_context *c)
{
	(void)c;
	if (ob->as.synack.tries == 1 && ob->as.synack.answers_syn)
		on_synack(self, ob);
}

static void options_raise(const struct options_path *p, uint8_t lost,
			  const struct detector_context *c)
{
	static const char *const names[] = {"SACK", "window scaling",
					    "time stamps"};
	struct subject subject = subject_path_to(&p->flow.src, &p->flow.dst,
						 p->flow.dst_port, 6);
	struct finding *g =
		finding_raise(c->findings, &options_stripped_def, &subject, "",
			      p->first_ns, p->last_ns);
	char client[ADDR_TEXT], service[ENDPOINT_TEXT];
	const char *between = "";

	if (!g)
		return;
	addr_text(&p->flow.src, client);
	endpoint_text(&p->flow.dst, p->flow.dst_port, service);
	g->count = p->answers;
	g->confidence = LIKELY;
	g->has_flow = true;
	g->flow = p->flow;
	for (uint8_t i = 0; i < p->frame_count; i++)
		finding_frame(g, p->frames[i]);
	finding_title(g, "TCP options are lost between %s and %s", client,
		      service);
	finding_summary(g, "%s offers ", client);
	for (int i = 0; i < 3; i++)
		if (lost >> i & 1) {
			finding_add(g, "%s%s", between, names[i]);
			between = " and ";
		}
	finding_add(g,
		    " and %s, which grants it to others, never does in %u "
		    "handshakes: a box between them removes it.",
		    service, p->answers);
	finding_advise(g,
		       "Look at firewalls and proxies between %s and %s "
		       "that \"normalise\" TCP",
		       client, service);
}

/* The options that no answer of this path had. */
static uint8_t never_granted(const struct options_path *p)
{
	uint8_t never = 0;

	for (int i = 0; p->answers >= ATTEMPTS_LEAST && i < 3; i++)
		if (p->missing[i] == p->answers)
			never |= (uint8_t)(1 << i);
	return never;
}

static bool any_lacks(const struct options *x)
{
	const struct options_path *p = table_oldest(x->paths);

	while (p && !never_granted(p))
		p = table_newer(x->paths, p);
	return p;
}

static void options_finish(void *self, const struct detector_context *c)
{
	struct options *x = self;
	const struct options_path *p;
	uint8_t *granted;

	if (!any_lacks(x))
		return;
	for (p = table_oldest(x->paths); p; p = table_newer(x->paths, p)) {
		granted = service_of(x, p);
		if (granted)
			*granted |= p->granted;
	}
	for (p = table_oldest(x->paths); p; p = table_newer(x->paths, p)) {
		uint8_t never = never_granted(p);

		granted = never ? service_of(x, p) : NULL;
		if (granted && *granted & never)
			options_raise(p, *granted & never, c);
	}
}

static void options_limits(void *self, struct checks *out)
{
	const struct options *x = self;

	check_table(out, x->paths);
}

static const struct finding_def *const options_findings[] = {
	&options_stripped_def, NULL};
static const enum observation_kind options_wants[] = {OBS_TCP_SYNACK,
						      OBSERVATIONS};

const struct detector handshake_options_detector = {
	.name = "handshake_options",
	.findings = options_findings,
	.wants = options_wants,
	.open = options_open,
	.observe = options_observe,
	.finish = options_finish,
	.limits = options_limits,
};
