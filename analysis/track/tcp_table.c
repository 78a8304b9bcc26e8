/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_table.c - buckets of tags over chunks of records.
 *
 * A full bucket passes on to the next one and counts it in `passed`, so that a
 * search knows where to stop although records are removed.
 */
#include "analysis/track/tcp_table.h"

#include <assert.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
	SLOTS = 8,
	CHUNK_BITS = 6,
	CHUNK = 1 << CHUNK_BITS,
	FIRST_BUCKETS = 64,
	TRIES = 32
};

struct bucket {
	_Alignas(64) uint16_t tag[SLOTS]; /* 0: free */
	uint32_t at[SLOTS];
	uint32_t passed;
	uint32_t pad[3];
};

struct tcp_table {
	struct arena *home;
	struct hash_key secret;
	struct bucket *buckets;
	uint32_t mask, count, used, max, free, hand, serial;
	uint64_t evicted;
	struct connection **chunks;
};

_Static_assert(sizeof(struct bucket) == 64, "a bucket is a cache line");

struct tcp_table *tcp_table_new(struct arena *home, uint32_t max,
				struct hash_key secret)
{
	struct tcp_table *t = arena_alloc(home, sizeof(*t));

	if (!t)
		return NULL;
	t->home = home;
	t->secret = secret;
	t->max = max;
	t->free = UINT32_MAX;
	t->mask = FIRST_BUCKETS - 1;
	t->buckets = arena_alloc(home, FIRST_BUCKETS * sizeof(*t->buckets));
	t->chunks = arena_alloc(home, ((max >> CHUNK_BITS) + 1) *
					      sizeof(struct connection *));
	return t->buckets && t->chunks ? t : NULL;
}

uint64_t tcp_table_hash(const struct tcp_table *t, const uint64_t key[5])
{
	uint64_t word[2];

	if (key[4] >> 32 != 4)
		return hash_quick(key, 5 * sizeof(*key), t->secret);
	word[0] = (key[0] & UINT32_MAX) | key[2] << 32;
	word[1] = key[4];
	return hash_quick(word, sizeof(word), t->secret);
}

static uint16_t tag_of(uint64_t hash)
{
	return (uint16_t)(hash >> 48) | 1;
}

/* Bit i: slot i bears the tag. */
static uint32_t match(const struct bucket *b, uint16_t tag)
{
#ifdef __SSE2__
	__m128i all = _mm_load_si128((const void *)b->tag);
	__m128i equal = _mm_cmpeq_epi16(all, _mm_set1_epi16((int16_t)tag));

	return (uint32_t)_mm_movemask_epi8(
		_mm_packs_epi16(equal, _mm_setzero_si128()));
#else
	uint32_t bits = 0;

	for (unsigned i = 0; i < SLOTS; i++)
		bits |= (uint32_t)(b->tag[i] == tag) << i;
	return bits;
#endif
}

struct connection *tcp_table_at(const struct tcp_table *t, uint32_t number)
{
	struct connection *c =
		&t->chunks[number >> CHUNK_BITS][number & (CHUNK - 1)];

	return c->bits & CONN_USED ? c : NULL;
}

static struct connection *record(const struct tcp_table *t, uint32_t number)
{
	return &t->chunks[number >> CHUNK_BITS][number & (CHUNK - 1)];
}

void tcp_table_prefetch_bucket(const struct tcp_table *t, uint64_t hash)
{
	__builtin_prefetch(&t->buckets[(uint32_t)hash & t->mask]);
}

struct connection *tcp_table_guess(const struct tcp_table *t, uint64_t hash)
{
	const struct bucket *b = &t->buckets[(uint32_t)hash & t->mask];
	uint32_t m = match(b, tag_of(hash));

	return m ? record(t, b->at[__builtin_ctz(m)]) : NULL;
}

struct connection *tcp_table_find(const struct tcp_table *t, uint64_t hash,
				  const uint64_t key[5])
{
	uint32_t n = (uint32_t)hash & t->mask;

	for (;;) {
		const struct bucket *b = &t->buckets[n];
		uint32_t m = match(b, tag_of(hash));

		for (; m; m &= m - 1) {
			struct connection *c =
				record(t, b->at[__builtin_ctz(m)]);

			if (tcp_key_equal(c->key, key))
				return c;
		}
		if (!b->passed)
			return NULL;
		n = (n + 1) & t->mask;
	}
}

