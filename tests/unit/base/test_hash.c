/* SPDX-License-Identifier: BSD-3-Clause */
/* test_hash.c - keyed, and every bit of key and length counts. */
#include "unit/base/unit.h"

#include <string.h>

#include "base/hash.h"

/* SipHash-1-3 of 00 01 02 .. 07 under the key 00 01 .. 0f of the paper; the
 * value is that of an independent implementation. */
static void test_vector(void **state)
{
	const struct hash_key key = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
	const uint64_t words[] = {0x0706050403020100u};

	(void)state;
	assert_true(hash_words(words, 0, key) == 0xabac0158050fc4dcu);
	assert_true(hash_words(words, 1, key) == 0x369095118d299a8eu);
}

static void test_length_counts(void **state)
{
	const struct hash_key key = {3, 4};
	static const uint8_t zeros[200];

	(void)state;
	for (size_t i = 0; i < sizeof(zeros); i++)
		for (size_t k = 0; k < i; k++)
			assert_true(hash_bytes(zeros, i, key) !=
				    hash_bytes(zeros, k, key));
}

static void test_every_bit_counts(void **state)
{
	const struct hash_key key = {3, 4}, other = {3, 5};
	uint8_t b[120] = {0};
	uint64_t plain = hash_bytes(b, sizeof(b), key);

	(void)state;
	for (size_t i = 0; i < sizeof(b) * 8; i++) {
		b[i / 8] ^= (uint8_t)(1u << i % 8);
		assert_true(hash_bytes(b, sizeof(b), key) != plain);
		b[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	assert_true(hash_bytes(b, sizeof(b), key) == plain);
	assert_true(hash_bytes(b, sizeof(b), other) != plain);
}

static void test_table_keys(void **state)
{
	const struct hash_key key = {3, 4}, other = {3, 5};
	uint8_t b[120] = {0};

	(void)state;
	for (size_t size = 1; size <= sizeof(b); size++) {
		uint64_t plain = hash_bytes(b, size, key);

		assert_true(hash_bytes(b, size - 1, key) != plain);
		assert_true(hash_bytes(b, size, other) != plain);
		for (size_t i = 0; i < size * 8; i++) {
			b[i / 8] ^= (uint8_t)(1u << i % 8);
			assert_true(hash_bytes(b, size, key) != plain);
			b[i / 8] ^= (uint8_t)(1u << i % 8);
		}
	}
}

static void test_keys_differ(void **state)
{
	struct hash_key a = hash_key_new(), b = hash_key_new();

	(void)state;
	assert_true(a.k0 != b.k0 || a.k1 != b.k1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vector),
		cmocka_unit_test(test_length_counts),
		cmocka_unit_test(test_every_bit_counts),
		cmocka_unit_test(test_table_keys),
		cmocka_unit_test(test_keys_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
