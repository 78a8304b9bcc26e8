/* SPDX-License-Identifier: BSD-3-Clause */
/* test_ipv4.c - the IPv4 header, its lengths, options and fragments. */
#include "unit/wire.h"

static struct packet p;

#define ADDRESSES "c0000201 c6336402 "

static void test_fields(void **state)
{
	struct wire_bytes b = wire_hex(
		"45 b8 0018 # tos, length 24\n"
		"1234 4000 # id, DF\n"
		"40 fd 3c59 # ttl, protocol, checksum\n" ADDRESSES "01020304");
	const struct ip_header *ip;

	(void)state;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_ptr_equal(p.ip, &p.layers[0]);
	assert_ptr_equal(p.outer_ip, p.ip);
	ip = &p.ip->as.ip;
	assert_addr(&ip->src, "192.0.2.1");
	assert_addr(&ip->dst, "198.51.100.2");
	assert_int_equal(ip->version, 4);
	assert_int_equal(ip->protocol, 0xfd);
	assert_int_equal(ip->ttl, 64);
	assert_int_equal(ip->tos, 0xb8);
	assert_true(ip->df);
	assert_false(ip->more || ip->fragment || ip->length_zero);
	assert_int_equal(ip->id, 0x1234);
	assert_int_equal(ip->header_len, 20);
	assert_int_equal(ip->total_len, 24);
	assert_int_equal(p.payload.kept, 4);
	assert_every_prefix(WIRE_IPV4, &b, PROTO_ipv4, 20);
}

static void test_checksum(void **state)
{
	struct wire_bytes b =
		wire_hex("4500 0034 1234 4000 40fd 3c59" ADDRESSES);

	(void)state;
	b.at[9] = 6;
	b.size = 0x34;
	memset(b.at + 20, 0, b.size - 20);
	b.at[32] = 0x50;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_false(p.ip->as.ip.checksum_bad || p.ip->as.ip.checksum_zero);
	b.at[8] = 63;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_true(p.ip->as.ip.checksum_bad);
	b.at[10] = b.at[11] = 0;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_false(p.ip->as.ip.checksum_bad);
	assert_true(p.ip->as.ip.checksum_zero);
}

static void test_options(void **state)
{
	struct wire_bytes b = wire_hex("4600 0020 0001 0000 0102 82bf"
				       "c0000201 e0000016 94040000"
				       "1600 0904 e00000fb");

	(void)state;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_true(p.ip->as.ip.router_alert);
	assert_false(p.ip->as.ip.checksum_bad || p.ip->as.ip.source_routed);
	assert_int_equal(p.ip->as.ip.header_len, 24);
	assert_int_equal(p.layers[1].proto, PROTO_igmp);
	assert_every_prefix(WIRE_IPV4, &b, PROTO_ipv4, 24);
	b.at[21] = 5;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_null(p.ip);
	assert_string_equal(p.layers[0].bad, "option runs past the header");
}

static void assert_bad(const char *hex, const char *why, uint32_t value)
{
	struct wire_bytes b = wire_hex(hex);

	wire_packet(&p, WIRE_IPV4, &b);
	assert_int_equal(p.state, WIRE_MALFORMED);
	assert_int_equal(p.layers[0].state, WIRE_MALFORMED);
	assert_string_equal(p.layers[0].bad, why);
	assert_int_equal(p.layers[0].bad_value, value);
}

static void test_contradictions(void **state)
{
	(void)state;
	assert_bad("3500 0014 0001 0000 40fd 0000" ADDRESSES,
		   "version is not 4", 3);
	assert_bad("4400 0014 0001 0000 40fd 0000" ADDRESSES,
		   "header length below 20", 16);
	assert_bad("4500 0013 0001 0000 40fd 0000" ADDRESSES,
		   "total length below header length", 19);
	assert_null(p.ip);
	/* A tool may have cut the frame: what is there is still read. */
	assert_bad("4500 0020 0001 0000 4011 0000" ADDRESSES
		   "0035 9c40 000c 0000",
		   "total length beyond the frame", 32);
	assert_non_null(p.ip);
	assert_non_null(p.udp);
	assert_int_equal(p.payload.sent, 4);
}

static void test_padding_and_offload(void **state)
{
	struct wire_bytes b = wire_hex("4500 0014 0001 0000 40fd 0000" ADDRESSES
				       "0000000000");

	(void)state;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_int_equal(p.state, WIRE_WHOLE);
	assert_int_equal(p.payload.sent, 0);
	b.at[3] = 0;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_int_equal(p.state, WIRE_WHOLE);
	assert_true(p.ip->as.ip.length_zero);
	assert_int_equal(p.ip->as.ip.total_len, 25);
	assert_int_equal(p.payload.sent, 5);
}

static void test_fragments(void **state)
{
	struct wire_bytes b = wire_hex("4500 001c 0001 2000 4011 0000" ADDRESSES
				       "0035 9c40 05dc 0000");

	(void)state;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_true(p.ip->as.ip.fragment && p.ip->as.ip.more);
	assert_int_equal(p.state, WIRE_WHOLE);
	assert_non_null(p.udp);
	b.at[6] = 0;
	b.at[7] = 3;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_true(p.ip->as.ip.fragment);
	assert_false(p.ip->as.ip.more);
	assert_int_equal(p.ip->as.ip.fragment_offset, 24);
	assert_int_equal(p.layer_count, 1);
	assert_null(p.udp);
	assert_int_equal(p.payload.kept, 8);
}

/* A first fragment of 16 bytes does not hold a TCP header: nobody is wrong. */
static void test_tiny_first_fragment(void **state)
{
	struct wire_bytes b = wire_hex("4500 0024 0001 2000 4006 0000" ADDRESSES
				       "0050 9c40 00000001 00000000 5010 ffff");

	(void)state;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_null(p.tcp);
	assert_int_equal(p.state, WIRE_TRUNCATED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_checksum),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_padding_and_offload),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_tiny_first_fragment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
