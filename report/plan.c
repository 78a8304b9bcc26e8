/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plan.c - where in the text each finding has its place.
 *
 * A person reads a root with what it brought about, and does not want to read
 * the same three sentences fourteen times: findings of one kind are told once.
 */
#include "report/plan.h"

#include <stdlib.h>
#include <string.h>

#include "report/parts.h"

enum { STEPS_MAX = 8 };

static bool leads_to(const struct finding *root, const struct finding *f,
		     unsigned steps)
{
	for (uint8_t i = 0; steps && i < f->cause_count; i++)
		if (f->caused_by[i] == root ||
		    leads_to(root, f->caused_by[i], steps - 1))
			return true;
	return false;
}

bool plan_leads_to(const struct finding *root, const struct finding *f)
{
	return leads_to(root, f, STEPS_MAX);
}

/* Below its root, unless no root of it is shown; marks the roots. */
static enum place place_of(const struct report_options *o,
			   const struct diagnosis *d, struct planned *plan,
			   const struct finding *f)
{
	bool below = false;

	if (!report_shows(o, f))
		return PLACE_NONE;
	for (uint32_t i = 0; f->cause_count && i < d->finding_count; i++) {
		const struct finding *root = d->findings[i];

		if (root->cause_count || !report_shows(o, root) ||
		    !plan_leads_to(root, f))
			continue;
		plan[i].has_below = true;
		below = true;
	}
	if (below)
		return PLACE_BELOW;
	if (f->severity == INFO && !o->verbose && !o->quiet && !o->only)
		return PLACE_ASIDE;
	return PLACE_BLOCK;
}

static bool is_same_kind(const struct finding *a, const struct finding *b)
{
	return a->def == b->def && a->severity == b->severity &&
	       strcmp(a->reason, b->reason) == 0;
}

/* The first finding of this one's kind that has a block. */
static uint32_t leader_of(const struct diagnosis *d, const struct planned *plan,
			  uint32_t index)
{
	for (uint32_t i = 0; i < index; i++)
		if (plan[i].place == PLACE_BLOCK &&
		    is_same_kind(d->findings[i], d->findings[index]))
			return i;
	return index;
}

/* Two warnings of a kind are still told one by one. */
static void gather(const struct diagnosis *d, struct planned *plan)
{
	for (uint32_t i = 0; i < d->finding_count; i++) {
		unsigned followers = 0;
		unsigned least = d->findings[i]->severity >= WARNING ? 2 : 1;

		for (uint32_t k = i + 1; k < d->finding_count; k++)
			followers += plan[k].place == PLACE_BLOCK &&
				     plan[k].leader == i;
		for (uint32_t k = i + 1;
		     followers >= least && k < d->finding_count; k++)
			if (plan[k].place == PLACE_BLOCK &&
			    plan[k].leader == i && !plan[k].has_below)
				plan[k].place = PLACE_LIKEWISE;
	}
}

struct planned *plan_new(const struct report_options *o,
			 const struct diagnosis *d)
{
	struct planned *plan = calloc(d->finding_count + 1, sizeof(*plan));

	if (!plan)
		return NULL;
	for (uint32_t i = 0; i < d->finding_count; i++)
		plan[i].place = place_of(o, d, plan, d->findings[i]);
	for (uint32_t i = 0; i < d->finding_count; i++)
		plan[i].leader = leader_of(d, plan, i);
	if (!o->verbose && !o->only)
		gather(d, plan);
	return plan;
}
