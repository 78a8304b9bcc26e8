/* SPDX-License-Identifier: BSD-3-Clause */
/* arena.h - memory handed out in pieces and taken back at once. */
#ifndef UPSTACK_BASE_ARENA_H
#define UPSTACK_BASE_ARENA_H

#include <stddef.h>

struct arena;

/* An empty arena that will hold at most `limit` bytes; NULL if none to be had. */
struct arena *arena_new(size_t limit);

/* `size` zeroed bytes, aligned to a cache line from 64 bytes on and for any
 * type below; NULL past the limit.  They belong to the arena: never free them. */
void *arena_alloc(struct arena *a, size_t size);

/* A copy of `text` in the arena; NULL past the limit. */
char *arena_strdup(struct arena *a, const char *text);

/* Bytes handed out so far, with what aligns them; and what is left. */
size_t arena_used(const struct arena *a);
size_t arena_left(const struct arena *a);

/* Release everything, the arena too.  NULL is fine. */
void arena_free(struct arena *a);

#endif
