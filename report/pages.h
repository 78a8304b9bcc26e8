/* SPDX-License-Identifier: BSD-3-Clause */
/* pages.h - docs/findings as they were when this program was built. */
#ifndef UPSTACK_REPORT_PAGES_H
#define UPSTACK_REPORT_PAGES_H

struct page_of {
	const char *id;
	const char *text; /* Markdown; UTF-8 */
};

/* Ended by a row without id; written by pages.cmake. */
extern const struct page_of pages[];

#endif
