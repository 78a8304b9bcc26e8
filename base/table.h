/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * table.h - a bounded hash table that forgets its oldest entry when full.
 *
 * Keys and values are plain bytes of fixed size.  A value stays where it is
 * until it is removed or evicted.  Iteration goes from the entry that was
 * touched longest ago to the newest: it never depends on the hash key.
 */
#ifndef UPSTACK_BASE_TABLE_H
#define UPSTACK_BASE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"

struct table;

/* What a table holds; `name` is what capture.limits calls it. */
struct table_spec {
	const char *name;
	uint32_t key_size;   /* bytes; padding in keys must be zero */
	uint32_t value_size; /* bytes */
	uint32_t max;	     /* entries, at least 1 */
};

/* Called with an entry that is about to be forgotten for want of room. */
typedef void table_evicted_fn(void *context, const void *key, void *value);

/* An empty table in `home`; NULL if there is no room.  It starts small and
 * grows to `spec->max` entries. */
struct table *table_new(struct arena *home, const struct table_spec *spec,
			struct hash_key key);

void table_on_evict(struct table *t, table_evicted_fn *fn, void *context);

/* What an entry is worth to a full table, 0 for nothing: of its eight oldest it
 * then forgets the first that is worth least; what that passes over becomes the
 * newest. */
typedef uint32_t table_worth_fn(const void *context, const void *value);

void table_on_full(struct table *t, table_worth_fn *fn, const void *context);

/* This key is looked up soon: fetch the memory that tells where it is. */
void table_expect(const struct table *t, const void *key);

/* The value of `key`, or NULL.  Its age does not change. */
void *table_find(const struct table *t, const void *key);

/* The value of `key`, made the newest, or NULL. */
void *table_touch(struct table *t, const void *key);

/* The value of `key`, made the newest; a zeroed one is added where there was
 * none (`*added`, may be NULL, tells).  A full table evicts its oldest entry.
 * NULL only if the arena is exhausted and the table empty. */
void *table_add(struct table *t, const void *key, bool *added);

/* Forget an entry by its value. */
void table_remove(struct table *t, void *value);

/* The key of a value of this table. */
const void *table_key(const struct table *t, const void *value);

/* Iterate by age: the oldest value, and the one touched next after `value`. */
void *table_oldest(const struct table *t);
void *table_newer(const struct table *t, const void *value);

/* The same from the other end. */
void *table_newest(const struct table *t);
void *table_older(const struct table *t, const void *value);

uint32_t table_count(const struct table *t);
uint64_t table_evicted(const struct table *t); /* forgotten for want of room */
const struct table_spec *table_spec(const struct table *t);

#endif
