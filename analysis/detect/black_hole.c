/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * black_hole.c - small packets pass, large ones vanish without a word.
 *
 * The word would be a frag-needed (RFC 1191) or packet-too-big; where one was
 * seen it is no black hole.  Without it a sender that does not probe (RFC 4821)
 * repeats the same large segment until it gives up.
 */
#include <string.h>

#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/when.h"

enum { FLOWS = 4, PINGS = 3, SEGMENTS = 4 };

#define GIVEN_UP_NS (5 * NS_PER_S)

static const struct finding_def black_hole_def = {
	.id = "pmtu.black_hole",
	.layer = LAYER_NETWORK,
	.most = CRITICAL,
	.subject = SUBJECT_PATH,
	.relies =
		RELIES_ABSENCE | RELIES_SEQUENCE | RELIES_SIZE | RELIES_ERRORS,
	.title = "Large packets vanish on the way, small ones pass",
};

struct hole_path {
	struct addr src, dst;
};

/* A direction of a connection in which a size does not get through. */
struct hole_flow {
	struct tcp_size_fact fact;
	bool used;
	int64_t last_ns;
};

struct hole {
	struct hole_path path;
	struct hole_flow flow[FLOWS];
	uint32_t delivered; /* largest size that did arrive, of TCP */
	uint32_t ping_passed, ping_failed; /* largest, smallest size with DF */
	uint32_t pings_passed, pings_failed;
	struct frame_list ping_frames;
	/* When a small packet was sent that got through: of a ping, of the
	 * opening of another connection. */
	int64_t echoed_ns, opened_ns;
	bool noticed;
};

struct black_holes {
	struct table *holes;
	/* struct hole_path: when the newest connection that opened was begun;
	 * it may be long before a path is known to swallow a size */
	struct table *openings;
};

static void *black_hole_open(struct arena *home, const struct limits *limits,
			     struct hash_key key)
{
	struct black_holes *w = arena_alloc(home, sizeof(*w));
	struct table_spec spec = {"paths by packet size",
				  sizeof(struct hole_path), sizeof(struct hole),
				  limits->paths / 4};

	if (!w)
		return NULL;
	w->holes = table_new(home, &spec, key);
	spec.name = "paths with connections";
	spec.value_size = sizeof(int64_t);
	spec.max = limits->paths;
	w->openings = table_new(home, &spec, key);
	return w->holes && w->openings ? w : NULL;
}

static int64_t opened_at(const struct black_holes *w, const struct addr *src,
			 const struct addr *dst)
{
	struct hole_path path = {*src, *dst};
	const int64_t *ns = table_find(w->openings, &path);

	return ns ? *ns : 0;
}

static struct hole *hole_of(struct black_holes *w, const struct addr *src,
			    const struct addr *dst)
{
	struct hole_path path = {*src, *dst};
	bool added;
	struct hole *h = table_add(w->holes, &path, &added);

	if (h && added) {
		int64_t there = opened_at(w, src, dst),
			back = opened_at(w, dst, src);

		h->path = path;
		h->opened_ns = there > back ? there : back;
	}
	return h;
}

static struct hole *find_hole(const struct black_holes *w,
			      const struct addr *src, const struct addr *dst)
{
	struct hole_path path = {*src, *dst};

	return table_find(w->holes, &path);
}

static void note_size(struct hole *h, const struct observation *o)
{
	const struct tcp_size_fact *f = &o->as.size;
	struct hole_flow *slot = NULL;

	if (f->cleared && f->failed > h->delivered)
		h->delivered = f->failed;
	for (int i = 0; i < FLOWS && !slot; i++)
		if (!h->flow[i].used || memcmp(&h->flow[i].fact.flow, &f->flow,
					       sizeof(f->flow)) == 0)
			slot = &h->flow[i];
	if (!slot)
		return;
	slot->used = !f->cleared;
	slot->fact = *f;
	slot->last_ns = o->time_ns;
}

