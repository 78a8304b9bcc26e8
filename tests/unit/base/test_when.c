/* SPDX-License-Identifier: BSD-3-Clause */
/* test_when.c - times and durations, at their edges. */
#include "unit/base/unit.h"

#include "base/when.h"

static void test_rfc3339(void **state)
{
	char out[WHEN_TEXT];

	(void)state;
	assert_string_equal(when_rfc3339(0, out),
			    "1970-01-01T00:00:00.000000000Z");
	assert_string_equal(when_rfc3339(1795501393000001000LL, out),
			    "2026-11-24T06:23:13.000001000Z");
	assert_string_equal(when_rfc3339(-1, out),
			    "1969-12-31T23:59:59.999999999Z");
	assert_string_equal(when_rfc3339(INT64_MAX, out),
			    "2262-04-11T23:47:16.854775807Z");
	assert_string_equal(when_rfc3339(INT64_MIN, out),
			    "1677-09-21T00:12:43.145224192Z");
}

static void test_clock(void **state)
{
	char out[WHEN_TEXT];

	(void)state;
	assert_string_equal(when_date(1795501393000001000LL, out),
			    "2026-11-24 06:23:13");
	assert_string_equal(when_clock(1795501393990000000LL, out),
			    "06:23:13.9");
}

static void test_duration(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} rows[] = {
		{0, "0 us"},
		{12 * NS_PER_US, "12 us"},
		{1234 * NS_PER_US, "1.2 ms"},
		{120 * NS_PER_MS, "120 ms"},
		{999 * NS_PER_MS, "999 ms"},
		{NS_PER_S, "1.0 s"},
		{3500 * NS_PER_MS, "3.5 s"},
		{119 * NS_PER_S, "119.0 s"},
		{250 * NS_PER_S, "4 min 10 s"},
		{7500 * NS_PER_S, "2 h 5 min"},
		{-3500 * NS_PER_MS, "-3.5 s"},
	};
	char out[WHEN_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(when_duration(rows[i].ns, out),
				    rows[i].text);
	when_duration(INT64_MIN, out);
	when_duration(INT64_MAX, out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc3339),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_duration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
