/* SPDX-License-Identifier: BSD-3-Clause */
/* coverage.h - how much was read, and what of it could not be understood. */
#ifndef UPSTACK_ANALYSIS_COVERAGE_H
#define UPSTACK_ANALYSIS_COVERAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/source.h"

/* Services whose messages were read in part: what they say is not known. */
enum cut_service { CUT_DNS = 1, CUT_DHCP = 2, CUT_HTTP = 4, CUT_TLS = 8 };

/* Counted by the engine over all frames; read-only for everybody else. */
struct coverage {
	uint64_t packets, bytes; /* bytes on the wire */
	int64_t first_ns, last_ns; /* smallest and largest time stamp */
	uint64_t cut;		 /* frames with kept < sent */
	uint64_t cut_transport;	 /* of those, up to the transport header */
	uint64_t cut_fcs;	 /* of those, by four bytes: the FCS alone */
	uint32_t cut_at;	 /* bytes kept of the shortest cut frame */
	uint64_t cut_frame;	 /* the first that lacks more than an FCS */
	unsigned cut_services;	 /* enum cut_service, whose content is cut */
	uint64_t malformed;	 /* frames with a malformed layer */
	uint64_t unknown_link;	 /* frames of a link type without dissector */
	uint16_t unknown_link_type;
	uint64_t unknown_link_frame; /* the first */
	uint64_t copies;	 /* frames left out as copies */
	uint64_t copies_unknown; /* of those, of such a link type */
	uint64_t broadcasts, multicasts;
	uint64_t arp, ipv4, ipv6, tcp, udp, icmp, other;
	uint64_t tcp_plain;	 /* of tcp: neither SYN, FIN nor RST */
	uint64_t cut_errors;	 /* ICMP errors, cut before what they quote */
	const struct source *source; /* interfaces, troubles; NULL in tests */
};

#endif
