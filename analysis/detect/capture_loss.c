/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * capture_loss.c - what the network delivered and the capture never shows.
 *
 * Only a peer that has data acknowledges it, and only a host that was asked
 * answers a ping or a DNS question: bytes and requests that are missing here
 * were lost by the capture, not by the network.
 */
#include <inttypes.h>

#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"
#include "base/text.h"

enum {
	FRAMES = 8,
	HOLES = 3,
	IN_FLOWS = 2, /* or */
	MANY_HOLES = 10,
	FEW_PER_MILLE = 1,
	ASKED_MAX = 1024,
};

/* A question is not older than that when it is answered: what was asked before
 * the capture began is not missing. */
#define BEGUN_NS (5 * NS_PER_S)

static const struct finding_def loss = {
	.id = "capture.loss",
	.layer = LAYER_CAPTURE,
	.most = WARNING,
	.subject = SUBJECT_CAPTURE,
	.title = "The capture lacks packets that were delivered",
	.advice = {"Is the mirror port oversubscribed? Look at its drops",
		   "Capture with a larger buffer: tcpdump -B 65536 -s 128"},
};

enum kind { PINGS, LOOKUPS, KINDS };

/* Who asks whom; an answer counts only where questions are seen too. */
struct asked {
	struct addr src, dst;
	enum kind kind;
};

struct answers {
	uint32_t answered, stray;
	uint64_t stray_frame;
};

struct watch {
	struct table *asked;
	uint64_t holes, lost_bytes, acked_bytes, frame[FRAMES];
	uint32_t flows, whole, frames, strays[KINDS], answered;
	bool large; /* one hole over half of what its flow delivered */
	struct flow worst;
	uint64_t worst_bytes;
	int64_t first_ns, last_ns;
};

static void *loss_open(struct arena *home, const struct limits *limits,
		       struct hash_key key)
{
	static const struct table_spec spec = {
		"who asks whom", sizeof(struct asked), sizeof(struct answers),
		ASKED_MAX};
	struct watch *w = arena_alloc(home, sizeof(*w));

	(void)limits;
	if (!w)
		return NULL;
	w->asked = table_new(home, &spec, key);
	return w->asked ? w : NULL;
}

static void note_frame(struct watch *w, uint64_t frame)
{
	if (frame && w->frames < FRAMES)
		w->frame[w->frames++] = frame;
}

static void note_answer(struct watch *w, const struct observation *o,
			const struct asked *key, bool stray,
			const struct coverage *seen)
{
	struct answers *a;

	if (stray && o->time_ns - seen->first_ns < BEGUN_NS)
		return;
	a = table_add(w->asked, key, NULL);
	if (!a)
		return;
	a->answered += !stray;
	if (stray && !a->stray++)
		a->stray_frame = o->frame;
}

static void note_ping(struct watch *w, const struct observation *o,
		      const struct coverage *seen)
{
	const struct echo_fact *e = &o->as.echo;
	struct asked key = {e->src, e->dst, PINGS};

	if (e->state == ECHO_ANSWERED || e->state == ECHO_STRAY)
		note_answer(w, o, &key, e->state == ECHO_STRAY, seen);
}

static void note_lookup(struct watch *w, const struct observation *o,
			const struct coverage *seen)
{
	const struct dns_fact *d = &o->as.dns;
	struct asked key = {d->flow.src, d->flow.dst, LOOKUPS};

	if (!d->tcp && (d->state == DNS_ANSWERED || d->state == DNS_STRAY))
		note_answer(w, o, &key, d->state == DNS_STRAY, seen);
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
		note_ping(w, o, c->coverage);
	else if (o->kind == OBS_DNS)
		note_lookup(w, o, c->coverage);
	else
		note_flow(w, &o->as.ended, c->weak);
}

/* Somebody who sends answers in another's name sends more than are asked. */
static void sum_answers(struct watch *w)
{
	const struct answers *a = table_oldest(w->asked);

	for (; a; a = table_newer(w->asked, a)) {
		const struct asked *key = table_key(w->asked, a);

		if (!a->answered || !a->stray ||
		    (key->kind == LOOKUPS && a->stray > a->answered))
			continue;
		w->strays[key->kind] += a->stray;
		w->answered += a->answered;
		note_frame(w, a->stray_frame);
	}
}

static uint32_t strays_of(const struct watch *w)
{
	return w->strays[PINGS] + w->strays[LOOKUPS];
}

static enum severity severity_of(const struct watch *w)
{
	uint64_t n = w->holes + strays_of(w);
	uint32_t places =
		w->flows + (w->strays[PINGS] > 0) + (w->strays[LOOKUPS] > 0);
	bool much = (n >= HOLES && places >= IN_FLOWS) || n >= MANY_HOLES ||
		    w->strays[LOOKUPS] >= HOLES || w->large;

	if (!strays_of(w) &&
	    w->lost_bytes * 1000 < w->acked_bytes * FEW_PER_MILLE)
		much = false;
	return much ? WARNING : NOTICE;
}

/* The part of what was delivered that is missing here. */
static double share_of(const struct watch *w)
{
	double bytes = w->acked_bytes
			       ? (double)w->lost_bytes / (double)w->acked_bytes
			       : 0;
	uint32_t strays = strays_of(w);
	double asked =
		strays ? (double)strays / (double)(strays + w->answered) : 0;

	return bytes > asked ? bytes : asked;
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

static void describe_strays(struct finding *f, const struct watch *w)
{
	static const struct {
		const char *one, *more;
	} kind[KINDS] = {{"ping reply answers a request",
			  "ping replies answer requests"},
			 {"DNS response answers a question",
			  "DNS responses answer questions"}};

	for (int i = 0; i < KINDS; i++)
		if (w->strays[i])
			finding_add(f,
				    "%s%" PRIu32 " %s that the capture does "
				    "not show.",
				    f->summary[0] ? " " : "", w->strays[i],
				    w->strays[i] == 1 ? kind[i].one
						      : kind[i].more);
}

static void loss_finish(void *self, const struct detector_context *c)
{
	const struct subject subject = subject_capture();
	struct watch *w = self;
	struct finding *f;

	sum_answers(w);
	if (!w->holes && !strays_of(w))
		return;
	f = finding_raise(c->findings, &loss, &subject, "",
			  w->flows ? w->first_ns : c->coverage->first_ns,
			  w->flows ? w->last_ns : c->coverage->last_ns);
	if (!f)
		return;
	f->severity = severity_of(w);
	f->share = share_of(w);
	f->count = w->holes + strays_of(w);
	for (uint32_t i = 0; i < w->frames; i++)
		finding_frame(f, w->frame[i]);
	describe_flows(f, w);
	describe_strays(f, w);
	finding_add(f, " The network did deliver this; nothing is concluded "
		       "from its absence.");
}

static void loss_limits(void *self, struct checks *out)
{
	const struct watch *w = self;

	check_table(out, w->asked);
}

static const struct finding_def *const findings[] = {&loss, NULL};
static const enum observation_kind wants[] = {OBS_TCP_ENDED, OBS_ECHO, OBS_DNS,
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
