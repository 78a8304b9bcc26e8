/* SPDX-License-Identifier: BSD-3-Clause */
/* test_hash.c - keyed; every bit and length counts; nothing clusters. */
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

/* Any secret, the same in every run of this test. */
static struct hash_key secret(uint64_t n)
{
	const struct hash_key key = {1, 2};

	return (struct hash_key){hash_words(&n, 1, key),
				 hash_words(&n, 1, (struct hash_key){3, n})};
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

/* The key is of the digits of pi; the values are those of an independent
 * implementation. */
static void test_quick_vector(void **state)
{
	const struct hash_key key = {0x243f6a8885a308d3u, 0x13198a2e03707344u};
	static const struct {
		size_t size;
		uint64_t hash;
	} known[] = {
		{0, 0xf6c5dc2294f44d56u},  {3, 0x1b25072a21e9dc8au},
		{7, 0x7e66970705d40d2fu},  {8, 0x3c0f1d81fec27e92u},
		{16, 0xe521196d8a710f24u}, {20, 0xf136836bf2b63ae5u},
		{32, 0xddc18058c1c35d4au}, {40, 0x1b870c22db8b818bu},
	};
	uint8_t bytes[40];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		assert_true(hash_quick(bytes, known[i].size, key) ==
			    known[i].hash);
}

static void test_quick_length_counts(void **state)
{
	const struct hash_key key = {3, 4};
	static const uint8_t zeros[200];

	(void)state;
	for (size_t i = 0; i < sizeof(zeros); i++)
		for (size_t k = 0; k < i; k++)
			assert_true(hash_quick(zeros, i, key) !=
				    hash_quick(zeros, k, key));
}

/* A bit of the input, whichever, turns half the bits of the hash. */
static void test_quick_avalanche(void **state)
{
	enum { TRIALS = 200, SLACK = 45 }; /* over six deviations */
	static const size_t sizes[] = {4, 8, 12, 16, 20, 24, 40, 44};
	uint8_t b[64] = {0};

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
		for (size_t i = 0; i < sizes[s] * 8; i++) {
			int turned[64] = {0};

			for (uint64_t t = 0; t < TRIALS; t++) {
				struct hash_key key = secret(t);
				uint64_t was = hash_quick(b, sizes[s], key);

				b[i / 8] ^= (uint8_t)(1u << i % 8);
				was ^= hash_quick(b, sizes[s], key);
				b[i / 8] ^= (uint8_t)(1u << i % 8);
				for (int k = 0; k < 64; k++)
					turned[k] += was >> k & 1;
			}
			for (int k = 0; k < 64; k++)
				assert_in_range(turned[k], TRIALS / 2 - SLACK,
						TRIALS / 2 + SLACK);
		}
	}
}

/* Addresses, ports and pairs of them that count up, in any byte, under many
 * secrets: no slot of a table gets more than a fair draw would give it. */
static void test_quick_has_no_clusters(void **state)
{
	enum { KEYS = 4096, SLOTS = 4096, SECRETS = 64, MOST = 12 };
	static const size_t sizes[] = {4, 8, 16, 20, 24, 40, 44};

	(void)state;
	for (uint64_t n = 0; n < SECRETS; n++) {
		struct hash_key key = secret(n);

		for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
			for (size_t at = 0; at + 2 <= sizes[s]; at++) {
				static uint8_t slot[SLOTS];
				uint8_t b[64] = {0};

				memset(slot, 0, sizeof(slot));
				for (uint32_t i = 0; i < KEYS; i++) {
					uint64_t hash;

					b[at] = (uint8_t)i;
					b[at + 1] = (uint8_t)(i >> 8);
					hash = hash_quick(b, sizes[s], key);
					hash %= SLOTS;
					slot[hash]++;
					assert_true(slot[hash] <= MOST);
				}
			}
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
		cmocka_unit_test(test_quick_vector),
		cmocka_unit_test(test_quick_length_counts),
		cmocka_unit_test(test_quick_avalanche),
		cmocka_unit_test(test_quick_has_no_clusters),
		cmocka_unit_test(test_keys_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
