/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp_pool.h - blocks of a few sizes for what few connections need, lent and
 * given back; the memory stays in the arena. */
#ifndef UPSTACK_ANALYSIS_TRACK_TCP_POOL_H
#define UPSTACK_ANALYSIS_TRACK_TCP_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/checks.h"
#include "base/arena.h"

enum { POOL_LEAST = 64, POOL_CLASSES = 12 }; /* 64 bytes .. 128 KiB */

struct tcp_pool {
	struct arena *home;
	void *free[POOL_CLASSES]; /* given back: a list of each size */
	struct slab {
		char *at;
		size_t left;  /* bytes */
	} slab[POOL_CLASSES]; /* and what is not yet cut */
	size_t lent, most;    /* bytes; `most` bounds `lent` */
	uint64_t refused;
};

/* A block of at least `size` bytes with anything in it. */
void *tcp_pool_lend(struct tcp_pool *pool, size_t size);

/* A zeroed block of at least `size` bytes; NULL past the limit. */
void *tcp_pool_take(struct tcp_pool *pool, size_t size);

/* Give a block back; `size` as it was asked for.  NULL is fine. */
void tcp_pool_give(struct tcp_pool *pool, void *block, size_t size);

/* Tell of what was refused: segments are then judged by less. */
void tcp_pool_limits(const struct tcp_pool *pool, struct checks *out);

#endif
