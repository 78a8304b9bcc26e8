/* SPDX-License-Identifier: BSD-3-Clause */
/* test_arp.c - ARP for Ethernet and IPv4. */
#include "unit/wire.h"

static struct packet p;

static void test_fields(void **state)
{
	struct wire_bytes b = wire_hex(WIRE_MACS "0806\n"
						 "0001 0800 06 04 # kinds\n"
						 "0002 # reply\n"
						 "525400aabb02 c0000201\n"
						 "525400aabb03 c0000202\n"
						 "000000 # padding");
	const struct arp_header *arp;

	(void)state;
	wire_packet(&p, WIRE_ETHERNET, &b);
	assert_non_null(p.arp);
	arp = &p.arp->as.arp;
	assert_int_equal(arp->operation, 2);
	assert_memory_equal(&arp->sender_mac, b.at + 22, 6);
	assert_addr(&arp->sender, "192.0.2.1");
	assert_memory_equal(&arp->target_mac, b.at + 32, 6);
	assert_addr(&arp->target, "192.0.2.2");
	assert_int_equal(p.state, WIRE_WHOLE);
	assert_every_prefix(WIRE_ETHERNET, &b, PROTO_arp, 28);
}

static void test_wrong_length(void **state)
{
	struct wire_bytes b = wire_hex(WIRE_MACS "0806 0001 0800 07 04 0001"
						 "525400aabb02 c0000201"
						 "525400aabb03 c0000202 00");

	(void)state;
	wire_packet(&p, WIRE_ETHERNET, &b);
	assert_null(p.arp);
	assert_string_equal(p.layers[1].bad,
			    "hardware address length is not 6");
	assert_int_equal(p.layers[1].bad_value, 7);
	b.at[18] = 6;
	b.at[19] = 16;
	wire_packet(&p, WIRE_ETHERNET, &b);
	assert_string_equal(p.layers[1].bad,
			    "protocol address length is not 4");
}

static void test_other_hardware_is_not_wrong(void **state)
{
	struct wire_bytes b = wire_hex(WIRE_MACS "0806 0020 0800 14 04 0001");

	(void)state;
	wire_packet(&p, WIRE_ETHERNET, &b);
	assert_null(p.arp);
	assert_int_equal(p.state, WIRE_WHOLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_wrong_length),
		cmocka_unit_test(test_other_hardware_is_not_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
