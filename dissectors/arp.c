/* SPDX-License-Identifier: BSD-3-Clause */
/* arp.c - ARP for Ethernet and IPv4.  RFC 826. */
#include "dissectors/dissector.h"

enum {
	ARP_FIXED = 8,
	ARP_ADDRESSES = 20,
	HARDWARE_ETHERNET = 1,
	HARDWARE_IEEE802 = 6,
	PROTOCOL_IPV4 = 0x0800,
};

static bool lengths_agree(struct dissection *d, const uint8_t *h)
{
	if (h[4] != sizeof(struct mac)) {
		layer_bad(d, "hardware address length is not 6", h[4]);
		return false;
	}
	if (h[5] != 4) {
		layer_bad(d, "protocol address length is not 4", h[5]);
		return false;
	}
	return true;
}

static void arp_dissect(struct dissection *d)
{
	struct arp_header *arp = &d->layer->as.arp;
	const uint8_t *h = cursor_take(d->in, ARP_FIXED);
	uint16_t hardware;

	memset(arp, 0, sizeof(*arp));
	if (!h)
		return;
	hardware = load_be16(h);
	if (hardware != HARDWARE_ETHERNET && hardware != HARDWARE_IEEE802)
		return;
	if (load_be16(h + 2) != PROTOCOL_IPV4 || !lengths_agree(d, h))
		return;
	arp->operation = load_be16(h + 6);
	h = cursor_take(d->in, ARP_ADDRESSES);
	if (!h)
		return;
	memcpy(&arp->sender_mac, h, 6);
	arp->sender = addr_v4(h + 6);
	memcpy(&arp->target_mac, h + 10, 6);
	arp->target = addr_v4(h + 16);
	d->packet->arp = d->layer;
}

const struct dissector arp_dissector = {
	.name = "arp",
	.spec = "RFC 826",
	.claims = {{BY_ETHERTYPE, 0x0806}},
	.dissect = arp_dissect,
};
