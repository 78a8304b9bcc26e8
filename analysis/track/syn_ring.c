/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * syn_ring.c - attempts of which one SYN, or one SYN-ACK, is all there is.
 *
 * The index is made of buckets of one cache line: 16 words, each 21 bits of a
 * stub's running number and 11 bits of its hash.  Nothing is ever removed from
 * it: a number that the ring has passed is stale, and its word is free.  So a
 * new stub touches its bucket, which was prefetched, and the line next to the
 * last stub, and a full bucket (one in a million) loses its oldest.
 */
#include "analysis/track/syn_ring.h"

#include <assert.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "analysis/track/crowd.h"
#include "base/when.h"

enum {
	NUMBER_BITS = 21,
	NUMBER = (1 << NUMBER_BITS) - 1,
	WORDS = 16,
	STUBS_PER_BUCKET = 4,
	LEAST = 64,
	SPARED = 4, /* stubs, for each that is added */
};

/* Beyond the last gap between two SYNs of a Linux client nothing comes. */
#define OLD_NS (70 * NS_PER_S)

/* In which a crowd comes: who tries for ever what never answers is none. */
#define CROWD_NS (10 * NS_PER_S)

struct bucket {
	uint32_t word[WORDS]; /* 0: never used */
};

struct syn_ring {
	struct stub *stubs;
	struct bucket *buckets;
	uint32_t mask, bucket_mask;
	uint32_t number; /* of the next stub; never 0 in its low bits */
	uint64_t evicted;
	int64_t full_ns;
	struct crowd crowd;
	/* when the last and the one before of so many stubs as make a crowd
	 * had come, and how many have come since */
	int64_t last_many_ns, many_ns;
	uint32_t since;
};

_Static_assert(sizeof(struct stub) == 64, "a stub is one cache line");
_Static_assert(sizeof(struct bucket) == 64, "a bucket is one cache line");

struct syn_ring *syn_ring_new(struct arena *home, uint32_t max)
{
	struct syn_ring *r = arena_alloc(home, sizeof(*r));
	uint32_t buckets = max / STUBS_PER_BUCKET;

	assert(max >= LEAST && !(max & (max - 1)) && max <= NUMBER / 4);
	if (!r)
		return NULL;
	r->mask = max - 1;
	r->bucket_mask = buckets - 1;
	r->number = 1;
	crowd_begin(&r->crowd, max);
	r->stubs = arena_alloc(home, max * sizeof(*r->stubs));
	r->buckets = arena_alloc(home, buckets * sizeof(*r->buckets));
	return r->stubs && r->buckets ? r : NULL;
}

static struct bucket *bucket_of(const struct syn_ring *r, uint64_t hash)
{
	return &r->buckets[hash & r->bucket_mask];
}

/* How many stubs were made since this one, itself included. */
static uint32_t age_of(const struct syn_ring *r, uint32_t word)
{
	return (r->number - word) & NUMBER;
}

void syn_ring_prefetch(const struct syn_ring *r, uint64_t hash)
{
	__builtin_prefetch(bucket_of(r, hash));
}

/* Never 0, which is what a word bears that was never used. */
static uint32_t tag_of(uint64_t hash)
{
	return (uint32_t)(hash >> 53) | 1;
}

#ifdef __SSE2__
/* Four words from `i` on: all ones where one bears the tag. */
static __m128i match_four(const struct bucket *b, int i, __m128i tag)
{
	__m128i words = _mm_load_si128((const void *)&b->word[i]);

	return _mm_cmpeq_epi32(_mm_srli_epi32(words, NUMBER_BITS), tag);
}
#endif

/* Bit i: word i bears the tag. */
static uint32_t match(const struct bucket *b, uint32_t tag)
{
#ifdef __SSE2__
	const __m128i all = _mm_set1_epi32((int)tag);
	__m128i low =
		_mm_packs_epi32(match_four(b, 0, all), match_four(b, 4, all));
	__m128i high =
		_mm_packs_epi32(match_four(b, 8, all), match_four(b, 12, all));

	return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(low, high));
#else
	uint32_t bits = 0;

	for (int i = 0; i < WORDS; i++)
		bits |= (uint32_t)(b->word[i] >> NUMBER_BITS == tag) << i;
	return bits;
