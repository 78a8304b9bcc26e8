/* SPDX-License-Identifier: BSD-3-Clause */
/* glbp.c - Cisco's GLBP, as far as it is known: the hello of a group. */
#include "dissectors/dissector.h"

enum {
	GLBP_HEADER = 12, /* version, -, group, -, -, MAC of the owner */
	TLVS_MAX = 8,
	TLV_HELLO = 1,
	TLV_MIN = 2,
	HELLO_FIXED = 20,
	STATE_ACTIVE = 32,
};

/* -, state, -, priority, -, -, hello, hold, redirect, timeout, -: then the
 * address */
static void read_hello(struct fhrp_header *fhrp, struct cursor in)
{
	const uint8_t *h = cursor_take(&in, HELLO_FIXED);
	const uint8_t *address;
	uint8_t size;

	if (!h)
		return;
	fhrp->active = h[1] == STATE_ACTIVE;
	fhrp->priority = h[3];
	cursor_skip(&in, 1);
	size = cursor_u8(&in);
	if (size != 4 && size != 16)
		return;
	address = cursor_take(&in, size);
	if (!address)
		return;
	fhrp->address[0] = size == 4 ? addr_v4(address) : addr_v6(address);
	fhrp->address_count = 1;
}

static bool read_tlvs(struct fhrp_header *fhrp, struct cursor *in)
{
	bool hello = false;

	for (unsigned i = 0; i < TLVS_MAX && in->sent > 0; i++) {
		uint8_t type = cursor_u8(in);
		uint8_t length = cursor_u8(in);
		struct cursor value;

		if (in->state != WIRE_WHOLE || length < TLV_MIN)
			break;
		value = cursor_sub(in, length - TLV_MIN);
		if (type != TLV_HELLO)
			continue;
		read_hello(fhrp, value);
		hello = true;
	}
	return hello;
}

static void glbp_dissect(struct dissection *d)
{
	struct fhrp_header *fhrp = &d->layer->as.fhrp;
	const uint8_t *h = cursor_take(d->in, GLBP_HEADER);

	memset(fhrp, 0, sizeof(*fhrp));
	if (!h)
		return;
	d->declined = h[0] != 1;
	fhrp->kind = FHRP_GLBP;
	fhrp->version = h[0];
	fhrp->group = load_be16(h + 2);
	if (!d->declined && read_tlvs(fhrp, d->in) &&
	    d->in->state == WIRE_WHOLE)
		d->packet->fhrp = d->layer;
}

const struct dissector glbp_dissector = {
	.name = "glbp",
	.spec = "Cisco, not published",
	.claims = {{BY_UDP_PORT, 3222}},
	.guess = true,
	.dissect = glbp_dissect,
};
