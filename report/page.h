/* SPDX-License-Identifier: BSD-3-Clause */
/* page.h - words on lines of limited width, in colour where that is wanted. */
#ifndef UPSTACK_REPORT_PAGE_H
#define UPSTACK_REPORT_PAGE_H

#include <stdbool.h>
#include <stdio.h>

enum style { PLAIN, BOLD, DIM, RED, YELLOW, GREEN, CYAN };

struct page {
	FILE *out;
	unsigned width;	 /* columns */
	unsigned column; /* where the next character goes */
	bool color;
	bool ascii; /* the terminal knows nothing but ASCII */
};

/* The columns that a text takes. */
unsigned page_columns(const struct page *p, const char *text);

/* Print a text as it stands, made harmless if it is not. */
void page_put(struct page *p, const char *text);
void page_styled(struct page *p, enum style style, const char *text);

/* Go to a column with spaces, on a new line if it is behind us. */
void page_to(struct page *p, unsigned column);
void page_newline(struct page *p);

/* Print words from here on, a space before them unless the line begins here,
 * wrapped before `width` (0: the page's) and then from `indent` on.  A gap of
 * three spaces stays one. */
void page_words(struct page *p, const char *text, unsigned indent,
		unsigned width);

/* The same, and no command is broken: on the next line if it does not fit on
 * this one, and longer than the line if it has to be. */
void page_advice(struct page *p, const char *text, unsigned indent);

/* How many bytes of `text` fit into `columns`, cut between words if possible.
 */
size_t page_fit(const struct page *p, const char *text, unsigned columns);

/* A middle dot and an ellipsis, or what ASCII has for them. */
const char *page_dot(const struct page *p);
const char *page_ellipsis(const struct page *p);

#endif
