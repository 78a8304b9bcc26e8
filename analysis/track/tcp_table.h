/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_table.h - finds the connection of a packet in about one cache miss.
 *
 * Buckets of one cache line hold eight 16-bit tags and the numbers of eight
 * records; records lie in chunks that never move.
 */
#ifndef UPSTACK_ANALYSIS_TRACK_TCP_TABLE_H
#define UPSTACK_ANALYSIS_TRACK_TCP_TABLE_H

#include "analysis/track/tcp_connection.h"

struct tcp_table *tcp_table_new(struct arena *home, uint32_t max,
				struct hash_key secret);

uint64_t tcp_table_hash(const struct tcp_table *t, const uint64_t key[5]);

void tcp_table_prefetch_bucket(const struct tcp_table *t, uint64_t hash);
/* The record that the tag points at, for prefetching; perhaps another's. */
struct connection *tcp_table_guess(const struct tcp_table *t, uint64_t hash);

struct connection *tcp_table_find(const struct tcp_table *t, uint64_t hash,
				  const uint64_t key[5]);

/* Which connection to give up so that another fits; NULL: there is room. */
struct connection *tcp_table_victim(struct tcp_table *t);

/* A zeroed record in the table; NULL: no room (ask for the victim first). */
struct connection *tcp_table_add(struct tcp_table *t, const uint64_t key[5]);
void tcp_table_remove(struct tcp_table *t, struct connection *c);

/* Records by number, for sweeps: NULL where none is in use. */
uint32_t tcp_table_used(const struct tcp_table *t);
struct connection *tcp_table_at(const struct tcp_table *t, uint32_t number);

void tcp_table_limits(const struct tcp_table *t, struct checks *out);

#endif
