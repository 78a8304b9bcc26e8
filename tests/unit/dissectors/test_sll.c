/* SPDX-License-Identifier: BSD-3-Clause */
/* test_sll.c - Linux cooked captures, both versions. */
#include "unit/wire.h"

static struct packet p;

static void test_version_1(void **state)
{
	struct wire_bytes b = wire_hex("0004 # outgoing\n"
				       "0001 0006 525400aabb02 0000\n"
				       "88cc 0207");
	const struct link_header *link = &p.layers[0].as.link;

	(void)state;
	wire_packet(&p, 113, &b);
	assert_ptr_equal(p.eth, &p.layers[0]);
	assert_int_equal(link->packet_type, 4);
	assert_memory_equal(&link->src, b.at + 6, 6);
	assert_true(link->has_src);
	assert_false(link->has_dst);
	assert_int_equal(link->ethertype, 0x88cc);
	assert_int_equal(p.frame.direction, FRAME_OUTBOUND);
	assert_every_prefix(113, &b, PROTO_sll, 16);
}

static void test_without_address(void **state)
{
	struct wire_bytes b = wire_hex("0000 fffe 0000 0000000000000000 88cc");

	(void)state;
	wire_packet(&p, 113, &b);
	assert_null(p.eth);
	assert_false(p.layers[0].as.link.has_src);
	assert_int_equal(p.frame.direction, FRAME_INBOUND);
}

static void test_version_2(void **state)
{
	struct wire_bytes b = wire_hex("88cc 0000 00000003 # interface 3\n"
				       "0001 03 06 525400aabb02 0000 0207");
	const struct link_header *link = &p.layers[0].as.link;

	(void)state;
	wire_packet(&p, 276, &b);
	assert_int_equal(link->ifindex, 3);
	assert_int_equal(link->packet_type, 3);
	assert_memory_equal(&link->src, b.at + 12, 6);
	assert_int_equal(link->ethertype, 0x88cc);
	assert_int_equal(p.frame.direction, FRAME_UNKNOWN);
	assert_every_prefix(276, &b, PROTO_sll2, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version_1),
		cmocka_unit_test(test_without_address),
		cmocka_unit_test(test_version_2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
