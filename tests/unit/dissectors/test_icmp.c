/* SPDX-License-Identifier: BSD-3-Clause */
/* test_icmp.c - ICMP for IPv4, and the packets that errors quote. */
#include "unit/wire.h"

static struct packet p;

#define IPV4   "4500 0000 0001 0000 4001 0000 c6336402 c0000201 "
#define QUOTED "4500 05dc beef 4000 3f11 0000 c0000201 c6336402 "

/* The total length is filled in. */
static const struct icmp_header *icmp_of(const char *hex)
{
	static struct wire_bytes b;

	b = wire_hex(hex);
	b.at[2] = (uint8_t)(b.size >> 8);
	b.at[3] = (uint8_t)b.size;
	wire_packet(&p, WIRE_IPV4, &b);
	return p.icmp ? p.icmp->as.icmp : NULL;
}

static void test_echo(void **state)
{
	const struct icmp_header *icmp = icmp_of(IPV4 "08 00 8462 1234 0007"
						      "6162");
	struct wire_bytes b = wire_hex("4500 001e 0001 0000 4001 0000 c6336402"
				       "c0000201 08 00 8462 1234 0007 6162");

	(void)state;
	assert_int_equal(icmp->type, 8);
	assert_int_equal(icmp->code, 0);
	assert_int_equal(icmp->checksum, 0x8462);
	assert_int_equal(icmp->echo_id, 0x1234);
	assert_int_equal(icmp->echo_seq, 7);
	assert_false(icmp->is_error || icmp->checksum_bad);
	assert_false(icmp->quote.present);
	assert_int_equal(p.payload.kept, 2);
	assert_every_prefix(WIRE_IPV4, &b, PROTO_icmp, 8);
	icmp = icmp_of(IPV4 "08 00 8462 1234 0008 6162");
	assert_true(icmp->checksum_bad);
}

static void test_checksum_of_cut_message(void **state)
{
	struct wire_bytes b = wire_hex("4500 001e 0001 0000 4001 0000 c6336402"
				       "c0000201 08 00 8462 1234 0007 6162");

	(void)state;
	wire_dissect(&p, WIRE_IPV4, &b, b.size - 1, b.size);
	assert_non_null(p.icmp);
	assert_false(p.icmp->as.icmp->checksum_bad);
}

static void test_fragmentation_needed(void **state)
{
	const struct icmp_header *icmp = icmp_of(
		IPV4 "03 04 e030 0000 0578" QUOTED "9c40 0035 05c8 0000");
	const struct quote *q = &icmp->quote;

	(void)state;
	assert_true(icmp->is_error);
	assert_false(icmp->checksum_bad);
	assert_int_equal(icmp->mtu, 1400);
	assert_true(q->present && q->has_ports && q->df);
	assert_false(q->fragment);
	assert_addr(&q->src, "192.0.2.1");
	assert_addr(&q->dst, "198.51.100.2");
	assert_int_equal(q->protocol, 17);
	assert_int_equal(q->ttl, 63);
	assert_int_equal(q->id, 0xbeef);
	assert_int_equal(q->total_len, 1500);
	assert_int_equal(q->src_port, 40000);
	assert_int_equal(q->dst_port, 53);
	assert_int_equal(p.state, WIRE_WHOLE);
}

/* A quote may end anywhere: never malformed. */
static void test_short_quotes(void **state)
{
	const struct icmp_header *icmp;

	(void)state;
	icmp = icmp_of(IPV4 "0b 00 0000 00000000" QUOTED "9c40 0035 05c8");
	assert_true(icmp->quote.present);
	assert_false(icmp->quote.has_ports);
	icmp = icmp_of(IPV4 "0b 00 0000 00000000 4500 05dc beef");
	assert_false(icmp->quote.present);
	icmp = icmp_of(IPV4 "0b 00 0000 00000000");
	assert_false(icmp->quote.present);
	icmp = icmp_of(IPV4 "0b 00 0000 00000000 f500 05dc beef 4000 3f11 0000"
			    "c0000201 c6336402 9c40 0035 05c8 0000");
	assert_false(icmp->quote.present);
	assert_int_equal(p.state, WIRE_WHOLE);
}

static void test_quoted_fragment(void **state)
{
	const struct icmp_header *icmp =
		icmp_of(IPV4 "0b 01 0000 00000000 4500 05dc beef 00b9 3f11 0000"
			     "c0000201 c6336402 9c40 0035 05c8 0000");

	(void)state;
	assert_true(icmp->quote.fragment);
	assert_int_equal(icmp->quote.fragment_offset, 1480);
	assert_false(icmp->quote.has_ports);
}

static void test_quoted_echo(void **state)
{
	const struct icmp_header *icmp =
		icmp_of(IPV4 "0b 00 0000 00000000 4500 0054 0001 0000 0101 0000"
			     "c0000201 c6336402 0800 0000 1234 0007");

	(void)state;
	assert_true(icmp->quote.has_ports);
	assert_int_equal(icmp->quote.src_port, 0x1234);
	assert_int_equal(icmp->quote.dst_port, 7);
}

static void test_redirect(void **state)
{
	const struct icmp_header *icmp =
		icmp_of(IPV4 "05 01 2497 c00002fe 4500 0028 0001 0000 4006 0000"
			     "c0000201 c6336402 9c40 01bb 01020304");

	(void)state;
	assert_addr(&icmp->gateway, "192.0.2.254");
	assert_addr(&icmp->target, "198.51.100.2");
	assert_true(icmp->is_error);
	assert_false(icmp->checksum_bad);
	assert_int_equal(icmp->quote.seq, 0x01020304);
	assert_int_equal(icmp->quote.dst_port, 443);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_checksum_of_cut_message),
		cmocka_unit_test(test_fragmentation_needed),
		cmocka_unit_test(test_short_quotes),
		cmocka_unit_test(test_quoted_fragment),
		cmocka_unit_test(test_quoted_echo),
		cmocka_unit_test(test_redirect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
