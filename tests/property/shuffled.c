/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * shuffled.c - conversations whose frames stand up to 200 us out of order with
 * those of others, as a card with several queues delivers them, are judged as
 * before.
 *
 *   shuffled PCAPS
 *
 * Each frame keeps its time and takes the place of one that is up to 200 us
 * later; those of one conversation, which share a queue, keep their order: an
 * answer that stands before its question is another story.  What is found of
 * warning or above stays, and nothing is added.
 */
#include <stdio.h>
#include <stdlib.h>

#include "property/recording.h"

enum { WITHIN_NS = 200 * 1000, QUEUES = 64 };

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

/* The same for both directions and for an ICMP error about them: a sum over
 * addresses and ports.  What is not IPv4 over Ethernet shares a queue. */
static uint32_t queue_of(const struct frame *f)
{
	enum { IP = 14, ADDRESSES = 12, ICMP = 1, QUOTE = IP + 20 + 8 };
	uint32_t sum = 0, at = IP;

	if (f->link_type != 1 || f->kept < IP + 24 || f->data[12] != 8 ||
	    f->data[13] != 0)
		return 0;
	if (f->data[IP + 9] == ICMP) {
		if (f->kept < QUOTE + 24)
			return 0;
		at = QUOTE;
	}
	for (uint32_t i = at + ADDRESSES; i < at + 24; i += 2)
		sum += (uint32_t)(f->data[i] << 8 | f->data[i + 1]);
	return 1 + sum % (QUEUES - 1);
}

static struct frame *shuffle(const struct recording *r)
{
	struct placed *order = calloc(r->count + 1, sizeof(*order));
	struct frame *frames = calloc(r->count + 1, sizeof(*frames));
	int64_t last_ns[QUEUES];
	uint32_t state = r->count;

	for (int i = 0; i < QUEUES; i++)
		last_ns[i] = INT64_MIN;
	if (!order || !frames)
		abort();
	for (uint32_t i = 0; i < r->count; i++) {
		const struct frame *f = &r->frames[i];
		uint32_t queue = queue_of(f);

		order[i].at = i;
		order[i].place_ns =
			f->time_ns + recording_random(&state) % WITHIN_NS;
		if (order[i].place_ns < last_ns[queue])
			order[i].place_ns = last_ns[queue];
		last_ns[queue] = order[i].place_ns;
	}
	qsort(order, r->count, sizeof(*order), by_place);
	for (uint32_t i = 0; i < r->count; i++) {
		frames[i] = r->frames[order[i].at];
		frames[i].number = i + 1;
	}
	free(order);
	return frames;
}

static bool each(const char *path, struct recording *r)
{
	struct frame *frames = shuffle(r);
	struct engine *a, *b;
	const struct diagnosis *in_order =
		recording_diagnose(r->frames, r->count, &a);
	const struct diagnosis *mixed =
		recording_diagnose(frames, r->count, &b);
	bool ok = recording_within(path, "shuffled, no longer", in_order, mixed,
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
	if (argc != 2) {
		fprintf(stderr, "usage: shuffled PCAPS\n");
		return 2;
	}
	return recording_each(argv[1], each) ? 0 : 1;
}
