/* SPDX-License-Identifier: BSD-3-Clause */
/* link_mtu.h - what counts as a disagreement about the MTU of a link. */
#ifndef UPSTACK_ANALYSIS_DETECT_LINK_MTU_H
#define UPSTACK_ANALYSIS_DETECT_LINK_MTU_H

#include "analysis/finding.h"

extern const struct finding_def link_mtu_mismatch;

enum {
	MTU_DIFFER = 100,
	/* a small host that announces less does not tell of its card */
	MTU_TELLING = 1280,
};

static inline bool mtu_disagree(uint32_t a, uint32_t b)
{
	return a >= MTU_TELLING && b >= MTU_TELLING &&
	       (a > b + MTU_DIFFER || b > a + MTU_DIFFER);
}

/* What the MSS of a SYN tells of the MTU behind it. */
static inline uint32_t mtu_of_mss(uint16_t mss, uint32_t family)
{
	return mss ? mss + (family == 6 ? 60u : 40u) : 0;
}

#endif
