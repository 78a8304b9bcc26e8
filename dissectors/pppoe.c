/* SPDX-License-Identifier: BSD-3-Clause */
/* pppoe.c - PPP over Ethernet, discovery and session.  RFC 2516. */
#include "dissectors/dissector.h"

enum {
	PPPOE_HEADER = 6,
	VERSION_TYPE = 0x11,
	CODE_SESSION = 0,
	ETHERTYPE_PPP = 0x880b
};

static void pppoe_dissect(struct dissection *d)
{
	struct tunnel_header *tunnel = &d->layer->as.tunnel;
	const uint8_t *h = cursor_take(d->in, PPPOE_HEADER);
	uint16_t length;

	if (!h)
		return;
	length = load_be16(h + 4);
	tunnel->code = h[1];
	tunnel->id = load_be16(h + 2);
	tunnel->ethertype = 0;
	if (h[0] != VERSION_TYPE) {
		layer_bad(d, "version and type are not 1", h[0]);
		return;
	}
	if (length > d->in->sent && !d->in->open_end) {
		layer_bad(d, "length beyond the frame", length);
		cursor_open_end(d->in);
	}
	*d->in = cursor_sub(d->in, length);
	if (tunnel->code != CODE_SESSION)
		return;
	tunnel->ethertype = ETHERTYPE_PPP;
	d->next = (struct claim){BY_ETHERTYPE, ETHERTYPE_PPP};
}

const struct dissector pppoe_dissector = {
	.name = "pppoe",
	.spec = "RFC 2516",
	.claims = {{BY_ETHERTYPE, 0x8863},
		   {BY_ETHERTYPE, 0x8864},
		   {BY_LINK_TYPE, 51}},
	.dissect = pppoe_dissect,
};
