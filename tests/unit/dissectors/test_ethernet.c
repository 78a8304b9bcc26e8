/* SPDX-License-Identifier: BSD-3-Clause */
/* test_ethernet.c - Ethernet II and the length field of 802.3. */
#include "unit/wire.h"

static struct packet p;

static void test_fields(void **state)
{
	struct wire_bytes b = wire_hex("525400aabb01 # destination\n"
				       "525400aabb02 # source\n"
				       "88cc         # ethertype: LLDP\n"
				       "0207");

	(void)state;
	wire_packet(&p, WIRE_ETHERNET, &b);
	assert_int_equal(p.layer_count, 1);
	assert_ptr_equal(p.eth, &p.layers[0]);
	assert_int_equal(p.eth->proto, PROTO_ethernet);
	assert_memory_equal(&p.eth->as.link.dst, b.at, 6);
	assert_memory_equal(&p.eth->as.link.src, b.at + 6, 6);
	assert_true(p.eth->as.link.has_src && p.eth->as.link.has_dst);
	assert_int_equal(p.eth->as.link.ethertype, 0x88cc);
	assert_int_equal(p.eth->as.link.length, 0);
	assert_int_equal(p.payload.kept, 2);
	assert_null(p.ip);
	assert_false(p.link_unknown);
	assert_every_prefix(WIRE_ETHERNET, &b, PROTO_ethernet, 14);
}

static void test_length(void **state)
{
	struct wire_bytes b = wire_hex(WIRE_MACS "0003 424203 # STP, 3 bytes\n"
						 "0000 # padding");

	(void)state;
	wire_packet(&p, WIRE_ETHERNET, &b);
	assert_int_equal(p.eth->as.link.ethertype, 0);
	assert_int_equal(p.eth->as.link.length, 3);
	assert_int_equal(p.layers[1].proto, PROTO_llc);
	assert_int_equal(p.payload.sent, 0);
}

static void test_length_beyond_frame(void **state)
{
	struct wire_bytes b = wire_hex(WIRE_MACS "0010 424203");

	(void)state;
	wire_packet(&p, WIRE_ETHERNET, &b);
	assert_int_equal(p.state, WIRE_MALFORMED);
	assert_string_equal(p.layers[0].bad, "802.3 length beyond the frame");
	assert_int_equal(p.layers[0].bad_value, 16);
}

static void test_unknown_link_type(void **state)
{
	struct wire_bytes b = wire_hex("00");

	(void)state;
	wire_packet(&p, 231, &b);
	assert_true(p.link_unknown);
	assert_int_equal(p.layer_count, 0);
	assert_int_equal(p.payload.kept, 1);
	assert_false(link_type_known(231));
	assert_true(link_type_known(WIRE_ETHERNET));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_length_beyond_frame),
		cmocka_unit_test(test_unknown_link_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
