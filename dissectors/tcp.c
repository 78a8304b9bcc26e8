/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp.c - the TCP header and its options.  RFC 9293; options: RFC 7323 (scale,
 * timestamps), 2018 and 2883 (SACK), 7413 (Fast Open), 8684 (MPTCP), 2385
 * (MD5).
 *
 * A receiver takes a segment whose options are wrong, so it stays the packet's
 * TCP layer; one whose data offset is wrong is dropped.
 */
#include "dissectors/fixed.h"

enum {
	KIND_END = 0,
	KIND_NOP = 1,
	KIND_MSS = 2,
	KIND_SCALE = 3,
	KIND_SACK_OK = 4,
	KIND_SACK = 5,
	KIND_TIMESTAMPS = 8,
	KIND_MD5 = 19,
	KIND_MPTCP = 30,
	KIND_FAST_OPEN = 34,
	KIND_EXPERIMENT = 254, /* RFC 6994 */
	FAST_OPEN_MAGIC = 0xf989,
	LAYOUT_KINDS = 16,
	LAYOUT_OTHER = 15,
};

static void read_sack(struct tcp_header *tcp, const uint8_t *value,
		      uint32_t size)
{
	for (; size >= 8 && tcp->sack_count < SACK_MAX; size -= 8, value += 8) {
		tcp->sack[tcp->sack_count].start = load_be32(value);
		tcp->sack[tcp->sack_count].end = load_be32(value + 4);
		tcp->sack_count++;
	}
}

/* One option with its value; kinds of an unusual size are left alone. */
static void read_option(struct tcp_header *tcp, uint8_t kind,
			const uint8_t *value, uint32_t size)
{
	if (kind == KIND_TIMESTAMPS && size == 8) {
		tcp_read_timestamps(tcp, value);
	} else if (kind == KIND_SACK) {
		read_sack(tcp, value, size);
	} else if (kind == KIND_MSS && size == 2) {
		tcp->has_mss = true;
		tcp->mss = load_be16(value);
	} else if (kind == KIND_SCALE && size == 1) {
		tcp->has_wscale = true;
		tcp->wscale = value[0];
	} else if (kind == KIND_SACK_OK && size == 0) {
		tcp->sack_permitted = true;
	} else if (kind == KIND_MD5) {
		tcp->has_md5 = true;
	} else if (kind == KIND_MPTCP) {
		tcp->has_mptcp = true;
	} else if (kind == KIND_FAST_OPEN ||
		   (kind == KIND_EXPERIMENT && size >= 2 &&
		    load_be16(value) == FAST_OPEN_MAGIC)) {
		tcp->has_tfo = true;
	}
}

static uint64_t layout_kind(uint8_t kind)
{
	return kind < LAYOUT_OTHER ? kind : LAYOUT_OTHER;
}

bool tcp_read_options(struct tcp_header *tcp, const uint8_t *at, uint32_t size,
		      uint8_t *kind)
{
	uint32_t i = 0;

	for (unsigned n = 0; i < size && at[i] != KIND_END; n++) {
		*kind = at[i];
		if (n < LAYOUT_KINDS)
			tcp->option_layout |= layout_kind(*kind) << (n * 4);
		if (*kind == KIND_NOP) {
			i++;
			continue;
		}
		if (size - i < 2 || at[i + 1] < 2 || at[i + 1] > size - i)
			return false;
		read_option(tcp, *kind, at + i + 2, at[i + 1] - 2);
		i += at[i + 1];
	}
	return true;
}

/*
 * What the capture kept of the options: time stamps and blocks that are there
 * whole are what they are.  What an opening offers is judged by all of it or
 * not at all.
 */
static void read_kept(struct tcp_header *tcp, const uint8_t *at, uint32_t kept)
{
	uint32_t i = 0;

	while (i < kept && at[i] != KIND_END && !(tcp->flags & TCP_SYN)) {
		uint32_t left = kept - i, size;

		if (at[i] == KIND_NOP) {
			i++;
			continue;
		}
		if (left < 2 || at[i + 1] < 2)
			return;
		size = at[i + 1] < left ? at[i + 1] : left;
		if (at[i] == KIND_TIMESTAMPS && size == 10)
			tcp_read_timestamps(tcp, at + i + 2);
		if (at[i] == KIND_SACK) {
			read_sack(tcp, at + i + 2, size - 2);
			tcp->sack_cut = size < at[i + 1];
		}
		i += size;
	}
}

static bool offset_agrees(struct dissection *d, uint32_t header_len)
{
	if (header_len < TCP_HEADER)
		layer_bad(d, "data offset below 5", header_len / 4);
	else if (header_len - TCP_HEADER > d->in->sent && !d->in->open_end)
		layer_bad(d, "data offset past the end", header_len / 4);
	return d->layer->state == WIRE_WHOLE;
}

static void tcp_dissect(struct dissection *d)
{
	struct tcp_header *tcp = &d->layer->as.tcp;
	const uint8_t *h = cursor_take(d->in, TCP_HEADER);
	const uint8_t *options;
	struct cursor kept;
	uint32_t size, sent;
	uint8_t kind = 0;

	if (!h)
		return;
	tcp_read(tcp, h);
	if (!offset_agrees(d, tcp->header_len))
		return;
	d->packet->tcp = d->layer;
	size = tcp->header_len - TCP_HEADER;
	sent = d->in->sent;
	tcp->payload_len = sent > size ? sent - size : 0;
	kept = *d->in;
	options = cursor_take(d->in, size);
	if (!options) {
		read_kept(tcp, kept.at, kept.kept < size ? kept.kept : size);
		return;
	}
	if (!tcp_read_common(tcp, options, size) &&
	    !tcp_read_options(tcp, options, size, &kind))
		layer_bad(d, "option runs past the header", kind);
}

const struct dissector tcp_dissector = {
	.name = "tcp",
	.spec = "RFC 9293",
	.claims = {{BY_IP_PROTO, 6}},
	.dissect = tcp_dissect,
};
