/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * table.c - a bounded hash table that forgets its oldest entry when full.
 *
 * The cost of a look-up is the memory that it touches.  So an open-addressed
 * array of slots, eight to a cache line, answers by the hash alone whether a
 * key can be there, and entries are reached only when they are the right one.
 * Entries live in chunks that never move.  An entry is named by how far behind
 * the table it lies, so that its name is its place; 0 is none.  The slots
 * double with the count.
 */
#include "base/table.h"

#include <assert.h>
#include <stddef.h>

enum { CHUNK = 64, SLOTS_MIN = 64, UNIT = 8, WEIGHED = 8 };

#define FARTHEST ((size_t)UINT32_MAX * UNIT) /* 32 GiB: more has no name */

/* Linear probing: an empty slot (name 0) ends a search. */
struct slot {
	uint32_t hash, name;
};

struct entry {
	uint32_t hash, older, newer; /* newer: also the list of freed ones */
	_Alignas(UNIT) unsigned char bytes[]; /* value, then key */
};

struct table {
	struct arena *home;
	struct table_spec spec;
	struct hash_key hash_key;
	uint32_t key_offset, entry_size;
	struct slot *slots;
	uint32_t mask;	      /* slots - 1 */
	unsigned char *fresh; /* entries that were never used: so many */
	uint32_t fresh_left;
	uint32_t used, free; /* handed out once; head of the freed ones */
	uint32_t oldest, newest, count;
	uint64_t evicted;
	table_evicted_fn *on_evict;
	void *context;
	table_worth_fn *worth;
	const void *worth_context;
};

static struct entry *entry_at(const struct table *t, uint32_t name)
{
	return (struct entry *)(void *)((unsigned char *)(uintptr_t)t +
					(size_t)name * UNIT);
}

static uint32_t name_of(const struct table *t, const struct entry *e)
{
	return (uint32_t)((size_t)((const unsigned char *)e -
				   (const unsigned char *)t) /
			  UNIT);
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
	return t->slots ? t : NULL;
}

void table_on_evict(struct table *t, table_evicted_fn *fn, void *context)
{
	t->on_evict = fn;
	t->context = context;
}

