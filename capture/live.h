/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * live.h - frames from interfaces, through libpcap and its memory-mapped ring.
 *
 * Once it is open it opens nothing again, so that it goes on after privileges
 * are dropped: an interface that comes back is bound to the socket that is
 * there, and what the system says arrives over a netlink socket that is there.
 */
#ifndef UPSTACK_CAPTURE_LIVE_H
#define UPSTACK_CAPTURE_LIVE_H

#include "capture/ledger.h"

struct live;

/* Listen on all of them, with a filter in the kernel; the interfaces are
 * written into the ledger.  NULL with `err` filled if one cannot be opened, or
 * the filter does not compile (`*usage` is then true). */
struct live *live_open(const struct source_options *options,
		       struct ledger *ledger, bool *usage, struct err *err);

/* As source_read. */
uint32_t live_read(struct live *l, struct frame *frames, uint32_t most);

/* As source_look and source_link_next. */
void live_look(struct live *l);
bool live_link_next(struct live *l, struct source_link *out);

/* Packets that the kernel counted at the last look and that were not lent. */
uint64_t live_left_behind(const struct live *l);

void live_close(struct live *l);

#endif
