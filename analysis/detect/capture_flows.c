/* SPDX-License-Identifier: BSD-3-Clause */
/* capture_flows.c - TCP connections of which the capture shows only a part:
 * not their opening, or only one of their directions. */
#include <inttypes.h>

#include "analysis/detector.h"
#include "base/text.h"

enum {
	SHOWN = 8,
	ONE_WAY_PACKETS = 5,
	ACK_MOVES = 2, /* only a live peer moves it, and not once alone */
	ONE_WAY_FLOWS = 3,
	FEW_PERCENT = 20,
};

static const struct finding_def midstream = {
	.id = "capture.midstream",
	.layer = LAYER_CAPTURE,
	.most = INFO,
	.subject = SUBJECT_CAPTURE,
	.title = "Connections were open before the capture began",
	.advice = {"To see how they open, start the capture first"},
};

static const struct finding_def one_way = {
	.id = "capture.one_way",
	.layer = LAYER_CAPTURE,
	.most = WARNING,
	.subject = SUBJECT_CAPTURE,
	.title = "Only one direction was captured",
	.advice = {"Mirror both directions of the port",
		   "Look for asymmetric routes and for the other members of a "
		   "LAG"},
};

/* Connections that show the same lack. */
struct group {
	uint32_t count, shown;
	uint64_t frame[SHOWN];
	struct flow first;
	int64_t first_ns, last_ns;
};

struct watch {
	struct group midstream, one_way;
	uint32_t judged; /* had packets enough for either verdict */
};

static void *flows_open(struct arena *home, const struct limits *limits,
			struct hash_key key)
{
	(void)limits;
	(void)key;
	return arena_alloc(home, sizeof(struct watch));
}

static void group_note(struct group *g, const struct tcp_ended_fact *e)
{
	if (!g->count++) {
		g->first = e->flow;
		g->first_ns = e->first_ns;
	}
	if (g->shown < SHOWN)
		g->frame[g->shown++] = e->first_frame;
	if (e->first_ns < g->first_ns)
		g->first_ns = e->first_ns;
	if (e->last_ns > g->last_ns)
		g->last_ns = e->last_ns;
}

/* A lone RST, or a probe that a RST answers, was never a connection. */
static bool is_probe(const struct tcp_ended_fact *e)
{
	bool reset = e->side[0].reset || e->side[1].reset;

	return reset && e->side[0].packets <= 1 && e->side[1].packets <= 1;
}

/* One side alone has packets.  After its SYN, or its answer to one that is not
 * here, one step of its acknowledgements is enough. */
static bool hears(const struct tcp_ended_fact *e, const struct tcp_side *talker)
{
	bool whole = (e->syn_seen || e->opened) && !talker->reset;

	return talker->ack_moves >= (whole ? 1 : ACK_MOVES);
}

static void flows_observe(void *self, const struct observation *o,
			  const struct detector_context *c)
{
	const struct tcp_ended_fact *e = &o->as.ended;
	const struct tcp_side *talker =
		e->side[0].packets ? &e->side[0] : &e->side[1];
	struct watch *w = self;

	if (e->midstream && !is_probe(e)) {
		group_note(&w->midstream, e);
		weak_lacks(c->weak, &e->flow, LACK_OPENING);
	}
	if (e->side[0].packets + e->side[1].packets < ONE_WAY_PACKETS)
		return;
	if (e->side[0].packets && e->side[1].packets) {
		w->judged++;
		weak_both_ways(c->weak, &e->flow);
	} else if (hears(e, talker)) {
		struct flow seen =
			e->side[0].packets ? e->flow : flow_reverse(&e->flow);

		w->judged++;
		group_note(&w->one_way, e);
		weak_one_way(c->weak, &seen);
	}
}

static struct finding *raise_group(const struct detector_context *c,
				   const struct finding_def *def,
				   const struct group *g)
{
	const struct subject subject = subject_capture();
	struct finding *f = finding_raise(c->findings, def, &subject, "",
					  g->first_ns, g->last_ns);

	if (!f)
		return NULL;
	f->count = g->count;
	for (uint32_t i = 0; i < g->shown; i++)
		finding_frame(f, g->frame[i]);
	return f;
}

static void judge_midstream(const struct watch *w,
			    const struct detector_context *c)
{
	const struct group *g = &w->midstream;
	char a[ENDPOINT_TEXT], b[ENDPOINT_TEXT];
	struct finding *f = g->count ? raise_group(c, &midstream, g) : NULL;

	if (!f)
		return;
	finding_title(f,
		      "%" PRIu32 " connection%s open before the capture "
		      "began",
		      g->count, g->count == 1 ? " was" : "s were");
	finding_summary(f,
			"No opening of %" PRIu32 " TCP connection%s was seen, "
			"as of %s > %s (from frame %" PRIu64 " on). Their "
			"window scale, MSS and opening time are not known.",
			g->count, plural(g->count),
			endpoint_text(&g->first.src, g->first.src_port, a),
			endpoint_text(&g->first.dst, g->first.dst_port, b),
			g->frame[0]);
}

static void judge_one_way(const struct watch *w,
			  const struct detector_context *c)
{
	const struct group *g = &w->one_way;
	char a[ENDPOINT_TEXT], b[ENDPOINT_TEXT];
	struct finding *f;

	if (!g->count || (g->count < ONE_WAY_FLOWS && g->count < w->judged))
		return;
	f = raise_group(c, &one_way, g);
	if (!f)
		return;
	if (g->count * 100ull < w->judged * (uint64_t)FEW_PERCENT)
		f->severity = NOTICE;
	finding_title(f,
		      "Only one direction of %" PRIu32 " of %" PRIu32
		      " connection%s was captured",
		      g->count, w->judged, plural(w->judged));
	finding_summary(f,
			"Of %" PRIu32 " TCP connections with enough packets to "
			"tell, %" PRIu32 " show one side alone, and yet its "
			"acknowledgements advance: the other side did send. "
			"One of them is %s > %s (from frame %" PRIu64 " on). "
			"Nothing is said of answers that these lack.",
			w->judged, g->count,
			endpoint_text(&g->first.src, g->first.src_port, a),
			endpoint_text(&g->first.dst, g->first.dst_port, b),
			g->frame[0]);
}

static void flows_finish(void *self, const struct detector_context *c)
{
	judge_midstream(self, c);
	judge_one_way(self, c);
}

static void flows_checked(void *self, const struct detector_context *c,
			  struct checks *out)
{
	const struct watch *w = self;
	uint32_t n = w->one_way.count;

	(void)c;
	if (n)
		check_add(out, CHECK_NOT_JUDGED, LAYER_TRANSPORT,
			  "the unseen side of %" PRIu32 " connection%s, "
			  "captured in one direction only",
			  n, plural(n));
}

static const struct finding_def *const findings[] = {&midstream, &one_way,
						     NULL};
static const enum observation_kind wants[] = {OBS_TCP_ENDED, OBSERVATIONS};

const struct detector capture_flows_detector = {
	.name = "capture_flows",
	.findings = findings,
	.wants = wants,
	.open = flows_open,
	.observe = flows_observe,
	.finish = flows_finish,
	.checked = flows_checked,
};
