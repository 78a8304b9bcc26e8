/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * copies.h - packets that come twice: because the capture doubled them, or
 * because the network did.
 *
 * The same packet seen again within milliseconds is a twin: on the same place
 * (exact), on another interface, under another tag, or one hop further.  Enough
 * proofs of one kind switch that kind on, and its later twins are left out.
 * What the network itself copies stays in.
 */
#ifndef UPSTACK_ANALYSIS_COPIES_H
#define UPSTACK_ANALYSIS_COPIES_H

#include "analysis/diagnosis.h"
#include "analysis/tracker.h"

struct copies;

struct copies *copies_new(const struct tracker_home *home);

/* The batch that is about to be judged, in order. */
void copies_expect(struct copies *c, const struct packet *batch,
		   uint32_t count);

/* Whether a packet is a copy to be left out.  Sets p->twin where it is the same
 * packet at another place, and reports OBS_COPY or OBS_SAME_PACKET. `links` are
 * those of admission. */
bool copies_judge(struct copies *c, struct packet *p,
		  const struct link_info *links, struct observer *out);

/* The copy that was left out last. */
const struct copy_fact *copies_latest(const struct copies *c);

/* The link that this one is: two of which one shows copies of the other are the
 * same. */
uint32_t copies_home(const struct copies *c, uint32_t link);

void copies_limits(const struct copies *c, struct checks *out);

#endif
