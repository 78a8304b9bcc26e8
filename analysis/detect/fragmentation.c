/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fragmentation.c - gathers what became of the fragmented datagrams between two
 * addresses.
 */
#include "analysis/detect/fragment_rules.h"

#include "base/when.h"
#include "base/text.h"

struct fragmentation {
	struct table *pairs;
	uint64_t complete;
};

static void *fragmentation_open(struct arena *home, const struct limits *limits,
				struct hash_key key)
{
	struct fragmentation *w = arena_alloc(home, sizeof(*w));
	struct table_spec spec = {
		"fragmenting pairs", sizeof(struct fragment_path),
		sizeof(struct fragment_pair), limits->paths / 2};

	if (!w)
		return NULL;
	w->pairs = table_new(home, &spec, key);
	return w->pairs ? w : NULL;
}

static struct fragment_pair *
pair_of(struct fragmentation *w, const struct addr *src, const struct addr *dst)
{
	struct fragment_path path = {*src, *dst};
	struct fragment_pair *p;
	bool added;

	p = table_add(w->pairs, &path, &added);
	if (p && added)
		p->path = path;
	return p;
}

static void note_missing(struct fragment_pair *p,
			 const struct fragments_fact *f)
{
	if (!p->missing++)
		p->first_missing_ns = f->first_ns;
	p->last_missing_ns = f->first_ns;
	p->first_only += f->has_first && f->count == 1;
	frames_note(&p->missing_frames, f->frames[0]);
	frames_note(&p->missing_frames, f->frames[1]);
}

static void note_forgotten(struct fragment_pair *p,
			   const struct fragments_fact *f)
{
	if (!p->forgotten++)
		p->forgotten_ns = f->first_ns;
	if (!p->missing)
		frames_note(&p->missing_frames, f->frames[0]);
}

static void note_odd(struct fragment_pair *p, const struct fragments_fact *f)
{
	if (f->overlap) {
		p->overlaps++;
		p->differing += f->differs;
		frames_note(&p->overlap_frames, f->frames[0]);
		frames_note(&p->overlap_frames, f->frames[1]);
	}
	if (f->tiny_first) {
		p->tiny++;
		p->tiny_why = f->tiny_why;
		frames_note(&p->tiny_frames, f->frames[0]);
	}
}

static void note_datagram(struct fragmentation *w, const struct observation *o)
{
	const struct fragments_fact *f = &o->as.fragments;
	struct fragment_pair *p = pair_of(w, &f->src, &f->dst);

	if (!p)
		return;
	if (!p->datagrams++)
		p->first_ns = f->first_ns;
	p->last_ns = f->first_ns;
	p->fragments += f->count;
	p->ttl = f->ttl;
	p->protocol = f->protocol;
	p->eth_src = f->eth_src;
	p->df |= f->df;
	if (f->largest_bytes > p->largest)
		p->largest = f->largest_bytes;
	if (f->bytes > p->biggest)
		p->biggest = f->bytes;
	for (int i = 0; i < 4 && f->frames[i]; i++)
		frames_note(&p->frames, f->frames[i]);
	note_odd(p, f);
	p->others += f->complete || !f->has_first;
	if (f->forgotten && f->has_first && f->count == 1)
		note_forgotten(p, f);
	if (f->complete) {
		p->complete++;
		w->complete++;
	} else if (f->decided) {
		note_missing(p, f);
	}
}

/* RFC 792: code 1 of time exceeded is about reassembly. */
static void note_timeout(struct fragmentation *w, const struct observation *o)
{
	const struct icmp_error_fact *e = &o->as.icmp_error;
	struct fragment_pair *p;

	if (e->type != (e->version == 6 ? 3 : 11) || e->code != 1 ||
	    !e->quote.present)
		return;
	p = pair_of(w, &e->quote.src, &e->quote.dst);
	if (!p)
		return;
	if (!p->timed_out++ && !p->missing)
		p->first_missing_ns = o->time_ns;
	p->last_missing_ns = o->time_ns;
	p->reporter = e->reporter;
	frames_note(&p->timeout_frames, o->frame);
}

static void fragmentation_observe(void *self, const struct observation *o,
				  const struct detector_context *c)
{
	(void)c;
	if (o->kind == OBS_ICMP_ERROR)
		note_timeout(self, o);
	else
		note_datagram(self, o);
}

/* Fragments are rare, and what is incomplete is known late: judged at the end
 * and, live, once a minute would tell no more. */
static void fragmentation_finish(void *self, const struct detector_context *c)
{
	struct fragmentation *w = self;

	for (struct fragment_pair *p = table_oldest(w->pairs); p;
	     p = table_newer(w->pairs, p)) {
		fragment_judge_presence(p, c);
		fragment_judge_missing(p, c);
		fragment_judge_overlap(p, c);
		fragment_judge_tiny(p, c);
	}
}

static void fragmentation_checked(void *self, const struct detector_context *c,
				  struct checks *out)
{
	const struct fragmentation *w = self;

	(void)c;
	if (w->complete)
		check_add(out, CHECK_WORKS, LAYER_NETWORK,
			  "%llu fragmented datagram%s complete",
			  (unsigned long long)w->complete, plural(w->complete));
}

static void fragmentation_limits(void *self, struct checks *out)
{
	const struct fragmentation *w = self;

	check_table(out, w->pairs);
}

static const struct finding_def *const fragmentation_findings[] = {
	&ip_fragmented, &ip_fragments_missing, &ip_fragments_overlap,
	&ip_fragments_tiny, NULL};

static const enum observation_kind fragmentation_wants[] = {
	OBS_FRAGMENTS, OBS_ICMP_ERROR, OBSERVATIONS};

const struct detector fragmentation_detector = {
	.name = "fragmentation",
	.findings = fragmentation_findings,
	.wants = fragmentation_wants,
	.open = fragmentation_open,
	.observe = fragmentation_observe,
	.finish = fragmentation_finish,
	.checked = fragmentation_checked,
	.limits = fragmentation_limits,
};