static void link_record(struct tcp_table *t, struct connection *c,
			uint32_t number)
{
	uint64_t hash = tcp_table_hash(t, c->key);
	uint32_t n = (uint32_t)hash & t->mask;
	uint32_t m;
	unsigned slot;

	while (!(m = match(&t->buckets[n], 0))) {
		t->buckets[n].passed++;
		n = (n + 1) & t->mask;
	}
	slot = (unsigned)__builtin_ctz(m);
	t->buckets[n].tag[slot] = tag_of(hash);
	t->buckets[n].at[slot] = number;
}

/* Twice the buckets, if there is room; a search is longer otherwise. */
static void grow(struct tcp_table *t)
{
	uint32_t count = (t->mask + 1) * 2;
	struct bucket *bigger =
		arena_alloc(t->home, (size_t)count * sizeof(*bigger));

	if (!bigger)
		return;
	t->buckets = bigger;
	t->mask = count - 1;
	for (uint32_t i = 0; i < t->used; i++)
		if (record(t, i)->bits & CONN_USED)
			link_record(t, record(t, i), i);
}

/* Closed before open, then the one that was idle longest, of a sample. */
struct connection *tcp_table_victim(struct tcp_table *t)
{
	struct connection *worst = NULL;
	int64_t worst_ns = 0;

	if (t->free != UINT32_MAX || t->used < t->max)
		return NULL;
	for (unsigned i = 0; i < TRIES; i++) {
		struct connection *c = tcp_table_at(t, t->hand);
		int64_t ns;

		t->hand = (t->hand + 1) % t->used;
		if (!c)
			continue;
		ns = c->side[0].last_ns > c->side[1].last_ns
			     ? c->side[0].last_ns
			     : c->side[1].last_ns;
		if (c->bits & CONN_CLOSED)
			ns = INT64_MIN / 2 + ns / 2;
		if (!worst || ns < worst_ns) {
			worst = c;
			worst_ns = ns;
		}
	}
	t->evicted += worst != NULL;
	return worst;
}

static uint32_t number_new(struct tcp_table *t)
{
	uint32_t n = t->free;
	struct connection **chunk;

	if (n != UINT32_MAX) {
		t->free = record(t, n)->next_free;
		return n;
	}
	if (t->used == t->max)
		return UINT32_MAX;
	chunk = &t->chunks[t->used >> CHUNK_BITS];
	if (!*chunk)
		*chunk = arena_alloc(t->home, CHUNK * sizeof(**chunk));
	return *chunk ? t->used++ : UINT32_MAX;
}

struct connection *tcp_table_add(struct tcp_table *t, const uint64_t key[5])
{
	uint32_t n = number_new(t);
	struct connection *c;

	if (n == UINT32_MAX)
		return NULL;
	if (t->count >= (t->mask + 1) * 5)
		grow(t);
	if (t->count >= (t->mask + 1) * 7) {
		/* no memory for more buckets: the search would not end */
		record(t, n)->next_free = t->free;
		t->free = n;
		return NULL;
	}
	c = record(t, n);
	memset(c, 0, sizeof(*c));
	memcpy(c->key, key, sizeof(c->key));
	c->bits = CONN_USED;
	t->serial += t->serial == UINT32_MAX ? 2 : 1;
	c->serial = t->serial;
	link_record(t, c, n);
	t->count++;
	return c;
}

/* The slot of a record; SLOTS: it is not in this bucket. */
static unsigned slot_of(const struct tcp_table *t, const struct bucket *b,
			uint16_t tag, const struct connection *c)
{
	uint32_t m = match(b, tag);

	for (; m; m &= m - 1) {
		unsigned slot = (unsigned)__builtin_ctz(m);

		if (record(t, b->at[slot]) == c)
			return slot;
	}
	return SLOTS;
}

void tcp_table_remove(struct tcp_table *t, struct connection *c)
{
	uint64_t hash = tcp_table_hash(t, c->key);
	struct bucket *b = &t->buckets[(uint32_t)hash & t->mask];
	unsigned slot;

	while ((slot = slot_of(t, b, tag_of(hash), c)) == SLOTS) {
		assert(b->passed > 0);
		b->passed--;
		b = b == &t->buckets[t->mask] ? t->buckets : b + 1;
	}
	b->tag[slot] = 0;
	c->bits = 0;
	c->next_free = t->free;
	t->free = b->at[slot];
	t->count--;
}

uint32_t tcp_table_used(const struct tcp_table *t)
{
	return t->used;
}

void tcp_table_limits(const struct tcp_table *t, struct checks *out)
{
	struct limit_reached *l;

	if (!t->evicted || out->limit_count == LIMITS_MAX)
		return;
	l = &out->limit[out->limit_count++];
	*l = (struct limit_reached){"TCP connections", t->max, t->evicted, 0};
}
