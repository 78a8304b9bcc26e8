/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * quote.c - the packet that an ICMP error quotes.  RFC 792, RFC 4443 2.4(c).
 *
 * Old routers quote 8 bytes behind the IP header, new ones as much as fits.
 */
#include "dissectors/quote.h"

#include "dissectors/ipv6.h"

enum {
	IPV4_HEADER = 20,
	FLAG_DF = 0x4000,
	FRAGMENT = 0x3fff, /* MF and offset */
	OFFSET_MASK = 0x1fff,
	TRANSPORT_BYTES = 8,
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ICMPV6 = 58,
	PROTOCOL_SCTP = 132,
	PROTOCOL_UDPLITE = 136,
};

static bool read_ipv4(struct quote *q, struct cursor *in)
{
	const uint8_t *h = cursor_take(in, IPV4_HEADER);
	uint16_t flags;

	if (!h || h[0] >> 4 != 4 || (h[0] & 15) < IPV4_HEADER / 4)
		return false;
	flags = load_be16(h + 6);
	q->src = addr_v4(h + 12);
	q->dst = addr_v4(h + 16);
	q->protocol = h[9];
	q->ttl = h[8];
	q->df = flags & FLAG_DF;
	q->fragment = flags & FRAGMENT;
	q->fragment_offset = (flags & OFFSET_MASK) * 8u;
	q->id = load_be16(h + 4);
	q->total_len = load_be16(h + 2);
	cursor_skip(in, (h[0] & 15) * 4u - IPV4_HEADER);
	return in->state == WIRE_WHOLE;
}

static bool read_ipv6(struct quote *q, struct cursor *in)
{
	const uint8_t *h = cursor_take(in, IPV6_HEADER);
	struct ip_header ip;

	if (!h)
		return false;
	ipv6_read_fixed(&ip, h);
	ipv6_read_chain(&ip, in);
	q->src = ip.src;
	q->dst = ip.dst;
	q->protocol = ip.protocol;
	q->ttl = ip.ttl;
	q->df = true;
	q->fragment = ip.fragment;
	q->fragment_offset = ip.fragment_offset;
	q->id = ip.id;
	q->total_len = ip.total_len;
	return true;
}

static bool is_echo(uint8_t protocol, uint8_t type)
{
	return protocol == PROTOCOL_ICMP ? type == 0 || type == 8
					 : type == 128 || type == 129;
}

static void read_transport(struct quote *q, struct cursor *in)
{
	const uint8_t *h = cursor_take(in, TRANSPORT_BYTES);

	if (!h)
		return;
	switch (q->protocol) {
	case PROTOCOL_TCP:
		q->seq = load_be32(h + 4);
		/* fallthrough */
	case PROTOCOL_UDP:
	case PROTOCOL_UDPLITE:
	case PROTOCOL_SCTP:
		q->src_port = load_be16(h);
		q->dst_port = load_be16(h + 2);
		q->has_ports = true;
		break;
	case PROTOCOL_ICMP:
	case PROTOCOL_ICMPV6:
		q->src_port = load_be16(h + 4);
		q->dst_port = load_be16(h + 6);
		q->has_ports = is_echo(q->protocol, h[0]);
		break;
	default:
		break;
	}
}

void quote_read(struct quote *q, struct cursor in)
{
	memset(q, 0, sizeof(*q));
	cursor_open_end(&in);
	if (in.kept == 0)
		return;
	q->present = in.at[0] >> 4 == 6 ? read_ipv6(q, &in) : read_ipv4(q, &in);
	if (!q->present)
		memset(q, 0, sizeof(*q));
	else if (q->fragment_offset == 0 && in.state == WIRE_WHOLE)
		read_transport(q, &in);
}
