/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_loss.c - what was sent again, needlessly or not, and what was overtaken.
 *
 * Each connection is judged once, by its numbers; the verdict on each segment
 * was the tracker's.  A range that is still unanswered at the end is no loss
 * that was made good: tcp_peer_lost.c and others speak of that.
 */
#include <inttypes.h>

#include "analysis/detect/tcp_gone.h"
#include "analysis/detect/tcp_where.h"
#include "analysis/detector.h"
#include "base/when.h"
#include "base/text.h"

#define COSTLY_RTO_NS NS_PER_S

enum { LEAST = 3, PER_MILLE_LEAST = 1, PERCENT_WARNS = 1 };

static const struct finding_def loss = {
	.id = "tcp.loss",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_FLOW,
	.relies = RELIES_SEQUENCE,
	.title = "Segments were lost and sent again",
};

static const struct finding_def spurious = {
	.id = "tcp.spurious_retransmission",
	.layer = LAYER_TRANSPORT,
	.most = NOTICE,
	.subject = SUBJECT_FLOW,
	.relies = RELIES_SEQUENCE,
	.title = "Segments were sent again although they had arrived",
	.advice = {"Look for reordering, for sudden delay and for lost "
		   "acknowledgements on this path"},
};

static const struct finding_def reordering = {
	.id = "tcp.reordering",
	.layer = LAYER_TRANSPORT,
	.most = NOTICE,
	.subject = SUBJECT_FLOW,
	.relies = RELIES_SEQUENCE,
	.title = "Segments arrive out of order",
	.advice = {"Look for load sharing by packet: bonding, ECMP, several "
		   "queues or radio links"},
};

struct watch {
	uint64_t judged, clean;
	struct wheres wheres;
};

static void *loss_open(struct arena *home, const struct limits *limits,
		       struct hash_key key)
{
	struct watch *w = arena_alloc(home, sizeof(*w));

	(void)limits;
	(void)key;
	if (w)
		w->wheres.home = home;
	return w;
}

static bool often(uint32_t n, const struct tcp_side *s)
{
	return n >= LEAST && (uint64_t)n * 1000 >= (uint64_t)s->data_segments *
							   PER_MILLE_LEAST;
}

/* Resends that made good a loss on the way; those of a peer that is gone or
 * never answered have a finding of their own. */
static uint32_t lost_of(const struct tcp_ended_fact *e,
			const struct tcp_side *s, int64_t now_ns)
{
	bool gone = e->first_data_unanswered || tcp_peer_gone(e, s, now_ns);
	uint32_t not_loss =
		s->spurious + s->doubtful + s->resent_kind[RESENT_SYN] +
		s->resent_kind[RESENT_SYNACK] + s->resent_kind[RESENT_FIN] +
		s->resent_kind[RESENT_PMTU] +
		(gone ? s->unanswered_resends : 0);

	return s->resent > not_loss ? s->resent - not_loss : 0;
}

static enum stretch stretch_of(const struct tcp_side *s, bool in_vain)
{
	if (in_vain || (s->lost_before && s->lost_after))
		return STRETCH_UNKNOWN;
	return s->lost_before  ? STRETCH_BEFORE
	       : s->lost_after ? STRETCH_AFTER
			       : STRETCH_UNKNOWN;
}

static struct finding *raise(const struct observation *o, unsigned side,
			     const struct detector_context *c,
			     const struct finding_def *def, uint32_t n,
			     struct flow *flow)
{
	const struct tcp_ended_fact *e = &o->as.ended;
	struct subject subject;
	struct finding *f;

	*flow = side ? flow_reverse(&e->flow) : e->flow;
	subject = subject_flow(flow);
	f = finding_raise(c->findings, def, &subject, "", e->first_ns,
			  e->last_ns);
	if (!f)
		return NULL;
	f->count += n;
	f->has_flow = true;
	f->flow = *flow;
	return f;
}

static void add_frames(struct finding *f, const uint64_t *frame, unsigned most)
{
	for (unsigned i = 0; i < most; i++)
		finding_frame(f, frame[i]);
}

/* What was lost, and what was sent again for it. */
static void add_between(struct finding *f, const struct tcp_passage *x)
{
	for (unsigned i = 0; x && i < PASSAGES; i++) {
		finding_frame(f, x->frames[i][0]);
		finding_frame(f, x->frames[i][1]);
	}
}

