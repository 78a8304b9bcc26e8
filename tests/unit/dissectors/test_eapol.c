/* SPDX-License-Identifier: BSD-3-Clause */
/* test_eapol.c - EAPOL and LACP: messages of a port, and damage. */
#include "unit/wire.h"

#include "dissectors/eapol.h"
#include "dissectors/lacp.h"

static struct eapol m;
static struct lacp l;

#define RESPONSE "02 00 0006 02 07 0006 19 00"
#define LACP                                                                   \
	"01 01 01 14 8000 525400aabb01 0011 8000 0003 3d 000000 # actor\n"     \
	"02 14 4000 525400aabb02 0012 8000 0004 05 000000 # partner\n"         \
	"03 10"

static void test_eap(void **state)
{
	struct wire_bytes b = wire_hex(RESPONSE);

	(void)state;
	eapol_parse(&m, cursor_over(b.at, b.size, b.size));
	assert_true(m.is_eapol);
	assert_int_equal(m.type, EAPOL_EAP);
	assert_int_equal(m.code, EAP_RESPONSE);
	assert_int_equal(m.id, 7);
	assert_string_equal(eap_method_name(m.method), "PEAP");
	assert_null(eap_method_name(99));
	/* padding follows */
	b = wire_hex("01 00 0004 04 07 0004 0000000000000000");
	eapol_parse(&m, cursor_over(b.at, b.size, b.size));
	assert_true(m.is_eapol);
	assert_int_equal(m.code, EAP_FAILURE);
	assert_int_equal(m.method, 0);
	b = wire_hex("01 01 0000");
	eapol_parse(&m, cursor_over(b.at, b.size, b.size));
	assert_true(m.is_eapol);
	assert_int_equal(m.type, EAPOL_START);
}

static void test_damage(void **state)
{
	struct wire_bytes b = wire_hex(RESPONSE);

	(void)state;
	for (uint32_t kept = 0; kept < 9; kept++) {
		eapol_parse(&m, cursor_over(b.at, kept, b.size));
		assert_int_equal(m.state, WIRE_TRUNCATED);
		assert_false(m.is_eapol);
		eapol_parse(&m, cursor_over(b.at, kept, kept));
		assert_int_equal(m.state, WIRE_MALFORMED);
	}
	b = wire_hex("02 00 0006 02 07 0009 19 00");
	eapol_parse(&m, cursor_over(b.at, b.size, b.size));
	assert_string_equal(m.bad, "EAP length beyond what carries it");
}

static void test_lacp(void **state)
{
	struct wire_bytes b = wire_hex(LACP);

	(void)state;
	lacp_parse(&l, cursor_over(b.at, b.size, b.size));
	assert_true(l.is_lacp);
	assert_int_equal(l.actor.system.bytes[5], 1);
	assert_int_equal(l.actor.key, 0x11);
	assert_int_equal(l.actor.port, 3);
	assert_int_equal(l.actor.state, 0x3d);
	assert_int_equal(l.partner.system_priority, 0x4000);
	assert_int_equal(l.partner.port, 4);
	for (uint32_t kept = 0; kept < 42; kept++) {
		lacp_parse(&l, cursor_over(b.at, kept, b.size));
		assert_int_equal(l.state, WIRE_TRUNCATED);
		assert_false(l.is_lacp);
	}
	b.at[2] = 2;
	lacp_parse(&l, cursor_over(b.at, b.size, b.size));
	assert_string_equal(l.bad, "ends not in their order");
	b.at[0] = 2; /* another slow protocol */
	lacp_parse(&l, cursor_over(b.at, b.size, b.size));
	assert_false(l.is_lacp);
	assert_null(l.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_eap),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_lacp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
