/* SPDX-License-Identifier: BSD-3-Clause */
/* usual.h - frames without surprises. */
#ifndef UPSTACK_DISSECTORS_USUAL_H
#define UPSTACK_DISSECTORS_USUAL_H

#include "dissectors/dissector.h"

/* Take the first layers of a frame as far as they are the usual ones, after
 * packet_begin; returns the label of what follows, perhaps of all, which is the
 * loop's in frame.c.  The result is the one that the loop alone would have. */
struct claim usual_dissect(struct packet *p);

#endif
