/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * table.c - a bounded hash table that forgets its oldest entry when full.
 *
 * The cost of a look-up is the memory that it touches.  So an open-addressed
 * array of slots, eight to a cache line, answers by the hash alone whether a
 * key can be there; and what ages an entry (its link) stands apart from the
 * entry, so that entries are reached only when they are the right one.
 * Entries live in chunks that never move and are named by their number, from
 * 1; number 0 is none.  The slots double with the count.
 */
#include "base/table.h"

#include <assert.h>
#include <stddef.h>

enum { CHUNK_BITS = 6, CHUNK = 1 << CHUNK_BITS, SLOTS_MIN = 64 };

/* Linear probing: an empty slot (number 0) ends a search. */
struct slot {
	uint32_t hash, number;
};

struct link {
	uint32_t hash, older, newer; /* newer: also the list of freed ones */
};

struct entry {
	uint32_t number;
	_Alignas(8) unsigned char bytes[]; /* value, then key */
};

struct table {
	struct arena *home;
	struct table_spec spec;
	struct hash_key hash_key;
	uint32_t key_offset, entry_size;
	struct slot *slots;
	uint32_t mask;		/* slots - 1 */
	unsigned char **chunks; /* CHUNK links, then CHUNK entries */
	uint32_t used, free;	/* numbers handed out; head of the freed ones */
	uint32_t oldest, newest, count;
	uint64_t evicted;
	table_evicted_fn *on_evict;
	void *context;
};

static struct link *link_at(const struct table *t, uint32_t number)
{
	uint32_t i = number - 1;

	return (struct link *)(void *)t->chunks[i >> CHUNK_BITS] +
	       (i & (CHUNK - 1));
}

static struct entry *entry_at(const struct table *t, uint32_t number)
{
	uint32_t i = number - 1;

