/* SPDX-License-Identifier: BSD-3-Clause */
/* test_escape.c - hostile bytes become harmless text, and can be got back. */
#include "unit/base/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

/* Escape, hold against `want` (NULL: anything harmless), and undo. */
static void check(const void *bytes, size_t size, const char *want)
{
	size_t room = size * 4 + 1, n;
	char *text = malloc(room);
	unsigned char *back = malloc(size + 1);

	assert_non_null(text);
	assert_non_null(back);
	n = escape_bytes(bytes, size, text, room);
	assert_int_equal(n, strlen(text));
	if (want)
		assert_string_equal(text, want);
	assert_true(escape_is_harmless(text));
	assert_int_equal(escape_undo(text, back, size + 1), size);
	assert_memory_equal(back, bytes, size);
	free(back);
	free(text);
}

static void test_every_byte(void **state)
{
	(void)state;
	for (int i = 0; i < 256; i++) {
		unsigned char b[3] = {'a', (unsigned char)i, 'z'};
		char want[8] = "a\\x..z";

		if (i == '\\') {
			check(b, 3, "a\\\\z");
			continue;
		}
		if (i >= 0x20 && i < 0x7f) {
			want[1] = (char)i;
			want[2] = 'z';
			want[3] = '\0';
		} else {
			want[3] = "0123456789abcdef"[i >> 4];
			want[4] = "0123456789abcdef"[i & 15];
		}
		check(b, 3, want);
	}
}

static void test_every_pair(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 65536; i++) {
		unsigned char b[2] = {(unsigned char)(i >> 8),
				      (unsigned char)i};

		check(b, 2, NULL);
	}
}

static void test_tricks(void **state)
{
	static const struct {
		const char *bytes, *want;
	} tricks[] = {
		{"\033[31mred\033[0m", "\\x1b[31mred\\x1b[0m"},
		{"\033]8;;http://x\033\\y", "\\x1b]8;;http://x\\x1b\\\\y"},
		{"\033]0;title\a", "\\x1b]0;title\\x07"},
		{"line\r\nline", "line\\x0d\\x0aline"},
		{"\u202e"
		 "exe.txt",
		 "\\xe2\\x80\\xaeexe.txt"},
		{"\u2066x\u2069", "\\xe2\\x81\\xa6x\\xe2\\x81\\xa9"},
		{"\u200b", "\\xe2\\x80\\x8b"},
		{"\ufeff", "\\xef\\xbb\\xbf"},
		{"\u2028", "\\xe2\\x80\\xa8"},
		{"\xc2\x85", "\\xc2\\x85"},
		{"\U000e0041", "\\xf3\\xa0\\x81\\x81"},
		{"gr\u00fc\u00dfe \u65e5\u672c",
		 "gr\u00fc\u00dfe \u65e5\u672c"},
		{"\\x1b", "\\\\x1b"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tricks) / sizeof(tricks[0]); i++)
		check(tricks[i].bytes, strlen(tricks[i].bytes), tricks[i].want);
}

static void test_bad_utf8(void **state)
{
	(void)state;
	check("\xc0\xaf", 2, "\\xc0\\xaf"); /* overlong */
	check("\xe0\x80\xaf", 3, "\\xe0\\x80\\xaf");
	check("\xed\xa0\x80", 3, "\\xed\\xa0\\x80");	      /* surrogate */
	check("\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80"); /* too high */
	check("\xe2\x82", 2, "\\xe2\\x82");		      /* cut */
	check("\xff\xfe", 2, "\\xff\\xfe");
	check("\x80", 1, "\\x80");
	check("\0a\0", 3, "\\x00a\\x00");
}

static void test_short_room(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(escape_bytes("\x01\x02", 2, out, sizeof(out)), 8);
	assert_string_equal(out, "\\x01");
	assert_int_equal(escape_bytes("abcdef\xc3\xbcg", 9, out, sizeof(out)),
			 9);
	assert_string_equal(out, "abcdef");
	assert_int_equal(escape_bytes("abc", 3, out, 1), 3);
	assert_string_equal(out, "");
}

static void test_large(void **state)
{
	enum { SIZE = 64 * 1024 };
	unsigned char *b = malloc(SIZE);
	uint32_t x = 1;

	(void)state;
	assert_non_null(b);
	for (size_t i = 0; i < SIZE; i++) {
		x = x * 1664525 + 1013904223;
		b[i] = (unsigned char)(x >> 24);
	}
	check(b, SIZE, NULL);
	memset(b, 0x1b, SIZE);
	check(b, SIZE, NULL);
	free(b);
}

static void test_undo_refuses(void **state)
{
	static const char *const bad[] = {"\\",	 "\\x", "\\x1", "\\x1g",
					  "\\n", "a\\", "\\X41"};
	char out[8];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(escape_undo(bad[i], out, sizeof(out)),
				 (size_t)-1);
	assert_int_equal(escape_undo("abc", out, 2), (size_t)-1);
}

static void test_harmless(void **state)
{
	(void)state;
	assert_true(escape_is_harmless(""));
	assert_true(escape_is_harmless("gr\u00fcn \\x1b \\"));
	assert_false(escape_is_harmless("a\nb"));
	assert_false(escape_is_harmless("a\x7f"));
	assert_false(escape_is_harmless("a\xc3"));
	assert_false(escape_is_harmless("\u202e"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_every_pair),
		cmocka_unit_test(test_tricks),
		cmocka_unit_test(test_bad_utf8),
		cmocka_unit_test(test_short_room),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_undo_refuses),
		cmocka_unit_test(test_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
