/* SPDX-License-Identifier: BSD-3-Clause */
/* list.h - every tracker, in the order in which they see a packet. */
#ifndef UPSTACK_ANALYSIS_TRACK_LIST_H
#define UPSTACK_ANALYSIS_TRACK_LIST_H

/* clang-format off */
#define TRACKERS(X) \
	X(card) \
	X(talk) \
	X(neighbour) \
	X(lease) \
	X(lease6) \
	X(control) \
	X(group) \
	X(alone) \
	X(network) \
	X(fragment) \
	X(udp) \
	X(media) \
	X(dns) \
	X(tcp)
/* clang-format on */

#endif
