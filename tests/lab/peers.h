/* SPDX-License-Identifier: BSD-3-Clause */
/* peers.h - the processes that talk over the link. */
#ifndef UPSTACK_TESTS_LAB_PEERS_H
#define UPSTACK_TESTS_LAB_PEERS_H

#include <stdbool.h>
#include <stdint.h>

#include "lab/scenario.h"

struct peers;

/* Start every peer in its namespace, servers at once and clients from
 * `begin_ns` (CLOCK_MONOTONIC) on; what they say goes to folder/peers.jsonl. */
struct peers *peers_start(const struct scenario *s,
			  const struct host host[SIDES], const char *folder,
			  int64_t begin_ns);

/* Whether a client is still at work. */
bool peers_busy(struct peers *p);

/* Kill those that are left. */
void peers_end(struct peers *p);

#endif
