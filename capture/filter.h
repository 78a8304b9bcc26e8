/* SPDX-License-Identifier: BSD-3-Clause */
/* filter.h - a BPF expression, compiled for each link type that appears. */
#ifndef UPSTACK_CAPTURE_FILTER_H
#define UPSTACK_CAPTURE_FILTER_H

#include "capture/ledger.h"

struct filter;

/* Compile `expression` for the interfaces in `ledger` (for Ethernet if there
 * are none); NULL with `err` filled if no program comes of it.  The ledger has
 * to outlive the filter. */
struct filter *filter_new(const char *expression, struct ledger *ledger,
			  struct err *err);

/* Keep those of `n` frames that match, in order; returns how many. */
uint32_t filter_run(struct filter *filter, struct frame *frames, uint32_t n);

void filter_free(struct filter *filter);

/* -1, with the sentence that says why a filter cannot be used in `err`. */
int filter_refused(struct err *err, const char *expression, const char *why);

#endif
