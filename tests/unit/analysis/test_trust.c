/* SPDX-License-Identifier: BSD-3-Clause */
/* test_trust.c - what findings about the capture take from the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/diagnose/diagnose.h"

static const struct finding_def silent = {.id = "dns.no_answer",
					  .layer = LAYER_APPLICATION,
					  .most = WARNING,
					  .subject = SUBJECT_CAPTURE,
					  .relies = RELIES_ABSENCE};
static const struct finding_def seen = {.id = "arp.conflict",
					.layer = LAYER_DATA_LINK,
					.most = WARNING,
					.subject = SUBJECT_CAPTURE};
static const struct finding_def loss = {
	.id = "capture.loss", .most = WARNING, .subject = SUBJECT_CAPTURE};
static const struct finding_def malformed = {
	.id = "capture.malformed", .most = NOTICE, .subject = SUBJECT_CAPTURE};
static const struct finding_def truncated = {
	.id = "capture.truncated", .most = NOTICE, .subject = SUBJECT_CAPTURE};

struct bench {
	struct arena *arena;
	struct findings *all;
	struct coverage coverage;
	struct detector_context context;
	struct finding *silent, *seen;
};

static struct finding *raise_one(struct bench *b, const struct finding_def *def)
{
	const struct subject subject = subject_capture();
	struct finding *f = finding_raise(b->all, def, &subject, "", 1, 2);

	assert_non_null(f);
	return f;
}

static int setup(void **state)
{
	const struct hash_key key = {1, 2};
	struct bench *b = calloc(1, sizeof(*b));

	b->arena = arena_new((size_t)64 << 20);
	b->all = findings_new(b->arena, key);
	b->coverage.packets = 1000;
	b->context.coverage = &b->coverage;
	b->context.findings = b->all;
	b->silent = raise_one(b, &silent);
	b->seen = raise_one(b, &seen);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	arena_free(b->arena);
	free(b);
	return 0;
}

static void a_whole_capture_lowers_nothing(void **state)
{
	struct bench *b = *state;

	diagnose_trust(b->all, &b->context);
	assert_int_equal(b->silent->confidence, CERTAIN);
	assert_string_equal(b->silent->summary, "");
}

static void loss_lowers_what_relies_on_absence(void **state)
{
	struct bench *b = *state;

	finding_summary(b->silent, "No answer.");
	raise_one(b, &loss);
	diagnose_trust(b->all, &b->context);
	assert_int_equal(b->silent->confidence, LIKELY);
	assert_string_equal(b->silent->summary,
			    "No answer.  Lowered: the capture lost packets.");
	assert_int_equal(b->seen->confidence, CERTAIN);
	assert_string_equal(b->seen->summary, "");
}

static void little_loss_lowers_nothing(void **state)
{
	struct bench *b = *state;

	raise_one(b, &loss)->severity = NOTICE;
	diagnose_trust(b->all, &b->context);
	assert_int_equal(b->silent->confidence, CERTAIN);
}

static void what_is_possible_is_not_raised(void **state)
{
	struct bench *b = *state;

	b->silent->confidence = POSSIBLE;
	raise_one(b, &loss);
	diagnose_trust(b->all, &b->context);
	assert_int_equal(b->silent->confidence, POSSIBLE);
	assert_string_equal(b->silent->summary, "");
}

static void malformed_counts_from_one_percent(void **state)
{
	struct bench *b = *state;
	struct finding *f = raise_one(b, &malformed);

	f->count = 9;
	diagnose_trust(b->all, &b->context);
	assert_int_equal(b->silent->confidence, CERTAIN);
	f->count = 10;
	diagnose_trust(b->all, &b->context);
	assert_int_equal(b->silent->confidence, POSSIBLE);
}

static void the_strongest_reason_is_said_once(void **state)
{
	struct bench *b = *state;

	raise_one(b, &loss);
	raise_one(b, &malformed)->count = 1000;
	diagnose_trust(b->all, &b->context);
	assert_int_equal(b->silent->confidence, POSSIBLE);
	assert_string_equal(b->silent->summary,
			    "Lowered: many headers contradict themselves.");
}

/* Without a reader's troubles only the last record can be short. */
static void a_short_last_record_lowers_nothing(void **state)
{
	struct bench *b = *state;

	raise_one(b, &truncated);
	diagnose_trust(b->all, &b->context);
	assert_int_equal(b->silent->confidence, CERTAIN);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_whole_capture_lowers_nothing),
		TEST(loss_lowers_what_relies_on_absence),
		TEST(little_loss_lowers_nothing),
		TEST(what_is_possible_is_not_raised),
		TEST(malformed_counts_from_one_percent),
		TEST(the_strongest_reason_is_said_once),
		TEST(a_short_last_record_lowers_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
