/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * table.c - a bounded hash table that forgets its oldest entry when full.
 *
 * Entries live in chunks that never move and are named by their number, from
 * 1; number 0 is the end of a list.  Two lists run through them: the chain of
 * their bucket and the order of age.  The bucket array doubles with the count.
 */
#include "base/table.h"

#include <assert.h>
#include <stddef.h>

enum { CHUNK_BITS = 6, CHUNK = 1 << CHUNK_BITS, BUCKETS_MIN = 64 };

struct entry {
	uint32_t hash, chain, older, newer;
	_Alignas(8) unsigned char bytes[]; /* value, then key */
};

struct table {
	struct arena *home;
	struct table_spec spec;
	struct hash_key hash_key;
	uint32_t key_offset, entry_size;
	uint32_t *buckets, bucket_count;
	unsigned char **chunks;
	uint32_t used, free; /* numbers handed out; head of the freed ones */
	uint32_t oldest, newest, count;
	uint64_t evicted;
	table_evicted_fn *on_evict;
	void *context;
};

static struct entry *entry_at(const struct table *t, uint32_t number)
{
	uint32_t i = number - 1;

	return (struct entry *)(void *)(t->chunks[i >> CHUNK_BITS] +
					(size_t)(i & (CHUNK - 1)) *
						t->entry_size);
}

static struct entry *entry_of(const void *value)
{
	return (struct entry *)(void *)((unsigned char *)(uintptr_t)value -
					offsetof(struct entry, bytes));
}

static uint32_t round_up(uint32_t size, uint32_t to)
{
	return (size + to - 1) / to * to;
}

struct table *table_new(struct arena *home, const struct table_spec *spec,
			struct hash_key key)
{
	struct table *t = arena_alloc(home, sizeof(*t));
	uint32_t chunks = (spec->max + CHUNK - 1) >> CHUNK_BITS;

	assert(spec->max > 0 && spec->key_size > 0);
	if (!t)
		return NULL;
	t->home = home;
	t->spec = *spec;
	t->hash_key = key;
	t->key_offset = round_up(spec->value_size, 8);
	t->entry_size = round_up((uint32_t)offsetof(struct entry, bytes) +
					 t->key_offset + spec->key_size,
				 8);
	t->bucket_count = BUCKETS_MIN;
	t->buckets = arena_alloc(home, BUCKETS_MIN * sizeof(*t->buckets));
	t->chunks = arena_alloc(home, chunks * sizeof(*t->chunks));
	return t->buckets && t->chunks ? t : NULL;
}

void table_on_evict(struct table *t, table_evicted_fn *fn, void *context)
{
	t->on_evict = fn;
	t->context = context;
}

static uint32_t lookup(const struct table *t, const void *key, uint32_t hash)
{
	uint32_t n = t->buckets[hash & (t->bucket_count - 1)];

	while (n) {
		const struct entry *e = entry_at(t, n);

		if (e->hash == hash && memcmp(e->bytes + t->key_offset, key,
					      t->spec.key_size) == 0)
			return n;
		n = e->chain;
	}
	return 0;
}

static uint32_t hash_of(const struct table *t, const void *key)
{
	return (uint32_t)hash_key_bytes(key, t->spec.key_size, t->hash_key);
}

void *table_find(const struct table *t, const void *key)
{
	uint32_t n = lookup(t, key, hash_of(t, key));

	return n ? entry_at(t, n)->bytes : NULL;
}

static void age_unlink(struct table *t, struct entry *e)
{
	if (e->older)
		entry_at(t, e->older)->newer = e->newer;
	else
		t->oldest = e->newer;
	if (e->newer)
		entry_at(t, e->newer)->older = e->older;
	else
		t->newest = e->older;
}

static void age_append(struct table *t, struct entry *e, uint32_t number)
{
	e->older = t->newest;
	e->newer = 0;
	if (t->newest)
		entry_at(t, t->newest)->newer = number;
	else
		t->oldest = number;
	t->newest = number;
}

static void *make_newest(struct table *t, uint32_t number)
{
	struct entry *e = entry_at(t, number);

	if (t->newest != number) {
		age_unlink(t, e);
		age_append(t, e, number);
	}
	return e->bytes;
}