static void note_ping(struct hole *h, const struct echo_fact *e)
{
	if (e->state == ECHO_ANSWERED) {
		h->pings_passed++;
		if (e->bytes > h->ping_passed)
			h->ping_passed = e->bytes;
		return;
	}
	if (h->pings_failed && e->bytes > h->ping_failed)
		return;
	if (e->bytes != h->ping_failed)
		h->pings_failed = 0;
	h->ping_failed = e->bytes;
	h->pings_failed++;
	frames_note(&h->ping_frames, e->request_frame);
}

/* What the connections say together. */
struct verdict_of_hole {
	uint32_t passed, failed, flows, alive;
	uint32_t echoed, opened; /* not alive, but small packets passed */
	bool pieces, smaller, receiver;
	const struct hole_flow *first;
};

static struct verdict_of_hole weigh(const struct hole *h)
{
	struct verdict_of_hole v = {.passed = h->ping_passed};

	for (int i = 0; i < FLOWS; i++) {
		const struct hole_flow *slot = &h->flow[i];
		const struct tcp_size_fact *f = &slot->fact;

		if (!slot->used || f->failed <= h->delivered ||
		    f->failed <= f->passed)
			continue;
		if (!v.first)
			v.first = slot;
		v.flows++;
		v.alive += f->peer_alive;
		v.echoed += !f->peer_alive && h->echoed_ns > f->first_ns;
		v.opened += !f->peer_alive && h->opened_ns > f->first_ns;
		v.pieces |= f->pieces_passed;
		v.smaller |= f->smaller_passed;
		v.receiver |= f->hole;
		if (f->passed > v.passed)
			v.passed = f->passed;
		if (!v.failed || f->failed < v.failed)
			v.failed = f->failed;
	}
	return v;
}

static bool pings_prove(const struct hole *h)
{
	return h->pings_failed >= PINGS && h->pings_passed >= PINGS &&
	       h->ping_passed < h->ping_failed;
}

static void describe_flows(struct finding *f, const struct verdict_of_hole *v,
			   const char *src, const char *dst, bool icmp)
{
	const struct tcp_size_fact *t = &v->first->fact;

	if (v->receiver && !v->passed)
		finding_summary(
			f,
			"%s took the request of %s and answered: the number "
			"of its last packet (frame %llu) shows it. Not one "
			"of its full segments came since frame %llu, and its "
			"small packets did.",
			src, dst, (unsigned long long)t->frames[1],
			(unsigned long long)t->frames[0]);
	else if (v->receiver)
		finding_summary(
			f,
			"Bytes from %s to %s never came although later, "
			"smaller packets did: a hole of more than 3 s (frame "
			"%llu), and nothing larger than %u bytes ever passed.",
			src, dst, (unsigned long long)t->frames[0], v->passed);
	else
		finding_summary(
			f,
			"%s sent a segment of %u bytes to %s %u times over "
			"%.1f s in vain (frames %llu %llu %llu).",
			src, v->failed, dst, t->tries,
			(double)(v->first->last_ns - t->first_ns) / NS_PER_S,
			(unsigned long long)t->frames[0],
			(unsigned long long)t->frames[1],
			(unsigned long long)t->frames[2]);
	if (v->pieces && !v->receiver)
		finding_add(f, " The same bytes in smaller pieces were "
			       "acknowledged at once.");
	else if (v->smaller)
		finding_add(f, " Later, smaller segments arrived meanwhile.");
	else if (v->alive && !v->receiver)
		finding_add(f, " The other end was alive and sent packets "
			       "meanwhile.");
	else if (v->echoed)
		finding_add(f, " Small pings were answered meanwhile.");
	else if (v->opened)
		finding_add(f, " Another connection opened meanwhile.");
	if (v->flows > 1)
		finding_add(f, " %u connections stand still so.", v->flows);
	finding_add(f,
		    " No word of a router that they are too big is in "
		    "the capture%s.",
		    icmp ? "" : ", which holds no ICMP at all");
}

