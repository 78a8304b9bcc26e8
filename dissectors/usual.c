/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * usual.c - Ethernet, IPv4 without options and fragments, TCP with no options
 * or only timestamps: nine frames of ten, in a straight line.
 *
 * It decides nothing: what is not as usual in any way is left to the dissector
 * of its protocol.
 */
#include "dissectors/usual.h"

#include "dissectors/checksum.h"
#include "dissectors/fixed.h"

enum {
	LINKTYPE_ETHERNET = 1,
	ETHERTYPE_IPV4 = 0x0800,
	VERSION_AND_LENGTH = 0x45,
	IP_TCP = 6
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

/* Both headers are whole, and the packet ends within the frame. */
static bool is_usual(const struct frame *frame)
{
	const uint8_t *ip = frame->data + ETHERNET_HEADER;
	uint32_t total;

	if (frame->link_type != LINKTYPE_ETHERNET ||
	    frame->kept < ETHERNET_HEADER + IPV4_HEADER ||
	    frame->kept > frame->sent || load_be16(ip - 2) != ETHERTYPE_IPV4 ||
	    ip[0] != VERSION_AND_LENGTH)
		return false;
	total = load_be16(ip + 2);
	return total >= IPV4_HEADER && total <= frame->sent - ETHERNET_HEADER &&
	       !(load_be16(ip + 6) & (IPV4_MF | IPV4_OFFSET));
}

/* The size of a TCP header that is all there, 0 if it is an unusual one. */
static uint32_t tcp_size(const uint8_t *h, uint32_t kept)
{
	uint32_t size;

	if (kept < TCP_HEADER)
		return 0;
	size = (h[12] >> 4) * 4u;
	if (size == TCP_HEADER)
		return size;
	return size == TCP_HEADER + TCP_USUAL_OPTIONS && size <= kept &&
			       load_be32(h + TCP_HEADER) == TCP_USUAL_FIRST
		       ? size
		       : 0;
}

static void tcp_fill(struct packet *p, const uint8_t *h, uint32_t size,
		     uint32_t sent)
{
	struct layer *layer = &p->layers[2];
	struct tcp_header *tcp = &layer->as.tcp;

	layer_fill(layer, PROTO_tcp, ETHERNET_HEADER + IPV4_HEADER);
	tcp_read(tcp, h);
	tcp->payload_len = sent - size;
	if (size > TCP_HEADER)
		tcp_read_usual(tcp, h + TCP_HEADER);
	p->tcp = layer;
	p->layer_count = 3;
}

static void ip_fill(struct packet *p, const uint8_t *h)
{
	struct layer *eth = &p->layers[0], *layer = &p->layers[1];
	struct ip_header *ip = &layer->as.ip;

	layer_fill(eth, PROTO_ethernet, 0);
	ethernet_read(&eth->as.link, h);
	h += ETHERNET_HEADER;
	layer_fill(layer, PROTO_ipv4, ETHERNET_HEADER);
	ipv4_read(ip, h);
	ip->checksum_zero = h[10] == 0 && h[11] == 0;
	ip->checksum_bad = !ip->checksum_zero && !ipv4_sums_up(h);
	p->eth = eth;
	p->ip = p->outer_ip = layer;
	p->layer_count = 2;
}

struct claim usual_dissect(struct packet *p)
{
	const struct frame *frame = &p->frame;
	const uint8_t *h = frame->data;
	struct claim next = {BY_LINK_TYPE, frame->link_type};
	uint32_t skip = ETHERNET_HEADER + IPV4_HEADER, sent, kept, size;

	if (!is_usual(frame))
		return next;
	ip_fill(p, h);
	next = (struct claim){BY_IP_PROTO, h[ETHERNET_HEADER + 9]};
	sent = load_be16(h + ETHERNET_HEADER + 2) - IPV4_HEADER;
	kept = frame->kept - skip;
	kept = kept < sent ? kept : sent;
	h += skip;
	if (next.label == IP_TCP && (size = tcp_size(h, kept)) > 0) {
		tcp_fill(p, h, size, sent);
		h += size;
		kept -= size;
		sent -= size;
		next.space = BY_NOTHING;
	}
	p->payload = cursor_over(h, kept, sent);
	return next;
}
