/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * places.h - at which interface the latest frames were seen, where several are
 * listened on: what is broken at one explains nothing at another.
 */
#ifndef UPSTACK_ANALYSIS_PLACES_H
#define UPSTACK_ANALYSIS_PLACES_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/finding.h"
#include "base/arena.h"

struct places;

/* NULL: no memory. */
struct places *places_new(struct arena *home);

void places_note(struct places *p, uint64_t frame, uint32_t interface);

/* The untagged link of an interface, by which findings name it. */
void places_link(struct places *p, uint32_t link, uint32_t interface);

/* Whether the proofs of `f` may have been seen at the interface of `link`: one
 * was, or of none it is known.  `p` may be NULL: one interface. */
bool places_at(const struct places *p, const struct finding *f, uint32_t link);

#endif
