/* SPDX-License-Identifier: BSD-3-Clause */
/* list.h - every detector, in the order of the catalogue: lower layers first. */
#ifndef UPSTACK_ANALYSIS_DETECT_LIST_H
#define UPSTACK_ANALYSIS_DETECT_LIST_H

/* clang-format off */
#define DETECTORS(X) \
	X(ping) \
	X(unreachable)
/* clang-format on */

#endif
