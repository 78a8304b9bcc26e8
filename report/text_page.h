/* SPDX-License-Identifier: BSD-3-Clause */
/* text_page.h - what the writers of the text report share. */
#ifndef UPSTACK_REPORT_TEXT_PAGE_H
#define UPSTACK_REPORT_TEXT_PAGE_H

#include "report/page.h"
#include "report/parts.h"

/* The block of one finding, with what it brought about. */
void text_finding(struct page *p, const struct report_options *o,
		  const struct diagnosis *d, const struct finding *f,
		  unsigned number);

/* Whether `f` is a consequence of `root`, over at most `deep` steps. */
bool finding_leads_to(const struct finding *root, const struct finding *f,
		      unsigned deep);

#endif
