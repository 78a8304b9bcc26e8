/* SPDX-License-Identifier: BSD-3-Clause */
/* raw.c - IP without a link header; the layer takes no bytes (LINKTYPE_RAW, and
 * the numbers that BSDs wrote for it before there was one). */
#include "dissectors/dissector.h"

static void raw_dissect(struct dissection *d)
{
	struct link_header *link = &d->layer->as.link;
	struct cursor look = *d->in;
	uint8_t version = cursor_u8(&look) >> 4;

	memset(link, 0, sizeof(*link));
	link->packet_type = 255;
	if (look.state != WIRE_WHOLE) {
		d->in->state = look.state;
		return;
	}
	link->ethertype = version == 4 ? 0x0800 : version == 6 ? 0x86dd : 0;
	if (link->ethertype)
		d->next = (struct claim){BY_ETHERTYPE, link->ethertype};
}

const struct dissector raw_dissector = {
	.name = "raw",
	.spec = "LINKTYPE_RAW",
	.claims = {{BY_LINK_TYPE, 101}, {BY_LINK_TYPE, 12}, {BY_LINK_TYPE, 14}},
	.dissect = raw_dissect,
};
