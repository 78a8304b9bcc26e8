/* SPDX-License-Identifier: BSD-3-Clause */
/* test_text.c - text never runs past its buffer, nor cuts a character. */
#include "unit/base/unit.h"

#include <string.h>

#include "base/text.h"

static void test_append(void **state)
{
	char buffer[16];
	struct text t = text_over(buffer, sizeof(buffer));

	(void)state;
	assert_string_equal(buffer, "");
	text_add(&t, "%d-%s", 12, "ab");
	text_add(&t, "!");
	assert_string_equal(buffer, "12-ab!");
	assert_int_equal(t.used, 6);
	assert_false(t.cut);
}

static void test_cut(void **state)
{
	char buffer[8];
	struct text t = text_over(buffer, sizeof(buffer));

	(void)state;
	text_add(&t, "1234567");
	assert_false(t.cut);
	text_add(&t, "8");
	assert_true(t.cut);
	assert_string_equal(buffer, "1234567");
	text_add(&t, "9");
	assert_string_equal(buffer, "1234567");
}

static void test_cut_between_characters(void **state)
{
	char buffer[6];
	struct text t = text_over(buffer, sizeof(buffer));

	(void)state;
	text_add(&t, "%s", "abc\u20acd"); /* the sign has three bytes */
	assert_true(t.cut);
	assert_string_equal(buffer, "abc");
}

static void test_one_byte(void **state)
{
	char buffer[1];
	struct text t = text_over(buffer, sizeof(buffer));

	(void)state;
	text_add(&t, "x");
	assert_string_equal(buffer, "");
	assert_true(t.cut);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_cut_between_characters),
		cmocka_unit_test(test_one_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
