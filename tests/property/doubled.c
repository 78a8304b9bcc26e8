/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * doubled.c - every frame recorded twice changes nothing but
 * capture.duplicates.
 *
 *   doubled PCAPS
 *
 * Each frame comes again 20 us later, as on the `any` device of a bridge.  What
 * must be found is still found, as grave and as sure, and nothing else of warning
 * or above.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "property/recording.h"

enum { LATER_NS = 20 * 1000 };

static bool found(const struct diagnosis *d, const struct finding *wanted)
{
	for (uint32_t i = 0; i < d->finding_count; i++) {
		const struct finding *f = d->findings[i];

		if (f->def == wanted->def && f->severity == wanted->severity &&
		    f->confidence == wanted->confidence)
			return true;
	}
	return false;
}

/* What `a` finds of warning or above, and `b` does not. */
static bool compare(const char *path, const struct diagnosis *a,
		    const struct diagnosis *b, const char *how)
{
	bool same = true;

	for (uint32_t i = 0; i < a->finding_count; i++) {
		const struct finding *f = a->findings[i];

		if (f->severity < WARNING || f->def->layer == LAYER_CAPTURE ||
		    found(b, f))
			continue;
		fprintf(stderr, "%s: %s %s: %s\n", path, how, f->def->id,
			f->title);
		same = false;
	}
	return same;
}

static bool each(const char *path, struct recording *r)
{
	struct frame *twice = calloc(2 * r->count + 1, sizeof(*twice));
	struct engine *once_engine, *twice_engine;
	const struct diagnosis *once, *both;
	bool ok;

	if (!twice)
		abort();
	for (uint32_t i = 0; i < r->count; i++) {
		twice[2 * i] = r->frames[i];
		twice[2 * i + 1] = r->frames[i];
		twice[2 * i + 1].time_ns += LATER_NS;
		twice[2 * i].number = 2 * i + 1;
		twice[2 * i + 1].number = 2 * i + 2;
	}
	once = recording_diagnose(r->frames, r->count, &once_engine);
	both = recording_diagnose(twice, 2 * r->count, &twice_engine);
	ok = compare(path, once, both, "doubled, no longer");
	ok = compare(path, both, once, "doubled, now also") && ok;
	engine_free(once_engine);
	engine_free(twice_engine);
	free(twice);
	return ok;
}

int main(int argc, char **argv)
{
	return recording_main(argc, argv, each);
}
