/* SPDX-License-Identifier: BSD-3-Clause */
/* test_icmpv6.c - ICMPv6, Neighbour Discovery and the options of a router. */
#include "unit/wire.h"

static struct packet p;

#define FE80_1	  "fe800000000000000000000000000001 "
#define ALL_NODES "ff020000000000000000000000000001 "
#define IPV6	  "60000000 0000 3a ff" FE80_1 ALL_NODES

static struct wire_bytes message(const char *hex)
{
	struct wire_bytes b = wire_hex(hex);

	b.at[5] = (uint8_t)(b.size - 40);
	return b;
}

static void test_advertisement(void **state)
{
	struct wire_bytes b = message(IPV6 "88 00 8b9b\n"
					   "e0000000 # R, S, O\n" FE80_1
					   "02 01 525400aabb01 # target's MAC");
	const struct icmp_header *icmp;

	(void)state;
	wire_packet(&p, WIRE_IPV6, &b);
	assert_non_null(p.icmp);
	assert_int_equal(p.icmp->proto, PROTO_icmpv6);
	icmp = p.icmp->as.icmp;
	assert_int_equal(icmp->type, 136);
	assert_false(icmp->checksum_bad || icmp->is_error || icmp->has_nonce);
	assert_true(icmp->router && icmp->solicited && icmp->override);
	assert_addr(&icmp->target, "fe80::1");
	assert_true(icmp->has_lladdr);
	assert_memory_equal(&icmp->lladdr, b.at + 66, 6);
	assert_every_prefix(WIRE_IPV6, &b, PROTO_icmpv6, 32);
	b.at[44] = 0x20;
	wire_packet(&p, WIRE_IPV6, &b);
	assert_true(p.icmp->as.icmp->checksum_bad);
	assert_false(p.icmp->as.icmp->router || p.icmp->as.icmp->solicited);
}

static void test_solicitation_with_nonce(void **state)
{
	struct wire_bytes b =
		message(IPV6 "87 00 0000 00000000" FE80_1 "0e 01 010203040506");

	(void)state;
	wire_packet(&p, WIRE_IPV6, &b);
	assert_true(p.icmp->as.icmp->has_nonce);
	assert_false(p.icmp->as.icmp->has_lladdr);
	assert_true(p.icmp->as.icmp->nonce == 0x010203040506);
}

static void test_router_advertisement(void **state)
{
	struct wire_bytes b = message(
		IPV6 "86 00 d599 40 c0 0708 00000000 00000000\n"
		     "01 01 525400aabb01\n"
		     "05 01 0000 000005dc # MTU 1500\n"
		     "03 04 40 c0 00015180 00003840 00000000 # prefix\n"
		     "20010db8000100000000000000000000\n"
		     "19 03 0000 00000258 20010db8000000000000000000000053");
	const struct icmp_header *icmp;

	(void)state;
	wire_packet(&p, WIRE_IPV6, &b);
	icmp = p.icmp->as.icmp;
	assert_false(icmp->checksum_bad);
	assert_int_equal(icmp->ra.hop_limit, 64);
	assert_int_equal(icmp->ra.flags, 0xc0);
	assert_int_equal(icmp->ra.lifetime_s, 1800);
	assert_int_equal(icmp->ra.mtu, 1500);
	assert_true(icmp->has_lladdr);
	assert_int_equal(icmp->ra.prefixes, 1);
	assert_addr(&icmp->ra.prefix[0].prefix, "2001:db8:1::");
	assert_int_equal(icmp->ra.prefix[0].bits, 64);
	assert_true(icmp->ra.prefix[0].on_link &&
		    icmp->ra.prefix[0].autonomous);
	assert_int_equal(icmp->ra.prefix[0].valid_s, 86400);
	assert_int_equal(icmp->ra.prefix[0].preferred_s, 14400);
	assert_int_equal(icmp->ra.resolvers, 1);
	assert_addr(&icmp->ra.resolver[0], "2001:db8::53");
	assert_every_prefix(WIRE_IPV6, &b, PROTO_icmpv6, 88);
}

