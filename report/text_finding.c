/* SPDX-License-Identifier: BSD-3-Clause */
/* text_finding.c - one finding as a block of text. */
#include "report/text_page.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "base/when.h"

enum {
	BODY = 3,
	TITLE = 13,
	BECAUSE = 19,
	LIKEWISE = 14,
	NEXT = 10,
	CONSEQUENCES_SHOWN = 4,
	FRAMES_SHOWN = 8,
	LIKEWISE_SHOWN = 8,
	FRAMES_TEXT = 24 * EVIDENCE_MAX
};

static const struct {
	const char *name;
	enum style style;
} severities[] = {
	[INFO] = {"INFO", DIM},
	[NOTICE] = {"NOTICE", CYAN},
	[WARNING] = {"WARNING", YELLOW},
	[CRITICAL] = {"CRITICAL", RED},
};

/* Number, severity and title; the confidence at the right end of the line. */
static void write_head(struct page *p, const struct finding *f, unsigned number)
{
	const char *sure = confidence_name(f->confidence);
	const char *title = finding_headline(f);
	unsigned right = p->width - (unsigned)strlen(sure);
	char head[TITLE_TEXT], digits[12];
	size_t n = page_fit(p, title, right - TITLE - 2);

	snprintf(digits, sizeof(digits), "%u", number);
	page_styled(p, BOLD, digits);
	page_to(p, p->column < BODY ? BODY : p->column + 1);
	page_styled(p, severities[f->severity].style,
		    severities[f->severity].name);
	page_to(p, TITLE);
	snprintf(head, sizeof(head), "%.*s", (int)n, title);
	page_styled(p, BOLD, head);
	page_to(p, right);
	page_styled(p, DIM, sure);
	page_newline(p);
	if (title[n])
		page_words(p, title + n, TITLE, right - 2);
	if (title[n])
		page_newline(p);
}

/* "frame 640", "frames 614 640" or "frames 614 640 …", up to `most`. */
static void frames_text(const struct page *p, const struct finding *f,
			unsigned most, struct text *t)
{
	for (unsigned i = 0; i < f->frame_count && i < most; i++)
		text_add(t, "%s %llu",
			 i		      ? ""
			 : f->frame_count > 1 ? "frames"
					      : "frame",
			 (unsigned long long)f->frames[i]);
	if (f->frame_count > most)
		text_add(t, " %s", page_ellipsis(p));
}

/* Where it is seen, if the summary has not said it. */
static void write_frames(struct page *p, const struct finding *f,
			 unsigned indent)
{
	char frames[FRAMES_TEXT];
	struct text t = text_over(frames, sizeof(frames));

	frames_text(p, f, FRAMES_SHOWN, &t);
	if (!t.used)
		return;
	page_words(p, page_dot(p), indent, 0);
	page_words(p, frames, indent, 0);
}

/* Whether the summary names all that is shown of the evidence: the number has
 * to stand there as a word. */
static bool tells_frames(const struct finding *f)
{
	unsigned told = 0, shown = f->frame_count;

	if (shown > FRAMES_SHOWN)
		shown = FRAMES_SHOWN;
	for (unsigned i = 0; i < shown; i++) {
		char number[24];
		size_t n = (size_t)snprintf(number, sizeof(number), " %llu",
					    (unsigned long long)f->frames[i]);
		const char *at = strstr(f->summary, number);

		told += at && !isdigit((unsigned char)at[n]);
	}
	return told == shown;
}

/* The id, and how to see it in Wireshark. */
static void write_proof(struct page *p, const struct finding *f,
			const struct diagnosis *d, unsigned indent,
			bool with_filter)
{
	char filter[FILTER_TEXT];

	page_to(p, indent);
	page_styled(p, DIM, f->def->id);
	if (!tells_frames(f))
		write_frames(p, f, indent);
	finding_filter_text(f, d, filter);
	if (with_filter && filter[0]) {
		page_words(p, page_dot(p), indent, 0);
		page_words(p, "in Wireshark:", indent, 0);
		page_words(p, filter, indent, 0);
	}
	page_newline(p);
}

/* A consequence in a line or two: its title, and where it is seen; -v: also
 * what there is to say of it. */
