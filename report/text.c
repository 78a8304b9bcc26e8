/* SPDX-License-Identifier: BSD-3-Clause */
/* text.c - the report for a person at a terminal. */
#include "report/parts.h"

int text_write(FILE *out, const struct report_options *o,
	       const struct diagnosis *d)
{
	fprintf(out, "%s: %llu packets\n\n", o->title,
		(unsigned long long)d->coverage->packets);
	for (int i = 0; i < LAYERS; i++)
		fprintf(out, "  %-12s %-9s %s\n", layer_title(i),
			verdict_name(d->layer[i].verdict), d->layer[i].reason);
	for (uint32_t i = 0; i < d->finding_count; i++) {
		const struct finding *f = d->findings[i];

		if (report_shows(o, f))
			fprintf(out, "\n%s  %s  (%s)\n   %s\n   %s\n",
				severity_name(f->severity), finding_headline(f),
				confidence_name(f->confidence), f->summary,
				f->def->id);
	}
	return ferror(out) ? -1 : 0;
}
