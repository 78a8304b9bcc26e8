/* SPDX-License-Identifier: BSD-3-Clause */
/* frames.c - a few frame numbers that a detector keeps as its proof. */
#include "analysis/detect/frames.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

void frames_note(struct frame_list *l, uint64_t frame)
{
	if (!frame)
		return;
	for (uint32_t i = 0; i < l->count; i++)
		if (l->frame[i] == frame)
			return;
	if (l->count < FRAME_LIST)
		l->count++;
	l->frame[l->count - 1] = frame;
}

void frames_drop(struct frame_list *l, uint64_t frame)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < l->count; i++)
		if (l->frame[i] != frame)
			l->frame[kept++] = l->frame[i];
	l->count = kept;
}

const char *frames_text(const struct frame_list *l,
			char out[static FRAMES_TEXT])
{
	struct text t = text_over(out, FRAMES_TEXT);

	if (l->count)
		text_add(&t, l->count == 1 ? "frame" : "frames");
	for (uint32_t i = 0; i < l->count; i++)
		text_add(&t, " %" PRIu64, l->frame[i]);
	return out;
}

void frames_prove(const struct frame_list *l, struct finding *f)
{
	for (uint32_t i = 0; i < l->count; i++)
		finding_frame(f, l->frame[i]);
}

void finding_restate(struct finding *f)
{
	memset(f->title, 0, sizeof(f->title));
	memset(f->summary, 0, sizeof(f->summary));
	memset(f->filter, 0, sizeof(f->filter));
	memset(f->advice, 0, sizeof(f->advice));
}
