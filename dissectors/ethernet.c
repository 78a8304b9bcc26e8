/* SPDX-License-Identifier: BSD-3-Clause */
/* ethernet.c - Ethernet II, and IEEE 802.3 with its length field. */
#include "dissectors/fixed.h"

static void ethernet_dissect(struct dissection *d)
{
	const uint8_t *h = cursor_take(d->in, ETHERNET_HEADER);

	if (!h)
		return;
	ethernet_read(&d->layer->as.link, h);
	packet_set_eth(d);
	ethertype_follow(d, load_be16(h + 12));
}

const struct dissector ethernet_dissector = {
	.name = "ethernet",
	.spec = "IEEE 802.3",
	.claims = {{BY_LINK_TYPE, 1}, {BY_ETHERTYPE, 0x6558}},
	.dissect = ethernet_dissect,
};
