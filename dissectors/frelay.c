/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * frelay.c - frame relay, with the encapsulation of RFC 2427 or Cisco's, which
 * puts an ethertype where the other has the control field.
 */
#include "dissectors/dissector.h"

enum {
	ADDRESS_MAX = 4,
	ADDRESS_LAST = 1, /* low bit of the address's last byte */
	UNNUMBERED = 0x03,
	NLPID_PAD = 0x00,
	NLPID_SNAP = 0x80,
	NLPID_IPV6 = 0x8e,
	NLPID_IPV4 = 0xcc,
};

/* The data link connection identifier: 6, then 4 or 7 bits a byte. */
static uint32_t read_address(struct cursor *in)
{
	uint32_t dlci = 0;

	for (unsigned i = 0; i < ADDRESS_MAX; i++) {
		uint8_t b = cursor_u8(in);

		if (i == 0)
			dlci = b >> 2;
		else if (i == 1)
			dlci = dlci << 4 | b >> 4;
		else
			dlci = dlci << 7 | b >> 1;
		if (b & ADDRESS_LAST)
			break;
	}
	return dlci;
}

static uint16_t read_nlpid(struct cursor *in)
{
	uint8_t nlpid = cursor_u8(in);

	if (nlpid == NLPID_PAD)
		nlpid = cursor_u8(in);
	if (nlpid == NLPID_IPV4)
		return 0x0800;
	if (nlpid == NLPID_IPV6)
		return 0x86dd;
	if (nlpid != NLPID_SNAP)
		return 0;
	if (cursor_u8(in) || cursor_u16(in)) /* OUI: not of ethertypes */
		return 0;
	return cursor_u16(in);
}

static void frelay_dissect(struct dissection *d)
{
	struct tunnel_header *tunnel = &d->layer->as.tunnel;

	memset(tunnel, 0, sizeof(*tunnel));
	tunnel->id = read_address(d->in);
	if (d->in->kept > 0 && d->in->at[0] == UNNUMBERED) {
		cursor_skip(d->in, 1);
		tunnel->ethertype = read_nlpid(d->in);
	} else {
		tunnel->ethertype = cursor_u16(d->in);
	}
	if (tunnel->ethertype)
		d->next = (struct claim){BY_ETHERTYPE, tunnel->ethertype};
}

const struct dissector frelay_dissector = {
	.name = "frelay",
	.spec = "RFC 2427",
	.claims = {{BY_LINK_TYPE, 107}},
	.dissect = frelay_dissect,
};
