/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vrrp.c - VRRP, versions 2 and 3, and CARP, which borrowed its protocol
 * number. RFC 3768, RFC 9568.
 *
 * CARP looks like VRRP version 2 but counts 7 words of authentication where
 * VRRP counts addresses, and is 36 bytes long, which VRRP with 7 addresses is
 * not.  Only masters speak; one that leaves says priority 0.
 */
#include "dissectors/dissector.h"

enum {
	VRRP_HEADER = 8,
	TYPE_ADVERTISEMENT = 1,
	CARP_SIZE = 36,
	CARP_WORDS = 7,
	ADDRESSES_MAX = 4,
};

static void read_addresses(struct dissection *d, struct fhrp_header *fhrp,
			   unsigned count)
{
	const struct layer *ip = d->packet->ip;
	uint32_t size = ip && ip->as.ip.version == 6 ? 16 : 4;

	for (unsigned i = 0; i < count; i++) {
		const uint8_t *b = cursor_take(d->in, size);

		if (!b)
			return;
		if (i < ADDRESSES_MAX)
			fhrp->address[fhrp->address_count++] =
				size == 4 ? addr_v4(b) : addr_v6(b);
	}
}

static bool is_carp(const struct fhrp_header *fhrp, const uint8_t *h,
		    uint32_t size)
{
	return fhrp->version == 2 && h[3] == CARP_WORDS && size == CARP_SIZE;
}

static void vrrp_dissect(struct dissection *d)
{
	struct fhrp_header *fhrp = &d->layer->as.fhrp;
	uint32_t size = d->in->sent;
	const uint8_t *h = cursor_take(d->in, VRRP_HEADER);

	memset(fhrp, 0, sizeof(*fhrp));
	if (!h)
		return;
	fhrp->kind = FHRP_VRRP;
	fhrp->version = h[0] >> 4;
	fhrp->group = h[1];
	fhrp->priority = h[2];
	if ((h[0] & 15) != TYPE_ADVERTISEMENT || fhrp->version < 2 ||
	    fhrp->version > 3)
		return;
	fhrp->active = true;
	if (is_carp(fhrp, h, size)) {
		fhrp->kind = FHRP_CARP;
	} else {
		fhrp->resigns = fhrp->priority == 0;
		read_addresses(d, fhrp, h[3]);
	}
	if (d->in->state == WIRE_WHOLE)
		d->packet->fhrp = d->layer;
}

const struct dissector vrrp_dissector = {
	.name = "vrrp",
	.spec = "RFC 9568",
	.claims = {{BY_IP_PROTO, 112}},
	.dissect = vrrp_dissect,
};
