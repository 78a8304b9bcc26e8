/* SPDX-License-Identifier: BSD-3-Clause */
/* arena.c - memory handed out in pieces and taken back at once. */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 64 * 1024, LINE = 64 };

struct piece {
	struct piece *next;
	size_t size, used;
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

/* Large requests get a piece of their own, behind the one being filled. */
static struct piece *piece_add(struct arena *a, size_t size)
{
	size_t room = size > PIECE / 4 ? size : PIECE;
	size_t all = (sizeof(struct piece) + room + LINE - 1) / LINE * LINE;
	struct piece *p = aligned_alloc(LINE, all);

	if (!p)
		return NULL;
	memset(p, 0, sizeof(*p));
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
	return memset(p->bytes + start, 0, size);
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
		free(p);
	}
	free(a);
}
