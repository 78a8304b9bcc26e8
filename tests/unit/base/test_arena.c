/* SPDX-License-Identifier: BSD-3-Clause */
/* test_arena.c - pieces are zeroed, aligned, apart from each other, limited. */
#include "unit/base/unit.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"

static bool is_zero(const unsigned char *b, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (b[i])
			return false;
	return true;
}

static void test_pieces(void **state)
{
	enum { PIECES = 200 };
	struct arena *a = arena_new(64 << 20);
	unsigned char *piece[PIECES];

	(void)state;
	for (size_t i = 0; i < PIECES; i++) {
		size_t size = i * i * 3 + 1;

		piece[i] = arena_alloc(a, size);
		assert_non_null(piece[i]);
		assert_int_equal((uintptr_t)piece[i] % (size >= 64 ? 64 : 16),
				 0);
		assert_true(is_zero(piece[i], size));
		memset(piece[i], (int)i, size);
	}
	for (size_t i = 0; i < PIECES; i++)
		for (size_t k = 0; k < i * i * 3 + 1; k++)
			assert_int_equal(piece[i][k], (unsigned char)i);
	arena_free(a);
}

static void test_limit(void **state)
{
	struct arena *a = arena_new(1000);

	(void)state;
	assert_null(arena_alloc(a, 1001));
	assert_null(arena_alloc(a, SIZE_MAX));
	assert_non_null(arena_alloc(a, 640));
	assert_null(arena_alloc(a, 361));
	assert_non_null(arena_alloc(a, 360));
	assert_int_equal(arena_used(a), 1000);
	assert_null(arena_alloc(a, 1));
	arena_free(a);
	arena_free(NULL);
}

static void test_strdup(void **state)
{
	struct arena *a = arena_new(10);
	char *copy = arena_strdup(a, "12345");

	(void)state;
	assert_string_equal(copy, "12345");
	assert_null(arena_strdup(a, "12345"));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_strdup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
