/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp_pool.c - a free list for each power of two. */
#include "analysis/track/tcp_pool.h"

#include <string.h>

enum { SLAB = 16 * 1024 };

static unsigned class_of(size_t size)
{
	unsigned c = 0;

	while (c < POOL_CLASSES && (size_t)POOL_LEAST << c < size)
		c++;
	return c;
}

/* Small blocks are cut from a slab, so that each costs what it says. */
static bool slab_cut(struct tcp_pool *pool, unsigned c)
{
	size_t size = (size_t)POOL_LEAST << c;
	size_t count = size < SLAB ? SLAB / size : 1;
	char *slab = arena_alloc(pool->home, size * count);

	if (!slab)
		return false;
	for (size_t i = count; i-- > 0;) {
		void *block = slab + i * size;

		memcpy(block, &pool->free[c], sizeof(void *));
		pool->free[c] = block;
	}
	return true;
}

void *tcp_pool_lend(struct tcp_pool *pool, size_t size)
{
	unsigned c = class_of(size);
	size_t room = (size_t)POOL_LEAST << c;
	void *block;

	if (c == POOL_CLASSES || pool->lent + room > pool->most ||
	    (!pool->free[c] && !slab_cut(pool, c))) {
		pool->refused++;
		return NULL;
	}
	block = pool->free[c];
	memcpy(&pool->free[c], block, sizeof(void *));
	pool->lent += room;
	if (pool->free[c]) /* the next one's link */
		__builtin_prefetch(pool->free[c], 1);
	return block;
}

void *tcp_pool_take(struct tcp_pool *pool, size_t size)
{
	void *block = tcp_pool_lend(pool, size);

	return block ? memset(block, 0, size) : NULL;
}

void tcp_pool_give(struct tcp_pool *pool, void *block, size_t size)
{
	unsigned c = class_of(size);

	if (!block)
		return;
	memcpy(block, &pool->free[c], sizeof(void *));
	pool->free[c] = block;
	pool->lent -= (size_t)POOL_LEAST << c;
}

void tcp_pool_limits(const struct tcp_pool *pool, struct checks *out)
{
	if (!pool->refused || out->limit_count == LIMITS_MAX)
		return;
	out->limit[out->limit_count++] = (struct limit_reached){
		"TCP segments", pool->most / POOL_LEAST, pool->refused, 0};
}
