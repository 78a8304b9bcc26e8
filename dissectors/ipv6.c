/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ipv6.c - the IPv6 header with its extension headers.  RFC 8200; AH is RFC
 * 4302, jumbograms are RFC 2675.
 *
 * The extension headers belong to this layer: what follows them is the payload.
 */
#include "dissectors/ipv6.h"

#include "dissectors/dissector.h"

enum {
	CHAIN_MAX = 10, /* extension headers; longer chains are a payload */
	NEXT_HOP_BY_HOP = 0,
	NEXT_ROUTING = 43,
	NEXT_FRAGMENT = 44,
	NEXT_AH = 51,
	NEXT_NONE = 59,
	NEXT_DESTINATION = 60,
	OPTION_PAD1 = 0,
	OPTION_ROUTER_ALERT = 5,
	OPTION_JUMBO = 0xc2,
};

void ipv6_read_fixed(struct ip_header *ip, const uint8_t h[IPV6_HEADER])
{
	*ip = (struct ip_header){
		.version = 6,
		.protocol = h[6],
		.ttl = h[7],
		.tos = (uint8_t)(h[0] << 4 | h[1] >> 4),
		.df = true,
		.header_len = IPV6_HEADER,
		.total_len = IPV6_HEADER + load_be16(h + 4),
	};
	memcpy(ip->src.bytes, h + 8, 16);
	ip->src.family = 6;
	memcpy(ip->dst.bytes, h + 24, 16);
	ip->dst.family = 6;
}

/* Options of a hop-by-hop header; the length of a jumbogram, or 0. */
static uint32_t read_options(struct ip_header *ip, struct cursor in)
{
	uint32_t jumbo = 0;

	while (in.sent > 0 && in.state == WIRE_WHOLE) {
		uint8_t type = cursor_u8(&in);
		struct cursor value;

		if (type == OPTION_PAD1)
			continue;
		value = cursor_sub(&in, cursor_u8(&in));
		if (type == OPTION_ROUTER_ALERT)
			ip->router_alert = true;
		if (type == OPTION_JUMBO)
			jumbo = cursor_u32(&value);
	}
	return jumbo;
}

static void read_fragment(struct ip_header *ip, struct cursor *in)
{
	uint16_t offset;

	ip->protocol = cursor_u8(in);
	cursor_skip(in, 1);
	offset = cursor_u16(in);
	ip->id = cursor_u32(in);
	if (in->state != WIRE_WHOLE)
		return; /* which datagram it is of is not known */
	ip->more = offset & 1;
	ip->fragment_offset = offset & ~7u;
	ip->fragment = ip->more || ip->fragment_offset;
	if (ip->fragment)
		cursor_open_end(in);
}

/* One extension header of the common form: next, length, content. */
static uint32_t read_extension(struct ip_header *ip, struct cursor *in)
{
	uint8_t kind = ip->protocol;
	uint8_t next = cursor_u8(in);
	uint32_t length = cursor_u8(in);
	struct cursor content;
	uint32_t jumbo = 0;

	length = kind == NEXT_AH ? (length + 2) * 4 : (length + 1) * 8;
	content = cursor_part(in, length - 2);
	if (in->state != WIRE_WHOLE)
		return 0;
	if (kind == NEXT_ROUTING)
		ip->source_routed |= content.at[1] != 0;
	if (kind == NEXT_HOP_BY_HOP)
		jumbo = read_options(ip, content);
	ip->protocol = next;
	return jumbo;
}

uint32_t ipv6_read_chain(struct ip_header *ip, struct cursor *in)
{
	uint32_t start = in->sent, jumbo = 0;

	for (unsigned i = 0; i < CHAIN_MAX && in->state == WIRE_WHOLE; i++) {
		uint8_t kind = ip->protocol;

		if (kind == NEXT_FRAGMENT)
			read_fragment(ip, in);
		else if (kind == NEXT_HOP_BY_HOP || kind == NEXT_ROUTING ||
			 kind == NEXT_AH || kind == NEXT_DESTINATION)
			jumbo |= read_extension(ip, in);
		else
			break;
		if (ip->fragment_offset)
			break;
	}
	if (in->state == WIRE_WHOLE && start > in->sent)
		ip->header_len += start - in->sent;
	return jumbo;
}

/* The length field is 0 in a jumbogram and in what is left to the card to cut
 * up: then the frame tells.  One that the frame does not hold is read on as if
 * it were cut, as in IPv4. */
static void read_length(struct dissection *d, struct ip_header *ip)
{
	uint32_t declared = ip->total_len - IPV6_HEADER;

	if (declared > d->in->sent && !d->in->open_end) {
		layer_bad(d, "payload length beyond the frame", declared);
		cursor_open_end(d->in);
	}
	if (declared == 0 && ip->protocol != NEXT_NONE) {
		ip->length_zero = true;
		ip->total_len += d->in->sent;
		declared = d->in->sent;
	}
	*d->in = cursor_sub(d->in, declared);
}

static void jumbo_length(struct dissection *d, struct ip_header *ip,
			 uint32_t jumbo)
{
	uint32_t extensions = ip->header_len - IPV6_HEADER;

	ip->jumbo = true;
	if (!ip->length_zero || jumbo < extensions ||
	    jumbo - extensions > d->in->sent)
		return;
	ip->length_zero = false;
	ip->total_len = IPV6_HEADER + jumbo;
	*d->in = cursor_sub(d->in, jumbo - extensions);
}

static void ipv6_dissect(struct dissection *d)
{
	struct ip_header *ip = &d->layer->as.ip;
	const uint8_t *h = cursor_take(d->in, IPV6_HEADER);
	uint32_t jumbo;

	if (!h)
		return;
	if (h[0] >> 4 != 6) {
		layer_bad(d, "version is not 6", h[0] >> 4);
		return;
	}
	ipv6_read_fixed(ip, h);
	read_length(d, ip);
	jumbo = ipv6_read_chain(ip, d->in);
	if (d->in->state != WIRE_MALFORMED)
		packet_set_ip(d);
	if (d->in->state != WIRE_WHOLE)
		return;
	if (jumbo)
		jumbo_length(d, ip, jumbo);
	if (ip->fragment_offset == 0)
		d->next = (struct claim){BY_IP_PROTO, ip->protocol};
}

const struct dissector ipv6_dissector = {
	.name = "ipv6",
	.spec = "RFC 8200",
	.claims = {{BY_ETHERTYPE, 0x86dd},
		   {BY_IP_PROTO, 41},
		   {BY_LINK_TYPE, 229},
		   {BY_PPP, 0x0057}},
	.dissect = ipv6_dissect,
};
