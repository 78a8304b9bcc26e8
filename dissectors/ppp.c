/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ppp.c - PPP, with or without HDLC-like framing.  RFC 1661, RFC 1662.
 *
 * Address and control, and the first byte of the protocol, may be left out
 * (RFC 1661 6.5, 6.6).  Serial captures may hold Cisco HDLC instead.
 */
#include "dissectors/dissector.h"

enum {
	FRAMING = 0xff03,
	CISCO_UNICAST = 0x0f00,
	CISCO_MULTICAST = 0x8f00,
	COMPRESSED = 1, /* low bit: the protocol is one byte long */
	LINKTYPE_PPP_HDLC = 50,
};

static bool is_cisco(const struct dissection *d, uint16_t start)
{
	return d->packet->frame.link_type == LINKTYPE_PPP_HDLC &&
	       d->packet->layer_count == 0 &&
	       (start == CISCO_UNICAST || start == CISCO_MULTICAST);
}

/* 0xff is no protocol, but framing that is cut behind it. */
static bool is_compressed(uint8_t first)
{
	return first & COMPRESSED && first != FRAMING >> 8;
}

static uint16_t peek_u16(struct cursor in)
{
	return cursor_u16(&in);
}

static void ppp_dissect(struct dissection *d)
{
	struct tunnel_header *tunnel = &d->layer->as.tunnel;
	uint16_t start = peek_u16(*d->in);
	enum claim_space space = BY_PPP;

	memset(tunnel, 0, sizeof(*tunnel));
	if (is_cisco(d, start))
		space = BY_ETHERTYPE;
	if (space == BY_ETHERTYPE || start == FRAMING)
		cursor_skip(d->in, 2);
	if (space == BY_PPP && d->in->kept > 0 && is_compressed(d->in->at[0]))
		tunnel->ethertype = cursor_u8(d->in);
	else
		tunnel->ethertype = cursor_u16(d->in);
	d->next = (struct claim){space, tunnel->ethertype};
}

const struct dissector ppp_dissector = {
	.name = "ppp",
	.spec = "RFC 1661",
	.claims = {{BY_ETHERTYPE, 0x880b},
		   {BY_LINK_TYPE, 9},
		   {BY_LINK_TYPE, LINKTYPE_PPP_HDLC}},
	.dissect = ppp_dissect,
};