static void tell(const struct hole *h, const struct verdict_of_hole *v,
		 enum confidence sure, const struct detector_context *c)
{
	char src[ADDR_TEXT], dst[ADDR_TEXT], list[FRAMES_TEXT];
	struct subject s = subject_path(&h->path.src, &h->path.dst);
	int64_t first = v->first ? v->first->fact.first_ns : c->now_ns;
	int64_t last = v->first ? v->first->last_ns : c->now_ns;
	uint32_t fails = v->failed ? v->failed : h->ping_failed;
	bool v6 = h->path.src.family == 6;
	struct finding *f = finding_raise(c->findings, &black_hole_def, &s, "",
					  first, last);

	if (!f)
		return;
	finding_restate(f);
	f->confidence = sure;
	f->severity = v->pieces && v->flows == 1 ? WARNING : CRITICAL;
	f->count = v->flows ? v->flows : h->pings_failed;
	f->size_passes = v->passed;
	f->size_fails = fails;
	addr_text(&h->path.src, src);
	addr_text(&h->path.dst, dst);
	if (v->first) {
		f->flow = v->first->fact.flow;
		f->has_flow = true;
	}
	for (int i = 0; i < FLOWS; i++)
		for (int k = 0; h->flow[i].used && k < 6; k++)
			finding_frame(f, h->flow[i].fact.frames[k]);
	if (v->passed)
		finding_title(f, "From %s to %s %u bytes pass, %u do not", src,
			      dst, v->passed, fails);
	else
		finding_title(f, "From %s to %s packets of %u bytes vanish",
			      src, dst, fails);
	if (v->first)
		describe_flows(f, v, src, dst, c->coverage->icmp > 0);
	if (pings_prove(h)) {
		frames_prove(&h->ping_frames, f);
		finding_add(f,
			    "%sPings of %u bytes are answered, those of %u "
			    "are not (%s).",
			    v->first ? " " : "", h->ping_passed, h->ping_failed,
			    frames_text(&h->ping_frames, list));
	}
	finding_advise(f, "ping %s-M do -s %u %s   and halve until it passes",
		       v6 ? "-6 " : "", fails > 48 ? fails - (v6 ? 48 : 28) : 0,
		       dst);
	finding_advise(f, "tracepath -n %s", dst);
	finding_advise(f, "let ICMP%s pass every filter on the way",
		       v6 ? "v6 type 2" : " type 3 code 4");
}

static void judge(const struct hole *h, const struct detector_context *c)
{
	struct verdict_of_hole v = weigh(h);
	bool pings = pings_prove(h);

	if (h->noticed || (!v.flows && !pings) ||
	    (v.flows && v.passed >= v.failed))
		return;
	if (pings || v.pieces || (v.smaller && !v.receiver) ||
	    (v.flows > 1 && v.alive + v.echoed == v.flows))
		tell(h, &v, CERTAIN, c);
	else if (v.alive || v.echoed || v.opened)
		tell(h, &v, LIKELY, c);
}

static bool is_too_big(const struct icmp_error_fact *e)
{
	return e->version == 6 ? e->type == 2 : e->type == 3 && e->code == 4;
}

/* Only pings that may not be cut on the way tell of sizes. */
static void observe_ping(struct black_holes *w, const struct echo_fact *e,
			 const struct detector_context *c)
{
	struct hole *h = find_hole(w, &e->src, &e->dst);

	if (h && e->state == ECHO_ANSWERED)
		h->echoed_ns = e->sent_ns;
	h = find_hole(w, &e->dst, &e->src);
	if (h && e->state == ECHO_ANSWERED)
		h->echoed_ns = e->sent_ns;
	if ((e->state != ECHO_ANSWERED && e->state != ECHO_UNANSWERED) ||
	    (e->version == 4 && !e->df))
		return;
	h = hole_of(w, &e->src, &e->dst);
	if (!h)
		return;
	note_ping(h, e);
	if (e->state == ECHO_UNANSWERED && h->pings_failed == PINGS)
		judge(h, c);
}

