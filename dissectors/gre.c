/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gre.c - generic routing encapsulation.  RFC 2784, RFC 2890 (key, sequence),
 * RFC 2637 (version 1, which carries PPP and has an acknowledgment).
 */
#include "dissectors/dissector.h"

enum {
	HAS_CHECKSUM = 0x8000,
	HAS_ROUTING = 0x4000, /* RFC 1701 only: its routes are not read */
	HAS_KEY = 0x2000,
	HAS_SEQUENCE = 0x1000,
	HAS_ACK = 0x0080,
	VERSION_MASK = 7,
};

static void gre_dissect(struct dissection *d)
{
	struct tunnel_header *tunnel = &d->layer->as.tunnel;
	uint16_t flags = cursor_u16(d->in);

	memset(tunnel, 0, sizeof(*tunnel));
	tunnel->ethertype = cursor_u16(d->in);
	if ((flags & VERSION_MASK) > 1)
		return;
	if (flags & (HAS_CHECKSUM | HAS_ROUTING))
		cursor_skip(d->in, 4);
	if (flags & HAS_KEY)
		tunnel->id = cursor_u32(d->in);
	if (flags & HAS_SEQUENCE)
		cursor_skip(d->in, 4);
	if ((flags & VERSION_MASK) == 1 && flags & HAS_ACK)
		cursor_skip(d->in, 4);
	if (!(flags & HAS_ROUTING) && d->in->sent > 0)
		d->next = (struct claim){BY_ETHERTYPE, tunnel->ethertype};
}

const struct dissector gre_dissector = {
	.name = "gre",
	.spec = "RFC 2784, RFC 2890",
	.claims = {{BY_IP_PROTO, 47}},
	.dissect = gre_dissect,
};
