/* SPDX-License-Identifier: BSD-3-Clause */
/* test_tcp_table.c - connections are found whatever was added and removed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "analysis/track/tcp_table.h"

enum { NAMES = 4096, MAX = 1500, STEPS = 200000 };

static void name(uint64_t key[5], uint32_t n)
{
	memset(key, 0, 5 * sizeof(key[0]));
	key[0] = n % 7;
	key[2] = 100 + n;
	key[4] = n % 3 | 443 << 16 | (n % 5 ? 4ULL : 6ULL) << 32;
}

/* Full buckets pass on to their neighbours, and closing makes holes: a search
 * must neither stop before its record nor find one that is gone. */
static void test_found_until_removed(void **state)
{
	const struct hash_key secret = {1, 2};
	struct arena *home = arena_new(8 << 20);
	struct tcp_table *t = tcp_table_new(home, MAX, secret);
	struct connection *held[NAMES] = {NULL};
	uint32_t count = 0;
	uint64_t random = 1;

	(void)state;
	for (uint32_t step = 0; step < STEPS; step++) {
		uint64_t key[5], hash;
		uint32_t n;

		random = random * 6364136223846793005u + 1442695040888963407u;
		n = (uint32_t)(random >> 33) % NAMES;
		name(key, n);
		hash = tcp_table_hash(t, key);
		assert_ptr_equal(tcp_table_find(t, hash, key), held[n]);
		if (held[n]) {
			tcp_table_remove(t, held[n]);
			held[n] = NULL;
			count--;
		} else if (count < MAX) {
			held[n] = tcp_table_add(t, key);
			assert_non_null(held[n]);
			count++;
		} else {
			assert_null(tcp_table_add(t, key));
			assert_non_null(tcp_table_victim(t));
		}
	}
	assert_int_equal(tcp_table_used(t), MAX);
	arena_free(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found_until_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
