/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fragment_rules.h - the fragmented datagrams from one address to another, and
 * the rules that judge them.
 */
#ifndef UPSTACK_ANALYSIS_DETECT_FRAGMENT_RULES_H
#define UPSTACK_ANALYSIS_DETECT_FRAGMENT_RULES_H

#include "analysis/detect/frames.h"
#include "analysis/detector.h"

/* The table key of a pair. */
struct fragment_path {
	struct addr src, dst;
};

struct fragment_pair {
	struct fragment_path path;
	uint32_t datagrams, fragments, complete;
	uint32_t missing;    /* patience over, never whole */
	uint32_t first_only; /* of those: nothing but the first fragment came */
	uint32_t timed_out; /* the receiver said so: reassembly time exceeded */
	uint32_t others;    /* complete, or without a first fragment */
	uint32_t forgotten; /* after their first fragment, for want of room */
	int64_t forgotten_ns; /* when the first of them came */
	uint32_t overlaps, differing, tiny;
	uint32_t largest, biggest; /* payload bytes of a fragment, a datagram */
	uint8_t ttl, protocol;
	bool df;
	const char *tiny_why;
	struct mac eth_src;
	int64_t first_ns, last_ns, first_missing_ns, last_missing_ns;
	struct addr reporter; /* of the time exceeded */
	struct frame_list frames, missing_frames, timeout_frames;
	struct frame_list overlap_frames, tiny_frames;
};

void fragment_judge_presence(const struct fragment_pair *p,
			     const struct detector_context *c);
void fragment_judge_missing(const struct fragment_pair *p,
			    const struct detector_context *c);
void fragment_judge_overlap(const struct fragment_pair *p,
			    const struct detector_context *c);
void fragment_judge_tiny(const struct fragment_pair *p,
			 const struct detector_context *c);

extern const struct finding_def ip_fragmented, ip_fragments_missing,
	ip_fragments_overlap, ip_fragments_tiny;

#endif
