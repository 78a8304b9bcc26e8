/* SPDX-License-Identifier: BSD-3-Clause */
/* subnet.h - whether a host asks on the link for what lies behind a router. */
#ifndef UPSTACK_ANALYSIS_DETECT_SUBNET_H
#define UPSTACK_ANALYSIS_DETECT_SUBNET_H

#include "analysis/knowledge.h"

enum subnet_reason {
	SUBNET_RIGHT,
	SUBNET_BEHIND,	/* its packets go through, or come from, a router */
	SUBNET_PROXIED, /* the same, and that router answers in its place */
	SUBNET_OUTSIDE, /* outside every prefix that is proven for the link */
};

/* What `host` asking for `target` on `link` is; `*router` is filled in for
 * SUBNET_BEHIND and SUBNET_PROXIED. */
enum subnet_reason subnet_judge(const struct knowledge *known, uint32_t link,
				const struct addr *host,
				const struct mac *host_mac,
				const struct addr *target, struct mac *router);

#endif
