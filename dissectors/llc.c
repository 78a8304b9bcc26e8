/* SPDX-License-Identifier: BSD-3-Clause */
/* llc.c - IEEE 802.2 LLC, and SNAP, which leads back to ethertypes.  RFC 1042.
 */
#include "dissectors/dissector.h"

enum {
	LLC_MIN = 3,
	SAP_IPV4 = 0x06,
	SAP_SNAP = 0xaa,
	UNNUMBERED = 3, /* low bits of a control field of one byte */
	OUI_ETHERNET = 0x000000,
	OUI_BRIDGED = 0x0000f8, /* RFC 1042's way over bridges, 802.1H */
};

static void read_snap(struct dissection *d, struct llc_header *llc)
{
	llc->oui = (uint32_t)cursor_u8(d->in) << 16;
	llc->oui |= cursor_u16(d->in);
	llc->ethertype = cursor_u16(d->in);
	if (llc->oui == OUI_ETHERNET || llc->oui == OUI_BRIDGED)
		d->next = (struct claim){BY_ETHERTYPE, llc->ethertype};
}

static void llc_dissect(struct dissection *d)
{
	struct llc_header *llc = &d->layer->as.llc;

	d->declined = d->in->sent < LLC_MIN;
	llc->dsap = cursor_u8(d->in);
	llc->ssap = cursor_u8(d->in);
	llc->control = cursor_u8(d->in);
	llc->oui = 0;
	llc->ethertype = 0;
	if ((llc->control & UNNUMBERED) != UNNUMBERED)
		cursor_skip(d->in, 1);
	else if (llc->dsap == SAP_SNAP && llc->ssap == SAP_SNAP)
		read_snap(d, llc);
	else if (llc->dsap == SAP_IPV4)
		d->next = (struct claim){BY_ETHERTYPE, 0x0800};
}

const struct dissector llc_dissector = {
	.name = "llc",
	.spec = "IEEE 802.2, RFC 1042",
	.claims = {{BY_ETHERTYPE, ETHERTYPE_LLC}},
	.guess = true,
	.dissect = llc_dissect,
};
