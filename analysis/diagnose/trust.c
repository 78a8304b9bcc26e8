/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trust.c - lowers what this capture cannot bear.
 *
 * A rule that concludes from what is absent is only as good as the capture:
 * where packets are known to be missing, "nobody answered" is no longer
 * certain; where parts could not be read at all, it is merely possible.
 */
#include <stddef.h>
#include <string.h>

#include "analysis/diagnose/diagnose.h"

enum { MALFORMED_PERCENT = 1 };

/* What a finding about the capture takes from those that rely on it. */
struct trust_row {
	const char *id;
	unsigned relies; /* enum relies */
	enum confidence most;
	enum severity least; /* of the finding about the capture */
	const char *why;
};

static const struct trust_row rows[] = {
	{"capture.unknown_link", RELIES_ABSENCE, POSSIBLE, NOTICE,
	 "a part of the capture cannot be read"},
	{"capture.malformed", RELIES_ABSENCE, POSSIBLE, NOTICE,
	 "many headers contradict themselves"},
	{"capture.truncated", RELIES_ABSENCE, POSSIBLE, NOTICE,
	 "a part of the file cannot be read"},
	{"capture.drops", RELIES_ABSENCE, LIKELY, WARNING,
	 "the capture dropped packets"},
	{"capture.loss", RELIES_ABSENCE, LIKELY, WARNING,
	 "the capture lost packets"},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* Only the last record is short: whoever captured was stopped. */
static bool reads_on(const struct coverage *seen)
{
	const struct source *s = seen->source;

	for (uint32_t i = 0; s && i < source_troubles(s); i++)
		if (source_trouble_at(s, i)->fatal)
			return false;
	return true;
}

static bool is_shaken(const struct trust_row *row, const struct finding *f,
		      const struct coverage *seen)
{
	if (strcmp(f->def->id, row->id) != 0 || f->withheld ||
	    f->severity < row->least)
		return false;
	if (strcmp(row->id, "capture.malformed") == 0)
		return f->count * 100 >= seen->packets * MALFORMED_PERCENT;
	if (strcmp(row->id, "capture.truncated") == 0)
		return !reads_on(seen);
	return true;
}

static void lower(struct finding *f, const struct trust_row *row)
{
	if (!(f->def->relies & row->relies) || f->confidence <= row->most)
		return;
	f->confidence = row->most;
	finding_add(f, "%sLowered: %s.", f->summary[0] ? "  " : "", row->why);
}

/* The strongest rows come first, so that a finding is lowered once. */
void diagnose_trust(struct findings *all, const struct detector_context *c)
{
	uint32_t n = findings_count(all);

	for (int r = 0; r < ROWS; r++) {
		bool shaken = false;

		for (uint32_t i = 0; i < n && !shaken; i++)
			shaken = is_shaken(&rows[r], finding_at(all, i),
					   c->coverage);
		for (uint32_t i = 0; i < n && shaken; i++)
			lower(finding_at(all, i), &rows[r]);
	}
}
