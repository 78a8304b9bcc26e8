/* SPDX-License-Identifier: BSD-3-Clause */
/* test_ospf.c - the hello of OSPF, and damage. */
#include "unit/wire.h"

#include "dissectors/ospf.h"

static struct ospf_hello m;

#define HELLO                                                                  \
	"02 01 0030 c0000201 00000001 0000 0000 0000000000000000\n"            \
	"ffffff00 000a 12 01 00000028 c0000202 c0000201 c0000202"

static void test_hello(void **state)
{
	struct wire_bytes b = wire_hex(HELLO);

	(void)state;
	ospf_parse(&m, cursor_over(b.at, b.size, b.size));
	assert_int_equal(m.state, WIRE_WHOLE);
	assert_true(m.is_hello);
	assert_addr(&m.router, "192.0.2.1");
	assert_addr(&m.area, "0.0.0.1");
	assert_addr(&m.mask, "255.255.255.0");
	assert_int_equal(m.hello_s, 10);
	assert_int_equal(m.priority, 1);
	assert_int_equal(m.dead_s, 40);
	assert_addr(&m.designated, "192.0.2.2");
}

static void test_every_prefix(void **state)
{
	struct wire_bytes b = wire_hex(HELLO);

	(void)state;
	for (uint32_t kept = 0; kept < 44; kept++) {
		ospf_parse(&m, cursor_over(b.at, kept, b.size));
		assert_int_equal(m.state, WIRE_TRUNCATED);
		assert_false(m.is_hello);
		ospf_parse(&m, cursor_over(b.at, kept, kept));
		assert_int_equal(m.state, WIRE_MALFORMED);
		assert_non_null(m.bad);
	}
}

static void test_other_contents(void **state)
{
	struct wire_bytes b = wire_hex(HELLO);

	(void)state;
	b.at[1] = 4; /* an update */
	ospf_parse(&m, cursor_over(b.at, b.size, b.size));
	assert_false(m.is_hello);
	assert_null(m.bad);
	b.at[1] = 1;
	b.at[3] = 20;
	ospf_parse(&m, cursor_over(b.at, b.size, b.size));
	assert_string_equal(m.bad, "length below that of a hello");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hello),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_other_contents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
