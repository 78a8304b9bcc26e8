/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * community.h - Community ID version 1, seed 0: one name for a conversation
 * that other tools (Zeek, Suricata, Arkime) give it too.
 */
#ifndef UPSTACK_REPORT_COMMUNITY_H
#define UPSTACK_REPORT_COMMUNITY_H

#include <stdbool.h>

#include "analysis/flow.h"

enum { COMMUNITY_TEXT = 32 };

/* "1:" and the base64 of the hash.  The ports of ICMP are type and code here.
 * False, and "" in `out`, where there is no IP address. */
bool community_id(const struct flow *f, char out[static COMMUNITY_TEXT]);

/* The same for a flow of ours, in which ICMP means an echo. */
bool community_of(const struct flow *f, char out[static COMMUNITY_TEXT]);

#endif