static void write_consequence(struct page *p, const struct report_options *o,
			      const struct diagnosis *d,
			      const struct finding *f, unsigned indent)
{
	char frames[FRAMES_TEXT];
	struct text t = text_over(frames, sizeof(frames));

	frames_text(p, f, 2, &t);
	page_to(p, indent);
	page_words(p, finding_headline(f), indent, 0);
	if (t.used) {
		page_words(p, "(", indent, p->width - (unsigned)t.used - 1);
		page_put(p, frames);
		page_put(p, ")");
	}
	page_newline(p);
	if (!o->verbose)
		return;
	if (f->summary[0]) {
		page_words(p, f->summary, indent, 0);
		page_newline(p);
	}
	write_proof(p, f, d, indent, true);
}

/* "and 12 more" in a list that shows only so many. */
static void write_more(struct page *p, unsigned count, unsigned indent)
{
	char more[64];

	snprintf(more, sizeof(more), "and %u more (-v shows all)", count);
	page_to(p, indent);
	page_put(p, more);
	page_newline(p);
}

static void write_consequences(struct page *p, const struct report_options *o,
			       const struct diagnosis *d,
			       const struct finding *root)
{
	unsigned count = 0, most = o->verbose ? UINT32_MAX : CONSEQUENCES_SHOWN;

	for (uint32_t i = 0; i < d->finding_count; i++) {
		const struct finding *f = d->findings[i];

		if (f->severity < o->least || !plan_leads_to(root, f))
			continue;
		if (count++ >= most)
			continue;
		page_to(p, BODY);
		if (count == 1)
			page_styled(p, DIM, "because of it:");
		write_consequence(p, o, d, f, BECAUSE);
	}
	if (count > most)
		write_more(p, count - most, BECAUSE);
}

/* Findings of the same kind, which nothing more has to be said of. */
static void write_likewise(struct page *p, const struct report_options *o,
			   const struct diagnosis *d,
			   const struct planned *plan, uint32_t leader)
{
	unsigned count = 0;

	for (uint32_t i = leader + 1; i < d->finding_count; i++) {
		if (plan[i].place != PLACE_LIKEWISE || plan[i].leader != leader)
			continue;
		if (count++ >= LIKEWISE_SHOWN)
			continue;
		page_to(p, BODY);
		if (count == 1)
			page_styled(p, DIM, "likewise:");
		write_consequence(p, o, d, d->findings[i], LIKEWISE);
	}
	if (count > LIKEWISE_SHOWN)
		write_more(p, count - LIKEWISE_SHOWN, LIKEWISE);
}

static void write_advice(struct page *p, const struct finding *f)
{
	const char *line;

	for (unsigned i = 0; (line = finding_advice(f, i)); i++) {
		page_to(p, BODY);
		if (i == 0)
			page_styled(p, DIM, "next:");
		page_to(p, NEXT);
		page_advice(p, line, NEXT);
		page_newline(p);
	}
}

/* -v: all that the document has and the block has not. */
static void write_details(struct page *p, const struct finding *f)
{
	char line[FRAMES_TEXT], first[WHEN_TEXT], last[WHEN_TEXT];
	char flow[FLOW_TEXT];
	struct text t = text_over(line, sizeof(line));
	struct flow way;

	text_add(&t, "seen %llu time%s, from %s UTC to %s UTC",
		 (unsigned long long)f->count, plural(f->count),
		 when_date(f->first_ns, first), when_date(f->last_ns, last));
	page_words(p, line, BODY, 0);
	page_newline(p);
	if (finding_flow(f, &way)) {
		page_words(p, "flow", BODY, 0);
		page_words(p, flow_text(&way, flow), BODY, 0);
		page_newline(p);
	}
	t = text_over(line, sizeof(line));
	frames_text(p, f, EVIDENCE_MAX, &t);
	page_words(p, line, BODY, 0);
	if (p->column)
		page_newline(p);
}

void text_finding(struct page *p, const struct report_options *o,
		  const struct diagnosis *d, const struct planned *plan,
		  uint32_t index, unsigned number)
{
	const struct finding *f = d->findings[index];
	bool serious = f->severity >= WARNING;

	write_head(p, f, number);
	if (f->summary[0] && (f->severity > INFO || o->verbose)) {
		page_words(p, f->summary, BODY, 0);
		page_newline(p);
	}
	write_consequences(p, o, d, f);
	write_likewise(p, o, d, plan, index);
	if (serious || o->verbose)
		write_advice(p, f);
	if (o->verbose)
		write_details(p, f);
	write_proof(p, f, d, BODY, f->severity > INFO || o->verbose);
}
