/* SPDX-License-Identifier: BSD-3-Clause */
/* test_dns.c - DNS messages: names, answers, EDNS, and damage. */
#include "unit/wire.h"

#include "dissectors/dns.h"

static struct dns_message m;

#define HEADER	 "1234 8180 0001 0002 0000 0001 "
#define QUESTION "03 577757 07 6578616d706c65 00 0001 0001 # WwW.example\n"

static void parse(const char *hex)
{
	struct wire_bytes b = wire_hex(hex);

	dns_parse(&m, cursor_over(b.at, b.size, b.size));
}

static void test_answer(void **state)
{
	(void)state;
	parse(HEADER QUESTION
	      "c00c 0005 0001 0000003c 0006 03 776562 c010 # CNAME web\n"
	      "c029 0001 0001 0000001e 0004 c0000201 # A\n"
	      "00 0029 04d0 01 00 8000 0008 000f 0004 0016 6869 # EDNS\n");
	assert_int_equal(m.state, WIRE_WHOLE);
	assert_true(m.has_header && m.has_question && m.response);
	assert_int_equal(m.id, 0x1234);
	assert_int_equal(m.opcode, 0);
	assert_true(m.recursion_desired && m.recursion_available);
	assert_false(m.truncated || m.authoritative || m.ad || m.cd);
	assert_int_equal(m.rcode, 16);
	assert_int_equal(m.answers, 2);
	assert_string_equal(m.name, "www.example");
	assert_int_equal(m.qtype, DNS_A);
	assert_int_equal(m.qclass, 1);
	assert_string_equal(m.cname, "web.example");
	assert_int_equal(m.addresses, 1);
	assert_addr(&m.address[0], "192.0.2.1");
	assert_int_equal(m.ttl_s, 30);
	assert_true(m.has_edns && m.dnssec_ok);
	assert_int_equal(m.edns_size, 1232);
	assert_int_equal(m.extended, 22);
}

/* The same two addresses in another order, with other TTLs, from pointers. */
static void test_hash_has_no_order(void **state)
{
	uint64_t hash;

	(void)state;
	parse("1234 8180 0001 0002 0000 0000" QUESTION
	      "c00c 0001 0001 0000003c 0004 c0000201"
	      "c00c 0001 0001 0000003c 0004 c0000202");
	hash = m.answers_hash;
	assert_true(hash != 0);
	parse("1234 8180 0001 0002 0000 0000" QUESTION
	      "c00c 0001 0001 00000001 0004 c0000202"
	      "c00c 0001 0001 00000002 0004 c0000201");
	assert_true(m.answers_hash == hash);
	parse("1234 8180 0001 0002 0000 0000" QUESTION
	      "c00c 0001 0001 0000003c 0004 c0000201"
	      "c00c 0001 0001 0000003c 0004 c0000203");
	assert_true(m.answers_hash != hash);
	parse("1234 8180 0001 0001 0000 0000" QUESTION
	      "c00c 0005 0001 0000003c 0002 c010");
	hash = m.answers_hash;
	parse("1234 8180 0001 0001 0000 0000" QUESTION
	      "c00c 0005 0001 0000003c 0009 07 4578616d706c65 00");
	assert_string_equal(m.cname, "example");
	assert_true(m.answers_hash == hash);
}

static void test_denial(void **state)
{
	(void)state;
	parse("1234 8183 0001 0000 0001 0000" QUESTION
	      "c010 0006 0001 00000e10 0016 00 00 00000001 00000002 00000003"
	      "00000004 0000003c");
	assert_int_equal(m.rcode, 3);
	assert_true(m.soa);
	assert_int_equal(m.negative_ttl_s, 60);
	assert_int_equal(m.ttl_s, 0);
	assert_true(m.answers_hash == 0);
}

static void test_names_are_escaped(void **state)
{
	(void)state;
	parse("1234 0100 0001 0000 0000 0000 05 612e1b5c62 00 0001 0001");
	assert_string_equal(m.name, "a\\x2e\\x1b\\\\b");
	parse("1234 0100 0001 0000 0000 0000 00 0002 0001");
	assert_string_equal(m.name, ".");
}

static void assert_malformed(const char *hex)
{
	parse(hex);
	assert_int_equal(m.state, WIRE_MALFORMED);
	assert_non_null(m.bad);
}

static void test_pointers(void **state)
{
	(void)state;
	assert_malformed("1234 0100 0001 0000 0000 0000 c00c 0001 0001");
	assert_malformed("1234 0100 0001 0000 0000 0000 0161 c00c 0001 0001");
	assert_malformed("1234 0100 0001 0000 0000 0000 c00e c00c 0001 0001");
	assert_malformed("1234 0100 0001 0000 0000 0000 c0ff 0001 0001");
	assert_malformed("1234 0100 0001 0000 0000 0000 4161 0001 0001");
	assert_false(m.has_question);
	assert_true(m.has_header);
}

/* 127 labels of one byte fit in 255 bytes, 128 do not. */
static void test_longest_name(void **state)
{
	struct wire_bytes b = wire_hex("1234 0100 0001 0000 0000 0000");

	(void)state;
	for (unsigned i = 0; i < 127; i++) {
		b.at[b.size++] = 1;
		b.at[b.size++] = 'a';
	}
	memcpy(b.at + b.size, "\0\0\1\0\1", 5);
	dns_parse(&m, cursor_over(b.at, b.size + 5, b.size + 5));
	assert_int_equal(m.state, WIRE_WHOLE);
	assert_int_equal(strlen(m.name), 127 + 126);
	memcpy(b.at + b.size, "\1a\0\0\1\0\1", 7);
	dns_parse(&m, cursor_over(b.at, b.size + 7, b.size + 7));
	assert_int_equal(m.state, WIRE_MALFORMED);
}

static void test_every_prefix(void **state)
{
	struct wire_bytes b = wire_hex(
		HEADER QUESTION "c00c 0005 0001 0000003c 0006 03 776562 c010"
				"c029 0001 0001 0000001e 0004 c0000201"
				"00 0029 04d0 00000000 0000");

	(void)state;
	for (uint32_t kept = 0; kept < b.size; kept++) {
		dns_parse(&m, cursor_over(b.at, kept, b.size));
		assert_int_equal(m.state, WIRE_TRUNCATED);
		assert_int_equal(m.has_header, kept >= 12);
		assert_int_equal(m.has_question, kept >= 29);
		dns_parse(&m, cursor_over(b.at, kept, kept));
		assert_int_equal(m.state, WIRE_MALFORMED);
	}
}

static void test_tcp(void **state)
{
	struct wire_bytes b = wire_hex("0002 0102 0000 0004 0102");
	struct cursor stream = cursor_over(b.at, b.size, b.size);
	struct cursor message;

	(void)state;
	assert_true(dns_tcp_next(&stream, &message));
	assert_int_equal(message.kept, 2);
	assert_true(dns_tcp_next(&stream, &message));
	assert_int_equal(message.sent, 0);
	assert_true(dns_tcp_next(&stream, &message));
	assert_int_equal(message.sent, 4);
	assert_int_equal(message.kept, 2);
	assert_false(dns_tcp_next(&stream, &message));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_hash_has_no_order),
		cmocka_unit_test(test_denial),
		cmocka_unit_test(test_names_are_escaped),
		cmocka_unit_test(test_pointers),
		cmocka_unit_test(test_longest_name),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_tcp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
