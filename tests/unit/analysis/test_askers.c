/* SPDX-License-Identifier: BSD-3-Clause */
/* test_askers.c - one who asks so fast that the targets which are remembered
 * are all new.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "analysis/detect/askers.h"
#include "base/when.h"

enum { TARGETS = 20000 };

static const struct mac asker = {{2, 0, 0, 0, 0, 1}};

/* A thousand targets a second, each asked once; `answered_of` of ten answer. */
static uint64_t decided_of(uint32_t answered_of, uint64_t *unanswered)
{
	const struct hash_key key = {1, 2};
	struct limits limits = limits_for(MEMORY_MIN);
	struct arena *arena = arena_new(limits.memory);
	struct addr from = addr_v4((const uint8_t[4]){192, 0, 2, 1});
	int64_t now_ns = 1000 * NS_PER_S;
	const struct asker_state *s = NULL;
	struct askers askers;
	uint64_t decided;

	memset(&askers, 0, sizeof(askers));
	assert_true(askers_open(&askers, "askers", 20, arena, &limits, key));
	for (uint32_t i = 0; i < TARGETS; i++) {
		struct addr target = addr_v4(
			(const uint8_t[4]){10, 0, i >> 8 & 0xff, i & 0xff});

		s = askers_note(&askers, 0, &asker, &from, &target, now_ns, i);
		if (i % 10 < answered_of)
			askers_answered(&askers, 0, &asker, &target);
		now_ns += NS_PER_MS;
	}
	assert_non_null(s);
	decided = asker_decided(s, now_ns, unanswered);
	arena_free(arena);
	return decided;
}

static void test_nobody_answers(void **state)
{
	uint64_t silent, decided = decided_of(0, &silent);

	(void)state;
	assert_int_equal(silent, decided);
	assert_in_range(decided, TARGETS - 5000, TARGETS);
}

/* A monitor: it is quick because it is answered. */
static void test_all_answer(void **state)
{
	uint64_t silent;

	(void)state;
	assert_true(decided_of(10, &silent) > 0);
	assert_int_equal(silent, 0);
}

static void test_most_answer(void **state)
{
	uint64_t silent, decided = decided_of(8, &silent);

	(void)state;
	assert_true(silent * 2 < decided);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_answers),
		cmocka_unit_test(test_all_answer),
		cmocka_unit_test(test_most_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
