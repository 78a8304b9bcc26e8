/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fragment_rules.c - traffic in fragments, fragments that never come, that
 * overlap, that are too small (RFC 791, 1858, 3128, 5722, 7112).
 */
#include "analysis/detect/fragment_rules.h"

#include "base/when.h"
#include "base/text.h"

enum { MANY_DATAGRAMS = 10, SOME_FRAGMENTS = 3 };

#define PATIENCE_NS (60 * NS_PER_S) /* as in track/fragment.c */

const struct finding_def ip_fragmented = {
	.id = "ip.fragmented",
	.layer = LAYER_NETWORK,
	.most = NOTICE,
	.subject = SUBJECT_PATH,
	.title = "Traffic is sent in fragments",
};

const struct finding_def ip_fragments_missing = {
	.id = "ip.fragments_missing",
	.layer = LAYER_NETWORK,
	.most = WARNING,
	.subject = SUBJECT_PATH,
	.relies = RELIES_ABSENCE | RELIES_EACH,
	.title = "Fragments are missing: datagrams never become whole",
};

const struct finding_def ip_fragments_overlap = {
	.id = "ip.fragments_overlap",
	.layer = LAYER_NETWORK,
	.most = WARNING,
	.subject = SUBJECT_PATH,
	.title = "Fragments overlap",
};

const struct finding_def ip_fragments_tiny = {
	.id = "ip.fragments_tiny",
	.layer = LAYER_NETWORK,
	.most = WARNING,
	.subject = SUBJECT_PATH,
	.title = "Fragments too small to hold the transport header",
};

/* A finding about a pair, with its two addresses as text. */
struct telling {
	struct finding *f;
	char src[ADDR_TEXT], dst[ADDR_TEXT], list[FRAMES_TEXT], mac[MAC_TEXT];
};

static bool tell(struct telling *t, const struct fragment_pair *p,
		 const struct finding_def *def, const char *reason,
		 int64_t first_ns, int64_t last_ns,
		 const struct frame_list *frames,
		 const struct detector_context *c)
{
	struct subject s = subject_path(&p->path.src, &p->path.dst);

	t->f = finding_raise(c->findings, def, &s, reason, first_ns, last_ns);
	if (!t->f)
		return false;
	finding_restate(t->f);
	frames_prove(frames, t->f);
	frames_text(frames, t->list);
	addr_text(&p->path.src, t->src);
	addr_text(&p->path.dst, t->dst);
	mac_text(&p->eth_src, t->mac);
	finding_filter(t->f,
		       p->path.src.family == 6
			       ? "ipv6.src == %s && ipv6.dst == %s && "
				 "ipv6.fraghdr"
			       : "ip.src == %s && ip.dst == %s && "
				 "(ip.flags.mf == 1 || ip.frag_offset > 0)",
		       t->src, t->dst);
	return true;
}

/* Fresh from its sender: the TTL is one that stacks begin with, or routers may
 * not do it (IPv6). */
static bool by_source(const struct fragment_pair *p)
{
	return p->path.src.family == 6 || p->df || p->ttl == 64 ||
	       p->ttl == 128 || p->ttl == 255;
}

void fragment_judge_presence(const struct fragment_pair *p,
			     const struct detector_context *c)
{
	struct telling t;

	if (p->datagrams < MANY_DATAGRAMS &&
	    (p->fragments < SOME_FRAGMENTS ||
	     (uint64_t)p->fragments * 100 < c->coverage->packets))
		return;
	if (!tell(&t, p, &ip_fragmented, "", p->first_ns, p->last_ns,
		  &p->frames, c))
		return;
	t.f->count = p->datagrams;
	finding_title(t.f, "%s sends to %s in fragments", t.src, t.dst);
	finding_summary(t.f,
			"%u datagram%s from %s to %s came in %u fragments, "
			"the largest fragment with %u bytes, the largest "
			"datagram with %s%u (%s).",
			p->datagrams, plural(p->datagrams), t.src, t.dst,
			p->fragments, p->largest,
			p->complete < p->datagrams ? "at least " : "",
			p->biggest, t.list);
	finding_add(t.f, by_source(p)
				 ? " The sender makes them itself."
				 : " The sender or a router on the way makes "
				   "them.");
	/* the receiver may want for what passed here */
	if (p->complete == p->datagrams)
		finding_add(t.f, p->timed_out ? " All were whole at this point."
					      : " All became whole again.");
	finding_advise(t.f, "smaller datagrams, or a larger MTU on the way: "
			    "one lost fragment loses all");
	finding_advise(t.f, "tracepath -n %s", t.dst);
}

static void describe_missing(struct telling *t, const struct fragment_pair *p)
{
	char by[ADDR_TEXT], list[FRAMES_TEXT];

	finding_title(t->f, "Datagrams from %s to %s never become whole",
		      t->src, t->dst);
	if (p->timed_out)
		finding_summary(
			t->f,
			"%s gave up %u datagram%s of %s for want of fragments "
			"and said so (%s).",
			addr_text(&p->reporter, by), p->timed_out,
			plural(p->timed_out), t->src,
			frames_text(&p->timeout_frames, list));
	if (p->missing)
		finding_add(t->f,
			    "%s%u of %u fragmented datagrams from %s to %s "
			    "were still incomplete after a minute (%s).",
			    p->timed_out ? " " : "", p->missing, p->datagrams,
			    t->src, t->dst,
			    frames_text(&p->missing_frames, list));
	if (p->missing >= 2 && p->first_only == p->missing)
		finding_add(t->f,
			    " Only first fragments came, never another: a "
			    "filter that wants to see ports drops the rest.");
	finding_advise(t->f, "ping -M dont -s 3000 %s", t->dst);
	finding_advise(t->f, "do filters on the way let fragments without "
			     "ports through?");
}

