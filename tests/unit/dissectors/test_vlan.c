/* SPDX-License-Identifier: BSD-3-Clause */
/* test_vlan.c - tags of 802.1Q and 802.1ad, one or several. */
#include "unit/wire.h"

static struct packet p;

static void test_stack(void **state)
{
	struct wire_bytes b = wire_hex(WIRE_MACS "88a8 # outer\n"
						 "a064 8100 # priority 5, 100\n"
						 "0007 88cc # 7\n"
						 "0207");
	const struct vlan_header *outer = &p.layers[1].as.vlan;

	(void)state;
	wire_packet(&p, WIRE_ETHERNET, &b);
	assert_int_equal(p.layer_count, 3);
	assert_int_equal(outer->vid, 100);
	assert_int_equal(outer->priority, 5);
	assert_int_equal(outer->ethertype, 0x8100);
	assert_int_equal(p.layers[2].as.vlan.ethertype, 0x88cc);
	assert_int_equal(p.vlan_count, 2);
	assert_int_equal(p.vlan[0], 100);
	assert_int_equal(p.vlan[1], 7);
	assert_every_prefix(WIRE_ETHERNET, &b, PROTO_vlan, 4);
}

static void test_priority_tag_is_no_vlan(void **state)
{
	struct wire_bytes b = wire_hex(WIRE_MACS "8100 e000 88cc 0207");

	(void)state;
	wire_packet(&p, WIRE_ETHERNET, &b);
	assert_int_equal(p.layers[1].as.vlan.priority, 7);
	assert_int_equal(p.vlan_count, 0);
}

/* The layers are bounded, and so are the tags that are kept. */
static void test_endless_stack(void **state)
{
	struct wire_bytes b = wire_hex(WIRE_MACS);

	(void)state;
	while (b.size + 4 < 400) {
		b.at[b.size++] = 0x81;
		b.at[b.size++] = 0;
		b.at[b.size++] = 0;
		b.at[b.size++] = 1;
	}
	wire_packet(&p, WIRE_ETHERNET, &b);
	assert_int_equal(p.layer_count, LAYERS_MAX);
	assert_int_equal(p.vlan_count, VLANS_MAX);
	assert_int_equal(p.state, WIRE_WHOLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stack),
		cmocka_unit_test(test_priority_tag_is_no_vlan),
		cmocka_unit_test(test_endless_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
