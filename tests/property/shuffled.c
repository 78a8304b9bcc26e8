/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * shuffled.c - frames that stand up to 200 us out of order, as a card with
 * several queues or two interfaces deliver them, are judged as before.
 *
 *   shuffled PCAPS
 *
 * Each frame keeps its time and takes the place of one that is up to 200 us
 * later, an answer that of its question too.  Only frames of one and the same
 * time keep their order, for nothing else tells it.  What is found of warning
 * or above stays, and nothing is added.
 */
#include <stdio.h>
#include <stdlib.h>

#include "property/recording.h"

enum { WITHIN_NS = 200 * 1000 };

struct placed {
	int64_t place_ns;
	uint32_t at;
};

static int by_place(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->place_ns != y->place_ns)
		return x->place_ns < y->place_ns ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static struct frame *shuffle(const struct recording *r)
{
	struct placed *order = calloc(r->count + 1, sizeof(*order));
	struct frame *frames = calloc(r->count + 1, sizeof(*frames));
	uint32_t state = r->count;

	if (!order || !frames)
		abort();
	for (uint32_t i = 0; i < r->count; i++) {
		order[i].at = i;
		order[i].place_ns = r->frames[i].time_ns +
				    recording_random(&state) % WITHIN_NS;
		if (i && r->frames[i].time_ns == r->frames[i - 1].time_ns)
			order[i].place_ns = order[i - 1].place_ns;
	}
	qsort(order, r->count, sizeof(*order), by_place);
	for (uint32_t i = 0; i < r->count; i++) {
		frames[i] = r->frames[order[i].at];
		frames[i].number = i + 1;
	}
	free(order);
	return frames;
}

/* Where the stamps run back, the order of the file is the better one. */
static bool is_in_order(const struct recording *r)
{
	for (uint32_t i = 1; i < r->count; i++)
		if (r->frames[i].time_ns < r->frames[i - 1].time_ns)
			return false;
	return true;
}

static bool each(const char *path, struct recording *r)
{
	const struct diagnosis *in_order, *mixed;
	struct frame *frames;
	struct engine *a, *b;
	bool ok;

	if (!is_in_order(r))
		return true;
	frames = shuffle(r);
	in_order = recording_diagnose(r->frames, r->count, &a);
	mixed = recording_diagnose(frames, r->count, &b);
	ok = recording_within(path, "shuffled, no longer", in_order, mixed,
			      WARNING, NULL);
	ok = recording_within(path, "shuffled, now also", mixed, in_order,
			      WARNING, NULL) &&
	     ok;
	engine_free(a);
	engine_free(b);
	free(frames);
	return ok;
}

int main(int argc, char **argv)
{
	return recording_main(argc, argv, each);
}
