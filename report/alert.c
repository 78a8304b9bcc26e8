/* SPDX-License-Identifier: BSD-3-Clause */
/* alert.c - one finding at the moment when it is raised. */
#include "report/page.h"
#include "report/parts.h"

#include <ctype.h>

#include "base/text.h"
#include "base/when.h"

static enum style style_of(enum severity s)
{
	static const enum style styles[] = {DIM, CYAN, YELLOW, RED};

	return styles[s];
}

/* "06:24:35.2  WARNING   The gateway ... (arp.gateway_unresolved)" */
static int text_alert(FILE *out, const struct report_options *o,
		      const struct finding *f)
{
	enum { SEVERITY_AT = 12, TITLE_AT = 22 };
	struct page p = {.out = out,
			 .width = o->width,
			 .color = o->color,
			 .ascii = o->ascii};
	char when[WHEN_TEXT], name[16], id[KEY_TEXT];
	const char *severity = severity_name(f->severity);
	size_t n = 0;

	for (; severity[n] && n + 1 < sizeof(name); n++)
		name[n] = (char)toupper((unsigned char)severity[n]);
	name[n] = '\0';
	snprintf(id, sizeof(id), "(%s)", f->def->id);
	page_put(&p, when_clock(f->last_ns, when));
	page_to(&p, SEVERITY_AT);
	page_styled(&p, style_of(f->severity), name);
	page_to(&p, TITLE_AT);
	page_words(&p, finding_headline(f), TITLE_AT, 0);
	page_words(&p, id, TITLE_AT, 0);
	page_newline(&p);
	return ferror(out) ? -1 : 0;
}

int report_alert(FILE *out, const struct report_options *o,
		 const struct finding *f)
{
	if (!report_shows(o, f))
		return 0;
	if (o->format == REPORT_NDJSON)
		return report_finding(out, NULL, f) < 0 ? -1 : 1;
	if (o->format == REPORT_JSON || (f->severity == INFO && !o->verbose))
		return 0;
	return text_alert(out, o, f) < 0 ? -1 : 1;
}
