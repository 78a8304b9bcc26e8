/* SPDX-License-Identifier: BSD-3-Clause */
/* segment.h - cuts a super-packet into the frames of the wire, as a card does.
 */
#ifndef UPSTACK_TESTS_LAB_SEGMENT_H
#define UPSTACK_TESTS_LAB_SEGMENT_H

#include <stdint.h>

struct frame;

/* How many frames it makes: 1 for what is none. */
uint32_t segment_count(const struct frame *super);

/* The n-th of them, from 0, with whole checksums. */
struct frame *segment_cut(const struct frame *super, uint32_t n);

#endif
