/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hash.h - SipHash-1-3, and the key of a run.
 *
 * The key comes from getrandom once a run, so that nobody can aim at a slot of
 * a table.
 * Nothing that is printed may depend on it: iterate tables in their own order
 * (age), never by bucket.  Source: Aumasson and Bernstein, "SipHash: a fast
 * short-input PRF" (2012); the 1-3 variant is the one of Linux and Rust tables.
 */
#ifndef UPSTACK_BASE_HASH_H
#define UPSTACK_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct hash_key {
	uint64_t k0, k1;
};

/* A fresh random key. */
struct hash_key hash_key_new(void);

static inline uint64_t hash_rotl(uint64_t x, int b)
{
	return x << b | x >> (64 - b);
}

#define HASH_ROUND(v0, v1, v2, v3)                                             \
	do {                                                                   \
		v0 += v1, v1 = hash_rotl(v1, 13), v1 ^= v0;                    \
		v0 = hash_rotl(v0, 32);                                        \
		v2 += v3, v3 = hash_rotl(v3, 16), v3 ^= v2;                    \
		v0 += v3, v3 = hash_rotl(v3, 21), v3 ^= v0;                    \
		v2 += v1, v1 = hash_rotl(v1, 17), v1 ^= v2;                    \
		v2 = hash_rotl(v2, 32);                                        \
	} while (0)

/* The hash of `words` 64-bit words: for fixed keys on the hot path. */
static inline uint64_t hash_words(const uint64_t *word, size_t words,
				  struct hash_key key)
{
	uint64_t v0 = key.k0 ^ 0x736f6d6570736575u;
	uint64_t v1 = key.k1 ^ 0x646f72616e646f6du;
	uint64_t v2 = key.k0 ^ 0x6c7967656e657261u;
	uint64_t v3 = key.k1 ^ 0x7465646279746573u;
	uint64_t last = (uint64_t)words << 59;

	for (size_t i = 0; i < words; i++) {
		v3 ^= word[i];
		HASH_ROUND(v0, v1, v2, v3);
		v0 ^= word[i];
	}
	v3 ^= last;
	HASH_ROUND(v0, v1, v2, v3);
	v0 ^= last;
	v2 ^= 0xff;
	HASH_ROUND(v0, v1, v2, v3);
	HASH_ROUND(v0, v1, v2, v3);
	HASH_ROUND(v0, v1, v2, v3);
	return v0 ^ v1 ^ v2 ^ v3;
}

/* The hash of any bytes. */
uint64_t hash_bytes(const void *bytes, size_t size, struct hash_key key);

#endif
