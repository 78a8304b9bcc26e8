/* SPDX-License-Identifier: BSD-3-Clause */
/* test_llc.c - LLC and SNAP. */
#include "unit/wire.h"

static struct packet p;

static void test_snap(void **state)
{
	struct wire_bytes b = wire_hex(WIRE_MACS "000c # length\n"
						 "aaaa03 # SNAP\n"
						 "00000c 2000 # Cisco, CDP\n"
						 "02b40000");
	const struct llc_header *llc = &p.layers[1].as.llc;

	(void)state;
	wire_packet(&p, WIRE_ETHERNET, &b);
	assert_int_equal(p.layer_count, 2);
	assert_int_equal(llc->dsap, 0xaa);
	assert_int_equal(llc->ssap, 0xaa);
	assert_int_equal(llc->control, 3);
	assert_int_equal(llc->oui, 0xc);
	assert_int_equal(llc->ethertype, 0x2000);
	assert_int_equal(p.payload.kept, 4);
	assert_every_prefix(WIRE_ETHERNET, &b, PROTO_llc, 8);
}

static void test_snap_leads_to_ethertype(void **state)
{
	struct wire_bytes b =
		wire_hex(WIRE_MACS "0024 aaaa03 000000 0806"
				   "0001 0800 06 04 0001 525400aabb02 c0000201"
				   "000000000000 c0000202");

	(void)state;
	wire_packet(&p, WIRE_ETHERNET, &b);
	assert_non_null(p.arp);
}

static void test_two_byte_control(void **state)
{
	struct wire_bytes b = wire_hex(WIRE_MACS "0005 f0f0 0001 ff");

	(void)state;
	wire_packet(&p, WIRE_ETHERNET, &b);
	assert_int_equal(p.payload.kept, 1);
}

static void test_too_short_is_no_llc(void **state)
{
	struct wire_bytes b = wire_hex(WIRE_MACS "0002 f0f0");

	(void)state;
	wire_packet(&p, WIRE_ETHERNET, &b);
	assert_int_equal(p.layer_count, 1);
	assert_int_equal(p.state, WIRE_WHOLE);
	assert_int_equal(p.payload.kept, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_snap),
		cmocka_unit_test(test_snap_leads_to_ethertype),
		cmocka_unit_test(test_two_byte_control),
		cmocka_unit_test(test_too_short_is_no_llc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
