/* SPDX-License-Identifier: BSD-3-Clause */
/* test_udp.c - the UDP header. */
#include "unit/wire.h"

static struct packet p;

#define IPV4 "4500 0020 0001 0000 4011 0000 c0000201 c6336402 "

static void test_fields(void **state)
{
	struct wire_bytes b = wire_hex(IPV4 "9c40 0035 # ports\n"
					    "000b abcd # length, checksum\n"
					    "010203 # payload\n"
					    "04 # beyond UDP");

	(void)state;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_non_null(p.udp);
	assert_int_equal(p.udp->as.udp.src_port, 40000);
	assert_int_equal(p.udp->as.udp.dst_port, 53);
	assert_int_equal(p.udp->as.udp.length, 11);
	assert_int_equal(p.udp->as.udp.checksum, 0xabcd);
	assert_int_equal(p.payload.sent, 3);
	assert_every_prefix(WIRE_IPV4, &b, PROTO_udp, 8);
}

static void test_contradictions(void **state)
{
	struct wire_bytes b = wire_hex(IPV4 "9c40 0035 0007 0000 01020304");

	(void)state;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_null(p.udp);
	assert_non_null(p.ip);
	assert_string_equal(p.layers[1].bad, "length below 8");
	assert_int_equal(p.layers[1].bad_value, 7);
	b.at[25] = 13;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_null(p.udp);
	assert_string_equal(p.layers[1].bad, "length beyond the IP packet");
	b.at[25] = 0;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_string_equal(p.layers[1].bad, "length below 8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_contradictions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
