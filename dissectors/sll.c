/* SPDX-License-Identifier: BSD-3-Clause */
/* sll.c - Linux cooked capture, version 1 (LINKTYPE_LINUX_SLL). */
#include "dissectors/cooked.h"

enum {
	SLL_HEADER = 16,
	PACKET_TO_US = 0,
	PACKET_MULTICAST = 2,
	PACKET_OUTGOING = 4,
	HARDWARE_ETHERNET = 1,
	HARDWARE_NETLINK = 824, /* its ethertype field is something else */
};

/* The header has no destination, and says whether this host was the sender. */
static void note_direction(struct packet *p, uint16_t packet_type)
{
	if (p->frame.direction != FRAME_UNKNOWN)
		return;
	if (packet_type == PACKET_OUTGOING)
		p->frame.direction = FRAME_OUTBOUND;
	else if (packet_type <= PACKET_MULTICAST)
		p->frame.direction = FRAME_INBOUND;
}

void cooked_link(struct dissection *d, const struct cooked *c)
{
	struct link_header *link = &d->layer->as.link;

	memset(link, 0, sizeof(*link));
	link->ethertype = c->ethertype;
	link->packet_type = c->packet_type < 255 ? c->packet_type : 255;
	link->ifindex = c->ifindex;
	note_direction(d->packet, c->packet_type);
	if (c->hardware == HARDWARE_NETLINK)
		return;
	if (c->hardware == HARDWARE_ETHERNET &&
	    c->address_length == sizeof(link->src)) {
		memcpy(&link->src, c->address, sizeof(link->src));
		link->has_src = true;
		packet_set_eth(d);
	}
	d->next = (struct claim){BY_ETHERTYPE, c->ethertype};
}

static void sll_dissect(struct dissection *d)
{
	const uint8_t *h = cursor_take(d->in, SLL_HEADER);

	if (!h)
		return;
	cooked_link(d, &(struct cooked){
			       .packet_type = load_be16(h),
			       .hardware = load_be16(h + 2),
			       .address_length = load_be16(h + 4),
			       .address = h + 6,
			       .ethertype = load_be16(h + 14),
		       });
}

const struct dissector sll_dissector = {
	.name = "sll",
	.spec = "LINKTYPE_LINUX_SLL",
	.claims = {{BY_LINK_TYPE, 113}},
	.dissect = sll_dissect,
};
