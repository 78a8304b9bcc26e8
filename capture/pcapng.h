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
	BLOCK_INTERFACE = 1,
	BLOCK_OLD_PACKET = 2,
	BLOCK_SIMPLE_PACKET = 3,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
	BLOCK_EDGES = 12, /* type and length before, length after the body */
	SECTION_LEAST = 28,
	OPTION_COMMENT = 1,
};

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

/* Take in a block that holds no packet: `total` bytes at `block`, all there,
 * its length seen to be the same at both ends.  NULL, or what is wrong with it
 * for a sentence; `fatal` is set when nothing after it makes sense. */
const char *ng_block(struct reader *r, const uint8_t *block, uint32_t total,
		     bool *fatal);

/* The byte order of a section; false if its mark is damaged. */
bool ng_byte_order(const uint8_t *section, bool *swapped);

#endif
