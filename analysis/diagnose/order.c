/* SPDX-License-Identifier: BSD-3-Clause */
/* order.c - sums, names and sorts the findings. */
#include "analysis/diagnose/diagnose.h"

#include <stdio.h>

bool diagnose_order(struct findings *all, struct arena *home,
		    struct diagnosis *d)
{
	uint32_t n = findings_count(all);
	const struct finding **shown =
		arena_alloc(home, (n + 1) * sizeof(*shown));

	d->finding_count = 0;
	d->findings = shown;
	if (!shown)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		struct finding *f = finding_at(all, i);

		snprintf(f->key, sizeof(f->key), "%s#%u", f->def->id, i + 1);
		if (!f->withheld)
			shown[d->finding_count++] = f;
	}
	return true;
}
