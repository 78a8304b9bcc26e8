/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hash.h - two hashes, and the key of a run.
 *
 * The key comes from getrandom once a run, so that nobody can aim at a slot of
 * a table.
 * Nothing that is printed may depend on it: iterate tables in their own order
 * (age), never by bucket.
 *
 * hash_bytes is for keys that anybody may know: SipHash-1-3, of Aumasson and
 * Bernstein, "SipHash: a fast short-input PRF" (2012).  hash_quick is for the
 * secret of the run and for nothing else: products of 64 by 64 bits whose
 * halves are folded, as in wyhash and in the tables of Go and Rust's hashbrown.
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

/* SipHash-1-3 of `words` 64-bit words. */
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

/* The same for any bytes. */
uint64_t hash_bytes(const void *bytes, size_t size, struct hash_key key);

static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_u64(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static inline uint64_t hash_u32(const uint8_t *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/* Scatters bytes under a secret key.  Every factor holds a word of the secret,
 * or what came out of it, so that nobody can choose one to be zero; the last
 * product brings the upper bits of the others down to those that a table uses.
 */
static inline uint64_t hash_quick(const void *bytes, size_t size,
				  struct hash_key key)
{
	const uint64_t odd = 0x9e3779b97f4a7c15u;
	const uint8_t *at = bytes;
	uint64_t a = 0, b = 0, sum = key.k1 + size;

	if (size >= 16) {
		const uint8_t *last = at + size - 16;

		for (; at < last; at += 16)
			sum = hash_mix(hash_u64(at) ^ key.k0,
				       hash_u64(at + 8) ^ sum);
		a = hash_u64(last);
		b = hash_u64(last + 8);
	} else if (size >= 8) {
		a = hash_u64(at);
		b = hash_u64(at + size - 8);
	} else if (size >= 4) {
		a = hash_u32(at);
		b = hash_u32(at + size - 4);
	} else if (size) {
		a = (uint64_t)at[0] << 16 | (uint64_t)at[size / 2] << 8 |
		    at[size - 1];
	}
	return hash_mix(hash_mix(a ^ key.k0, b ^ sum) ^ key.k1, odd);
}

#endif
