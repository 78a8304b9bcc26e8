/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_ack_loss.c - acknowledgements that were sent and did not come here: the
 * IP IDs of a receiver that counts its packets have gaps.
 */
#include <inttypes.h>

#include "analysis/detector.h"
#include "base/text.h"
#include "base/when.h"

enum { LEAST = 3, PER_MILLE_LEAST = 5 };

static const struct finding_def ack_loss = {
	.id = "tcp.ack_loss",
	.layer = LAYER_TRANSPORT,
	.most = NOTICE,
	.subject = SUBJECT_FLOW,
	.relies = RELIES_SEQUENCE | RELIES_ABSENCE,
	.title = "Acknowledgements are lost on the way back",
	.advice = {"Is the way back full? Look at the queue of the receiver's "
		   "upstream, and for a box that thins out acknowledgements"},
};

static void *ack_loss_open(struct arena *home, const struct limits *limits,
			   struct hash_key key)
{
	(void)limits, (void)key;
	return arena_alloc(home, 1);
}

/* What a capture lacks cannot be told from what the network lost. */
static bool is_lossy(const struct tcp_side *acks, const struct tcp_side *data)
{
	return acks->acks_missing >= LEAST &&
	       acks->acks_missing * 1000ULL >=
		       (acks->packets + acks->acks_missing) *
			       (uint64_t)PER_MILLE_LEAST &&
	       !acks->super_packets && !acks->capture_gaps &&
	       !data->capture_gaps;
}

/* `side` acknowledges what the other one sent. */
static void judge(const struct tcp_ended_fact *e, unsigned side,
		  const struct detector_context *c)
{
	const struct tcp_side *acks = &e->side[side], *data = &e->side[!side];
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];
	uint64_t sent = acks->packets + acks->acks_missing;
	struct subject subject;
	struct finding *f;
	struct flow flow;

	if (e->midstream || !is_lossy(acks, data))
		return;
	flow = side ? e->flow : flow_reverse(&e->flow);
	subject = subject_flow(&flow);
	f = finding_raise(c->findings, &ack_loss, &subject, "", e->first_ns,
			  e->last_ns);
	if (!f)
		return;
	f->count = acks->acks_missing;
	f->share = (double)acks->acks_missing / (double)sent;
	f->confidence = data->spurious ? LIKELY : POSSIBLE;
	f->has_flow = true;
	f->flow = flow;
	for (int i = 0; i < 4; i++)
		finding_frame(f, acks->ack_frames[i]);
	for (int i = 0; i < 4; i++)
		finding_frame(f, data->spurious_frames[i]);
	endpoint_text(&flow.dst, flow.dst_port, from);
	finding_title(f,
		      "%" PRIu32 " of %" PRIu64
		      " packets that %s sent back %s lost",
		      acks->acks_missing, sent, from, were(acks->acks_missing));
	finding_summary(f,
			"%s numbers its packets of this connection one by one "
			"(IP ID), and %" PRIu32 " of %" PRIu64 " never passed "
			"here, the first before frame %" PRIu64 ": they "
			"acknowledged data of %s.",
			from, acks->acks_missing, sent, acks->ack_frames[0],
			endpoint_text(&flow.src, flow.src_port, to));
	if (data->spurious)
		finding_add(f,
			    " %s sent %" PRIu32 " segment%s again for nothing "
			    "(%" PRIu32 " by a timer).",
			    to, data->spurious, plural(data->spurious),
			    data->spurious_rtos);
	else
		finding_add(f, " It cost no resend: later "
			       "acknowledgements told the same.");
}

static void ack_loss_observe(void *self, const struct observation *o,
			     const struct detector_context *c)
{
	(void)self;
	judge(&o->as.ended, 0, c);
	judge(&o->as.ended, 1, c);
}

static const struct finding_def *const findings[] = {&ack_loss, NULL};
static const enum observation_kind wants[] = {OBS_TCP_ENDED, OBSERVATIONS};

const struct detector tcp_ack_loss_detector = {
	.name = "tcp_ack_loss",
	.findings = findings,
	.wants = wants,
	.open = ack_loss_open,
	.observe = ack_loss_observe,
};
