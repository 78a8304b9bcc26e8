/* SPDX-License-Identifier: BSD-3-Clause */
/* places.c - at which interface the latest frames were seen. */
#include "analysis/places.h"

enum { FRAMES = 1 << 18, LINKS = 64, NOWHERE = UINT8_MAX };

struct places {
	uint64_t last;		   /* frame */
	uint8_t interface[FRAMES]; /* of a frame, by its number */
	uint8_t links;
	uint32_t link[LINKS];
	uint8_t interface_of[LINKS];
};

struct places *places_new(struct arena *home)
{
	return arena_alloc(home, sizeof(struct places));
}

void places_note(struct places *p, uint64_t frame, uint32_t interface)
{
	p->interface[frame % FRAMES] =
		interface < NOWHERE ? (uint8_t)interface : NOWHERE;
	p->last = frame;
}

void places_link(struct places *p, uint32_t link, uint32_t interface)
{
	for (uint8_t i = 0; i < p->links; i++)
		if (p->link[i] == link)
			return;
	if (p->links == LINKS || interface >= NOWHERE)
		return;
	p->link[p->links] = link;
	p->interface_of[p->links++] = (uint8_t)interface;
}

static uint8_t interface_of_link(const struct places *p, uint32_t link)
{
	for (uint8_t i = 0; i < p->links; i++)
		if (p->link[i] == link)
			return p->interface_of[i];
	return NOWHERE;
}

static uint8_t interface_of_frame(const struct places *p, uint64_t frame)
{
	if (frame == 0 || frame > p->last || p->last - frame >= FRAMES)
		return NOWHERE;
	return p->interface[frame % FRAMES];
}

bool places_at(const struct places *p, const struct finding *f, uint32_t link)
{
	uint8_t here = p ? interface_of_link(p, link) : NOWHERE;
	bool elsewhere = false;

	if (here == NOWHERE)
		return true;
	for (uint8_t i = 0; i < f->frame_count; i++) {
		uint8_t at = interface_of_frame(p, f->frames[i]);

		if (at == here)
			return true;
		elsewhere |= at != NOWHERE;
	}
	return !elsewhere;
}
