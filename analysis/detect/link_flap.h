/* SPDX-License-Identifier: BSD-3-Clause */
/* link_flap.h - one finding, by what the system counts and by what packets show. */
#ifndef UPSTACK_ANALYSIS_DETECT_LINK_FLAP_H
#define UPSTACK_ANALYSIS_DETECT_LINK_FLAP_H

#include "analysis/finding.h"

extern const struct finding_def link_flap;

#endif
