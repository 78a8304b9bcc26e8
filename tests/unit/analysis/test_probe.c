/* SPDX-License-Identifier: BSD-3-Clause */
/* test_probe.c - sets of numbers, few and many. */
#include "unit/base/unit.h"

#include <string.h>

#include "analysis/detect/probe.h"

enum { TRIES = 3000 };

/* Numbers as a scan would try them, some of them twice, none in order. */
static uint32_t number(uint32_t i)
{
	return i * 7919 % 1500;
}

/* Against one flag a number, with whatever the memory held before. */
static void compare(struct bits *b)
{
	bool seen[PROBE_BITS] = {false};
	uint16_t count = 0;

	for (uint32_t i = 0; i < TRIES; i++) {
		bool *mine = &seen[number(i) % PROBE_BITS];

		assert_int_equal(bits_add(b, number(i)), !*mine);
		count += !*mine;
		*mine = true;
		assert_int_equal(b->set, count);
		assert_false(bits_add(b, number(i)));
	}
}

static void test_few_and_many(void **state)
{
	struct bits b = {0};

	(void)state;
	compare(&b);
}

static void test_begins_again(void **state)
{
	struct bits b;

	(void)state;
	memset(&b, 0xff, sizeof(b));
	b.set = 0;
	compare(&b);
	b.set = 0;
	assert_true(bits_add(&b, number(TRIES - 1)));
	assert_int_equal(b.set, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few_and_many),
		cmocka_unit_test(test_begins_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
