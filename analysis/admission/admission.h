/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * admission.h - between dissection and the trackers, in frame order: which link
 * a frame belongs to, whether it is a copy that the capture made, and the
 * clock.
 */
#ifndef UPSTACK_ANALYSIS_ADMISSION_H
#define UPSTACK_ANALYSIS_ADMISSION_H

#include "analysis/diagnosis.h"
#include "analysis/tracker.h"

struct admission;

struct admission *admission_new(const struct tracker_home *home);

/* The id of the untagged link of an interface. */
uint32_t admission_link_of(struct admission *a, uint32_t interface);

/* Set p->link of each packet of a batch, in order: where it was seen. */
void admission_place(struct admission *a, struct packet *batch, uint32_t count);

/* The batch whose packets are judged next, in order: lets memory be fetched. */
void admission_expect(struct admission *a, const struct packet *batch,
		      uint32_t count);

/* Judge one packet: p->link becomes that of all places where copies of it are
 * seen; counts into `coverage`, moves the clock and gives the packet its place
 * in time.
 * False: it is a copy, and no tracker may see it. */
bool admit(struct admission *a, struct packet *p, struct coverage *coverage,
	   struct observer *out);

/* What the last packet that was left out is a copy of. */
const struct copy_fact *admission_copy(const struct admission *a);

/* The clock of the capture: the largest time stamp that makes sense. */
int64_t admission_now(const struct admission *a);

/* Links in the order of their ids. */
uint32_t admission_links(const struct admission *a);
const struct link_info *admission_link(const struct admission *a);

void admission_limits(const struct admission *a, struct checks *out);

#endif
