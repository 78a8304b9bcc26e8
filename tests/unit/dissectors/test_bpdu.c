/* SPDX-License-Identifier: BSD-3-Clause */
/* test_bpdu.c - spanning tree messages of all versions, and damage. */
#include "unit/wire.h"

#include "dissectors/bpdu.h"

static struct bpdu m;

#define IDS                                                                    \
	"8000 525400aabb01 # root\n"                                           \
	"00000004 # cost\n"                                                    \
	"9001 525400aabb02 # bridge\n"                                         \
	"8003 0100 1400 0200 0f00 # port, ages\n"
#define CONFIG "0000 00 00 01" IDS
#define RST    "0000 02 02 3d" IDS "00 "

static void parse(const struct wire_bytes *b, bool per_vlan)
{
	bpdu_parse(&m, cursor_over(b->at, b->size, b->size), per_vlan);
}

static void test_config(void **state)
{
	struct wire_bytes b = wire_hex(CONFIG);
	char text[BRIDGE_TEXT];

	(void)state;
	parse(&b, false);
	assert_int_equal(m.state, WIRE_WHOLE);
	assert_true(m.is_bpdu);
	assert_int_equal(m.type, BPDU_CONFIG);
	assert_int_equal(m.flags, BPDU_CHANGE);
	assert_string_equal(bridge_id_text(&m.root, text),
			    "32768/52:54:00:aa:bb:01");
	assert_string_equal(bridge_id_text(&m.bridge, text),
			    "36865/52:54:00:aa:bb:02");
	assert_int_equal(m.cost, 4);
	assert_int_equal(m.port, 0x8003);
	assert_int_equal(m.age_ms, 1000);
	assert_int_equal(m.max_age_ms, 20000);
	assert_int_equal(m.hello_ms, 2000);
	assert_int_equal(m.delay_ms, 15000);
	assert_false(m.has_vlan);
	assert_true(bridge_id_compare(&m.root, &m.bridge) < 0);
	assert_true(bridge_id_compare(&m.root, &m.root) == 0);
}

static void test_rapid_and_per_vlan(void **state)
{
	struct wire_bytes b = wire_hex(RST "0000 0002 0005");

	(void)state;
	parse(&b, true);
	assert_int_equal(m.state, WIRE_WHOLE);
	assert_int_equal(m.type, BPDU_RST);
	assert_true(m.flags & BPDU_FORWARDING);
	assert_true(m.has_vlan);
	assert_int_equal(m.vlan, 5);
	b = wire_hex(RST);
	parse(&b, false);
	assert_int_equal(m.state, WIRE_WHOLE);
	assert_false(m.has_vlan);
}

static void test_multiple(void **state)
{
	struct wire_bytes b = wire_hex(
		"0000 03 02 3c" IDS "00 0050 # version 3 length: 80\n"
		"00 6c616200000000000000000000000000000000000000000000000000"
		"00000000 0001 000102030405060708090a0b0c0d0e0f\n"
		"00000002 a000 525400aabb03 14 # cost, bridge, hops\n"
		"7d 8001 525400aabb01 00000002 80 80 14 # an instance\n");

	(void)state;
	assert_int_equal(b.size, 38 + 80);
	parse(&b, false);
	assert_int_equal(m.state, WIRE_WHOLE);
	assert_int_equal(m.instances, 1);
	assert_true(m.flags & BPDU_CHANGE);
	assert_int_equal(m.bridge.priority, 0xa000);
	assert_int_equal(m.bridge.mac.bytes[5], 3);
}

static void test_change_notification(void **state)
{
	struct wire_bytes b = wire_hex("0000 00 80 0000000000");

	(void)state;
	parse(&b, false);
	assert_true(m.is_bpdu);
	assert_int_equal(m.type, BPDU_TCN);
}

static void test_every_prefix(void **state)
{
	struct wire_bytes b = wire_hex(RST "0000 0002 0005");

	(void)state;
	for (uint32_t kept = 0; kept < b.size; kept++) {
		bpdu_parse(&m, cursor_over(b.at, kept, b.size), true);
		assert_int_equal(m.state, WIRE_TRUNCATED);
		assert_int_equal(m.is_bpdu, kept >= 35);
		assert_false(m.has_vlan);
		bpdu_parse(&m, cursor_over(b.at, kept, kept), true);
		assert_int_equal(m.state, WIRE_MALFORMED);
		assert_non_null(m.bad);
	}
}

static void test_other_contents(void **state)
{
	struct wire_bytes b = wire_hex("0001" IDS IDS);

	(void)state;
	parse(&b, false);
	assert_string_equal(m.bad, "not a spanning tree");
	assert_false(m.is_bpdu);
	b = wire_hex("0000 00 07" IDS IDS);
	parse(&b, false);
	assert_string_equal(m.bad, "type of message unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_rapid_and_per_vlan),
		cmocka_unit_test(test_multiple),
		cmocka_unit_test(test_change_notification),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_other_contents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
