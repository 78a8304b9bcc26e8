/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fingerprint.h - a packet in 64 bits: what stays the same from hop to hop.
 *
 * IP: identification, fragment, length, protocol, addresses and the first 32
 * bytes of the payload, in which the transport checksum stands for the rest;
 * not TTL, TOS, header checksum, MACs and tags.  Anything else: all its bytes
 * behind the tags.
 */
#ifndef UPSTACK_ANALYSIS_FINGERPRINT_H
#define UPSTACK_ANALYSIS_FINGERPRINT_H

#include "base/hash.h"
#include "dissectors/dissect.h"

enum { STATION_BITS = 10 };

struct fingerprint {
	uint64_t packet;
	uint16_t src, dst; /* the MACs, STATION_BITS each; a cooked frame's
			      interface and direction stand for its dst */
	bool has_dst;
};

struct fingerprint fingerprint_of(const struct packet *p, struct hash_key key);

#endif
