/* SPDX-License-Identifier: BSD-3-Clause */
/* bpdu.h - a message of a spanning tree, parsed when a tracker wants it. */
#ifndef UPSTACK_DISSECTORS_BPDU_H
#define UPSTACK_DISSECTORS_BPDU_H

#include "dissectors/dissect.h"

enum bpdu_type { BPDU_CONFIG = 0, BPDU_RST = 2, BPDU_TCN = 0x80 };

enum bpdu_flag {
	BPDU_CHANGE = 1, /* of the topology */
	BPDU_PROPOSAL = 2,
	BPDU_LEARNING = 16,
	BPDU_FORWARDING = 32,
	BPDU_AGREEMENT = 64,
	BPDU_CHANGE_ACK = 128,
};

/* Smaller is better; compared priority first, then MAC. */
struct bridge_id {
	uint16_t priority; /* of the VLAN's tree: with its number added */
	struct mac mac;
};

/* IEEE 802.1D-1998 (STP), 802.1D-2004 (RSTP), 802.1Q (MSTP); Cisco's per-VLAN
 * trees add the VLAN that the sender means. */
struct bpdu {
	uint8_t state;	 /* enum wire */
	const char *bad; /* malformed: a static phrase */
	bool is_bpdu;	 /* all of what its type must have is there */
	uint8_t version; /* 0 STP, 2 RSTP, 3 MSTP */
	uint8_t type;	 /* enum bpdu_type; of a TCN nothing below counts */
	uint8_t flags;	 /* enum bpdu_flag; BPDU_CHANGE of any instance */
	struct bridge_id root, bridge;
	uint32_t cost; /* from the sender to the root */
	uint16_t port;
	uint16_t age_ms, max_age_ms, hello_ms, delay_ms;
	uint8_t instances; /* MSTP: records behind the common tree */
	bool has_vlan;
	uint16_t vlan; /* PVST+ */
};

/* `per_vlan`: it came to Cisco's address, by SNAP. */
void bpdu_parse(struct bpdu *m, struct cursor in, bool per_vlan);

/* Below 0: `a` is the better one. */
int bridge_id_compare(const struct bridge_id *a, const struct bridge_id *b);

/* "32768/00:19:06:ea:b8:80"; returns `out`. */
enum { BRIDGE_TEXT = 32 };
const char *bridge_id_text(const struct bridge_id *id,
			   char out[static BRIDGE_TEXT]);

#endif
