/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * usual.c - Ethernet, IPv4 without options and fragments or IPv6 without
 * extensions, UDP or TCP: nearly all frames, in a straight line.
 *
 * It decides nothing: what is not as usual in any way is left to the dissector
 * of its protocol.
 */
#include "dissectors/usual.h"

#include "dissectors/fixed.h"
#include "dissectors/ipv6.h"

enum {
	LINKTYPE_ETHERNET = 1,
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_IPV6 = 0x86dd,
	VERSION_AND_LENGTH = 0x45,
	IP_TCP = 6,
	IP_UDP = 17
};

/* Where the walk stands: what the capture has and the sender declared. */
struct place {
	const uint8_t *at;
	uint32_t kept, sent;
};

static void layer_fill(struct layer *layer, enum protocol proto,
		       uint32_t offset)
{
	layer->proto = proto;
	layer->state = WIRE_WHOLE;
	layer->offset = offset;
	layer->bad = NULL;
	layer->bad_value = 0;
}

static void step(struct place *in, uint32_t n)
{
	in->at += n;
	in->kept -= n;
	in->sent -= n;
}

/* What follows is no longer than that. */
static void cut(struct place *in, uint32_t sent)
{
	in->sent = sent;
	if (in->kept > sent)
		in->kept = sent;
}

/* The header is whole, and the packet ends within the frame. */
static bool is_ipv4(const struct place *in)
{
	const uint8_t *h = in->at;
	uint32_t total;

	if (in->kept < IPV4_HEADER || h[0] != VERSION_AND_LENGTH)
		return false;
	total = load_be16(h + 2);
	return total >= IPV4_HEADER && total <= in->sent &&
	       !(load_be16(h + 6) & (IPV4_MF | IPV4_OFFSET));
}

static bool is_ipv6(const struct place *in)
{
	const uint8_t *h = in->at;
	uint32_t length;

	if (in->kept < IPV6_HEADER || h[0] >> 4 != 6 ||
	    (h[6] != IP_TCP && h[6] != IP_UDP))
		return false;
	length = load_be16(h + 4);
	return length > 0 && length <= in->sent - IPV6_HEADER;
}

static void ipv4_fill(struct ip_header *ip, struct place *in)
{
	const uint8_t *h = in->at;

	ipv4_read(ip, h);
	ip->checksum_zero = h[10] == 0 && h[11] == 0;
	ip->checksum_bad = !ip->checksum_zero && !ipv4_sums_up(h);
	step(in, IPV4_HEADER);
	cut(in, ip->total_len - IPV4_HEADER);
}

static void ipv6_fill(struct ip_header *ip, struct place *in)
{
	ipv6_read_fixed(ip, in->at);
	step(in, IPV6_HEADER);
	cut(in, ip->total_len - IPV6_HEADER);
}

/* Both outer layers; NULL if one of them is unusual. */
static struct layer *ip_usual(struct packet *p, struct place *in)
{
	struct layer *eth = &p->layers[0], *layer = &p->layers[1];
	const uint8_t *h = in->at;
	uint16_t type;
	bool v4;

	if (p->frame.link_type != LINKTYPE_ETHERNET ||
	    in->kept < ETHERNET_HEADER)
		return NULL;
	type = load_be16(h + 12);
	step(in, ETHERNET_HEADER);
	v4 = type == ETHERTYPE_IPV4;
	if (v4 ? !is_ipv4(in) : type != ETHERTYPE_IPV6 || !is_ipv6(in))
		return NULL;
	layer_fill(eth, PROTO_ethernet, 0);
	ethernet_read(&eth->as.link, h);
	layer_fill(layer, v4 ? PROTO_ipv4 : PROTO_ipv6, ETHERNET_HEADER);
	if (v4)
		ipv4_fill(&layer->as.ip, in);
	else
		ipv6_fill(&layer->as.ip, in);
	p->eth = eth;
	p->ip = p->outer_ip = layer;
	p->layer_count = 2;
	return layer;
}

static bool tcp_usual(struct packet *p, struct place *in, uint32_t offset)
{
	struct layer *layer = &p->layers[2];
	struct tcp_header *tcp = &layer->as.tcp;
	const uint8_t *options = in->at + TCP_HEADER;
	uint32_t size;
	uint8_t kind;

	if (in->kept < TCP_HEADER)
		return false;
	size = (in->at[12] >> 4) * 4u;
	if (size < TCP_HEADER || size > in->kept)
		return false;
	tcp_read(tcp, in->at);
	tcp->payload_len = in->sent - size;
	if (!tcp_read_common(tcp, options, size - TCP_HEADER) &&
	    !tcp_read_options(tcp, options, size - TCP_HEADER, &kind))
		return false;
	layer_fill(layer, PROTO_tcp, offset);
	step(in, size);
	p->tcp = layer;
	p->layer_count = 3;
	return true;
}

static bool udp_usual(struct packet *p, struct place *in, uint32_t offset)
{
	struct layer *layer = &p->layers[2];
	struct udp_header *udp = &layer->as.udp;
	uint16_t length;

	if (in->kept < UDP_HEADER)
		return false;
	length = load_be16(in->at + 4);
	if (length < UDP_HEADER || length > in->sent)
		return false;
	layer_fill(layer, PROTO_udp, offset);
	udp_read(udp, in->at);
	step(in, UDP_HEADER);
	cut(in, length - UDP_HEADER);
	p->udp = layer;
	p->layer_count = 3;
	return true;
}

struct claim usual_dissect(struct packet *p)
{
	const struct frame *frame = &p->frame;
	struct claim next = {BY_LINK_TYPE, frame->link_type};
	struct place in = {frame->data, frame->kept, frame->sent};
	const struct layer *ip;
	uint32_t offset;

	if (in.kept > in.sent)
		return next;
	ip = ip_usual(p, &in);
	if (!ip)
		return next;
	offset = ETHERNET_HEADER + ip->as.ip.header_len;
	next = (struct claim){BY_IP_PROTO, ip->as.ip.protocol};
	if (next.label == IP_TCP && tcp_usual(p, &in, offset))
		next.space = BY_NOTHING;
	else if (next.label == IP_UDP && udp_usual(p, &in, offset))
		next = (struct claim){BY_UDP_PORT, p->udp->as.udp.dst_port};
	p->payload = cursor_over(in.at, in.kept, in.sent);
	return next;
}
