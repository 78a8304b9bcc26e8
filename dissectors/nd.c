/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * nd.c - Neighbour Discovery, the part of ICMPv6 with options.  RFC 4861;
 * nonce: RFC 3971, resolvers: RFC 8106, routes: RFC 4191.
 */
#include "dissectors/nd.h"

#include "dissectors/quote.h"

enum {
	OPTION_SOURCE_LLA = 1,
	OPTION_TARGET_LLA = 2,
	OPTION_PREFIX = 3,
	OPTION_REDIRECTED = 4,
	OPTION_MTU = 5,
	OPTION_NONCE = 14,
	OPTION_ROUTE = 24,
	OPTION_RDNSS = 25,
	PREFIXES_MAX = 4,
	RESOLVERS_MAX = 3,
	FLAG_ROUTER = 0x80,
	FLAG_SOLICITED = 0x40,
	FLAG_OVERRIDE = 0x20,
};

static struct addr cursor_addr(struct cursor *c)
{
	uint8_t bytes[16];

	cursor_copy(c, bytes, sizeof(bytes));
	return addr_v6(bytes);
}

static void read_prefix(struct icmp_header *icmp, struct cursor *in)
{
	unsigned n = icmp->ra.prefixes;
	uint8_t flags;

	if (n == PREFIXES_MAX)
		return;
	icmp->ra.prefix[n].bits = cursor_u8(in);
	flags = cursor_u8(in);
	icmp->ra.prefix[n].on_link = flags & 0x80;
	icmp->ra.prefix[n].autonomous = flags & 0x40;
	icmp->ra.prefix[n].valid_s = cursor_u32(in);
	icmp->ra.prefix[n].preferred_s = cursor_u32(in);
	cursor_skip(in, 4);
	icmp->ra.prefix[n].prefix = cursor_addr(in);
	icmp->ra.prefixes += in->state == WIRE_WHOLE;
}

static void read_resolvers(struct icmp_header *icmp, struct cursor *in)
{
	cursor_skip(in, 6);
	while (in->sent >= 16 && icmp->ra.resolvers < RESOLVERS_MAX) {
		icmp->ra.resolver[icmp->ra.resolvers] = cursor_addr(in);
		if (in->state != WIRE_WHOLE)
			break;
		icmp->ra.resolvers++;
	}
}

static void read_nonce(struct icmp_header *icmp, struct cursor *in)
{
	icmp->has_nonce = true;
	for (unsigned i = 0; i < 8 && in->kept > 0; i++)
		icmp->nonce = icmp->nonce << 8 | cursor_u8(in);
}

/* An option's value; types of no interest and short values leave no trace. */
static void read_option(struct icmp_header *icmp, uint8_t type,
			struct cursor *value)
{
	switch (type) {
	case OPTION_SOURCE_LLA:
	case OPTION_TARGET_LLA:
		cursor_copy(value, &icmp->lladdr, sizeof(icmp->lladdr));
		icmp->has_lladdr = value->state == WIRE_WHOLE;
		break;
	case OPTION_PREFIX:
		read_prefix(icmp, value);
		break;
	case OPTION_REDIRECTED:
		cursor_skip(value, 6);
		quote_read(&icmp->quote, *value);
		icmp->is_error = icmp->quote.present;
		break;
	case OPTION_MTU:
		cursor_skip(value, 2);
		icmp->ra.mtu = cursor_u32(value);
		break;
	case OPTION_NONCE:
		read_nonce(icmp, value);
		break;
	case OPTION_ROUTE:
		if (icmp->ra.routes < UINT8_MAX)
			icmp->ra.routes++;
		break;
	case OPTION_RDNSS:
		read_resolvers(icmp, value);
		break;
	default:
		break;
	}
}

/* RFC 4861 6.1: a message with an option of length 0 is discarded. */
static void read_options(struct dissection *d, struct icmp_header *icmp)
{
	struct cursor *in = d->in;

	while (in->sent > 0 && in->state == WIRE_WHOLE) {
		uint8_t type = cursor_u8(in);
		uint32_t length = cursor_u8(in) * 8u;
		struct cursor value;

		if (in->state != WIRE_WHOLE)
			return;
		if (length == 0) {
			layer_bad(d, "option of length 0", type);
			return;
		}
		value = cursor_part(in, length - 2);
		read_option(icmp, type, &value);
	}
}

static void read_router(struct icmp_header *icmp, struct cursor *in)
{
	icmp->ra.hop_limit = cursor_u8(in);
	icmp->ra.flags = cursor_u8(in);
	icmp->ra.lifetime_s = cursor_u16(in);
	cursor_skip(in, 8);
}

void nd_read(struct dissection *d, struct icmp_header *icmp)
{
	uint8_t flags;

	if (icmp->type == ND_ROUTER_ADVERTISEMENT) {
		read_router(icmp, d->in);
		read_options(d, icmp);
		return;
	}
	flags = cursor_u8(d->in);
	cursor_skip(d->in, 3);
	if (icmp->type == ND_NEIGHBOR_ADVERTISEMENT) {
		icmp->router = flags & FLAG_ROUTER;
		icmp->solicited = flags & FLAG_SOLICITED;
		icmp->override = flags & FLAG_OVERRIDE;
	}
	if (icmp->type == ND_REDIRECT)
		icmp->gateway = cursor_addr(d->in);
	if (icmp->type != ND_ROUTER_SOLICITATION)
		icmp->target = cursor_addr(d->in);
	read_options(d, icmp);
}
