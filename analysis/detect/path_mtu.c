/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * path_mtu.c - "packet too big": obeyed, ignored, or impossible (RFC 1191,
 * 8201).
 */
#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/when.h"
#include "base/text.h"

enum { V4_LEAST = 68, V4_SMALL = 552, V6_LEAST = 1280 };

#define START_NS (5 * NS_PER_S)

static const struct finding_def frag_needed = {
	.id = "pmtu.frag_needed",
	.layer = LAYER_NETWORK,
	.most = NOTICE,
	.subject = SUBJECT_PATH,
	.title = "A narrower link was reported, and obeyed",
};

static const struct finding_def ignored = {
	.id = "pmtu.ignored",
	.layer = LAYER_NETWORK,
	.most = CRITICAL,
	.subject = SUBJECT_PATH,
	.relies = RELIES_SIZE,
	.title = "Packets stay too big although a router complains",
};

static const struct finding_def bogus = {
	.id = "pmtu.bogus",
	.layer = LAYER_NETWORK,
	.most = WARNING,
	.subject = SUBJECT_PATH,
	.title = "A \"packet too big\" that cannot be right",
};

struct path_mtu_watch {
	uint32_t smallest, paths; /* what obeyed notices told */
};

static void *path_mtu_open(struct arena *home, const struct limits *limits,
			   struct hash_key key)
{
	(void)limits, (void)key;
	return arena_alloc(home, sizeof(struct path_mtu_watch));
}

static struct finding *raise(const struct finding_def *def,
			     const struct observation *o,
			     const struct detector_context *c)
{
	const struct path_mtu_fact *m = &o->as.path_mtu;
	struct subject s = subject_path(&m->src, &m->dst);
	struct finding *f = finding_raise(c->findings, def, &s, "", m->first_ns,
					  o->time_ns);

	if (!f)
		return NULL;
	finding_restate(f);
	finding_frame(f, m->big_frame);
	finding_frame(f, m->notice_frame);
	for (int i = 0; i < 4; i++)
		finding_frame(f, m->frames[i]);
	f->flow = m->flow;
	f->has_flow = true;
	return f;
}

static void tell_obeyed(struct path_mtu_watch *w, const struct observation *o,
			const struct detector_context *c)
{
	const struct path_mtu_fact *m = &o->as.path_mtu;
	char src[ADDR_TEXT], dst[ADDR_TEXT], by[ADDR_TEXT];
	struct finding *f = raise(&frag_needed, o, c);

	w->paths++;
	if (!w->smallest || m->mtu < w->smallest)
		w->smallest = m->mtu;
	if (!f)
		return;
	f->count = m->notices;
	addr_text(&m->src, src);
	addr_text(&m->dst, dst);
	addr_text(&m->reporter, by);
	finding_title(f, "The path from %s to %s takes %u bytes at most", src,
		      dst, m->mtu);
	finding_summary(f,
			"%s told %s that its packets to %s (%u bytes) are too "
			"big, %u fit (frame %llu). %s obeyed: the next one "
			"had %u bytes (frame %llu) and was answered. Path MTU "
			"discovery works; each new path costs a round trip.",
			by, src, dst, m->big, m->mtu,
			(unsigned long long)m->notice_frame, src, m->later,
			(unsigned long long)m->frames[0]);
	finding_advise(f, "tracepath -n %s", dst);
	finding_advise(f, "a router that clamps the MSS to %u saves the trip",
		       m->mtu - (m->src.family == 6 ? 60 : 40));
}

static bool is_self(const struct detector_context *c, const struct addr *a)
{
	struct addr self = {0};

	known_vantage(c->known, &self, NULL);
	return addr_equal(&self, a);
}

static void tell_ignored(const struct observation *o,
			 const struct detector_context *c)
{
	const struct path_mtu_fact *m = &o->as.path_mtu;
	char src[ADDR_TEXT], dst[ADDR_TEXT], by[ADDR_TEXT];
	struct finding *f = raise(&ignored, o, c);

	if (!f)
		return;
	f->count = m->tries;
	f->confidence = is_self(c, &m->src) ? CERTAIN : LIKELY;
	addr_text(&m->src, src);
	addr_text(&m->dst, dst);
	addr_text(&m->reporter, by);
	finding_title(f, "%s ignores that its packets to %s are too big", src,
		      dst);
	finding_summary(f,
			"%s told %s in frame %llu that only %u bytes fit on "
			"the way to %s. More than a second later %s still sent "
			"packets of %u bytes there, %u of them, also again "
			"(from frame %llu on), and none was acknowledged.",
			by, src, (unsigned long long)m->notice_frame, m->mtu,
			dst, src, m->later, m->tries,
			(unsigned long long)m->frames[0]);
	if (f->confidence != CERTAIN)
		finding_add(f,
			    " Either %s does not listen, or the notice "
			    "dies between here and it.",
			    src);
	finding_advise(f, "%s route get %s   on %s: which mtu is cached?",
		       m->src.family == 6 ? "ip -6" : "ip", dst, src);
	finding_advise(f, "does a filter at %s drop ICMP%s?", src,
		       m->src.family == 6 ? "v6 type 2" : " type 3 code 4");
}

