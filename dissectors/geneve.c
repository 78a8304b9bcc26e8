/* SPDX-License-Identifier: BSD-3-Clause */
/* geneve.c - anything with an ethertype in UDP, with options.  RFC 8926. */
#include "dissectors/dissector.h"

enum { GENEVE_HEADER = 8, OPTIONS_MASK = 0x3f, RESERVED_MASK = 0x3f };

static void geneve_dissect(struct dissection *d)
{
	struct tunnel_header *tunnel = &d->layer->as.tunnel;
	const uint8_t *h = cursor_take(d->in, GENEVE_HEADER);

	if (!h)
		return;
	d->declined = h[0] >> 6 != 0 || h[1] & RESERVED_MASK || h[7] != 0;
	tunnel->id = load_be32(h + 4) >> 8;
	tunnel->ethertype = load_be16(h + 2);
	tunnel->code = 0;
	cursor_skip(d->in, (h[0] & OPTIONS_MASK) * 4u);
	d->next = (struct claim){BY_ETHERTYPE, tunnel->ethertype};
}

const struct dissector geneve_dissector = {
	.name = "geneve",
	.spec = "RFC 8926",
	.claims = {{BY_UDP_PORT, 6081}},
	.guess = true,
	.dissect = geneve_dissect,
};
