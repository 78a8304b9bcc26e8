/* SPDX-License-Identifier: BSD-3-Clause */
/* frames.h - a few frame numbers that a detector keeps as its proof. */
#ifndef UPSTACK_ANALYSIS_DETECT_FRAMES_H
#define UPSTACK_ANALYSIS_DETECT_FRAMES_H

#include "analysis/finding.h"

enum { FRAME_LIST = 8, FRAMES_TEXT = 200 };

/* The first ones, and in the last place always the latest. */
struct frame_list {
	uint64_t frame[FRAME_LIST];
	uint32_t count; /* kept */
};

/* Keep a frame; 0 is none, and the same again is not kept twice. */
void frames_note(struct frame_list *l, uint64_t frame);

/* What it was kept for did not hold. */
void frames_drop(struct frame_list *l, uint64_t frame);

/* "frame 4", "frames 4 9 17", "" for none; returns `out`. */
const char *frames_text(const struct frame_list *l,
			char out[static FRAMES_TEXT]);

/* Add them to the evidence. */
void frames_prove(const struct frame_list *l, struct finding *f);

/* Begin text and advice anew: what is said of a finding grows with it. */
void finding_restate(struct finding *f);

#endif