static void say_kinds(struct finding *f, const struct tcp_side *s)
{
	uint32_t fast =
		s->resent_kind[RESENT_FAST] + s->resent_kind[RESENT_SACK] +
		s->resent_kind[RESENT_RACK] + s->resent_kind[RESENT_LOST_AGAIN];
	const struct {
		uint32_t count;
		const char *how;
	} kind[] = {
		{fast, "on acknowledgements"},
		{s->resent_kind[RESENT_RTO], "by a timer"},
		/* what it held for lost as well, as answers come */
		{s->resent_kind[RESENT_RTO_RECOVERY], "in the wake of a timer"},
		{s->resent_kind[RESENT_TLP], "as a probe"}};
	char wait[WHEN_TEXT];
	bool told = false;

	for (size_t i = 0; i < sizeof(kind) / sizeof(kind[0]); i++) {
		if (!kind[i].count)
			continue;
		if (told)
			finding_add(f, ", %" PRIu32 " %s", kind[i].count,
				    kind[i].how);
		else
			finding_add(f, " %" PRIu32 " %s sent again %s",
				    kind[i].count, were(kind[i].count),
				    kind[i].how);
		told = true;
	}
	if (!told)
		return; /* none of a kind that is known */
	if (s->worst_rto_ns)
		finding_add(f, "; the longest wait was %s (frame %" PRIu64 ")",
			    when_duration(s->worst_rto_ns, wait),
			    s->worst_frame);
	finding_add(f, ".");
}

/* All of it is one segment at the end: that is when it began. */
static void say_in_vain(struct finding *f, const struct tcp_side *s,
			const char *from, const char *to)
{
	char span[WHEN_TEXT];

	f->first_ns = s->last_ns - s->unanswered_ns;
	f->confidence = LIKELY;
	finding_title(f, "%s repeats a segment %" PRIu32 " time%s in vain",
		      from, s->unanswered_resends,
		      plural(s->unanswered_resends));
	finding_summary(f,
			"%s sent the same segment to %s %" PRIu32
			" time%s again within %s; it was not acknowledged when "
			"the capture or the connection ended.",
			from, to, s->unanswered_resends,
			plural(s->unanswered_resends),
			when_duration(s->unanswered_ns, span));
}

static void judge_loss(struct watch *w, const struct observation *o,
		       unsigned side, const struct detector_context *c)
{
	const struct tcp_side *s = &o->as.ended.side[side];
	/* one segment, and no answer when the capture ends */
	bool in_vain = s->unanswered_resends >= s->resent;
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];
	uint32_t n = lost_of(&o->as.ended, s, c->now_ns);
	uint64_t percent;
	struct finding *f;
	struct flow flow;

	if (!n || (!often(n, s) && s->worst_rto_ns < COSTLY_RTO_NS))
		return;
	f = raise(o, side, c, &loss, n, &flow);
	if (!f)
		return;
	percent = s->data_segments ? n * 100ULL / s->data_segments : 0;
	f->reason[0] = '\0';
	f->stretch = stretch_of(s, in_vain);
	f->severity = percent >= PERCENT_WARNS ? WARNING : NOTICE;
	f->confidence = s->capture_gaps || s->hidden * 2 > n ? LIKELY : CERTAIN;
	endpoint_text(&flow.src, flow.src_port, from);
	endpoint_text(&flow.dst, flow.dst_port, to);
	finding_title(f, "%" PRIu32 " of %" PRIu32 " segments from %s %s lost",
		      n, s->data_segments, from, were(n));
	finding_summary(f,
			"%s sent %" PRIu32 " of %" PRIu32
			" data segments to %s again because %s lost.",
			from, n, s->data_segments, to,
			n == 1 ? "it was" : "they were");
	if (in_vain)
		say_in_vain(f, s, from, to);
	say_kinds(f, s);
	/* what was never acknowledged may have arrived */
	if (in_vain && s->lost_after && !s->lost_before)
		finding_add(f, " It passed this capture point each time: it "
			       "is lost after it, or the acknowledgements are, "
			       "or the receiver is gone.");
	else
		where_say(&w->wheres, f, &o->as.ended, side, n, c);
	if (s->doubtful)
		finding_add(f,
			    " %" PRIu32 " more %s sent again; without SACK "
			    "nothing says whether that was missing.",
			    s->doubtful, were(s->doubtful));
	finding_frame(f, s->worst_frame);
	add_between(f, o->as.ended.passage[side]);
	add_frames(f, s->resent_frames, 8);
	finding_advise(f, "mtr -T -P %u %s", flow.dst_port,
		       addr_text(&flow.dst, to));
}

