/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fixed.h - the fixed parts of the headers that nearly every frame has, once
 * for the dissector of each protocol and for usual.c.
 */
#ifndef UPSTACK_DISSECTORS_FIXED_H
#define UPSTACK_DISSECTORS_FIXED_H

#include "dissectors/dissector.h"

enum {
	ETHERNET_HEADER = 14,
	IPV4_HEADER = 20,
	IPV4_DF = 0x4000,
	IPV4_MF = 0x2000,
	IPV4_OFFSET = 0x1fff,
	UDP_HEADER = 8,
	TCP_HEADER = 20,
	TCP_USUAL_OPTIONS = 12,	  /* bytes */
	TCP_OPENING_OPTIONS = 20, /* bytes */
	TCP_USUAL_FIRST = 0x0101080a,
};

static inline void ethernet_read(struct link_header *link, const uint8_t *h)
{
	uint16_t type = load_be16(h + 12);

	memcpy(&link->dst, h, sizeof(link->dst));
	memcpy(&link->src, h + 6, sizeof(link->src));
	link->has_src = link->has_dst = true;
	link->ethertype = type > LENGTH_MAX ? type : 0;
	link->length = type > LENGTH_MAX ? 0 : type;
	link->packet_type = 255;
	link->ifindex = 0;
}

static inline void ipv4_read(struct ip_header *ip, const uint8_t *h)
{
	uint16_t flags = load_be16(h + 6);

	*ip = (struct ip_header){
		.src.family = 4,
		.dst.family = 4,
		.version = 4,
		.protocol = h[9],
		.ttl = h[8],
		.tos = h[1],
		.df = flags & IPV4_DF,
		.more = flags & IPV4_MF,
		.fragment = flags & (IPV4_MF | IPV4_OFFSET),
		.id = load_be16(h + 4),
		.fragment_offset = (flags & IPV4_OFFSET) * 8u,
		.header_len = (h[0] & 15) * 4u,
		.total_len = load_be16(h + 2),
	};
	memcpy(ip->src.bytes, h + 12, 4);
	memcpy(ip->dst.bytes, h + 16, 4);
}

/* checksum_add of the fixed header, unrolled: every packet needs it. */
static inline uint64_t ipv4_sum(const uint8_t *h)
{
	uint64_t a, b;
	uint32_t last;

	memcpy(&a, h, sizeof(a));
	memcpy(&b, h + 8, sizeof(b));
	memcpy(&last, h + 16, sizeof(last));
	return (a & UINT32_MAX) + (a >> 32) + (b & UINT32_MAX) + (b >> 32) +
	       last;
}

/* Whether a header without options holds its right checksum: the sum of all
 * words is 0xffff, or a multiple of it (RFC 1071). */
static inline bool ipv4_sums_up(const uint8_t *h)
{
	return ipv4_sum(h) % 0xffff == 0;
}

static inline void udp_read(struct udp_header *udp, const uint8_t *h)
{
	udp->src_port = load_be16(h);
	udp->dst_port = load_be16(h + 2);
	udp->length = load_be16(h + 4);
	udp->checksum = load_be16(h + 6);
}

static inline void tcp_read(struct tcp_header *tcp, const uint8_t *h)
{
	tcp->src_port = load_be16(h);
	tcp->dst_port = load_be16(h + 2);
	tcp->seq = load_be32(h + 4);
	tcp->ack = load_be32(h + 8);
	tcp->header_len = (h[12] >> 4) * 4;
	tcp->flags = h[13];
	tcp->window = load_be16(h + 14);
	tcp->checksum = load_be16(h + 16);
	tcp->urgent = load_be16(h + 18);
	tcp->payload_len = 0;
	tcp->sack_count = 0;
	tcp->has_ts = tcp->has_mss = tcp->has_wscale = false;
	tcp->sack_permitted = tcp->has_tfo = tcp->has_mptcp = false;
	tcp->has_md5 = false;
	tcp->wscale = 0;
	tcp->mss = 0;
	tcp->tsval = tcp->tsecr = 0;
	tcp->option_layout = 0;
}

static inline void tcp_read_timestamps(struct tcp_header *tcp,
				       const uint8_t *value)
{
	tcp->has_ts = true;
	tcp->tsval = load_be32(value);
	tcp->tsecr = load_be32(value + 4);
}

/* The options NOP, NOP, timestamps, which nearly every segment has: they begin
 * with TCP_USUAL_FIRST. */
static inline void tcp_read_usual(struct tcp_header *tcp,
				  const uint8_t *options)
{
	tcp_read_timestamps(tcp, options + 4);
	tcp->option_layout = 0x811;
}

/* What most stacks put into a SYN: MSS, SACK permitted, timestamps, NOP, window
 * scale.  False, and nothing is read, if it is not that. */
static inline bool tcp_read_opening(struct tcp_header *tcp,
				    const uint8_t *options)
{
	if (load_be16(options) != 0x0204 ||
	    load_be32(options + 4) != 0x0402080a ||
	    load_be32(options + 16) >> 8 != 0x010303)
		return false;
	tcp->has_mss = true;
	tcp->mss = load_be16(options + 2);
	tcp->sack_permitted = true;
	tcp_read_timestamps(tcp, options + 8);
	tcp->has_wscale = true;
	tcp->wscale = options[19];
	tcp->option_layout = 0x31842;
	return true;
}

/* Either of these two; false, and nothing is read, if it is none. */
static inline bool tcp_read_common(struct tcp_header *tcp,
				   const uint8_t *options, uint32_t size)
{
	if (size == TCP_USUAL_OPTIONS &&
	    load_be32(options) == TCP_USUAL_FIRST) {
		tcp_read_usual(tcp, options);
		return true;
	}
	return size == TCP_OPENING_OPTIONS && tcp_read_opening(tcp, options);
}

/* tcp.c: read the options; false, and the kind of the last, if that one runs
 * past the header. */
bool tcp_read_options(struct tcp_header *tcp, const uint8_t *at, uint32_t size,
		      uint8_t *kind);

#endif
