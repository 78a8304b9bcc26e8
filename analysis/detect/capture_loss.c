/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * capture_loss.c - what the network delivered and the capture never shows.
 *
 * Only a peer that has data acknowledges it, and only a host that was asked
 * answers a ping: bytes and requests that are missing here were lost by the
 * capture, not by the network.
 */
#include <inttypes.h>

#include "analysis/detector.h"
#include "base/table.h"
#include "base/text.h"

enum {
	FRAMES = 8,
	HOLES = 3,
	IN_FLOWS = 2, /* or */
	MANY_HOLES = 10,
	FEW_PER_MILLE = 1,
	PINGED_MAX = 1024,
};

static const struct finding_def loss = {
	.id = "capture.loss",
	.layer = LAYER_CAPTURE,
	.most = WARNING,
	.subject = SUBJECT_CAPTURE,
	.title = "The capture lacks packets that were delivered",
	.advice = {"Is the mirror port oversubscribed? Look at its drops",
		   "Capture with a larger buffer: tcpdump -B 65536 -s 128"},
};

/* Who pings whom; a reply counts only where requests are seen too. */
struct pinged {
	struct addr src, dst;
};

struct pings {
	uint32_t answered, stray;
	uint64_t stray_frame;
};

struct watch {
	struct table *pings;
	uint64_t holes, lost_bytes, acked_bytes, frame[FRAMES];
	uint32_t flows, whole, frames, strays, answered;
	bool large; /* one hole over half of what its flow delivered */
	struct flow worst;
	uint64_t worst_bytes;
	int64_t first_ns, last_ns;
};

static void *loss_open(struct arena *home, const struct limits *limits,
		       struct hash_key key)
{
	static const struct table_spec spec = {
		"pinged hosts", sizeof(struct pinged), sizeof(struct pings),
		PINGED_MAX};
	struct watch *w = arena_alloc(home, sizeof(*w));

	(void)limits;
	if (!w)
		return NULL;
	w->pings = table_new(home, &spec, key);
	return w->pings ? w : NULL;
}

static void note_frame(struct watch *w, uint64_t frame)
{
	if (frame && w->frames < FRAMES)
		w->frame[w->frames++] = frame;
}

static void note_ping(struct watch *w, const struct observation *o)
{
	struct pinged key = {o->as.echo.src, o->as.echo.dst};
	struct pings *p = table_add(w->pings, &key, NULL);

	if (!p)
		return;
	p->answered += o->as.echo.state == ECHO_ANSWERED;
	if (o->as.echo.state != ECHO_STRAY)
		return;
	if (!p->stray++)
		p->stray_frame = o->frame;
}

static void note_side(struct watch *w, const struct tcp_ended_fact *e, int side)
{
	const struct tcp_side *s = &e->side[side];

	w->holes += s->capture_gaps;
	w->lost_bytes += s->capture_gap_bytes;
	note_frame(w, s->gap_frame);
	if (s->capture_gap_bytes * 2 > s->acked_bytes)
		w->large = true;
	if (s->capture_gap_bytes > w->worst_bytes) {
		w->worst_bytes = s->capture_gap_bytes;
		w->worst = side ? flow_reverse(&e->flow) : e->flow;
	}
}

static void note_flow(struct watch *w, const struct tcp_ended_fact *e,
		      struct weak *weak)
{
	bool missing = false;

	if (!e->side[0].packets || !e->side[1].packets)
		return;
	for (int i = 0; i < 2; i++) {
		w->acked_bytes += e->side[i].acked_bytes;
		if (!e->side[i].capture_gaps)
			continue;
		note_side(w, e, i);
		weak_lacks(weak, &e->flow, LACK_HOLES);
		missing = true;
	}
	if (!missing) {
		w->whole++;
		return;
	}
	if (!w->flows++ || e->first_ns < w->first_ns)
		w->first_ns = e->first_ns;
	if (e->last_ns > w->last_ns)
		w->last_ns = e->last_ns;
}

