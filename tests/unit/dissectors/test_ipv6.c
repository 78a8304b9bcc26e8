/* SPDX-License-Identifier: BSD-3-Clause */
/* test_ipv6.c - the IPv6 header and its extension headers. */
#include "unit/wire.h"

static struct packet p;

#define ADDRESSES                                                              \
	"20010db8000000000000000000000001 20010db8000000000000000000000002 "

static void test_fields(void **state)
{
	struct wire_bytes b =
		wire_hex("6b8 12345 # class, flow label\n"
			 "0004 fd 40 # length, next, hops\n" ADDRESSES
			 "01020304 # payload\n"
			 "0000 # padding");
	const struct ip_header *ip;

	(void)state;
	wire_packet(&p, WIRE_IPV6, &b);
	assert_ptr_equal(p.ip, &p.layers[0]);
	ip = &p.ip->as.ip;
	assert_addr(&ip->src, "2001:db8::1");
	assert_addr(&ip->dst, "2001:db8::2");
	assert_int_equal(ip->version, 6);
	assert_int_equal(ip->tos, 0xb8);
	assert_int_equal(ip->protocol, 0xfd);
	assert_int_equal(ip->ttl, 64);
	assert_int_equal(ip->header_len, 40);
	assert_int_equal(ip->total_len, 44);
	assert_true(ip->df);
	assert_false(ip->fragment || ip->jumbo || ip->length_zero);
	assert_int_equal(p.payload.sent, 4);
	assert_every_prefix(WIRE_IPV6, &b, PROTO_ipv6, 40);
}

static void test_extension_headers(void **state)
{
	struct wire_bytes b =
		wire_hex("60000000 0038 00 01" ADDRESSES
			 "2b 00 0502 0000 0100 # hop-by-hop: alert\n"
			 "33 00 0001 00000000 # routing, 1 segment left\n"
			 "3c 02 0000 00000001 00000002 00000000 # AH\n"
			 "11 01 0104 00000000 0106 000000000000 # destination\n"
			 "0035 9c40 0008 0000");
	const struct ip_header *ip;

	(void)state;
	wire_packet(&p, WIRE_IPV6, &b);
	assert_int_equal(p.state, WIRE_WHOLE);
	ip = &p.ip->as.ip;
	assert_true(ip->router_alert && ip->source_routed);
	assert_int_equal(ip->protocol, 17);
	assert_int_equal(ip->header_len, 40 + 8 + 8 + 16 + 16);
	assert_int_equal(ip->total_len, 40 + 56);
	assert_non_null(p.udp);
	assert_every_prefix(WIRE_IPV6, &b, PROTO_ipv6, 88);
}

static void test_fragments(void **state)
{
	struct wire_bytes b =
		wire_hex("60000000 0010 2c 40" ADDRESSES
			 "11 00 0001 deadbeef # first of several\n"
			 "0035 9c40 05dc 0000");

	(void)state;
	wire_packet(&p, WIRE_IPV6, &b);
	assert_true(p.ip->as.ip.fragment && p.ip->as.ip.more);
	assert_int_equal(p.ip->as.ip.id, 0xdeadbeef);
	assert_int_equal(p.ip->as.ip.header_len, 48);
	assert_int_equal(p.state, WIRE_WHOLE);
	assert_non_null(p.udp);
	b.at[42] = 5;
	b.at[43] = 0xa8;
	wire_packet(&p, WIRE_IPV6, &b);
	assert_int_equal(p.ip->as.ip.fragment_offset, 1448);
	assert_false(p.ip->as.ip.more);
	assert_int_equal(p.ip->as.ip.protocol, 17);
	assert_null(p.udp);
	assert_int_equal(p.payload.kept, 8);
	b.at[42] = b.at[43] = 0;
	b.at[53] = 8;
	b.at[52] = 0;
	wire_packet(&p, WIRE_IPV6, &b);
	assert_false(p.ip->as.ip.fragment); /* atomic: RFC 6946 */
	assert_non_null(p.udp);
}

static void test_jumbo_and_offload(void **state)
{
	struct wire_bytes b = wire_hex("60000000 0000 00 40" ADDRESSES
				       "fd 00 c204 0000000c # jumbo: 12\n"
				       "01020304 # payload\n"
				       "0000");

	(void)state;
	wire_packet(&p, WIRE_IPV6, &b);
	assert_true(p.ip->as.ip.jumbo);
	assert_false(p.ip->as.ip.length_zero);
	assert_int_equal(p.ip->as.ip.total_len, 52);
	assert_int_equal(p.payload.sent, 4);
	b = wire_hex("60000000 0000 fd 40" ADDRESSES "010203");
	wire_packet(&p, WIRE_IPV6, &b);
	assert_true(p.ip->as.ip.length_zero);
	assert_int_equal(p.ip->as.ip.total_len, 43);
	assert_int_equal(p.payload.sent, 3);
	b.at[6] = 59;
	wire_packet(&p, WIRE_IPV6, &b);
	assert_false(p.ip->as.ip.length_zero);
	assert_int_equal(p.payload.sent, 0);
	assert_int_equal(p.state, WIRE_WHOLE);
}

static void test_contradictions(void **state)
{
	struct wire_bytes b = wire_hex("50000000 0000 3b 40" ADDRESSES);

	(void)state;
	wire_packet(&p, WIRE_IPV6, &b);
	assert_string_equal(p.layers[0].bad, "version is not 6");
	b.at[0] = 0x60;
	b.at[5] = 9;
	wire_packet(&p, WIRE_IPV6, &b);
	assert_string_equal(p.layers[0].bad, "payload length beyond the frame");
	assert_int_equal(p.layers[0].bad_value, 9);
	b = wire_hex("60000000 0008 00 40" ADDRESSES "3b 01 0000 00000000");
	wire_packet(&p, WIRE_IPV6, &b);
	assert_int_equal(p.state, WIRE_MALFORMED);
	assert_null(p.ip);
}

/* Ten headers of eight bytes are read, what follows is a payload. */
static void test_endless_chain(void **state)
{
	struct wire_bytes b = wire_hex("60000000 0000 3c 40" ADDRESSES);

	(void)state;
	b.at[4] = 800 >> 8;
	b.at[5] = 800 & 255;
	for (unsigned i = 0; i < 100; i++) {
		memset(b.at + b.size, 0, 8);
		b.at[b.size] = 60;
		b.size += 8;
	}
	wire_packet(&p, WIRE_IPV6, &b);
	assert_int_equal(p.state, WIRE_WHOLE);
	assert_int_equal(p.ip->as.ip.header_len, 120);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_extension_headers),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_jumbo_and_offload),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_endless_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
