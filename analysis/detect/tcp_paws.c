/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_paws.c - segments and SYNs that are dropped for their old time stamp
 * (RFC 7323, 5; the recycling of TIME-WAIT that Linux had until 4.12).
 *
 * In a connection the receiver answers what it drops by a bare ACK.  A SYN is
 * dropped in silence by a server that keeps one clock for an address; behind it
 * are several hosts with a clock each.  So the clocks of an address are
 * compared once one of its SYNs stays unanswered: where those behind the newest
 * are never answered and those before it always are, that is the reason.
 */
#include <inttypes.h>
#include <string.h>

#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"

enum { LEAST = 3, FRAMES = 8, PATHS = 1024, GIVEN_UP = 3 /* SYNs */ };

#define CLOCK_NS (60 * NS_PER_S) /* for how long an address's clock is kept */

static const struct finding_def paws_drop = {
	.id = "tcp.paws_drop",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_FLOW,
	.relies = RELIES_SEQUENCE,
	.title = "Segments are dropped for their old time stamp",
};

struct hosts {
	struct addr client, server;
};

/* The SYNs of an address to a server, by the clock of their time stamps. */
struct clocks {
	bool known;
	uint32_t newest; /* of those that were answered */
	int64_t newest_ns, first_ns, last_ns;
	uint32_t old_silent, old_answered, new_silent, new_answered;
	struct flow flow; /* of the first old one */
	uint64_t frame[FRAMES];
};

struct watch {
	struct table *paths;
};

static void *paws_open(struct arena *home, const struct limits *limits,
		       struct hash_key key)
{
	const struct table_spec spec = {"clocks of clients",
					sizeof(struct hosts),
					sizeof(struct clocks), PATHS};
	struct watch *w = arena_alloc(home, sizeof(*w));

	(void)limits;
	if (w)
		w->paths = table_new(home, &spec, key);
	return w && w->paths ? w : NULL;
}

static struct hosts hosts_of(const struct flow *f)
{
	struct hosts key;

	memset(&key, 0, sizeof(key));
	key.client = f->src;
	key.server = f->dst;
	return key;
}

static bool is_old(const struct clocks *p, uint32_t tsval, int64_t now_ns)
{
	return p->known && now_ns - p->newest_ns <= CLOCK_NS &&
	       (int32_t)(tsval - p->newest) < 0;
}

/* A SYN that was sent before stays without answer.  Any of them begins the
 * watch; it is counted when its client has tried in earnest. */
static void on_syn(struct watch *w, const struct observation *o)
{
	const struct tcp_syn_fact *s = &o->as.syn;
	struct hosts key;
	struct clocks *p;

	if (s->tries < 2 || s->tries > GIVEN_UP || !s->has_ts || s->on_live)
		return;
	key = hosts_of(&s->flow);
	p = table_add(w->paths, &key, NULL);
	if (!p || s->tries < GIVEN_UP)
		return;
	if (!is_old(p, s->tsval, o->time_ns)) {
		p->new_silent += p->known;
		return;
	}
	if (!p->old_silent) {
		p->first_ns = s->first_ns;
		p->flow = s->flow;
	}
	p->last_ns = o->time_ns;
	if (p->old_silent < FRAMES)
		p->frame[p->old_silent] = o->frame;
	p->old_silent++;
}

static void on_synack(struct watch *w, const struct observation *o)
{
	const struct tcp_synack_fact *s = &o->as.synack;
	struct hosts key;
	struct clocks *p;

	if (!table_count(w->paths) || !s->has_ts || !s->answers_syn ||
	    s->tries > 1)
		return;
	key = hosts_of(&s->flow);
	p = table_touch(w->paths, &key);
	if (!p)
		return;
	if (is_old(p, s->tsecr, o->time_ns)) {
		p->old_answered++;
		return;
	}
	p->new_answered += p->known;
	p->known = true;
	p->newest = s->tsecr;
	p->newest_ns = o->time_ns;
}

