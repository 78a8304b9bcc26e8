/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * order.c - which findings are shown, and in which order.
 *
 * Beyond SUBJECTS_SHOWN subjects of one id the rest is summed into one finding
 * about "several".  Roots stand before consequences; within each the worse, the
 * surer, the lower layer, the one that explains more, the earlier comes first.
 */
#include "analysis/diagnose/diagnose.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct finding *at(const void *p)
{
	return *(const struct finding *const *)p;
}

/* Smaller is shown first. */
static int compare(const void *x, const void *y)
{
	const struct finding *a = at(x), *b = at(y);
	const int64_t keys[][2] = {
		{a->cause_count > 0, b->cause_count > 0},
		{-(int64_t)a->severity, -(int64_t)b->severity},
		{-(int64_t)a->confidence, -(int64_t)b->confidence},
		{a->def->layer, b->def->layer},
		{-(int64_t)a->folded, -(int64_t)b->folded},
		{a->first_ns, b->first_ns},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i][0] != keys[i][1])
			return keys[i][0] < keys[i][1] ? -1 : 1;
	return strcmp(a->key, b->key);
}

/* How the subjects of an id are called when there are many. */
static const char *subjects_named(enum subject_kind kind)
{
	static const char *const names[] = {
		[SUBJECT_CAPTURE] = "captures", [SUBJECT_LINK] = "links",
		[SUBJECT_HOST] = "hosts",	[SUBJECT_SERVICE] = "services",
		[SUBJECT_PATH] = "paths",	[SUBJECT_FLOW] = "flows",
		[SUBJECT_NAME] = "names",	[SUBJECT_SEVERAL] = "subjects",
	};

	return names[kind];
}

static void sum_times(struct finding *sum, const struct finding *f)
{
	if (f->first_ns < sum->first_ns)
		sum->first_ns = f->first_ns;
	if (f->last_ns > sum->last_ns)
		sum->last_ns = f->last_ns;
}

static void cause_add(struct finding *f, const struct finding *cause)
{
	for (uint8_t i = 0; i < f->cause_count; i++)
		if (f->caused_by[i] == cause)
			return;
	if (f->cause_count < CAUSES_MAX)
		f->caused_by[f->cause_count++] = cause;
}

/* Put `f` into the sum; the sum is a consequence only if every part is. */
static void sum_add(struct finding *sum, struct finding *f, bool *all_caused)
{
	f->summed_in = sum;
	sum->count += f->count;
	sum->folded += f->folded;
	sum_times(sum, f);
	if (f->severity > sum->severity)
		sum->severity = f->severity;
	if (f->confidence < sum->confidence)
		sum->confidence = f->confidence;
	finding_frame(sum, f->frames[0]);
	*all_caused = *all_caused && f->cause_count > 0;
	for (uint8_t i = 0; i < f->cause_count; i++)
		cause_add(sum, f->caused_by[i]);
}

/* One finding in place of `rest[0..n)`, all of one id, and of those that found
 * no room. */
static struct finding *sum_up(struct arena *home, struct finding **rest,
			      uint32_t n, uint32_t shown, uint64_t dropped)
{
	struct finding *sum = arena_alloc(home, sizeof(*sum));
	const struct finding_def *def = rest[0]->def;
	uint64_t subjects = n + dropped;
	bool all_caused = true;

	if (!sum)
		return NULL;
	sum->def = def;
	sum->subject.kind = SUBJECT_SEVERAL;
	sum->subject.count = (uint32_t)subjects;
	sum->severity = INFO;
	sum->confidence = CERTAIN;
	sum->first_ns = rest[0]->first_ns;
	sum->last_ns = rest[0]->last_ns;
	for (uint32_t i = 0; i < n; i++)
		sum_add(sum, rest[i], &all_caused);
	if (!all_caused)
		sum->cause_count = 0;
	snprintf(sum->key, sizeof(sum->key), "%s/several", def->id);
	finding_title(sum, "%s: %llu more %s", def->title,
		      (unsigned long long)subjects,
		      subjects_named(def->subject));
	finding_summary(sum,
			"Beside the %u that are told apart, %llu more %s show "
			"the same.",
			shown, (unsigned long long)subjects,
			subjects_named(def->subject));
	return sum;
}

/* A consequence names the sum where its cause was summed. */
static void redirect_causes(struct finding *f)
{
	uint8_t n = f->cause_count;

	f->cause_count = 0;
	for (uint8_t i = 0; i < n; i++) {
		const struct finding *cause = f->caused_by[i];

		cause = cause->summed_in ? cause->summed_in : cause;
		if (cause != f)
			cause_add(f, cause);
	}
}

/* Same id together, and within it the order in which they are shown. */
static int compare_ids(const void *x, const void *y)
{
	int order = strcmp(at(x)->def->id, at(y)->def->id);

	return order ? order : compare(x, y);
}

/* Sum what is too much of each id; returns how many are left in list[]. */
static uint32_t sum_ids(struct findings *all, struct arena *home,
			struct finding **list, uint32_t n)
{
	uint32_t kept = 0, end;

	qsort(list, n, sizeof(struct finding *), compare_ids);
	for (uint32_t i = 0; i < n; i = end) {
		uint64_t dropped = findings_dropped(all, list[i]->def);
		struct finding *sum = NULL;
		uint32_t shown = 0, most = SUBJECTS_SHOWN;

		for (end = i; end < n && list[end]->def == list[i]->def; end++)
			;
		if (dropped && end - i == 1)
			finding_add(list[i],
				    " %llu more %s show the same, but there "
				    "was no memory left to tell them apart.",
				    (unsigned long long)dropped,
				    subjects_named(list[i]->def->subject));
		else if (dropped && end - i <= most)
			most = end - i - 1;
		if (end - i > most)
			sum = sum_up(home, list + i + most, end - i - most,
				     most, dropped);
		for (; shown < most && i + shown < end; shown++)
			list[kept++] = list[i + shown];
		if (sum)
			list[kept++] = sum;
	}
	return kept;
}

bool diagnose_order(struct findings *all, struct arena *home,
		    struct diagnosis *d)
{
	uint32_t n = findings_count(all), shown = 0;
	struct finding **list =
		arena_alloc(home, (n + 1) * sizeof(struct finding *));

	d->finding_count = 0;
	d->findings = (const struct finding *const *)list;
	if (!list)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (!finding_at(all, i)->withheld)
			list[shown++] = finding_at(all, i);
	if (shown > 0)
		shown = sum_ids(all, home, list, shown);
	for (uint32_t i = 0; i < shown; i++)
		redirect_causes(list[i]);
	if (shown > 0)
		qsort(list, shown, sizeof(struct finding *), compare);
	d->finding_count = shown;
	return true;
}
