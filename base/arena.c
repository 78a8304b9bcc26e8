/* SPDX-License-Identifier: BSD-3-Clause */
/* arena.c - memory handed out in pieces and taken back at once. */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PIECE = 64 * 1024, LARGE = 256 * 1024, LINE = 64 };

struct piece {
	struct piece *next;
	size_t size, used;
	size_t mapped; /* bytes by mmap; 0: by the C library */
	_Alignas(LINE) unsigned char bytes[];
};

struct arena {
	size_t limit, used;
	struct piece *pieces;
};

struct arena *arena_new(size_t limit)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a)
		a->limit = limit;
	return a;
}

/* Zeroed memory for a piece.  A large one is mapped, so that a table that is
 * mostly empty costs only the pages that it touches. */
static struct piece *piece_memory(size_t all)
{
	struct piece *p;

	if (all >= LARGE) {
		p = mmap(NULL, all, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED)
			return NULL;
		p->mapped = all;
		return p;
	}
	p = aligned_alloc(LINE, all);
	return p ? memset(p, 0, all) : NULL;
}

/* Large requests get a piece of their own, behind the one being filled. */
static struct piece *piece_add(struct arena *a, size_t size)
{
	size_t room = size > PIECE / 4 ? size : PIECE;
	size_t all = (sizeof(struct piece) + room + LINE - 1) / LINE * LINE;
	struct piece *p = piece_memory(all);

	if (!p)
		return NULL;
	p->size = room;
	if (room != PIECE && a->pieces) {
		p->next = a->pieces->next;
		a->pieces->next = p;
	} else {
		p->next = a->pieces;
		a->pieces = p;
	}
	return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t align = size >= LINE ? LINE : _Alignof(max_align_t);
	struct piece *p = a->pieces;
	size_t start = 0;

	if (size > a->limit || a->used > a->limit - size)
		return NULL;
	if (p)
		start = (p->used + align - 1) / align * align;
	if (!p || start > p->size || size > p->size - start) {
		p = piece_add(a, size);
		if (!p)
			return NULL;
		start = 0;
	}
	p->used = start + size;
	a->used += size;
	return p->bytes + start; /* pieces are zeroed, and nothing comes back */
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

void arena_free(struct arena *a)
{
	struct piece *p, *next;

	if (!a)
		return;
	for (p = a->pieces; p; p = next) {
		next = p->next;
		if (p->mapped)
			munmap(p, p->mapped);
		else
			free(p);
	}
	free(a);
}
