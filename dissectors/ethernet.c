/* SPDX-License-Identifier: BSD-3-Clause */
/* ethernet.c - Ethernet II, and IEEE 802.3 with its length field. */
#include "dissectors/dissector.h"

enum { ETHERNET_HEADER = 14 };

static void ethernet_dissect(struct dissection *d)
{
	struct link_header *link = &d->layer->as.link;
	const uint8_t *h = cursor_take(d->in, ETHERNET_HEADER);
	uint16_t type;

	if (!h)
		return;
	type = load_be16(h + 12);
	memcpy(&link->dst, h, sizeof(link->dst));
	memcpy(&link->src, h + 6, sizeof(link->src));
	link->has_src = link->has_dst = true;
	link->ethertype = type > LENGTH_MAX ? type : 0;
	link->length = type > LENGTH_MAX ? 0 : type;
	link->packet_type = 255;
	link->ifindex = 0;
	packet_set_eth(d);
	ethertype_follow(d, type);
}

const struct dissector ethernet_dissector = {
	.name = "ethernet",
	.spec = "IEEE 802.3",
	.claims = {{BY_LINK_TYPE, 1}, {BY_ETHERTYPE, 0x6558}},
	.dissect = ethernet_dissect,
};
