/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hsrp.c - Cisco's HSRP: version 1 is RFC 2281, version 2 a row of type, length
 * and value of which the first is the state of the group.
 */
#include "dissectors/dissector.h"

enum {
	HSRP1_SIZE = 20,
	HSRP2_SIZE = 40,
	TLV_GROUP_STATE = 1,
	OPERATION_RESIGN = 2,
	STATE1_ACTIVE = 16,
	STATE2_ACTIVE = 6,
};

static void add_address(struct fhrp_header *fhrp, struct addr a)
{
	if (!addr_is_unspecified(&a))
		fhrp->address[fhrp->address_count++] = a;
}

/* version, operation, state, hello, hold, priority, group, -, text, address */
static void read_1(struct fhrp_header *fhrp, const uint8_t h[HSRP1_SIZE])
{
	fhrp->version = 1;
	fhrp->resigns = h[1] == OPERATION_RESIGN;
	fhrp->active = h[2] == STATE1_ACTIVE;
	fhrp->priority = h[5];
	fhrp->group = h[6];
	add_address(fhrp, addr_v4(h + 16));
}

/* version, operation, state, IP version, group, MAC, priority, hello, hold */
static void read_2(struct fhrp_header *fhrp, const uint8_t h[HSRP2_SIZE])
{
	uint32_t priority = load_be32(h + 12);

	fhrp->version = 2;
	fhrp->resigns = h[1] == OPERATION_RESIGN;
	fhrp->active = h[2] == STATE2_ACTIVE;
	fhrp->group = load_be16(h + 4);
	fhrp->priority = priority < 255 ? priority : 255;
	add_address(fhrp, h[3] == 6 ? addr_v6(h + 24) : addr_v4(h + 24));
}

static void hsrp_dissect(struct dissection *d)
{
	struct fhrp_header *fhrp = &d->layer->as.fhrp;
	uint8_t first = cursor_u8(d->in);
	uint8_t second = cursor_u8(d->in);
	const uint8_t *h;

	memset(fhrp, 0, sizeof(*fhrp));
	fhrp->kind = FHRP_HSRP;
	if (d->in->state != WIRE_WHOLE)
		return;
	if (first == 0 && second <= OPERATION_RESIGN) {
		h = cursor_take(d->in, HSRP1_SIZE - 2);
		if (h)
			read_1(fhrp, h - 2);
	} else if (first == TLV_GROUP_STATE && second == HSRP2_SIZE) {
		h = cursor_take(d->in, HSRP2_SIZE);
		if (h)
			read_2(fhrp, h);
	} else {
		d->declined = true;
	}
	if (fhrp->version && d->in->state == WIRE_WHOLE)
		d->packet->fhrp = d->layer;
}

const struct dissector hsrp_dissector = {
	.name = "hsrp",
	.spec = "RFC 2281",
	.claims = {{BY_UDP_PORT, 1985}, {BY_UDP_PORT, 2029}},
	.guess = true,
	.dissect = hsrp_dissect,
};
