/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * explain.c - prints the page of a finding: --explain ID.
 *
 * The pages are Markdown of our own making, of which only a little is used:
 * headings, paragraphs, lists, fenced blocks, comments.
 */
#include "report/pages.h"
#include "report/parts.h"
#include "report/page.h"

enum {
	LINE_MAX_TEXT = 1024,
	LIST_INDENT = 2,
	CODE_INDENT = 4,
	REPORT_WIDTH = 80
};

struct explainer {
	struct page page;
	unsigned indent; /* of the paragraph that is open */
	bool fenced;
	bool blank;		     /* an empty line is due */
	char heading[LINE_MAX_TEXT]; /* printed when something follows it */
};

/* What must come before the next thing that is printed. */
static void settle(struct explainer *e)
{
	if (e->page.column)
		page_newline(&e->page);
	if (e->blank)
		page_newline(&e->page);
	e->blank = false;
	if (!e->heading[0])
		return;
	page_styled(&e->page, BOLD, e->heading);
	page_newline(&e->page);
	e->heading[0] = '\0';
}

/* Marks of emphasis are for Markdown only; those of code show where a command
 * begins and ends. */
static void strip_marks(char *line)
{
	char *to = line;

	for (const char *from = line; *from; from++) {
		if (from[0] == '*' && from[1] == '*') {
			from++;
			continue;
		}
		*to++ = *from;
	}
	*to = '\0';
}

static void heading(struct explainer *e, const char *text)
{
	if (e->page.column)
		page_newline(&e->page);
	e->indent = 0;
	snprintf(e->heading, sizeof(e->heading), "%s", text);
}

static bool is_item(const char *line)
{
	return (line[0] == '-' || line[0] == '*') && line[1] == ' ';
}

static void item(struct explainer *e, const char *text)
{
	settle(e);
	page_put(&e->page, "- ");
	e->indent = LIST_INDENT;
	page_words(&e->page, text, LIST_INDENT, 0);
}

static void verbatim(struct explainer *e, const char *text, unsigned indent)
{
	settle(e);
	page_to(&e->page, indent);
	page_put(&e->page, text);
	page_newline(&e->page);
}

static void paragraph(struct explainer *e, const char *text)
{
	if (!e->page.column)
		settle(e);
	page_words(&e->page, text, e->indent, 0);
}

static void blank(struct explainer *e)
{
	if (e->page.column)
		page_newline(&e->page);
	e->indent = 0;
	e->blank = true;
}

/* Examples are reports of the usual width. */
static unsigned code_indent(const struct explainer *e)
{
	return e->page.width >= REPORT_WIDTH + CODE_INDENT ? CODE_INDENT : 0;
}

static void one_line(struct explainer *e, char *line)
{
	if (strncmp(line, "```", 3) == 0) {
		e->fenced = !e->fenced;
		return;
	}
	if (e->fenced) {
		verbatim(e, line, line[0] ? code_indent(e) : 0);
		return;
	}
	if (strncmp(line, "<!--", 4) == 0)
		return;
	strip_marks(line);
	if (line[0] == '#')
		heading(e, line + strspn(line, "# "));
	else if (is_item(line))
		item(e, line + 2);
	else if (line[0] == '|')
		verbatim(e, line, 0);
	else if (line[strspn(line, " ")])
		paragraph(e, line);
	else
		blank(e);
}

static void print_page(struct explainer *e, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		char line[LINE_MAX_TEXT];

		snprintf(line, sizeof(line), "%.*s", (int)n, text);
		one_line(e, line);
		text += n + (text[n] == '\n');
	}
	if (e->page.column)
		page_newline(&e->page);
}

bool report_explain(FILE *out, const char *id, const struct report_options *o)
{
	struct explainer e = {.page = {.out = out,
				       .width = o->width,
				       .color = o->color,
				       .ascii = o->ascii}};

	for (const struct page_of *p = pages; p->id; p++) {
		if (strcmp(p->id, id) != 0)
			continue;
		print_page(&e, p->text);
		return true;
	}
	return false;
}
