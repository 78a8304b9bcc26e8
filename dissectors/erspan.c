/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * erspan.c - frames of a mirrored port, carried in GRE: types II and III of
 * draft-foschiano-erspan.  Type I has no header, and is left alone.
 */
#include "dissectors/dissector.h"

enum {
	TYPE_II = 1,
	TYPE_III = 2,
	ETHERTYPE_BRIDGED = 0x6558,
	SESSION_MASK = 0x3ff,
	REST_II = 4,
	REST_III = 8,
	SUBHEADER = 8,
};

/* Type III may have a platform header: the last bit of its third word. */
static void skip_rest(struct cursor *in, uint8_t version)
{
	uint32_t last;

	if (version == TYPE_II) {
		cursor_skip(in, REST_II);
		return;
	}
	cursor_skip(in, REST_III - 4);
	last = cursor_u32(in);
	if (last & 1)
		cursor_skip(in, SUBHEADER);
}

static void erspan_dissect(struct dissection *d)
{
	struct tunnel_header *tunnel = &d->layer->as.tunnel;
	uint32_t word = cursor_u32(d->in);
	uint8_t version = word >> 28;

	memset(tunnel, 0, sizeof(*tunnel));
	if (d->in->state != WIRE_WHOLE)
		return;
	d->declined = version != TYPE_II && version != TYPE_III;
	tunnel->id = word & SESSION_MASK;
	tunnel->ethertype = ETHERTYPE_BRIDGED;
	skip_rest(d->in, version);
	d->next = (struct claim){BY_ETHERTYPE, ETHERTYPE_BRIDGED};
}

const struct dissector erspan_dissector = {
	.name = "erspan",
	.spec = "draft-foschiano-erspan",
	.claims = {{BY_ETHERTYPE, 0x88be}, {BY_ETHERTYPE, 0x22eb}},
	.guess = true,
	.dissect = erspan_dissect,
};