void *table_touch(struct table *t, const void *key)
{
	uint32_t n = lookup(t, key, hash_of(t, key));

	return n ? make_newest(t, n) : NULL;
}

/* Take an entry out of both lists; returns its number, which is then free. */
static uint32_t entry_unlink(struct table *t, struct entry *e)
{
	uint32_t *link = &t->buckets[e->hash & (t->bucket_count - 1)];
	uint32_t number;

	while (entry_at(t, *link) != e)
		link = &entry_at(t, *link)->chain;
	number = *link;
	*link = e->chain;
	age_unlink(t, e);
	t->count--;
	return number;
}

/* Twice the buckets, if there is room: a longer chain is no error. */
static void buckets_grow(struct table *t)
{
	uint32_t count = t->bucket_count * 2;
	uint32_t *buckets = arena_alloc(t->home, count * sizeof(*buckets));

	if (!buckets)
		return;
	for (uint32_t n = t->oldest; n; n = entry_at(t, n)->newer) {
		struct entry *e = entry_at(t, n);

		e->chain = buckets[e->hash & (count - 1)];
		buckets[e->hash & (count - 1)] = n;
	}
	t->buckets = buckets;
	t->bucket_count = count;
}

/* The number of an entry that nobody uses: a freed one, a new one, or the
 * oldest, which is then forgotten; 0 if the arena is exhausted at once. */
static uint32_t entry_new(struct table *t)
{
	struct entry *oldest;
	uint32_t chunk = t->used >> CHUNK_BITS, n = t->free;

	if (n) {
		t->free = entry_at(t, n)->chain;
		return n;
	}
	if (t->used < t->spec.max) {
		if (!t->chunks[chunk])
			t->chunks[chunk] = arena_alloc(
				t->home, (size_t)CHUNK * t->entry_size);
		if (t->chunks[chunk])
			return ++t->used;
	}
	if (!t->oldest)
		return 0;
	oldest = entry_at(t, t->oldest);
	if (t->on_evict)
		t->on_evict(t->context, oldest->bytes + t->key_offset,
			    oldest->bytes);
	t->evicted++;
	return entry_unlink(t, oldest);
}

void *table_add(struct table *t, const void *key, bool *added)
{
	uint32_t hash = hash_of(t, key), n = lookup(t, key, hash);
	struct entry *e;
	uint32_t *bucket;

	if (added)
		*added = n == 0;
	if (n)
		return make_newest(t, n);
	n = entry_new(t);
	if (!n)
		return NULL;
	if (t->count >= t->bucket_count)
		buckets_grow(t);
	e = entry_at(t, n);
	bucket = &t->buckets[hash & (t->bucket_count - 1)];
	e->hash = hash;
	e->chain = *bucket;
	*bucket = n;
	memset(e->bytes, 0, t->key_offset);
	memcpy(e->bytes + t->key_offset, key, t->spec.key_size);
	age_append(t, e, n);
	t->count++;
	return e->bytes;
}

void table_remove(struct table *t, void *value)
{
	struct entry *e = entry_of(value);
	uint32_t number = entry_unlink(t, e);

	e->chain = t->free;
	t->free = number;
}

const void *table_key(const struct table *t, const void *value)
{
	return entry_of(value)->bytes + t->key_offset;
}

void *table_oldest(const struct table *t)
{
	return t->oldest ? entry_at(t, t->oldest)->bytes : NULL;
}

void *table_newer(const struct table *t, const void *value)
{
	uint32_t n = entry_of(value)->newer;

	return n ? entry_at(t, n)->bytes : NULL;
}

void *table_newest(const struct table *t)
{
	return t->newest ? entry_at(t, t->newest)->bytes : NULL;
}

void *table_older(const struct table *t, const void *value)
{
	uint32_t n = entry_of(value)->older;

	return n ? entry_at(t, n)->bytes : NULL;
}

uint32_t table_count(const struct table *t)
{
	return t->count;
}

uint64_t table_evicted(const struct table *t)
{
	return t->evicted;
}

const struct table_spec *table_spec(const struct table *t)
{
	return &t->spec;
}
