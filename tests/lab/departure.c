/* SPDX-License-Identifier: BSD-3-Clause */
/* departure.c - a binary heap of frames by the time at which they leave. */
#include "lab/departure.h"

#include <stdlib.h>

#include "lab/fail.h"

struct departures {
	struct departure *heap;
	uint32_t count, room;
	uint64_t turns;
};

struct departures *departures_new(void)
{
	struct departures *d = calloc(1, sizeof(*d));

	if (!d)
		fail("no memory");
	return d;
}

void departures_free(struct departures *d)
{
	free(d->heap);
	free(d);
}

static bool sooner(const struct departure *a, const struct departure *b)
{
	return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->turn < b->turn;
}

static void swap(struct departures *d, uint32_t a, uint32_t b)
{
	struct departure kept = d->heap[a];

	d->heap[a] = d->heap[b];
	d->heap[b] = kept;
}

void departures_add(struct departures *d, struct frame *f, int side,
		    int64_t at_ns)
{
	uint32_t at = d->count++;

	if (d->count > d->room) {
		d->room = d->room ? 2 * d->room : 1024;
		d->heap = realloc(d->heap, d->room * sizeof(*d->heap));
		if (!d->heap)
			fail("no memory for frames under way");
	}
	d->heap[at] = (struct departure){at_ns, d->turns++, f, side};
	for (; at && sooner(&d->heap[at], &d->heap[(at - 1) / 2]);
	     at = (at - 1) / 2)
		swap(d, at, (at - 1) / 2);
}

static void sink(struct departures *d)
{
	for (uint32_t at = 0, child; (child = 2 * at + 1) < d->count;
	     at = child) {
		if (child + 1 < d->count &&
		    sooner(&d->heap[child + 1], &d->heap[child]))
			child++;
		if (!sooner(&d->heap[child], &d->heap[at]))
			return;
		swap(d, at, child);
	}
}

bool departures_take(struct departures *d, int64_t now_ns,
		     struct departure *out)
{
	if (!d->count || d->heap[0].at_ns > now_ns)
		return false;
	*out = d->heap[0];
	d->heap[0] = d->heap[--d->count];
	sink(d);
	return true;
}

int64_t departures_next(const struct departures *d)
{
	return d->count ? d->heap[0].at_ns : INT64_MAX;
}
