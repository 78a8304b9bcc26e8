/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * null.c - BSD loopback: the address family in four bytes, in the order of the
 * machine that captured (LINKTYPE_NULL) or of the network (LINKTYPE_LOOP).
 */
#include "dissectors/dissector.h"

enum { FAMILY_IPV4 = 2, SWAPPED_MIN = 0x10000 };

/* AF_INET6 of Linux, NetBSD, FreeBSD, macOS and Windows. */
static const uint8_t ipv6_families[] = {10, 24, 28, 30, 23};

static void null_dissect(struct dissection *d)
{
	struct link_header *link = &d->layer->as.link;
	uint32_t family = cursor_u32(d->in);

	if (family >= SWAPPED_MIN)
		family = __builtin_bswap32(family);
	memset(link, 0, sizeof(*link));
	link->packet_type = 255;
	if (family == FAMILY_IPV4)
		link->ethertype = 0x0800;
	for (unsigned i = 0; i < sizeof(ipv6_families); i++) {
		if (family == ipv6_families[i])
			link->ethertype = 0x86dd;
	}
	if (link->ethertype)
		d->next = (struct claim){BY_ETHERTYPE, link->ethertype};
}

const struct dissector null_dissector = {
	.name = "null",
	.spec = "LINKTYPE_NULL, LINKTYPE_LOOP",
	.claims = {{BY_LINK_TYPE, 0}, {BY_LINK_TYPE, 108}},
	.dissect = null_dissect,
};
