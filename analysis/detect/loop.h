/* SPDX-License-Identifier: BSD-3-Clause */
/* loop.h - routing loops, by whatever betrays them. */
#ifndef UPSTACK_ANALYSIS_DETECT_LOOP_H
#define UPSTACK_ANALYSIS_DETECT_LOOP_H

#include "analysis/detect/frames.h"
#include "analysis/detector.h"

extern const struct finding_def ip_routing_loop;

/* Two routers take turns in a traceroute. */
void loop_of_traceroute(const struct traceroute *t,
			const struct detector_context *c);

#endif
