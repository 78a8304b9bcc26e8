/* SPDX-License-Identifier: BSD-3-Clause */
/* inventory_report.h - what the writers of an inventory share. */
#ifndef UPSTACK_REPORT_INVENTORY_REPORT_H
#define UPSTACK_REPORT_INVENTORY_REPORT_H

#include "analysis/inventory.h"
#include "report/page.h"
#include "report/parts.h"

json_t *json_inventory(const struct report_options *o,
		       const struct diagnosis *d);

/* --inventory: the lists, for a person. */
void text_inventory(struct page *p, const struct report_options *o,
		    const struct diagnosis *d);

#endif
