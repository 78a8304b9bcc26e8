/* SPDX-License-Identifier: BSD-3-Clause */
/* text_page.h - what the writers of the text report share. */
#ifndef UPSTACK_REPORT_TEXT_PAGE_H
#define UPSTACK_REPORT_TEXT_PAGE_H

#include "report/page.h"
#include "report/parts.h"
#include "report/plan.h"

/* The block of finding `index`, with what it brought about, and its like. */
void text_finding(struct page *p, const struct report_options *o,
		  const struct diagnosis *d, const struct planned *plan,
		  uint32_t index, unsigned number);

/* The table of --connections. */
void text_connections(struct page *p, const struct connections *c);

#endif
