/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * layers.c - a verdict for each layer, with its reason.
 *
 * A layer is broken or degraded by its worst finding, works where something was
 * seen to work and nothing speaks against it, and is otherwise not seen.  What
 * works above proves the layers that carry it.
 */
#include "analysis/diagnose/diagnose.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = {"not_seen", "works", "degraded",
					    "broken"};

	return names[v];
}

/* How much a finding says about its layer: a guess breaks nothing. */
static enum verdict weight(const struct finding *f)
{
	if (f->severity == CRITICAL && f->confidence > POSSIBLE)
		return BROKEN;
	return f->severity >= WARNING ? DEGRADED : NOT_SEEN;
}

static const char *title_of(const struct finding *f)
{
	return f->title[0] ? f->title : f->def->title;
}

/* What a finding follows from in the end. */
static const struct finding *root_of(const struct finding *f)
{
	while (f->cause_count)
		f = f->caused_by[0];
	return f;
}

/* A layer's word is the root's: by name where that weighs and lies here; with
 * its layer where it lies in another, so that nobody looks for it here; beside
 * the damage where it is by itself no more than worth knowing. */
static void say_worst(struct text *reason, const struct finding *worst)
{
	const struct finding *root = root_of(worst);

	if (root->def->layer != worst->def->layer)
		text_add(reason, "caused in the %s layer: %s",
			 layer_title(root->def->layer), title_of(root));
	else if (weight(root) == NOT_SEEN)
		text_add(reason, "%s; cause: %s", title_of(worst),
			 title_of(root));
	else
		text_add(reason, "%s", title_of(root));
}

/* The findings come worst first, so the first of the worst weight is told, by
 * its root. */
static void judge_by_findings(struct diagnosis *d, enum layer_of layer)
{
	struct layer_verdict *v = &d->layer[layer];
	const struct finding *worst = NULL;
	uint32_t more = 0;
	struct text reason = text_over(v->reason, sizeof(v->reason));

	for (uint32_t i = 0; i < d->finding_count; i++) {
		const struct finding *f = d->findings[i];

		if (f->def->layer != layer || weight(f) == NOT_SEEN)
			continue;
		more++;
		if (weight(f) > v->verdict) {
			v->verdict = weight(f);
			worst = f;
		}
	}
	if (!worst)
		return;
	say_worst(&reason, worst);
	if (more > 1)
		text_add(&reason, "; %u more", more - 1);
}

/* Say what was seen to work; false if nothing was. */
static bool judge_by_checks(struct diagnosis *d, enum layer_of layer)
{
	struct layer_verdict *v = &d->layer[layer];
	struct text reason = text_over(v->reason, sizeof(v->reason));

	for (uint32_t i = 0; i < d->checks->count; i++) {
		const struct check *c = &d->checks->check[i];

		if (c->kind != CHECK_WORKS || c->layer != layer)
			continue;
		text_add(&reason, "%s%s", reason.used ? ", " : "", c->text);
		v->verdict = WORKS;
	}
	return v->verdict == WORKS;
}

static bool has_check(const struct diagnosis *d, enum layer_of layer,
		      enum check_kind kind)
{
	for (uint32_t i = 0; i < d->checks->count; i++)
		if (d->checks->check[i].layer == layer &&
		    d->checks->check[i].kind == kind)
			return true;
	return false;
}

/* Nothing was found, and nothing was proved here: is it proved from above? */
static void judge_by_carried(struct diagnosis *d, enum layer_of layer)
{
	struct layer_verdict *v = &d->layer[layer];

	for (int above = layer + 1; above < LAYERS; above++) {
		if (layer == LAYER_TRANSPORT ||
		    !has_check(d, (enum layer_of)above, CHECK_WORKS))
			continue;
		v->verdict = WORKS;
		snprintf(v->reason, sizeof(v->reason),
			 "what works above runs over it");
		return;
	}
}

/* Packets of the layer were there, whatever became of them. */
static bool passed(const struct coverage *c, enum layer_of layer)
{
	switch (layer) {
	case LAYER_DATA_LINK:
	case LAYER_NETWORK:
		return c->ipv4 || c->ipv6;
	case LAYER_TRANSPORT:
		return c->tcp || c->udp;
	default:
		return false;
	}
}

/* Some layer below is broken, and nothing above works: what is broken for one
 * host blocks no other. */
static bool is_blocked(const struct diagnosis *d, enum layer_of layer)
{
	bool broken = false;

	for (int below = LAYER_DATA_LINK; below < (int)layer; below++)
		broken |= d->layer[below].verdict == BROKEN;
	for (int above = layer + 1; above < LAYERS; above++)
		if (has_check(d, (enum layer_of)above, CHECK_WORKS))
			return false;
	return broken;
}

static void judge_unseen(struct diagnosis *d, enum layer_of layer)
{
	struct layer_verdict *v = &d->layer[layer];
	const char *why = "nothing of it was tried in this capture";

	/* others talked, of whom nothing is known here */
	if (layer == LAYER_APPLICATION &&
	    (d->coverage->tcp || d->coverage->udp))
		why = "no names were asked for, and nothing else is judged "
		      "there";
	if (d->coverage->packets &&
	    d->coverage->unknown_link == d->coverage->packets)
		why = "the packets cannot be read";
	if (!d->coverage->packets)
		why = "no packets";
	if (has_check(d, layer, CHECK_TRIED) || passed(d->coverage, layer))
		why = "tried, but nothing shows whether it works";
	if (is_blocked(d, layer))
		why = "blocked below";
	snprintf(v->reason, sizeof(v->reason), "%s", why);
}

/* What a reader should know of a capture that can be used: the first notice. */
static const char *capture_remark(const struct diagnosis *d)
{
	for (uint32_t i = 0; i < d->finding_count; i++) {
		const struct finding *f = d->findings[i];

		if (f->def->layer == LAYER_CAPTURE && f->severity == NOTICE)
			return title_of(f);
	}
	return "nothing shows that packets are missing";
}

static void judge_capture(struct diagnosis *d)
{
	struct layer_verdict *v = &d->layer[LAYER_CAPTURE];

	judge_by_findings(d, LAYER_CAPTURE);
	if (v->verdict != NOT_SEEN)
		return;
	if (!d->coverage->packets) {
		snprintf(v->reason, sizeof(v->reason), "no packets");
		return;
	}
	v->verdict = WORKS;
	judge_by_checks(d, LAYER_CAPTURE);
	if (!v->reason[0])
		snprintf(v->reason, sizeof(v->reason), "%s", capture_remark(d));
}

static bool is_live(const struct diagnosis *d)
{
	const struct source *s = d->coverage->source;

	return s && source_interfaces(s) && source_interface(s, 0)->live;
}

void diagnose_layers(struct diagnosis *d)
{
	memset(d->layer, 0, sizeof(d->layer));
	judge_capture(d);
	for (int i = LAYER_PHYSICAL; i < LAYERS; i++) {
		enum layer_of layer = (enum layer_of)i;
		struct layer_verdict *v = &d->layer[i];

		judge_by_findings(d, layer);
		if (v->verdict != NOT_SEEN)
			continue;
		if (judge_by_checks(d, layer))
			continue;
		if (layer == LAYER_PHYSICAL) {
			snprintf(v->reason, sizeof(v->reason), "%s",
				 is_live(d) ? "shown of a single interface "
					      "only (-i eth0)"
					    : "a saved capture cannot show it");
			continue;
		}
		judge_by_carried(d, layer);
		if (v->verdict == NOT_SEEN)
			judge_unseen(d, layer);
	}
}
