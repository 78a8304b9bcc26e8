/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mpls.c - one label of an MPLS stack.  RFC 3032; RFC 4385 for pseudowires.
 *
 * Nothing names what the last label carries: IP tells itself by its version,
 * and a control word in front of a frame with a familiar ethertype is taken
 * for Ethernet.  Everything else stays a payload.
 */
#include "dissectors/dissector.h"

enum {
	BOTTOM = 0x100,
	CONTROL_WORD = 4,
	ETHERTYPE_MPLS = 0x8847,
	ETHERTYPE_BRIDGED = 0x6558,
	ETHERTYPE_AT = 16, /* behind control word and two addresses */
};

static bool is_pseudowire(const struct cursor *in)
{
	uint16_t type;

	if (in->kept < ETHERTYPE_AT + 2 || load_be16(in->at) != 0)
		return false;
	type = load_be16(in->at + ETHERTYPE_AT);
	return type == 0x0800 || type == 0x0806 || type == 0x86dd ||
	       type == 0x8100;
}

static uint16_t carried(struct cursor *in)
{
	if (in->kept == 0)
		return 0;
	if (in->at[0] >> 4 == 4)
		return 0x0800;
	if (in->at[0] >> 4 == 6)
		return 0x86dd;
	if (!is_pseudowire(in))
		return 0;
	cursor_skip(in, CONTROL_WORD);
	return ETHERTYPE_BRIDGED;
}

static void mpls_dissect(struct dissection *d)
{
	struct tunnel_header *tunnel = &d->layer->as.tunnel;
	uint32_t entry = cursor_u32(d->in);

	memset(tunnel, 0, sizeof(*tunnel));
	tunnel->id = entry >> 12;
	tunnel->ethertype = entry & BOTTOM ? carried(d->in) : ETHERTYPE_MPLS;
	if (tunnel->ethertype)
		d->next = (struct claim){BY_ETHERTYPE, tunnel->ethertype};
}

const struct dissector mpls_dissector = {
	.name = "mpls",
	.spec = "RFC 3032",
	.claims = {{BY_ETHERTYPE, ETHERTYPE_MPLS},
		   {BY_ETHERTYPE, 0x8848},
		   {BY_PPP, 0x0281},
		   {BY_PPP, 0x0283},
		   {BY_IP_PROTO, 137}},
	.dissect = mpls_dissect,
};
