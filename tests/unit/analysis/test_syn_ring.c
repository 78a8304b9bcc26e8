/* SPDX-License-Identifier: BSD-3-Clause */
/* test_syn_ring.c - stubs are found until the ring has gone round. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "analysis/track/syn_ring.h"

enum { MAX = 1024 };

static uint64_t hash_of(uint64_t n)
{
	n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9u;
	n = (n ^ n >> 27) * 0x94d049bb133111ebu;
	return n ^ n >> 31;
}

static void test_oldest_gives_way(void **state)
{
	struct arena *home = arena_new(1 << 20);
	struct syn_ring *r = syn_ring_new(home, MAX);

	(void)state;
	for (uint64_t i = 1; i <= 10 * MAX; i++) {
		assert_null(syn_ring_find(r, hash_of(i)));
		syn_ring_add(r, hash_of(i), i % 64, (int64_t)i);
		assert_non_null(syn_ring_find(r, hash_of(i)));
		if (i > MAX) {
			assert_null(syn_ring_find(r, hash_of(i - MAX)));
			assert_int_equal(syn_ring_find(r, hash_of(i - MAX / 2))
						 ->first_ns,
					 i - MAX / 2);
		}
	}
	assert_int_equal(syn_ring_evicted(r), 9 * MAX);
	assert_int_equal(syn_ring_full_ns(r), 1);
	arena_free(home);
}

static void test_removed(void **state)
{
	struct arena *home = arena_new(1 << 20);
	struct syn_ring *r = syn_ring_new(home, MAX);

	(void)state;
	syn_ring_remove(r, syn_ring_add(r, hash_of(1), 1, 1));
	assert_null(syn_ring_find(r, hash_of(1)));
	syn_ring_add(r, hash_of(1), 1, 1);
	assert_non_null(syn_ring_find(r, hash_of(1)));
	arena_free(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oldest_gives_way),
		cmocka_unit_test(test_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