void table_on_full(struct table *t, table_worth_fn *fn, const void *context)
{
	t->worth = fn;
	t->worth_context = context;
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

/* The entry, or NULL.  Where its links are wanted next, they may be a line
 * away from its key. */
static inline struct entry *lookup(const struct table *t, const void *key,
				   uint32_t hash, bool with_links)
{
	for (uint32_t i = hash & t->mask;; i = (i + 1) & t->mask) {
		const struct slot s = t->slots[i];
		struct entry *e;

		if (!s.name)
			return NULL;
		if (s.hash != hash)
			continue;
		e = entry_at(t, s.name);
		if (with_links)
			__builtin_prefetch(e, 1);
		if (same(e->bytes + t->key_offset, key, t->spec.key_size))
			return e;
	}
}

static uint32_t hash_of(const struct table *t, const void *key)
{
	return (uint32_t)hash_quick(key, t->spec.key_size, t->hash_key);
}

void table_expect(const struct table *t, const void *key)
{
	__builtin_prefetch(&t->slots[hash_of(t, key) & t->mask]);
}

void *table_find(const struct table *t, const void *key)
{
	struct entry *e =
		t->count ? lookup(t, key, hash_of(t, key), false) : NULL;

	return e ? e->bytes : NULL;
}

static void age_unlink(struct table *t, const struct entry *e)
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

static void age_append(struct table *t, struct entry *e)
{
	uint32_t name = name_of(t, e);

	e->older = t->newest;
	e->newer = 0;
	if (t->newest)
		entry_at(t, t->newest)->newer = name;
	else
		t->oldest = name;
	t->newest = name;
}

static void *make_newest(struct table *t, struct entry *e)
{
	if (e->newer) {
		age_unlink(t, e);
		age_append(t, e);
	}
	return e->bytes;
}

void *table_touch(struct table *t, const void *key)
{
	struct entry *e = lookup(t, key, hash_of(t, key), true);

	return e ? make_newest(t, e) : NULL;
}

static void slot_put(struct slot *slots, uint32_t mask, struct slot slot)
{
	uint32_t i = slot.hash & mask;

	while (slots[i].name)
		i = (i + 1) & mask;
	slots[i] = slot;
}

/* Empty the slot of an entry; those behind it that would no longer be found
 * move up, so that no mark of the dead is ever needed. */
static void slot_clear(struct table *t, const struct entry *e)
{
	uint32_t hole = e->hash & t->mask, name = name_of(t, e), i;

	while (t->slots[hole].name != name)
		hole = (hole + 1) & t->mask;
	for (i = (hole + 1) & t->mask; t->slots[i].name;
	     i = (i + 1) & t->mask) {
		uint32_t home = t->slots[i].hash & t->mask;

		if (((i - home) & t->mask) < ((i - hole) & t->mask))
			continue;
		t->slots[hole] = t->slots[i];
		hole = i;
	}
	t->slots[hole].name = 0;
}

/* Take an entry out of the slots and the order of age. */
static void entry_unlink(struct table *t, const struct entry *e)
{
	slot_clear(t, e);
	age_unlink(t, e);
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
		if (t->slots[i].name)
			slot_put(slots, mask, t->slots[i]);
	t->slots = slots;
	t->mask = mask;
	return true;
}

/* Whether there is one more entry that was never used. */
static bool chunk_have(struct table *t)
{
	size_t size = (size_t)CHUNK * t->entry_size;

	if (t->fresh_left)
		return true;
	t->fresh = arena_alloc(t->home, size);
	if (!t->fresh)
		return false;
	if ((size_t)(t->fresh - (unsigned char *)t) > FARTHEST - size) {
		t->spec.max = t->used;
		return false;
	}
	t->fresh_left = CHUNK;
	return true;
}

/* An entry that is not in use, its value zeroed; NULL if there is none.  A
 * fresh one is of the arena's zeros. */
static struct entry *entry_spare(struct table *t)
{
	struct entry *e;

	if (t->free) {
		e = entry_at(t, t->free);
		t->free = e->newer;
		memset(e->bytes, 0, t->key_offset);
		return e;
	}
	if (t->used == t->spec.max || !chunk_have(t))
		return NULL;
	e = (struct entry *)(void *)t->fresh;
	t->fresh += t->entry_size;
	t->fresh_left--;
	t->used++;
	return e;
}

/* A full table forgets one entry after the other: what the next turn touches.
 * The oldest itself was fetched a turn ago. */
static void prefetch_oldest(const struct table *t)
{
	const struct entry *e;

	if (!t->oldest)
		return;
	e = entry_at(t, t->oldest);
	__builtin_prefetch(&t->slots[e->hash & t->mask], 1);
	if (e->newer)
		__builtin_prefetch(entry_at(t, e->newer), 1);
}

/* Of the oldest the one that is worth least; what is older is now the newest.
 */
static struct entry *least_worth(struct table *t)
{
	uint32_t name = t->oldest, best = name, least = UINT32_MAX;

	for (int i = 0; i < WEIGHED && name && least; i++) {
		struct entry *e = entry_at(t, name);
		uint32_t worth = t->worth(t->worth_context, e->bytes);

		if (worth < least) {
			least = worth;
			best = name;
		}
		name = e->newer;
	}
	while (t->oldest != best)
		make_newest(t, entry_at(t, t->oldest));
	return entry_at(t, best);
}

/* An entry that nobody uses, its value zeroed: a spare one, or the oldest,
 * which is then forgotten; NULL if the arena is exhausted at once. */
static struct entry *entry_new(struct table *t)
{
	struct entry *e = slots_grow(t) ? entry_spare(t) : NULL;

	if (e || !t->oldest)
		return e;
	e = t->worth ? least_worth(t) : entry_at(t, t->oldest);
	if (t->on_evict)
		t->on_evict(t->context, e->bytes + t->key_offset, e->bytes);
	t->evicted++;
	entry_unlink(t, e);
	memset(e->bytes, 0, t->key_offset);
	prefetch_oldest(t);
	return e;
}

static void *insert(struct table *t, const void *key, uint32_t hash)
{
	struct entry *e = entry_new(t);

	if (!e)
		return NULL;
	e->hash = hash;
	slot_put(t->slots, t->mask, (struct slot){hash, name_of(t, e)});
	age_append(t, e);
	t->count++;
	memcpy(e->bytes + t->key_offset, key, t->spec.key_size);
	return e->bytes;
}

void *table_add(struct table *t, const void *key, bool *added)
{
	uint32_t hash = hash_of(t, key);
	struct entry *e = lookup(t, key, hash, true);

	if (added)
		*added = e == NULL;
	return e ? make_newest(t, e) : insert(t, key, hash);
}

void table_remove(struct table *t, void *value)
{
	struct entry *e = entry_of(value);

	entry_unlink(t, e);
	e->newer = t->free;
	t->free = name_of(t, e);
}

const void *table_key(const struct table *t, const void *value)
{
	return entry_of(value)->bytes + t->key_offset;
}

static void *value_at(const struct table *t, uint32_t name)
{
	return name ? entry_at(t, name)->bytes : NULL;
}

void *table_oldest(const struct table *t)
{
	return value_at(t, t->oldest);
}

void *table_newer(const struct table *t, const void *value)
{
	return value_at(t, entry_of(value)->newer);
}

void *table_newest(const struct table *t)
{
	return value_at(t, t->newest);
}

void *table_older(const struct table *t, const void *value)
{
	return value_at(t, entry_of(value)->older);
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
