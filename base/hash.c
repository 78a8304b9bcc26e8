/* SPDX-License-Identifier: BSD-3-Clause */
/* hash.c - SipHash-1-3 over bytes, and the key of a run. */
#include "base/hash.h"

#include <sys/random.h>
#include <time.h>

struct hash_key hash_key_new(void)
{
	struct hash_key key;
	struct timespec now;

	if (getrandom(&key, sizeof(key), GRND_NONBLOCK) == sizeof(key))
		return key;
	/* early boot: weaker, but the run must not block */
	clock_gettime(CLOCK_MONOTONIC, &now);
	key.k0 = (uint64_t)now.tv_nsec * 0x9e3779b97f4a7c15u;
	key.k1 = (uint64_t)(uintptr_t)&key ^ (uint64_t)now.tv_sec;
	return key;
}

uint64_t hash_bytes(const void *bytes, size_t size, struct hash_key key)
{
	enum { WORDS = 7, PIECE = WORDS * 8 };
	uint64_t words[WORDS + 1];
	const uint8_t *at = bytes;
	size_t used;

	/* longer keys are folded, seven words at a time */
	while (size > PIECE) {
		memcpy(words, at, PIECE);
		key.k0 ^= hash_words(words, WORDS, key);
		at += PIECE;
		size -= PIECE;
	}
	used = (size + 7) / 8;
	memset(words, 0, sizeof(words));
	memcpy(words, at, size);
	words[used] = size;
	return hash_words(words, used + 1, key);
}
