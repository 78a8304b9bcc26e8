/* SPDX-License-Identifier: BSD-3-Clause */
/* test_lldp.c - LLDP and CDP: what a device says of itself, and damage. */
#include "unit/wire.h"

#include "dissectors/lldp.h"

static struct device d;

#define LLDP                                                                   \
	"0207 04 525400aabb01 # chassis: a MAC\n"                              \
	"0405 05 67693109 # port: gi1 and a tab\n"                             \
	"0602 0078 # 120 s\n"                                                  \
	"0a03 737731 # name\n"                                                 \
	"100c 05 01 c0000205 02 00000001 00 # management address\n"            \
	"fe06 0080c2 01 000a # PVID 10\n"                                      \
	"fe09 00120f 01 03 6c03 000f # MAU 15: 100BaseTX, half duplex\n"       \
	"fe06 00120f 04 05ee\n"
#define CDP                                                                    \
	"02 b4 0000 # version, 180 s\n"                                        \
	"0001 0007 737732 # device\n"                                          \
	"0002 0011 00000001 01 01 cc 0004 c0000206 # address\n"                \
	"0003 0009 4661302f31 # port\n"                                        \
	"000a 0006 0014 # native VLAN 20\n"                                    \
	"000b 0005 01 # full duplex\n"

static void test_lldp(void **state)
{
	struct wire_bytes b = wire_hex(LLDP "0000");

	(void)state;
	lldp_parse(&d, cursor_over(b.at, b.size, b.size));
	assert_int_equal(d.state, WIRE_WHOLE);
	assert_int_equal(d.protocol, DEVICE_LLDP);
	assert_string_equal(d.id, "52:54:00:aa:bb:01");
	assert_string_equal(d.port, "gi1\\x09");
	assert_string_equal(d.name, "sw1");
	assert_int_equal(d.hold_s, 120);
	assert_addr(&d.address, "192.0.2.5");
	assert_true(d.has_vlan);
	assert_int_equal(d.vlan, 10);
	assert_int_equal(d.mau, 15);
	assert_int_equal(d.duplex, DUPLEX_HALF);
	assert_int_equal(d.max_frame, 1518);
}

static void test_full_duplex(void **state)
{
	static const struct {
		const char *hex;
		uint8_t duplex;
	} media[] = {
		{"fe09 00120f 01 03 6c03 0010", DUPLEX_FULL},
		{"fe09 00120f 01 03 6c03 001d", DUPLEX_HALF},
		{"fe09 00120f 01 03 6c03 001e", DUPLEX_FULL},
		{"fe09 00120f 01 03 6c03 0036", DUPLEX_FULL},
		{"fe09 00120f 01 03 6c03 0000", DUPLEX_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(media) / sizeof(media[0]); i++) {
		struct wire_bytes b = wire_hex(media[i].hex);

		lldp_parse(&d, cursor_over(b.at, b.size, b.size));
		assert_int_equal(d.duplex, media[i].duplex);
	}
}

static void test_cdp(void **state)
{
	struct wire_bytes b = wire_hex(CDP);

	(void)state;
	cdp_parse(&d, cursor_over(b.at, b.size, b.size));
	assert_int_equal(d.state, WIRE_WHOLE);
	assert_int_equal(d.protocol, DEVICE_CDP);
	assert_int_equal(d.hold_s, 180);
	assert_string_equal(d.id, "sw2");
	assert_string_equal(d.port, "Fa0/1");
	assert_addr(&d.address, "192.0.2.6");
	assert_int_equal(d.vlan, 20);
	assert_int_equal(d.duplex, DUPLEX_FULL);
}

/* Cut, it is truncated, and what stood before stays. */
static void test_every_prefix(void **state)
{
	struct wire_bytes b = wire_hex(LLDP "0000"), e = wire_hex(CDP);

	(void)state;
	for (uint32_t kept = 0; kept < b.size; kept++) {
		lldp_parse(&d, cursor_over(b.at, kept, b.size));
		assert_int_equal(d.state, WIRE_TRUNCATED);
		assert_int_equal(d.id[0] != 0, kept >= 9);
	}
	for (uint32_t kept = 0; kept < e.size; kept++) {
		cdp_parse(&d, cursor_over(e.at, kept, e.size));
		assert_int_equal(d.state, WIRE_TRUNCATED);
		assert_int_equal(d.id[0] != 0, kept >= 11);
	}
}

static void test_fields_past_the_end(void **state)
{
	struct wire_bytes b = wire_hex("0207 04 5254");

	(void)state;
	lldp_parse(&d, cursor_over(b.at, b.size, b.size));
	assert_int_equal(d.state, WIRE_MALFORMED);
	b = wire_hex("02 b4 0000 0001 0003");
	cdp_parse(&d, cursor_over(b.at, b.size, b.size));
	assert_string_equal(d.bad, "field shorter than its header");
	b = wire_hex("02 b4 0000 0001 0009 00");
	cdp_parse(&d, cursor_over(b.at, b.size, b.size));
	assert_string_equal(d.bad, "field runs past the end");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lldp),
		cmocka_unit_test(test_full_duplex),
		cmocka_unit_test(test_cdp),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_fields_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