static void loss_observe(void *self, const struct observation *o,
			 const struct detector_context *c)
{
	struct watch *w = self;

	if (o->kind == OBS_ECHO)
		note_ping(w, o);
	else
		note_flow(w, &o->as.ended, c->weak);
}

static void sum_pings(struct watch *w)
{
	const struct pings *p = table_oldest(w->pings);

	for (; p; p = table_newer(w->pings, p)) {
		if (!p->answered || !p->stray)
			continue;
		w->strays += p->stray;
		w->answered += p->answered;
		note_frame(w, p->stray_frame);
	}
}

static enum severity severity_of(const struct watch *w)
{
	uint64_t n = w->holes + w->strays;
	uint32_t places = w->flows + (w->strays > 0);
	bool much = (n >= HOLES && places >= IN_FLOWS) || n >= MANY_HOLES ||
		    w->large;

	if (!w->strays && w->lost_bytes * 1000 < w->acked_bytes * FEW_PER_MILLE)
		much = false;
	return much ? WARNING : NOTICE;
}

/* The part of what was delivered that is missing here. */
static double share_of(const struct watch *w)
{
	double bytes = w->acked_bytes
			       ? (double)w->lost_bytes / (double)w->acked_bytes
			       : 0;
	double pings = w->strays ? (double)w->strays /
					   (double)(w->strays + w->answered)
				 : 0;

	return bytes > pings ? bytes : pings;
}

static void describe_flows(struct finding *f, const struct watch *w)
{
	char a[ENDPOINT_TEXT], b[ENDPOINT_TEXT];

	if (!w->holes)
		return;
	finding_add(f,
		    "In %" PRIu32 " TCP connection%s %" PRIu64 " byte%s %s "
		    "acknowledged that the capture does not show, in %" PRIu64
		    " place%s, %sfrom %s to %s (frame %" PRIu64 ").",
		    w->flows, plural(w->flows), w->lost_bytes,
		    plural(w->lost_bytes), w->lost_bytes == 1 ? "was" : "were",
		    w->holes, plural(w->holes),
		    w->holes == 1 ? "" : "most of them ",
		    endpoint_text(&w->worst.src, w->worst.src_port, a),
		    endpoint_text(&w->worst.dst, w->worst.dst_port, b),
		    w->frame[0]);
	if (w->whole)
		finding_add(f,
			    " %" PRIu32 " other%s whole: perhaps one "
			    "member of a link bundle is not captured.",
			    w->whole, w->whole == 1 ? " is" : "s are");
}

static void loss_finish(void *self, const struct detector_context *c)
{
	const struct subject subject = subject_capture();
	struct watch *w = self;
	struct finding *f;

	sum_pings(w);
	if (!w->holes && !w->strays)
		return;
	f = finding_raise(c->findings, &loss, &subject, "",
			  w->flows ? w->first_ns : c->coverage->first_ns,
			  w->flows ? w->last_ns : c->coverage->last_ns);
	if (!f)
		return;
	f->severity = severity_of(w);
	f->share = share_of(w);
	f->count = w->holes + w->strays;
	for (uint32_t i = 0; i < w->frames; i++)
		finding_frame(f, w->frame[i]);
	describe_flows(f, w);
	if (w->strays)
		finding_add(f,
			    "%s%" PRIu32 " ping repl%s to requests that the "
			    "capture does not show.",
			    f->summary[0] ? " " : "", w->strays,
			    w->strays == 1 ? "y answers" : "ies answer");
	finding_add(f, " The network did deliver this; nothing is concluded "
		       "from its absence.");
}

static void loss_limits(void *self, struct checks *out)
{
	const struct watch *w = self;

	check_table(out, w->pings);
}

static const struct finding_def *const findings[] = {&loss, NULL};
static const enum observation_kind wants[] = {OBS_TCP_ENDED, OBS_ECHO,
					      OBSERVATIONS};

const struct detector capture_loss_detector = {
	.name = "capture_loss",
	.findings = findings,
	.wants = wants,
	.open = loss_open,
	.observe = loss_observe,
	.finish = loss_finish,
	.limits = loss_limits,
};
