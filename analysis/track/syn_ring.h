/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * syn_ring.h - attempts of which one SYN, or one SYN-ACK, is all there is.
 *
 * A flood makes millions of these.  A stub is one cache line in a ring that
 * is filled in the order of arrival, so that a new one costs a line next to the
 * last, one probe of an index, and no allocation; the oldest is overwritten.
 * Where one service has the ring full of its own, as in a flood, the stubs of
 * others stay for a while longer.
 * It keeps no addresses: its name is the keyed 64-bit hash of its tuple, and
 * the packet that finds it brings them along.
 */
#ifndef UPSTACK_ANALYSIS_TRACK_SYN_RING_H
#define UPSTACK_ANALYSIS_TRACK_SYN_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum half_bit {
	HALF_SEEN = 1,
	HALF_TS = 2,
	HALF_SACK = 4,
	HALF_WSCALE = 8,
	HALF_ECN = 16,
	HALF_DATA = 32, /* TCP Fast Open: the SYN carries data */
};

/* What a SYN or a SYN-ACK said. */
struct half {
	uint32_t isn, tsval, frame; /* frame: its low 32 bits */
	uint16_t mss, window;
	uint8_t bits, wscale, ttl, pad;
};

struct stub {
	uint64_t hash;
	int64_t first_ns;      /* of the SYN; of the SYN-ACK without one */
	struct half half[2];   /* client, server */
	uint32_t synack_us;    /* from first_ns to the SYN-ACK */
	bool used, client_low; /* the client's endpoint sorts first */
	uint16_t service;      /* crowd.h */
};

struct syn_ring;

/* A ring of `max` stubs, a power of two; NULL: no memory. */
struct syn_ring *syn_ring_new(struct arena *home, uint32_t max);

void syn_ring_prefetch(const struct syn_ring *r, uint64_t hash);
/* Later: the stub itself, where there is one. */
void syn_ring_prefetch_stub(const struct syn_ring *r, uint64_t hash);

struct stub *syn_ring_find(struct syn_ring *r, uint64_t hash);

/* A stub of now, zeroed but for that; the oldest gives way. */
struct stub *syn_ring_add(struct syn_ring *r, uint64_t hash, uint16_t service,
			  int64_t now_ns);
void syn_ring_remove(struct syn_ring *r, struct stub *s);

/* Whether it has more stubs than one service should, and so many come within
 * ten seconds. */
bool syn_ring_crowd(const struct syn_ring *r, uint16_t service, int64_t now_ns);

uint32_t syn_ring_max(const struct syn_ring *r);
uint64_t syn_ring_evicted(const struct syn_ring *r);
/* When the first one had to give way; 0: none. */
int64_t syn_ring_full_ns(const struct syn_ring *r);

#endif