/* Both ends heard a small packet of the other. */
static void observe_opening(struct black_holes *w,
			    const struct tcp_opened_fact *f)
{
	struct hole_path path = {f->flow.src, f->flow.dst};
	int64_t *ns = table_add(w->openings, &path, NULL);
	struct hole *h = find_hole(w, &f->flow.src, &f->flow.dst);

	if (ns)
		*ns = f->syn_ns;
	if (h)
		h->opened_ns = f->syn_ns;
	h = find_hole(w, &f->flow.dst, &f->flow.src);
	if (h)
		h->opened_ns = f->syn_ns;
}

/* Beside the client: the server's last packet shows by its number that an
 * answer of several full segments was sent, and none of it ever came. */
static void observe_ended(struct black_holes *w, const struct tcp_ended_fact *e,
			  const struct observation *o)
{
	uint32_t headers = e->flow.src.family == 6 ? 60 : 40;
	struct observation said;
	struct hole *h;

	if (!e->asked_ns || !e->side[0].mss || !e->opened ||
	    e->never_came / SEGMENTS < e->side[0].mss ||
	    e->last_ns - e->asked_ns < GIVEN_UP_NS)
		return;
	h = hole_of(w, &e->flow.dst, &e->flow.src);
	if (!h)
		return;
	said = *o;
	said.as.size = (struct tcp_size_fact){
		.flow = flow_reverse(&e->flow),
		.failed = e->side[0].mss + headers,
		.first_ns = e->asked_ns,
		.peer_alive = true,
		.hole = true,
		.frames = {e->asked_frame, e->last_frame},
	};
	note_size(h, &said);
}

static void withdraw(const struct hole *h, const struct detector_context *c)
{
	struct subject s = subject_path(&h->path.src, &h->path.dst);
	struct finding *f = finding_find(c->findings, &black_hole_def, &s, "");

	if (f)
		f->withheld = true;
}

static void black_hole_observe(void *self, const struct observation *o,
			       const struct detector_context *c)
{
	struct black_holes *w = self;
	struct hole *h;

	if (o->kind == OBS_ECHO) {
		observe_ping(w, &o->as.echo, c);
		return;
	}
	if (o->kind == OBS_TCP_OPENED) {
		observe_opening(w, &o->as.opened);
		return;
	}
	if (o->kind == OBS_TCP_ENDED) {
		observe_ended(w, &o->as.ended, o);
		return;
	}
	if (o->kind == OBS_ICMP_ERROR) {
		const struct quote *q = &o->as.icmp_error.quote;

		if (!is_too_big(&o->as.icmp_error) || !q->present ||
		    o->as.icmp_error.never_sent)
			return;
		h = hole_of(w, &q->src, &q->dst);
		if (h)
			h->noticed = true;
		return;
	}
	h = hole_of(w, &o->as.size.flow.src, &o->as.size.flow.dst);
	if (!h)
		return;
	note_size(h, o);
	if (o->as.size.cleared || h->noticed)
		withdraw(h, c);
	else
		judge(h, c);
}

static void black_hole_finish(void *self, const struct detector_context *c)
{
	struct black_holes *w = self;

	for (struct hole *h = table_oldest(w->holes); h;
	     h = table_newer(w->holes, h))
		judge(h, c);
}

static void black_hole_limits(void *self, struct checks *out)
{
	const struct black_holes *w = self;

	check_table(out, w->holes);
	check_table(out, w->openings);
}

static const struct finding_def *const black_hole_findings[] = {&black_hole_def,
								NULL};

static const enum observation_kind black_hole_wants[] = {
	OBS_TCP_SIZE,	OBS_ICMP_ERROR, OBS_ECHO,
	OBS_TCP_OPENED, OBS_TCP_ENDED,	OBSERVATIONS};

const struct detector black_hole_detector = {
	.name = "black_hole",
	.findings = black_hole_findings,
	.wants = black_hole_wants,
	.open = black_hole_open,
	.observe = black_hole_observe,
	.finish = black_hole_finish,
	.limits = black_hole_limits,
};
