/* SPDX-License-Identifier: BSD-3-Clause */
/* census.h - counts every frame into the coverage. */
#ifndef UPSTACK_ANALYSIS_CENSUS_H
#define UPSTACK_ANALYSIS_CENSUS_H

#include "analysis/coverage.h"
#include "analysis/tracker.h"

/* Count one frame, with the time stamp that the file gives. */
void census_count(const struct packet *p, struct coverage *c);

/* Report what is wrong with a packet that has a malformed layer. */
void census_malformed(const struct packet *p, struct observer *out);

#endif
