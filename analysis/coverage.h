/* SPDX-License-Identifier: BSD-3-Clause */
/* coverage.h - how much was read, and what of it could not be understood. */
#ifndef UPSTACK_ANALYSIS_COVERAGE_H
#define UPSTACK_ANALYSIS_COVERAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/source.h"

/* Counted by the engine over all frames; read-only for everybody else. */
struct coverage {
	uint64_t packets, bytes; /* bytes on the wire */
	int64_t first_ns, last_ns; /* smallest and largest time stamp */
	uint64_t cut;		 /* frames with kept < sent */
	uint64_t cut_transport;	 /* of those, up to the transport header */
	uint32_t cut_at;	 /* bytes kept of the shortest cut frame */
	uint64_t malformed;	 /* frames with a malformed layer */
	uint64_t unknown_link;	 /* frames of a link type without dissector */
	uint16_t unknown_link_type;
	uint64_t unknown_link_frame; /* the first */
	uint64_t copies;	 /* frames left out as copies */
	uint64_t broadcasts, multicasts;
	uint64_t arp, ipv4, ipv6, tcp, udp, icmp, other;
	const struct source *source; /* interfaces, troubles; NULL in tests */
};

#endif
