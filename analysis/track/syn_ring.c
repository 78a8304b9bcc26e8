/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * syn_ring.c - attempts of which one SYN, or one SYN-ACK, is all there is.
 *
 * The index is made of words: 21 bits of a stub's number (from 1) and 11 bits
 * of its hash, so that a chain can be walked without touching the stubs.
 */
#include "analysis/track/syn_ring.h"

#include <assert.h>
#include <string.h>

enum { NUMBER_BITS = 21, NUMBER = (1 << NUMBER_BITS) - 1 };

struct syn_ring {
	struct stub *stubs;
	uint32_t *heads, *next;
	uint32_t mask, at; /* at: the slot that is written next */
	uint64_t evicted;
	int64_t full_ns;
};

_Static_assert(sizeof(struct stub) == 64, "a stub is one cache line");

struct syn_ring *syn_ring_new(struct arena *home, uint32_t max)
{
	struct syn_ring *r = arena_alloc(home, sizeof(*r));

	assert(max && !(max & (max - 1)) && max < NUMBER);
	if (!r)
		return NULL;
	r->mask = max - 1;
	r->stubs = arena_alloc(home, max * sizeof(*r->stubs));
	r->next = arena_alloc(home, max * sizeof(*r->next));
	r->heads = arena_alloc(home, 2 * max * sizeof(*r->heads));
	return r->stubs && r->next && r->heads ? r : NULL;
}

static uint32_t *head_of(const struct syn_ring *r, uint64_t hash)
{
	return &r->heads[hash & (2 * (uint64_t)r->mask + 1)];
}

static uint32_t word_for(uint32_t slot, uint64_t hash)
{
	return (slot + 1) | (uint32_t)(hash >> 53) << NUMBER_BITS;
}

void syn_ring_prefetch(const struct syn_ring *r, uint64_t hash)
{
	__builtin_prefetch(head_of(r, hash));
}

struct stub *syn_ring_find(struct syn_ring *r, uint64_t hash)
{
	uint32_t tag = (uint32_t)(hash >> 53), word = *head_of(r, hash);

	while (word) {
		uint32_t slot = (word & NUMBER) - 1;

		if (word >> NUMBER_BITS == tag && r->stubs[slot].hash == hash)
			return &r->stubs[slot];
		word = r->next[slot];
	}
	return NULL;
}

void syn_ring_remove(struct syn_ring *r, struct stub *s)
{
	uint32_t slot = (uint32_t)(s - r->stubs);
	uint32_t *link = head_of(r, s->hash);

	while ((*link & NUMBER) != slot + 1)
		link = &r->next[(*link & NUMBER) - 1];
	*link = r->next[slot];
	s->used = false;
}

struct stub *syn_ring_add(struct syn_ring *r, uint64_t hash)
{
	uint32_t slot = r->at, *head;
	struct stub *s = &r->stubs[slot];

	r->at = (r->at + 1) & r->mask;
	if (s->used) {
		if (!r->evicted++)
			r->full_ns = s->first_ns;
		syn_ring_remove(r, s);
	}
	head = head_of(r, hash);
	memset(s, 0, sizeof(*s));
	s->hash = hash;
	s->used = true;
	r->next[slot] = *head;
	*head = word_for(slot, hash);
	return s;
}

uint32_t syn_ring_max(const struct syn_ring *r)
{
	return r->mask + 1;
}

uint64_t syn_ring_evicted(const struct syn_ring *r)
{
	return r->evicted;
}

int64_t syn_ring_full_ns(const struct syn_ring *r)
{
	return r->full_ns;
}
