/* SPDX-License-Identifier: BSD-3-Clause */
/* community.c - Community ID version 1
 * (github.com/corelight/community-id-spec). */
#include "report/community.h"

#include <string.h>

#include <netinet/in.h>
#include <openssl/evp.h>

enum { SHA1_BYTES = 20, TUPLE_BYTES = 2 + 16 + 16 + 2 + 4 };

/* Message types that ask and answer each other: the answer's type stands where
 * the port of the other end would. */
struct icmp_pair {
	uint8_t protocol, asks, answers;
};

static const struct icmp_pair pairs[] = {
	{IPPROTO_ICMP, 8, 0},	    {IPPROTO_ICMP, 10, 9},
	{IPPROTO_ICMP, 13, 14},	    {IPPROTO_ICMP, 15, 16},
	{IPPROTO_ICMP, 17, 18},	    {IPPROTO_ICMPV6, 128, 129},
	{IPPROTO_ICMPV6, 130, 131}, {IPPROTO_ICMPV6, 133, 134},
	{IPPROTO_ICMPV6, 135, 136}, {IPPROTO_ICMPV6, 139, 140},
	{IPPROTO_ICMPV6, 144, 145},
};

static bool is_icmp(uint8_t protocol)
{
	return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

static bool has_ports(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP ||
	       protocol == IPPROTO_SCTP || is_icmp(protocol);
}

/* Put the counterpart of the type in place of the code; false: one way only. */
static bool icmp_two_way(struct flow *f)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (f->protocol != pairs[i].protocol)
			continue;
		if (f->src_port == pairs[i].asks) {
			f->dst_port = pairs[i].answers;
			return true;
		}
		if (f->src_port == pairs[i].answers) {
			f->dst_port = pairs[i].asks;
			return true;
		}
	}
	return false;
}

/* Whether the smaller end comes first, as the specification wants it. */
static bool is_ordered(const struct flow *f)
{
	int c = memcmp(f->src.bytes, f->dst.bytes, sizeof(f->src.bytes));

	return c < 0 || (c == 0 && f->src_port < f->dst_port);
}

static size_t put_u16(uint8_t *to, uint16_t v)
{
	to[0] = (uint8_t)(v >> 8);
	to[1] = (uint8_t)v;
	return 2;
}

/* The bytes that are hashed; returns how many. */
static size_t tuple_bytes(const struct flow *f, uint8_t out[TUPLE_BYTES])
{
	size_t size = f->src.family == 4 ? 4 : 16, n = 0;

	n += put_u16(out, 0); /* the seed */
	memcpy(out + n, f->src.bytes, size);
	n += size;
	memcpy(out + n, f->dst.bytes, size);
	n += size;
	out[n++] = f->protocol;
	out[n++] = 0;
	if (has_ports(f->protocol)) {
		n += put_u16(out + n, f->src_port);
		n += put_u16(out + n, f->dst_port);
	}
	return n;
}

bool community_id(const struct flow *f, char out[static COMMUNITY_TEXT])
{
	struct flow way = *f;
	uint8_t tuple[TUPLE_BYTES], digest[EVP_MAX_MD_SIZE];
	bool one_way = is_icmp(way.protocol) && !icmp_two_way(&way);
	unsigned size = 0;

	out[0] = '\0';
	if (!f->src.family || f->src.family != f->dst.family)
		return false;
	if (!one_way && !is_ordered(&way))
		way = flow_reverse(&way);
	if (!EVP_Digest(tuple, tuple_bytes(&way, tuple), digest, &size,
			EVP_sha1(), NULL) ||
	    size != SHA1_BYTES)
		return false;
	out[0] = '1';
	out[1] = ':';
	EVP_EncodeBlock((unsigned char *)out + 2, digest, SHA1_BYTES);
	return true;
}

bool community_of(const struct flow *f, char out[static COMMUNITY_TEXT])
{
	struct flow echo = *f;

	if (is_icmp(f->protocol)) {
		echo.src_port = f->protocol == IPPROTO_ICMP ? 8 : 128;
		echo.dst_port = 0;
	}
	return community_id(&echo, out);
}
