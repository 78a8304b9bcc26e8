/* SPDX-License-Identifier: BSD-3-Clause */
/* test_dhcp6.c - DHCPv6 messages, options within options, and damage. */
#include "unit/wire.h"

#include "dissectors/dhcp6.h"

static struct dhcp6_message m;

#define ADVERTISE                                                              \
	"02 010203\n"                                                          \
	"0001 000e 0001 0001 11223344 525400aabb14 # client: LLT\n"            \
	"0002 000a 0003 0001 525400aabb01 # server: LL\n"                      \
	"0003 0028 00000001 00000708 00000b40 # association\n"                 \
	"0005 0018 20010db8000000000000000000000064 00000e10 00001c20\n"       \
	"0017 0010 20010db8000000000000000000000053\n"
#define REFUSED                                                                \
	"07 010203\n"                                                          \
	"0003 0012 00000001 00000000 00000000 000d 0002 0002"

static void parse(const struct wire_bytes *b)
{
	dhcp6_parse(&m, cursor_over(b->at, b->size, b->size));
}

static void test_advertise(void **state)
{
	struct wire_bytes b = wire_hex(ADVERTISE);

	(void)state;
	parse(&b);
	assert_int_equal(m.state, WIRE_WHOLE);
	assert_true(m.is_dhcp6);
	assert_int_equal(m.type, DHCP6_ADVERTISE);
	assert_int_equal(m.xid, 0x010203);
	assert_int_equal(m.client_id_size, 14);
	assert_true(m.has_client_mac);
	assert_int_equal(m.client_mac.bytes[5], 0x14);
	assert_int_equal(m.server_id_size, 10);
	assert_int_equal(m.server_id[9], 1);
	assert_addr(&m.address, "2001:db8::64");
	assert_int_equal(m.valid_s, 7200);
	assert_int_equal(m.resolvers, 1);
	assert_addr(&m.resolver[0], "2001:db8::53");
	assert_int_equal(m.status, DHCP6_SUCCESS);
}

static void test_status_inside(void **state)
{
	struct wire_bytes b = wire_hex(REFUSED);

	(void)state;
	parse(&b);
	assert_int_equal(m.state, WIRE_WHOLE);
	assert_int_equal(m.type, DHCP6_REPLY);
	assert_int_equal(m.status, DHCP6_NO_ADDRESSES);
	assert_int_equal(m.address.family, 0);
}

static void test_prefix(void **state)
{
	struct wire_bytes b =
		wire_hex("07 010203 0019 0029 00000001 00000000 00000000\n"
			 "001a 0019 00000e10 00001c20 38 "
			 "20010db8000100000000000000000000");

	(void)state;
	parse(&b);
	assert_int_equal(m.state, WIRE_WHOLE);
	assert_int_equal(m.prefix_bits, 56);
	assert_addr(&m.prefix, "2001:db8:1::");
}

static void test_every_prefix(void **state)
{
	struct wire_bytes b = wire_hex(ADVERTISE);

	(void)state;
	for (uint32_t kept = 0; kept < b.size; kept++) {
		dhcp6_parse(&m, cursor_over(b.at, kept, b.size));
		assert_int_equal(m.state, WIRE_TRUNCATED);
		assert_int_equal(m.is_dhcp6, kept >= 4);
		assert_int_equal(m.has_client_mac, kept >= 22);
	}
}

static void test_damage(void **state)
{
	struct wire_bytes b = wire_hex("01 010203 0001 0005 0003");

	(void)state;
	parse(&b);
	assert_int_equal(m.state, WIRE_MALFORMED);
	assert_string_equal(m.bad, "option runs past the end");
	b = wire_hex("01 010203 0003 0004 00000001");
	parse(&b);
	assert_string_equal(m.bad, "option shorter than it must be");
	b = wire_hex("0c 010203 ffff"); /* a relay's: not ours */
	parse(&b);
	assert_true(m.is_dhcp6);
	assert_null(m.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_advertise),
		cmocka_unit_test(test_status_inside),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
