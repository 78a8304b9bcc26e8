/* SPDX-License-Identifier: BSD-3-Clause */
/* ipv4.c - the IPv4 header and its options.  RFC 791. */
#include "dissectors/checksum.h"
#include "dissectors/fixed.h"

enum {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_LOOSE_ROUTE = 131,
	OPTION_STRICT_ROUTE = 137,
	OPTION_ROUTER_ALERT = 148,
};

/* Offloaded packets are captured before the length is filled in.  A length that
 * the frame does not hold is wrong, but mostly because a tool has cut the frame
 * and forgotten how long it was: the rest is read as if it were cut. */
static bool lengths_agree(struct dissection *d, struct ip_header *ip)
{
	uint32_t there = d->in->sent + IPV4_HEADER;

	if (ip->header_len < IPV4_HEADER) {
		layer_bad(d, "header length below 20", ip->header_len);
	} else if (ip->total_len == 0) {
		ip->length_zero = true;
		ip->total_len = there;
		if (ip->header_len > there)
			layer_bad(d, "header length beyond the frame",
				  ip->header_len);
	} else if (ip->total_len < ip->header_len) {
		layer_bad(d, "total length below header length", ip->total_len);
	} else if (ip->total_len > there && !d->in->open_end) {
		layer_bad(d, "total length beyond the frame", ip->total_len);
		cursor_open_end(d->in);
		return true;
	}
	return d->layer->state == WIRE_WHOLE;
}

/* False if an option runs past the header. */
static bool read_options(struct ip_header *ip, const uint8_t *at, uint32_t size)
{
	uint32_t i = 0;

	while (i < size && at[i] != OPTION_END) {
		if (at[i] == OPTION_NOP) {
			i++;
			continue;
		}
		if (size - i < 2 || at[i + 1] < 2 || at[i + 1] > size - i)
			return false;
		ip->router_alert |= at[i] == OPTION_ROUTER_ALERT;
		ip->source_routed |= at[i] == OPTION_LOOSE_ROUTE ||
				     at[i] == OPTION_STRICT_ROUTE;
		i += at[i + 1];
	}
	return true;
}

/* Whether the header is all there and right. */
static bool rest_of_header(struct dissection *d, struct ip_header *ip,
			   const uint8_t *h)
{
	uint32_t size = ip->header_len - IPV4_HEADER;
	const uint8_t *options = cursor_take(d->in, size);
	uint64_t sum;

	if (!options)
		return false;
	sum = ipv4_sum(h);
	if (size) {
		sum = checksum_add(sum, options, size);
		if (!read_options(ip, options, size)) {
			layer_bad(d, "option runs past the header", size);
			return false;
		}
	}
	ip->checksum_zero = h[10] == 0 && h[11] == 0;
	ip->checksum_bad = !ip->checksum_zero && checksum_end(sum) != 0;
	return true;
}

/* Only the first fragment holds the next header, and perhaps not all of it. */
static void ipv4_dissect(struct dissection *d)
{
	struct ip_header *ip = &d->layer->as.ip;
	const uint8_t *h = cursor_take(d->in, IPV4_HEADER);
	bool whole;

	if (!h)
		return;
	if (h[0] >> 4 != 4) {
		layer_bad(d, "version is not 4", h[0] >> 4);
		return;
	}
	ipv4_read(ip, h);
	if (!lengths_agree(d, ip))
		return;
	whole = rest_of_header(d, ip, h);
	if (whole || d->in->state == WIRE_TRUNCATED)
		packet_set_ip(d);
	if (!whole)
		return;
	*d->in = cursor_sub(d->in, ip->total_len - ip->header_len);
	if (ip->fragment)
		cursor_open_end(d->in);
	if (ip->fragment_offset == 0)
		d->next = (struct claim){BY_IP_PROTO, ip->protocol};
}

const struct dissector ipv4_dissector = {
	.name = "ipv4",
	.spec = "RFC 791",
	.claims = {{BY_ETHERTYPE, 0x0800},
		   {BY_IP_PROTO, 4},
		   {BY_LINK_TYPE, 228},
		   {BY_PPP, 0x0021}},
	.dissect = ipv4_dissect,
};
