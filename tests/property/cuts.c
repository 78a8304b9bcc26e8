/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cuts.c - a capture that ends early, or keeps only the first bytes of each
 * frame, may show less, but it never makes the healthy sick.
 *
 *   cuts PCAPS
 *
 * Every capture is diagnosed after each of its frames, and with every snap
 * length up to the largest header.  Sanitizers watch; and where nothing must be
 * found in the whole, nothing of warning or above may be found in a part, but
 * about the capture itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "property/recording.h"

enum { SNAP_MOST = 134, PREFIXES_MOST = 48 };
enum { NOTICE_WHOLE = 110 }; /* IPv6, with the 8 bytes that it quotes of TCP */

/* A "too big" that was cut explains nothing: what was sent again because of it
 * looks like loss. */
static bool excused(const char *path, const char *how, uint32_t n,
		    const char *id)
{
	bool snap = strcmp(how, "snap length") == 0;

	if (strcmp(id, "tcp.loss") == 0)
		return strstr(path, "/pmtu-") && snap && n < NOTICE_WHOLE;
	/* a clock shows where it ticks long enough; a tagged answer of ARP is
	 * whole from 46 bytes on */
	return strcmp(id, "arp.gateway_unresolved") == 0 &&
	       ((strstr(path, "/healthy/arp-monitor-aside.") && !snap) ||
		(strstr(path, "/healthy/tag-one-way.") && snap && n < 46));
}

/* Whether the healthy was called sick; said once. */
static bool blame(const char *path, const char *how, uint32_t n,
		  const struct recording *r, const struct diagnosis *d)
{
	if (json_array_size(json_object_get(r->expectation, "must")))
		return false;
	for (uint32_t i = 0; i < d->finding_count; i++) {
		const struct finding *f = d->findings[i];

		if (f->severity < WARNING || f->def->layer == LAYER_CAPTURE ||
		    recording_names(r, "may", f->def->id) ||
		    excused(path, how, n, f->def->id))
			continue;
		fprintf(stderr, "%s: %s %u: healthy, but %s: %s\n", path, how,
			n, f->def->id, f->title);
		return true;
	}
	return false;
}

static bool prefixes(const char *path, const struct recording *r)
{
	uint32_t step = r->count / PREFIXES_MOST + 1;
	bool sick = false;

	for (uint32_t n = 0; n <= r->count && !sick; n += step) {
		struct engine *e;

		sick = blame(path, "cut after frame", n, r,
			     recording_diagnose(r->frames, n, &e));
		engine_free(e);
	}
	return sick;
}

static bool snap_lengths(const char *path, const struct recording *r)
{
	struct frame *cut = calloc(r->count + 1, sizeof(*cut));
	bool sick = false;

	if (!cut)
		abort();
	for (uint32_t snap = 0; snap <= SNAP_MOST && !sick; snap++) {
		struct engine *e;

		/* bytes behind `kept` are poisoned by being somewhere else */
		for (uint32_t i = 0; i < r->count; i++) {
			const struct frame *f = &r->frames[i];
			uint32_t kept = f->kept < snap ? f->kept : snap;
			uint8_t *bytes = malloc(kept ? kept : 1);

			if (!bytes)
				abort();
			memcpy(bytes, f->data, kept);
			cut[i] = *f;
			cut[i].kept = kept;
			cut[i].fcs = 0; /* it would lie behind them */
			cut[i].data = bytes;
		}
		sick = blame(path, "snap length", snap, r,
			     recording_diagnose(cut, r->count, &e));
		engine_free(e);
		for (uint32_t i = 0; i < r->count; i++)
			free((void *)(uintptr_t)cut[i].data);
	}
	free(cut);
	return sick;
}

static bool each(const char *path, struct recording *r)
{
	bool sick = prefixes(path, r);

	if (r->count <= 400)
		sick = snap_lengths(path, r) || sick;
	return !sick;
}

int main(int argc, char **argv)
{
	return recording_main(argc, argv, each);
}
