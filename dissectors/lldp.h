/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lldp.h - what a device says of itself to its neighbour: LLDP and CDP, parsed
 * when a tracker wants it.
 */
#ifndef UPSTACK_DISSECTORS_LLDP_H
#define UPSTACK_DISSECTORS_LLDP_H

#include "dissectors/dissect.h"

enum { DEVICE_TEXT = 64 };

enum device_protocol { DEVICE_LLDP = 1, DEVICE_CDP };
enum duplex { DUPLEX_UNKNOWN, DUPLEX_HALF, DUPLEX_FULL };

/* IEEE 802.1AB with the organizational parts of 802.1 and 802.3; CDP as it is
 * known.  What is not said is 0 and empty. */
struct device {
	uint8_t state;	  /* enum wire; what was read before the end is kept */
	const char *bad;  /* malformed: a static phrase */
	uint8_t protocol; /* enum device_protocol */
	uint8_t duplex;	  /* enum duplex, as the port runs */
	uint16_t hold_s;  /* how long it is to be believed; 0: it leaves */
	bool has_vlan;
	uint16_t vlan; /* of untagged frames: PVID, native VLAN */
	uint16_t mau;  /* type of the medium, RFC 4836; 0: not said */
	uint16_t max_frame;
	struct addr address;			 /* of management */
	char id[DEVICE_TEXT], port[DEVICE_TEXT]; /* escaped; the same below */
	char name[DEVICE_TEXT], what[DEVICE_TEXT];
};

void lldp_parse(struct device *d, struct cursor in);
void cdp_parse(struct device *d, struct cursor in);

/* For both: bytes as text; a MAC address as one. */
void device_text(char out[DEVICE_TEXT], struct cursor in);
void device_mac(char out[DEVICE_TEXT], struct cursor in);

#endif
