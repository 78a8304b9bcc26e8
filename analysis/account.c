/* SPDX-License-Identifier: BSD-3-Clause */
/* account.c - what became of every packet. */
#include "analysis/account.h"

#include "capture/source.h"

static const struct {
	const char *name, *words;
} skips[SKIPS] = {
	[SKIP_DROPPED] = {"dropped", "dropped before they could be taken"},
	[SKIP_LEFT_BEHIND] = {"left_behind", "not yet taken at the end"},
	[SKIP_UNREADABLE] = {"unreadable", "cut or damaged in the file"},
	[SKIP_FILTERED_OUT] = {"filtered_out", "left out by the filter"},
	[SKIP_COPIES] = {"copies", "doubled by the capture"},
	[SKIP_UNKNOWN_LINK] = {"unknown_link", "of an unknown link type"},
};

const char *skip_name(enum skip s)
{
	return skips[s].name;
}

const char *skip_words(enum skip s)
{
	return skips[s].words;
}

struct account account_of(const struct coverage *c)
{
	struct account a = {0};
	struct source_account outside = {0};

	if (c->source)
		source_account(c->source, &outside);
	a.skipped[SKIP_DROPPED] = outside.dropped;
	a.skipped[SKIP_LEFT_BEHIND] = outside.left_behind;
	a.skipped[SKIP_UNREADABLE] = outside.unreadable;
	a.skipped[SKIP_FILTERED_OUT] = outside.filtered;
	a.skipped[SKIP_COPIES] = c->copies;
	a.skipped[SKIP_UNKNOWN_LINK] = c->unknown_link - c->copies_unknown;
	a.analysed = c->packets - a.skipped[SKIP_COPIES] -
		     a.skipped[SKIP_UNKNOWN_LINK];
	a.seen = a.analysed;
	for (int i = 0; i < SKIPS; i++)
		a.seen += a.skipped[i];
	return a;
}
