/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * arena.c - memory handed out in order and taken back at once.
 *
 * The whole limit is reserved as address space at the start; a page costs
 * memory when it is first touched.  Huge pages are asked for because the
 * tables are touched at random, and each miss of the TLB costs as much as a
 * miss of the cache.
 */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { LINE = 64, HUGE_PAGE = 2 * 1024 * 1024 };

struct arena {
	size_t limit, used;
	unsigned char *bytes; /* `limit` of them, from a huge page's start */
	void *map;
	size_t mapped;
};

struct arena *arena_new(size_t limit)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->limit = limit;
	a->mapped = limit + HUGE_PAGE;
	a->map = mmap(NULL, a->mapped, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (a->map == MAP_FAILED) {
		free(a);
		return NULL;
	}
	a->bytes = a->map;
	a->bytes += -(uintptr_t)a->map % HUGE_PAGE;
	/* only speed is lost where the kernel has none */
	(void)madvise(a->bytes, limit, MADV_HUGEPAGE);
	return a;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t align = size >= LINE ? LINE : _Alignof(max_align_t);
	size_t start = (a->used + align - 1) / align * align;

	if (size > a->limit || start > a->limit - size)
		return NULL;
	a->used = start + size;
	return a->bytes + start; /* pages start zeroed; nothing comes back */
}

char *arena_strdup(struct arena *a, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = arena_alloc(a, size);

	return copy ? memcpy(copy, text, size) : NULL;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}

size_t arena_left(const struct arena *a)
{
	return a->limit - a->used;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	munmap(a->map, a->mapped);
	free(a);
}
