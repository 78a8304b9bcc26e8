/* SPDX-License-Identifier: BSD-3-Clause */
/* lacp.h - how ports agree to be one link, parsed when a tracker wants it. */
#ifndef UPSTACK_DISSECTORS_LACP_H
#define UPSTACK_DISSECTORS_LACP_H

#include "dissectors/dissect.h"

enum lacp_state {
	LACP_ACTIVE = 1,
	LACP_FAST = 2,
	LACP_AGGREGATES = 4,
	LACP_IN_SYNC = 8,
	LACP_COLLECTS = 16,
	LACP_DISTRIBUTES = 32,
	LACP_DEFAULTED = 64, /* has heard nothing of its partner */
	LACP_EXPIRED = 128,
};

struct lacp_end {
	struct mac system;
	uint16_t system_priority, key, port_priority, port;
	uint8_t state; /* enum lacp_state */
};

/* IEEE 802.1AX clause 6.4. */
struct lacp {
	uint8_t state; /* enum wire */
	const char *bad;
	bool is_lacp; /* both ends were read */
	struct lacp_end actor, partner;
};

/* From the subtype of the slow protocols on. */
void lacp_parse(struct lacp *m, struct cursor in);

#endif