	return (struct entry *)(void *)(t->chunks[i >> CHUNK_BITS] +
					CHUNK * sizeof(struct link) +
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
	t->mask = SLOTS_MIN - 1;
	t->slots = arena_alloc(home, SLOTS_MIN * sizeof(*t->slots));
	t->chunks = arena_alloc(home, chunks * sizeof(*t->chunks));
	return t->slots && t->chunks ? t : NULL;
}

void table_on_evict(struct table *t, table_evicted_fn *fn, void *context)
{
	t->on_evict = fn;
	t->context = context;
}

/* Keys are short: to compare them in place costs less than to call. */
static inline bool same(const uint8_t *a, const uint8_t *b, size_t size)
{
	for (; size >= 8; size -= 8, a += 8, b += 8)
		if (hash_u64(a) != hash_u64(b))
			return false;
	if (size >= 4) {
		if (hash_u32(a) != hash_u32(b))
			return false;
		size -= 4, a += 4, b += 4;
	}
	while (size && *a == *b)
		size--, a++, b++;
	return size == 0;
}

/* The number of an entry, 0 if there is none.  Its link, if it is wanted next,
 * is as far away as the entry. */
static inline uint32_t lookup(const struct table *t, const void *key,
			      uint32_t hash, bool with_link)
{
	for (uint32_t i = hash & t->mask;; i = (i + 1) & t->mask) {
		const struct slot s = t->slots[i];

		if (!s.number)
			return 0;
		if (s.hash != hash)
			continue;
		if (with_link)
			__builtin_prefetch(link_at(t, s.number), 1);
		if (same(entry_at(t, s.number)->bytes + t->key_offset, key,
			 t->spec.key_size))
			return s.number;
	}
}

static uint32_t hash_of(const struct table *t, const void *key)
{
	return (uint32_t)hash_quick(key, t->spec.key_size, t->hash_key);
}

void *table_find(const struct table *t, const void *key)
{
	uint32_t n;

	if (!t->count)
		return NULL;
	n = lookup(t, key, hash_of(t, key), false);
	return n ? entry_at(t, n)->bytes : NULL;
}

static void age_unlink(struct table *t, const struct link *l)
{
	if (l->older)
		link_at(t, l->older)->newer = l->newer;
	else
		t->oldest = l->newer;
	if (l->newer)
		link_at(t, l->newer)->older = l->older;
	else
		t->newest = l->older;
}

static void age_append(struct table *t, struct link *l, uint32_t number)
{
	l->older = t->newest;
	l->newer = 0;
	if (t->newest)
		link_at(t, t->newest)->newer = number;
	else
		t->oldest = number;
	t->newest = number;
}

static void *make_newest(struct table *t, uint32_t number)
{
	if (t->newest != number) {
		struct link *l = link_at(t, number);

		age_unlink(t, l);
		age_append(t, l, number);
	}
	return entry_at(t, number)->bytes;
}

void *table_touch(struct table *t, const void *key)
{
	uint32_t n = lookup(t, key, hash_of(t, key), true);

	return n ? make_newest(t, n) : NULL;
}

static void slot_put(struct slot *slots, uint32_t mask, struct slot slot)
{
	uint32_t i = slot.hash & mask;

	while (slots[i].number)
		i = (i + 1) & mask;
	slots[i] = slot;
}

/* Empty the slot of an entry; those behind it that would no longer be found
 * move up, so that no mark of the dead is ever needed. */
static void slot_clear(struct table *t, uint32_t number, uint32_t hash)
{
	uint32_t hole = hash & t->mask, i;

	while (t->slots[hole].number != number)
		hole = (hole + 1) & t->mask;
	for (i = (hole + 1) & t->mask; t->slots[i].number;
	     i = (i + 1) & t->mask) {
		uint32_t home = t->slots[i].hash & t->mask;

		if (((i - home) & t->mask) < ((i - hole) & t->mask))
			continue;
		t->slots[hole] = t->slots[i];
		hole = i;
	}
	t->slots[hole].number = 0;
}

/* Take an entry out of the slots and the order of age. */
static void entry_unlink(struct table *t, uint32_t number)
{
	const struct link *l = link_at(t, number);

	slot_clear(t, number, l->hash);
	age_unlink(t, l);
	t->count--;
}

/* Whether one more entry has a slot: at most five of eight are taken, and
 * seven where there is no memory to grow. */
static bool slots_grow(struct table *t)
{
	uint32_t have = t->mask + 1, mask = have * 2 - 1;
	struct slot *slots;

	if (t->count < have / 8 * 5)
		return true;
	slots = arena_alloc(t->home, ((size_t)mask + 1) * sizeof(*slots));
	if (!slots)
		return t->count < have / 8 * 7;
	for (uint32_t i = 0; i < have; i++)
		if (t->slots[i].number)
			slot_put(slots, mask, t->slots[i]);
	t->slots = slots;
	t->mask = mask;
	return true;
}

/* The number of an entry that is not in use, 0 if there is none.  A fresh one
 * is of the arena's zeros. */
static uint32_t entry_spare(struct table *t)
{
	uint32_t chunk = t->used >> CHUNK_BITS, n = t->free;

	if (n) {
		t->free = link_at(t, n)->newer;
		memset(entry_at(t, n)->bytes, 0, t->key_offset);
		return n;
	}
	if (t->used == t->spec.max)
		return 0;
	if (!t->chunks[chunk])
		t->chunks[chunk] = arena_alloc(
			t->home, CHUNK * (sizeof(struct link) + t->entry_size));
	return t->chunks[chunk] ? ++t->used : 0;
}

/* A full table forgets one entry after the other: what the next turn touches.
 */
static void prefetch_oldest(const struct table *t)
{
	const struct link *l;

	if (!t->oldest)
		return;
	l = link_at(t, t->oldest);
	__builtin_prefetch(&t->slots[l->hash & t->mask], 1);
	__builtin_prefetch(entry_at(t, t->oldest), 1);
	if (l->newer)
		__builtin_prefetch(link_at(t, l->newer), 1);
}

/* The number of an entry that nobody uses, its value zeroed: a spare one, or
 * the oldest, which is then forgotten; 0 if the arena is exhausted at once. */
static uint32_t entry_new(struct table *t)
{
	uint32_t n = slots_grow(t) ? entry_spare(t) : 0;
	struct entry *e;

	if (n || !t->oldest)
		return n;
	n = t->oldest;
	e = entry_at(t, n);
	if (t->on_evict)
		t->on_evict(t->context, e->bytes + t->key_offset, e->bytes);
	t->evicted++;
	entry_unlink(t, n);
	memset(e->bytes, 0, t->key_offset);
	prefetch_oldest(t);
	return n;
}

static void *insert(struct table *t, const void *key, uint32_t hash)
{
	uint32_t n = entry_new(t);
	struct entry *e;
	struct link *l;

	if (!n)
		return NULL;
	slot_put(t->slots, t->mask, (struct slot){hash, n});
	l = link_at(t, n);
	l->hash = hash;
	age_append(t, l, n);
	t->count++;
	e = entry_at(t, n);
	e->number = n;
	memcpy(e->bytes + t->key_offset, key, t->spec.key_size);
	return e->bytes;
}

void *table_add(struct table *t, const void *key, bool *added)
{
	uint32_t hash = hash_of(t, key), n = lookup(t, key, hash, true);

	if (added)
		*added = n == 0;
	return n ? make_newest(t, n) : insert(t, key, hash);
}

void table_remove(struct table *t, void *value)
{
	uint32_t number = entry_of(value)->number;

	entry_unlink(t, number);
	link_at(t, number)->newer = t->free;
	t->free = number;
}

const void *table_key(const struct table *t, const void *value)
{
	return entry_of(value)->bytes + t->key_offset;
}

static void *value_at(const struct table *t, uint32_t number)
{
	return number ? entry_at(t, number)->bytes : NULL;
}

void *table_oldest(const struct table *t)
{
	return value_at(t, t->oldest);
}

void *table_newer(const struct table *t, const void *value)
{
	return value_at(t, link_at(t, entry_of(value)->number)->newer);
}

void *table_newest(const struct table *t)
{
	return value_at(t, t->newest);
}

void *table_older(const struct table *t, const void *value)
{
	return value_at(t, link_at(t, entry_of(value)->number)->older);
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