static void judge_spurious(const struct observation *o, unsigned side,
			   const struct detector_context *c)
{
	const struct tcp_side *s = &o->as.ended.side[side];
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];
	struct finding *f;
	struct flow flow;

	if (!s->spurious || (!often(s->spurious, s) && !s->spurious_rtos))
		return;
	f = raise(o, side, c, &spurious, s->spurious, &flow);
	if (!f)
		return;
	finding_title(f, "%s sent %" PRIu32 " segment%s again that had arrived",
		      endpoint_text(&flow.src, flow.src_port, from),
		      s->spurious, plural(s->spurious));
	finding_summary(f,
			"%" PRIu32 " of %" PRIu32 " resend%s of %s to %s %s "
			"needless: the first transmission had arrived.",
			s->spurious, s->resent, plural(s->resent), from,
			endpoint_text(&flow.dst, flow.dst_port, to),
			were(s->spurious));
	if (s->out_of_order)
		finding_add(f,
			    " %" PRIu32 " segment%s of it came out of order.",
			    s->out_of_order, plural(s->out_of_order));
	add_frames(f, s->spurious_frames, 4);
}

static void judge_reordering(const struct observation *o, unsigned side,
			     const struct detector_context *c)
{
	const struct tcp_side *s = &o->as.ended.side[side];
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT], late[WHEN_TEXT];
	struct finding *f;
	struct flow flow;

	if (!often(s->out_of_order, s))
		return;
	f = raise(o, side, c, &reordering, s->out_of_order, &flow);
	if (!f)
		return;
	finding_title(f, "%" PRIu32 " segments from %s came out of order",
		      s->out_of_order,
		      endpoint_text(&flow.src, flow.src_port, from));
	finding_summary(f,
			"Of %" PRIu32 " data segments from %s to %s, %" PRIu32
			" were overtaken on their way to this capture point: "
			"by up to %" PRIu32 " segment%s and %s. Nothing was "
			"lost by that.",
			s->data_segments, from,
			endpoint_text(&flow.dst, flow.dst_port, to),
			s->out_of_order, s->reorder_max_segments,
			plural(s->reorder_max_segments),
			when_duration(s->reorder_max_ns, late));
	add_frames(f, s->reordered_frames, 4);
}

static void loss_observe(void *self, const struct observation *o,
			 const struct detector_context *c)
{
	const struct tcp_ended_fact *e = &o->as.ended;
	struct watch *w = self;

	for (unsigned i = 0; i < 2; i++) {
		judge_loss(w, o, i, c);
		judge_spurious(o, i, c);
		judge_reordering(o, i, c);
	}
	if (e->one_way ||
	    e->side[0].data_segments + e->side[1].data_segments < 4)
		return;
	w->judged++;
	w->clean += !e->side[0].resent && !e->side[1].resent;
}

static void loss_finish(void *self, const struct detector_context *c)
{
	const struct watch *w = self;

	where_finish(&w->wheres, c);
}

static void loss_checked(void *self, const struct detector_context *c,
			 struct checks *out)
{
	const struct watch *w = self;

	(void)c;
	if (w->clean)
		check_add(out, CHECK_WORKS, LAYER_TRANSPORT,
			  "%" PRIu64 " of %" PRIu64
			  " connection%s with data without a resend",
			  w->clean, w->judged, plural(w->judged));
}

static const struct finding_def *const loss_findings[] = {&loss, &spurious,
							  &reordering, NULL};
static const enum observation_kind loss_wants[] = {OBS_TCP_ENDED, OBSERVATIONS};

const struct detector tcp_loss_detector = {
	.name = "tcp_loss",
	.findings = loss_findings,
	.wants = loss_wants,
	.open = loss_open,
	.observe = loss_observe,
	.finish = loss_finish,
	.checked = loss_checked,
};
