/* SPDX-License-Identifier: BSD-3-Clause */
/* vendor.h - who made a network card, where the system has the list. */
#ifndef UPSTACK_REPORT_VENDOR_H
#define UPSTACK_REPORT_VENDOR_H

#include "analysis/inventory.h"
#include "report/report.h"

struct vendors;

/* The makers of the inventory's neighbours and devices; NULL where there is no
 * list (which may be NULL too).  The caller frees it. */
struct vendors *vendors_new(const struct inventory *v,
			    const struct maker_list *list);

/* The name, escaped, or NULL; `v` may be NULL. */
const char *vendor_of(const struct vendors *v, const struct mac *m);

void vendors_free(struct vendors *v);

#endif
