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
static void *slab_cut(struct tcp_pool *pool, unsigned c)
{
	size_t size = (size_t)POOL_LEAST << c;
	struct slab *slab = &pool->slab[c];
	void *block;

	if (!slab->left) {
		slab->left = size < SLAB ? SLAB : size;
		slab->at = arena_alloc(pool->home, slab->left);
		if (!slab->at) {
			slab->left = 0;
			return NULL;
		}
	}
	block = slab->at;
	slab->at += size;
	slab->left -= size;
	return block;
}

static void *list_take(struct tcp_pool *pool, unsigned c)
{
	void *block = pool->free[c];

	memcpy(&pool->free[c], block, sizeof(void *));
	if (pool->free[c]) /* the next one's link */
		__builtin_prefetch(pool->free[c], 1);
	return block;
}

void *tcp_pool_lend(struct tcp_pool *pool, size_t size)
{
	unsigned c = class_of(size);
	size_t room = (size_t)POOL_LEAST << c;
	void *block = NULL;

	if (c < POOL_CLASSES && pool->lent + room <= pool->most)
		block = pool->free[c] ? list_take(pool, c) : slab_cut(pool, c);
	if (!block) {
		pool->refused++;
		return NULL;
	}
	pool->lent += room;
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
