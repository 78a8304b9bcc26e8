/* SPDX-License-Identifier: BSD-3-Clause */
/* plan.h - where in the text each finding has its place. */
#ifndef UPSTACK_REPORT_PLAN_H
#define UPSTACK_REPORT_PLAN_H

#include "report/report.h"

enum place {
	PLACE_NONE,	/* left out by the options */
	PLACE_BLOCK,	/* a block of its own */
	PLACE_BELOW,	/* below the root that brought it about */
	PLACE_LIKEWISE, /* one line in the block of `leader`, which says it */
	PLACE_ASIDE,	/* context, in one line at the end */
};

struct planned {
	enum place place;
	uint32_t leader; /* the first of its kind; itself: it is that */
	bool has_below;	 /* something has its place below it */
};

/* One entry for each finding of the diagnosis; free() it.  NULL: no memory. */
struct planned *plan_new(const struct report_options *o,
			 const struct diagnosis *d);

/* Whether `f` is a consequence of `root`, over some steps. */
bool plan_leads_to(const struct finding *root, const struct finding *f);

#endif