#endif
}

void syn_ring_prefetch_stub(const struct syn_ring *r, uint64_t hash)
{
	const struct bucket *b = bucket_of(r, hash);
	uint32_t m = match(b, tag_of(hash));

	if (m)
		__builtin_prefetch(
			&r->stubs[b->word[__builtin_ctz(m)] & r->mask], 1);
}

struct stub *syn_ring_find(struct syn_ring *r, uint64_t hash)
{
	const struct bucket *b = bucket_of(r, hash);
	uint32_t m = match(b, tag_of(hash));

	for (; m; m &= m - 1) {
		struct stub *s = &r->stubs[b->word[__builtin_ctz(m)] & r->mask];

		if (s->used && s->hash == hash)
			return s;
	}
	return NULL;
}

void syn_ring_remove(struct syn_ring *r, struct stub *s)
{
	s->used = false;
	crowd_leave(&r->crowd, s->service);
}

/* A free word, or that of the oldest. */
static uint32_t *word_for(const struct syn_ring *r, struct bucket *b)
{
	uint32_t *oldest = &b->word[0];

	for (int i = 0; i < WORDS; i++) {
		if (!b->word[i] || age_of(r, b->word[i]) > r->mask)
			return &b->word[i];
		if (age_of(r, b->word[i]) > age_of(r, *oldest))
			oldest = &b->word[i];
	}
	return oldest;
}

static uint32_t word_of(const struct syn_ring *r, uint64_t hash)
{
	return (r->number & NUMBER) | tag_of(hash) << NUMBER_BITS;
}

static struct stub *advance(struct syn_ring *r)
{
	r->number++;
	if (!(r->number & NUMBER))
		r->number++;
	return &r->stubs[r->number & r->mask];
}

/* In a flood of others it stays where it is for another round, as if it were
 * new; whether it did. */
static bool spare(struct syn_ring *r, const struct stub *s, int64_t now_ns)
{
	struct bucket *b = bucket_of(r, s->hash);
	uint32_t word = word_of(r, s->hash), old = r->mask + 1;

	if (!s->used || !crowd_any(&r->crowd) ||
	    crowd_is(&r->crowd, s->service) || now_ns - s->first_ns > OLD_NS)
		return false;
	for (int i = 0; i < WORDS; i++) {
		if (b->word[i] >> NUMBER_BITS == word >> NUMBER_BITS &&
		    age_of(r, b->word[i]) == old) {
			b->word[i] = word;
			return true;
		}
	}
	return false;
}

static void pace_count(struct syn_ring *r, int64_t now_ns)
{
	if (++r->since < r->crowd.limit)
		return;
	r->since = 0;
	r->many_ns = r->last_many_ns;
	r->last_many_ns = now_ns;
}

struct stub *syn_ring_add(struct syn_ring *r, uint64_t hash, uint16_t service,
			  int64_t now_ns)
{
	struct stub *s = &r->stubs[r->number & r->mask];

	for (int i = 0; i < SPARED && spare(r, s, now_ns); i++)
		s = advance(r);
	if (s->used) {
		crowd_leave(&r->crowd, s->service);
		if (!r->evicted++)
			r->full_ns = s->first_ns;
	}
	*word_for(r, bucket_of(r, hash)) = word_of(r, hash);
	memset(s, 0, sizeof(*s));
	s->hash = hash;
	s->used = true;
	s->service = service;
	s->first_ns = now_ns;
	crowd_join(&r->crowd, service);
	pace_count(r, now_ns);
	advance(r);
	return s;
}

bool syn_ring_crowd(const struct syn_ring *r, uint16_t service, int64_t now_ns)
{
	return crowd_any(&r->crowd) && now_ns - r->many_ns < CROWD_NS &&
	       crowd_is(&r->crowd, service);
}

uint32_t syn_ring_max(const struct syn_ring *r)
{
	return r->mask + 1;
}

uint64_t syn_ring_evicted(const struct syn_ring *r)
{
	return r->evicted;
}

int64_t syn_ring_full_ns(const struct syn_ring *r)
{
	return r->full_ns;
}
