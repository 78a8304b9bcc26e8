/* SPDX-License-Identifier: BSD-3-Clause */
/* vxlan.c - Ethernet in UDP.  RFC 7348; 8472 is Linux's port from before it. */
#include "dissectors/dissector.h"

enum {
	VXLAN_HEADER = 8,
	FLAG_VNI = 0x08,
	FLAG_POLICY = 0x80, /* group policy extension: bytes 1 to 3 */
	ETHERTYPE_BRIDGED = 0x6558,
};

/* A port proves little: the flag must be set, and what is reserved be 0. */
static void vxlan_dissect(struct dissection *d)
{
	struct tunnel_header *tunnel = &d->layer->as.tunnel;
	const uint8_t *h = cursor_take(d->in, VXLAN_HEADER);

	if (!h)
		return;
	d->declined = (h[0] & ~FLAG_POLICY) != FLAG_VNI || h[7] != 0;
	tunnel->id = load_be32(h + 4) >> 8;
	tunnel->ethertype = ETHERTYPE_BRIDGED;
	tunnel->code = 0;
	d->next = (struct claim){BY_ETHERTYPE, ETHERTYPE_BRIDGED};
}

const struct dissector vxlan_dissector = {
	.name = "vxlan",
	.spec = "RFC 7348",
	.claims = {{BY_UDP_PORT, 4789}, {BY_UDP_PORT, 8472}},
	.guess = true,
	.dissect = vxlan_dissect,
};