static void raise_clocks(const struct clocks *p,
			 const struct detector_context *c)
{
	const struct subject subject = subject_flow(&p->flow);
	char client[ADDR_TEXT], server[ENDPOINT_TEXT];
	struct finding *f = finding_raise(c->findings, &paws_drop, &subject,
					  "syn", p->first_ns, p->last_ns);

	if (!f)
		return;
	f->count = p->old_silent;
	f->confidence = LIKELY;
	f->has_flow = true;
	f->flow = p->flow;
	for (int i = 0; i < FRAMES; i++)
		finding_frame(f, p->frame[i]);
	addr_text(&p->flow.src, client);
	endpoint_text(&p->flow.dst, p->flow.dst_port, server);
	finding_title(f, "%s drops SYNs of %s for their time stamp", server,
		      client);
	finding_summary(f,
			"%" PRIu32 " connections of %s got no answer from %s, "
			"all with a time stamp older than the newest that was "
			"answered within a minute (the first in frame %" PRIu64
			"); %" PRIu32 " with newer ones were answered, none "
			"was not. Several hosts with a clock each stand behind "
			"that address, and the server keeps one for all.",
			p->old_silent, client, server, p->frame[0],
			p->new_answered + 1);
	finding_advise(f, "On the server: sysctl net.ipv4.tcp_tw_recycle (must "
			  "be 0; gone since Linux 4.12)");
}

static void raise_segments(const struct tcp_ended_fact *e, unsigned side,
			   const struct detector_context *c)
{
	const struct tcp_side *s = &e->side[side];
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];
	struct subject subject;
	struct finding *f;
	struct flow flow;

	if (s->paws_drops < LEAST)
		return;
	flow = side ? flow_reverse(&e->flow) : e->flow;
	subject = subject_flow(&flow);
	f = finding_raise(c->findings, &paws_drop, &subject, "", e->first_ns,
			  e->last_ns);
	if (!f)
		return;
	f->count = s->paws_drops;
	f->confidence = LIKELY;
	for (int i = 0; i < 4; i++)
		finding_frame(f, s->paws_frames[i]);
	endpoint_text(&flow.src, flow.src_port, from);
	endpoint_text(&flow.dst, flow.dst_port, to);
	finding_title(f, "%s drops %" PRIu32 " segments for their time stamp",
		      to, s->paws_drops);
	finding_summary(f,
			"%" PRIu32 " segments of %s bear an older time stamp "
			"than data that it had sent before (the first in "
			"frame %" PRIu64 "), and %s answered each by a bare "
			"ACK without taking it (frame %" PRIu64 ").",
			s->paws_drops, from, s->paws_frames[0], to,
			s->paws_frames[1]);
	finding_advise(f,
		       "Does the clock of %s jump, or does a box in "
		       "between rewrite time stamps?",
		       from);
}

static void paws_observe(void *self, const struct observation *o,
			 const struct detector_context *c)
{
	if (o->kind == OBS_TCP_SYN || o->kind == OBS_TCP_CROWD) {
		on_syn(self, o);
	} else if (o->kind == OBS_TCP_SYNACK) {
		on_synack(self, o);
	} else {
		raise_segments(&o->as.ended, 0, c);
		raise_segments(&o->as.ended, 1, c);
	}
}

/* One that contradicts is enough: then it is not the clock. */
static void paws_finish(void *self, const struct detector_context *c)
{
	struct watch *w = self;

	for (struct clocks *p = table_oldest(w->paths); p;
	     p = table_newer(w->paths, p))
		if (p->old_silent >= LEAST && p->new_answered >= LEAST &&
		    !p->old_answered && !p->new_silent)
			raise_clocks(p, c);
}

static void paws_limits(void *self, struct checks *out)
{
	check_table(out, ((struct watch *)self)->paths);
}

static const struct finding_def *const findings[] = {&paws_drop, NULL};
static const enum observation_kind wants[] = {OBS_TCP_SYN, OBS_TCP_CROWD,
					      OBS_TCP_SYNACK, OBS_TCP_ENDED,
					      OBSERVATIONS};

const struct detector tcp_paws_detector = {
	.name = "tcp_paws",
	.findings = findings,
	.wants = wants,
	.open = paws_open,
	.observe = paws_observe,
	.finish = paws_finish,
	.limits = paws_limits,
};