/* There are more datagrams than can be remembered for a minute, and what makes
 * them whole has never come for any of them: it would have been seen. */
static bool only_first_ones(const struct fragment_pair *p)
{
	return p->forgotten >= 2 && !p->others &&
	       p->last_ns - p->forgotten_ns > PATIENCE_NS;
}

static void judge_first_ones(const struct fragment_pair *p,
			     const struct detector_context *c)
{
	struct telling t;
	char took[WHEN_TEXT];

	if (!tell(&t, p, &ip_fragments_missing, "filter", p->forgotten_ns,
		  p->last_ns, &p->missing_frames, c))
		return;
	t.f->confidence = LIKELY;
	t.f->count = p->datagrams;
	t.f->share = 1;
	finding_title(t.f, "Datagrams from %s to %s never become whole", t.src,
		      t.dst);
	finding_summary(t.f,
			"In %s %s began %u fragmented datagrams to %s (%s), "
			"and nothing but first fragments ever came. A receiver "
			"has to remember each of them until its patience is "
			"over: either a filter drops the others, or they were "
			"never meant to come.",
			when_duration(p->last_ns - p->forgotten_ns, took),
			t.src, p->datagrams, t.dst, t.list);
	finding_advise(t.f, "what runs on the sender, MAC %s?", t.mac);
	finding_advise(t.f, "do filters on the way let fragments without "
			    "ports through?");
}

/* The receiver's word is proof; else two datagrams, a minute, and a sender that
 * goes on. */
void fragment_judge_missing(const struct fragment_pair *p,
			    const struct detector_context *c)
{
	bool goes_on = p->last_ns > p->first_missing_ns ||
		       known_host_last(c->known, &p->path.src, NULL) >
			       p->last_missing_ns;
	bool filter = p->missing >= 2 && p->first_only == p->missing;
	struct telling t;

	if (!p->timed_out && (p->missing < 2 || !goes_on)) {
		if (only_first_ones(p))
			judge_first_ones(p, c);
		return;
	}
	if (!tell(&t, p, &ip_fragments_missing, filter ? "filter" : "",
		  p->first_missing_ns, p->last_missing_ns,
		  p->timed_out ? &p->timeout_frames : &p->missing_frames, c))
		return;
	frames_prove(&p->missing_frames, t.f);
	if (p->timed_out)
		frames_prove(&p->frames, t.f);
	t.f->confidence = p->timed_out ? CERTAIN : LIKELY;
	t.f->count = p->missing > p->timed_out ? p->missing : p->timed_out;
	t.f->share = p->timed_out ? 0 : (double)p->missing / p->datagrams;
	describe_missing(&t, p);
}

void fragment_judge_overlap(const struct fragment_pair *p,
			    const struct detector_context *c)
{
	bool v6 = p->path.src.family == 6;
	struct telling t;

	if (!p->overlaps ||
	    !tell(&t, p, &ip_fragments_overlap, p->differing ? "differ" : "",
		  p->first_ns, p->last_ns, &p->overlap_frames, c))
		return;
	t.f->count = p->overlaps;
	t.f->severity = p->differing || v6 ? WARNING : NOTICE;
	finding_title(t.f, "Fragments from %s to %s overlap%s", t.src, t.dst,
		      p->differing ? " and disagree" : "");
	finding_summary(t.f,
			"In %u datagram%s from %s to %s fragments overlap%s "
			"(%s).",
			p->overlaps, plural(p->overlaps), t.src, t.dst,
			p->differing ? " with different bytes" : "", t.list);
	if (v6)
		finding_add(t.f, " A receiver must throw such a datagram away "
				 "(RFC 5722).");
	else if (p->differing)
		finding_add(t.f, " What arrives depends on the receiver: this "
				 "is how filters are deceived.");
	finding_advise(t.f, "what runs on the sender, MAC %s?", t.mac);
}

void fragment_judge_tiny(const struct fragment_pair *p,
			 const struct detector_context *c)
{
	struct telling t;

	if (!p->tiny || !tell(&t, p, &ip_fragments_tiny, "", p->first_ns,
			      p->last_ns, &p->tiny_frames, c))
		return;
	t.f->count = p->tiny;
	finding_title(t.f, "%s sends tiny fragments to %s", t.src, t.dst);
	finding_summary(t.f,
			"In %u fragmented datagram%s from %s to %s %s (%s). No "
			"ordinary stack does that: it hides ports and flags "
			"from filters.",
			p->tiny, plural(p->tiny), t.src, t.dst, p->tiny_why,
			t.list);
	finding_advise(t.f, "what runs on the sender, MAC %s?", t.mac);
}
