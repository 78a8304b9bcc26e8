/* SPDX-License-Identifier: BSD-3-Clause */
/* hdlc.c - Cisco HDLC: address, control, ethertype.  RFC 1547 4.3.1. */
#include "dissectors/dissector.h"

enum { HDLC_HEADER = 4 };

static void hdlc_dissect(struct dissection *d)
{
	struct link_header *link = &d->layer->as.link;
	const uint8_t *h = cursor_take(d->in, HDLC_HEADER);

	memset(link, 0, sizeof(*link));
	link->packet_type = 255;
	if (!h)
		return;
	link->ethertype = load_be16(h + 2);
	d->next = (struct claim){BY_ETHERTYPE, link->ethertype};
}

const struct dissector hdlc_dissector = {
	.name = "hdlc",
	.spec = "RFC 1547 4.3.1",
	.claims = {{BY_LINK_TYPE, 104}},
	.dissect = hdlc_dissect,
};