/* Why it cannot be right, or NULL. */
static const char *wrong(const struct icmp_error_fact *e, bool *small)
{
	uint32_t least = e->version == 6 ? V6_LEAST : V4_LEAST;

	*small = false;
	if (!e->quote.present || !e->mtu || !e->quote.total_len)
		return NULL;
	if (e->mtu >= e->quote.total_len)
		return "the packet that it quotes would have fitted";
	if (e->version == 4 && !e->quote.df)
		return "the packet that it quotes allowed fragmentation";
	if (e->mtu < least)
		return "every link must carry more than that";
	*small = e->version == 4 && e->mtu < V4_SMALL;
	return *small ? "no ordinary link is so narrow" : NULL;
}

static bool unasked(const struct icmp_error_fact *e,
		    const struct observation *o,
		    const struct detector_context *c)
{
	return e->quote.present && !e->quoted_seen &&
	       o->time_ns - c->start_ns > START_NS &&
	       known_host_visible(c->known, &e->quote.src, o->time_ns);
}

static void observe_error(const struct observation *o,
			  const struct detector_context *c)
{
	const struct icmp_error_fact *e = &o->as.icmp_error;
	struct subject s = subject_path(&e->quote.src, &e->quote.dst);
	char src[ADDR_TEXT], dst[ADDR_TEXT], by[ADDR_TEXT], mac[MAC_TEXT];
	bool small, never = e->never_sent || unasked(e, o, c);
	const char *why;
	struct finding *f;

	if (e->version == 6 ? e->type != 2 : e->type != 3 || e->code != 4)
		return;
	why = wrong(e, &small);
	if (!why && !never)
		return;
	f = finding_raise(c->findings, &bogus, &s, why ? "" : "unasked",
			  o->time_ns, o->time_ns);
	if (!f)
		return;
	finding_restate(f);
	if (small)
		f->severity = NOTICE;
	if (!why || small)
		f->confidence = LIKELY;
	f->count++;
	finding_frame(f, o->frame);
	addr_text(&e->quote.src, src);
	addr_text(&e->quote.dst, dst);
	addr_text(&e->reporter, by);
	finding_title(f, "%s tells %s an MTU that cannot be right: %u", by, src,
		      e->mtu);
	finding_summary(f,
			"%s told %s that only %u bytes fit on the way to %s "
			"(frame %llu, %llu in all), but %s.",
			by, src, e->mtu, dst, (unsigned long long)o->frame,
			(unsigned long long)f->count,
			why		? why
			: e->never_sent ? "it quotes bytes that were never sent"
					: "that packet was never sent");
	finding_advise(f,
		       "who is MAC %s, and is %s really a router of this "
		       "path?",
		       mac_text(&e->eth_src, mac), by);
}

static void path_mtu_observe(void *self, const struct observation *o,
			     const struct detector_context *c)
{
	if (o->kind == OBS_ICMP_ERROR)
		observe_error(o, c);
	else if (o->as.path_mtu.state == PATH_OBEYED)
		tell_obeyed(self, o, c);
	else
		tell_ignored(o, c);
}

static void path_mtu_checked(void *self, const struct detector_context *c,
			     struct checks *out)
{
	const struct path_mtu_watch *w = self;

	(void)c;
	if (w->paths)
		check_add(out, CHECK_WORKS, LAYER_NETWORK,
			  "path MTU discovery on %u path%s (down to %u)",
			  w->paths, plural(w->paths), w->smallest);
}

static const struct finding_def *const path_mtu_findings[] = {
	&frag_needed, &ignored, &bogus, NULL};

static const enum observation_kind path_mtu_wants[] = {
	OBS_PATH_MTU, OBS_ICMP_ERROR, OBSERVATIONS};

const struct detector path_mtu_detector = {
	.name = "path_mtu",
	.findings = path_mtu_findings,
	.wants = path_mtu_wants,
	.open = path_mtu_open,
	.observe = path_mtu_observe,
	.checked = path_mtu_checked,
};