static void test_more_specific_routes(void **state)
{
	struct wire_bytes b = message(
		IPV6 "86 00 0000 40 08 0000 00000000 00000000\n"
		     "18 02 40 00 00000708 fd00000000000000 # route\n"
		     "18 01 00 18 00000708");

	(void)state;
	wire_packet(&p, WIRE_IPV6, &b);
	assert_int_equal(p.icmp->as.icmp->ra.lifetime_s, 0);
	assert_int_equal(p.icmp->as.icmp->ra.routes, 2);
	assert_int_equal(p.icmp->as.icmp->ra.prefixes, 0);
}

static void test_option_of_length_0(void **state)
{
	struct wire_bytes b =
		message(IPV6 "87 00 0000 00000000" FE80_1 "01 00 010203040506");

	(void)state;
	wire_packet(&p, WIRE_IPV6, &b);
	assert_null(p.icmp);
	assert_string_equal(p.layers[1].bad, "option of length 0");
}

static void test_too_big(void **state)
{
	struct wire_bytes b =
		message(IPV6 "02 00 0000 00000500 # MTU 1280\n"
			     "60000000 05b4 2c 3f" FE80_1 ALL_NODES
			     "06 00 0001 00000009 9c40 01bb 01020304");
	const struct icmp_header *icmp;

	(void)state;
	wire_packet(&p, WIRE_IPV6, &b);
	icmp = p.icmp->as.icmp;
	assert_true(icmp->is_error);
	assert_int_equal(icmp->mtu, 1280);
	assert_true(icmp->quote.present && icmp->quote.has_ports);
	assert_true(icmp->quote.fragment);
	assert_int_equal(icmp->quote.id, 9);
	assert_int_equal(icmp->quote.protocol, 6);
	assert_int_equal(icmp->quote.total_len, 1500);
	assert_int_equal(icmp->quote.seq, 0x01020304);
	assert_addr(&icmp->quote.dst, "ff02::1");
}

static void test_echo_and_listener(void **state)
{
	struct wire_bytes b = message(IPV6 "80 00 0000 1234 0007");

	(void)state;
	wire_packet(&p, WIRE_IPV6, &b);
	assert_int_equal(p.icmp->as.icmp->echo_id, 0x1234);
	assert_int_equal(p.icmp->as.icmp->echo_seq, 7);
	b = message(IPV6 "83 00 0000 0000 0000"
			 "ff020000000000000000000000000016");
	wire_packet(&p, WIRE_IPV6, &b);
	assert_addr(&p.icmp->as.icmp->target, "ff02::16");
}

static void test_redirect(void **state)
{
	struct wire_bytes b = message(IPV6 "89 00 0000 00000000" FE80_1
					   "20010db8000000000000000000000002\n"
					   "04 07 0000 00000000 # the packet\n"
					   "60000000 0008 11 40"
					   "20010db8000000000000000000000001"
					   "20010db8000000000000000000000002"
					   "9c40 0035 0008 0000");
	const struct icmp_header *icmp;

	(void)state;
	wire_packet(&p, WIRE_IPV6, &b);
	icmp = p.icmp->as.icmp;
	assert_addr(&icmp->gateway, "fe80::1");
	assert_addr(&icmp->target, "2001:db8::2");
	assert_true(icmp->quote.present);
	assert_int_equal(icmp->quote.dst_port, 53);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_advertisement),
		cmocka_unit_test(test_solicitation_with_nonce),
		cmocka_unit_test(test_router_advertisement),
		cmocka_unit_test(test_more_specific_routes),
		cmocka_unit_test(test_option_of_length_0),
		cmocka_unit_test(test_too_big),
		cmocka_unit_test(test_echo_and_listener),
		cmocka_unit_test(test_redirect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
