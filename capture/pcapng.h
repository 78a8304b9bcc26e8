/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pcapng.h - what file_pcapng.c (packets) and pcapng_blocks.c (all other
 * blocks) share.
 */
#ifndef UPSTACK_CAPTURE_PCAPNG_H
#define UPSTACK_CAPTURE_PCAPNG_H

#include "capture/reader.h"

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	SECTION_MAGIC = 0x1a2b3c4d,
	BLOCK_INTERFACE = 1,
	BLOCK_OLD_PACKET = 2,
	BLOCK_SIMPLE_PACKET = 3,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
	BLOCK_EDGES = 12, /* type and length before, length after the body */
	SECTION_LEAST = 28,
	OPTION_COMMENT = 1,
};

/* Options, by the block that has them. */
enum { SHB_HARDWARE = 2, SHB_OS = 3, SHB_APPLICATION = 4 };

enum {
	IF_NAME = 2,
	IF_DESCRIPTION = 3,
	IF_IPV4 = 4,
	IF_IPV6 = 5,
	IF_MAC = 6,
	IF_TIME_RESOLUTION = 9,
	IF_FILTER = 11,
	IF_OS = 12,
	IF_FCS_LENGTH = 13,
	IF_TIME_OFFSET = 14,
	IF_HARDWARE = 15,
};

enum {
	ISB_START = 2,
	ISB_END = 3,
	ISB_RECEIVED = 4,
	ISB_DROPPED = 5,
	ISB_FILTER_ACCEPTED = 6,
	ISB_OS_DROPPED = 7,
	ISB_DELIVERED = 8,
};

enum { EPB_FLAGS = 2, EPB_DROPPED = 4 };

/* pcapng has no place for routes: a comment to the interface has them, in words
 * that whoever opens the file can read; then addresses, by spaces. */
#define NG_GATEWAYS "Gateways in the routing table: "

/* A walk over the options at the end of a block. */
struct ng_options {
	const uint8_t *at;
	size_t left;
	bool swapped;
	uint16_t code, length; /* of the option at `value` */
	const uint8_t *value;
};

/* Step to the next option; false at the end, or where one is too long. */
bool ng_option_next(struct ng_options *o);

/* An option of 64 bits; UINT64_MAX if it is too short. */
uint64_t ng_option_u64(const struct ng_options *o);

/* Its two halves of a time, which stand the upper one first. */
uint64_t ng_option_time(const struct ng_options *o);

/* Times are kept where differences and timeouts cannot overflow: until 2116. */
#define NG_TIME_MOST_NS (INT64_C(1) << 62)

/* A time of an interface's clock, not yet checked: below 0 or above
 * NG_TIME_MOST_NS it cannot be. */
int64_t ng_time(const struct ng_interface *i, uint64_t units);

/* Take in a block that holds no packet: `total` bytes at `block`, all there,
 * its length seen to be the same at both ends.  NULL, or what is wrong with it
 * for a sentence; `fatal` is set when nothing after it makes sense. */
const char *ng_block(struct reader *r, const uint8_t *block, uint32_t total,
		     bool *fatal);

/* The byte order of a section; false if its mark is damaged. */
bool ng_byte_order(const uint8_t *section, bool *swapped);

#endif
