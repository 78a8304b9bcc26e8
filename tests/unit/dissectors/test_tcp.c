/* SPDX-License-Identifier: BSD-3-Clause */
/* test_tcp.c - the TCP header and its options. */
#include "unit/wire.h"

static struct packet p;

#define IPV4  "4500 0000 0001 0000 4006 0000 c0000201 c6336402 "
#define PORTS "9c40 01bb 01020304 05060708 "

static struct wire_bytes segment(const char *hex)
{
	struct wire_bytes b = wire_hex(hex);

	b.at[2] = (uint8_t)(b.size >> 8);
	b.at[3] = (uint8_t)b.size;
	return b;
}

static const struct tcp_header *tcp_of(const char *hex)
{
	static struct wire_bytes b;

	b = segment(hex);
	wire_packet(&p, WIRE_IPV4, &b);
	return p.tcp ? &p.tcp->as.tcp : NULL;
}

static void test_fields(void **state)
{
	struct wire_bytes b = segment(IPV4 "9c40 01bb # ports\n"
					   "01020304 # seq\n"
					   "05060708 # ack\n"
					   "50 18 01f6 # PSH ACK, window\n"
					   "abcd 0009 # checksum, urgent\n"
					   "616263");
	const struct tcp_header *tcp;

	(void)state;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_non_null(p.tcp);
	tcp = &p.tcp->as.tcp;
	assert_int_equal(tcp->src_port, 40000);
	assert_int_equal(tcp->dst_port, 443);
	assert_int_equal(tcp->seq, 0x01020304);
	assert_int_equal(tcp->ack, 0x05060708);
	assert_int_equal(tcp->header_len, 20);
	assert_int_equal(tcp->flags, TCP_PSH | TCP_ACK);
	assert_int_equal(tcp->window, 502);
	assert_int_equal(tcp->checksum, 0xabcd);
	assert_int_equal(tcp->urgent, 9);
	assert_int_equal(tcp->payload_len, 3);
	assert_false(tcp->has_ts || tcp->has_mss || tcp->has_wscale);
	assert_false(tcp->sack_permitted || tcp->has_tfo || tcp->has_mptcp);
	assert_int_equal(tcp->sack_count, 0);
	assert_true(tcp->option_layout == 0);
	assert_int_equal(p.payload.kept, 3);
	assert_every_prefix(WIRE_IPV4, &b, PROTO_tcp, 20);
}

/* In the order that most stacks use, and in another one: all but the order is
 * the same, and one wrong length is none of it. */
static void test_usual_opening(void **state)
{
	const char *const usual = IPV4 PORTS "a002 fffe 0000 0000"
					     "020405b4 0402 080a 0000000b "
					     "0000000c 01 030307";
	const char *const other = IPV4 PORTS "a002 fffe 0000 0000"
					     "01 030307 020405b4 080a 0000000b "
					     "0000000c 0402";
	const char *const wrong = IPV4 PORTS "a002 fffe 0000 0000"
					     "020405b4 0402 080a 0000000b "
					     "0000000c 01 030207";
	struct tcp_header a = *tcp_of(usual), b = *tcp_of(other);

	(void)state;
	assert_true(a.has_mss && a.sack_permitted && a.has_ts && a.has_wscale);
	assert_int_equal(a.mss, 1460);
	assert_int_equal(a.tsval, 11);
	assert_int_equal(a.tsecr, 12);
	assert_int_equal(a.wscale, 7);
	assert_true(a.option_layout == 0x31842);
	assert_true(b.option_layout == 0x48231);
	b.option_layout = a.option_layout;
	assert_memory_equal(&a, &b, sizeof(a));
	assert_false(tcp_of(wrong)->has_wscale);
}

static void test_syn_options(void **state)
{
	const char *syn = IPV4 PORTS "c0 02 ffff 0000 0000\n"
				     "02 04 05b4 # MSS 1460\n"
				     "04 02 # SACK permitted\n"
				     "08 0a 00001000 00000000 # timestamps\n"
				     "01 03 03 07 # scale 7\n"
				     "22 02 # Fast Open\n"
				     "1e 04 0001 # MPTCP\n"
				     "00 00";
	struct wire_bytes b = segment(syn);
	const struct tcp_header *tcp = tcp_of(syn);

	(void)state;
	assert_true(tcp->has_mss && tcp->sack_permitted && tcp->has_ts);
	assert_true(tcp->has_wscale && tcp->has_tfo && tcp->has_mptcp);
	assert_false(tcp->has_md5);
	assert_int_equal(tcp->mss, 1460);
	assert_int_equal(tcp->wscale, 7);
	assert_int_equal(tcp->tsval, 4096);
	assert_int_equal(tcp->tsecr, 0);
	assert_true(tcp->option_layout == 0xff31842);
	assert_int_equal(tcp->header_len, 48);
	assert_int_equal(tcp->payload_len, 0);
	assert_every_prefix(WIRE_IPV4, &b, PROTO_tcp, 48);
}

static void test_usual_options(void **state)
{
	const struct tcp_header *tcp =
		tcp_of(IPV4 PORTS "80 10 01f6 0000 0000"
				  "0101 080a 00001000 00002000 61");

	(void)state;
	assert_true(tcp->has_ts);
	assert_int_equal(tcp->tsval, 4096);
	assert_int_equal(tcp->tsecr, 8192);
	assert_true(tcp->option_layout == 0x811);
	assert_int_equal(tcp->payload_len, 1);
}

static void test_sack(void **state)
{
	const struct tcp_header *tcp =
		tcp_of(IPV4 PORTS "a0 10 01f6 0000 0000"
				  "0101 0512 00000001 00000002"
				  "00000003 00000004");

	(void)state;
	assert_int_equal(tcp->sack_count, 2);
	assert_int_equal(tcp->sack[0].start, 1);
	assert_int_equal(tcp->sack[0].end, 2);
	assert_int_equal(tcp->sack[1].start, 3);
	assert_int_equal(tcp->sack[1].end, 4);
	assert_true(tcp->option_layout == 0x511);
}

/* Of three blocks the capture holds one and a half. */
static void test_sack_cut(void **state)
{
	struct wire_bytes b =
		segment(IPV4 PORTS "f0 10 01f6 0000 0000"
				   "0101 080a 00001000 00002000"
				   "0101 051a 00000001 00000002"
				   "00000003 00000004 00000005 00000006");

	(void)state;
	wire_dissect(&p, WIRE_IPV4, &b, b.size - 12, b.size);
	assert_non_null(p.tcp);
	assert_int_equal(p.tcp->state, WIRE_TRUNCATED);
	assert_int_equal(p.tcp->as.tcp.sack_count, 1);
	assert_int_equal(p.tcp->as.tcp.sack[0].start, 1);
	assert_int_equal(p.tcp->as.tcp.sack[0].end, 2);
	assert_true(p.tcp->as.tcp.sack_cut);
	assert_true(p.tcp->as.tcp.has_ts);
	assert_int_equal(p.tcp->as.tcp.tsecr, 0x2000);
	/* not even that one: only that there are some */
	wire_dissect(&p, WIRE_IPV4, &b, b.size - 20, b.size);
	assert_int_equal(p.tcp->as.tcp.sack_count, 0);
	assert_true(p.tcp->as.tcp.sack_cut);
}

/* Of an opening nothing is taken: what is missing may be in the rest. */
static void test_syn_cut(void **state)
{
	struct wire_bytes b =
		segment(IPV4 PORTS "80 02 01f6 0000 0000"
				   "0204 05b4 0402 0303 07 010101");

	(void)state;
	wire_dissect(&p, WIRE_IPV4, &b, b.size - 6, b.size);
	assert_non_null(p.tcp);
	assert_false(p.tcp->as.tcp.has_mss);
}

static void test_wrong_offsets(void **state)
{
	(void)state;
	assert_null(tcp_of(IPV4 PORTS "40 10 01f6 0000 0000"));
	assert_string_equal(p.layers[1].bad, "data offset below 5");
	assert_int_equal(p.layers[1].bad_value, 4);
	assert_null(tcp_of(IPV4 PORTS "60 10 01f6 0000 0000"));
	assert_string_equal(p.layers[1].bad, "data offset past the end");
	assert_int_equal(p.layers[1].bad_value, 6);
}

/* A receiver takes such a segment all the same. */
static void test_wrong_option(void **state)
{
	const struct tcp_header *tcp =
		tcp_of(IPV4 PORTS "60 10 01f6 0000 0000 0105 0a00 61");

	(void)state;
	assert_non_null(tcp);
	assert_int_equal(tcp->payload_len, 1);
	assert_int_equal(p.layers[1].state, WIRE_MALFORMED);
	assert_string_equal(p.layers[1].bad, "option runs past the header");
	assert_int_equal(p.layers[1].bad_value, 5);
	assert_int_equal(p.payload.kept, 1);
	assert_non_null(tcp_of(IPV4 PORTS "60 10 01f6 0000 0000 0101 0101"));
	assert_non_null(tcp_of(IPV4 PORTS "60 10 01f6 0000 0000 0800 0000"));
	assert_int_equal(p.state, WIRE_MALFORMED);
}

/* The length comes from IP: padding of Ethernet is no data. */
static void test_padding(void **state)
{
	struct wire_bytes b = segment(IPV4 PORTS "50 10 01f6 0000 0000");

	(void)state;
	memset(b.at + b.size, 0, 6);
	b.size += 6;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_int_equal(p.tcp->as.tcp.payload_len, 0);
	assert_int_equal(p.payload.kept, 0);
}

static void test_cut_options(void **state)
{
	struct wire_bytes b = segment(IPV4 PORTS "60 10 01f6 0000 0000"
						 "0204 05b4 61");

	(void)state;
	wire_dissect(&p, WIRE_IPV4, &b, 42, b.size);
	assert_non_null(p.tcp);
	assert_int_equal(p.tcp->state, WIRE_TRUNCATED);
	assert_int_equal(p.tcp->as.tcp.payload_len, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_syn_options),
		cmocka_unit_test(test_usual_opening),
		cmocka_unit_test(test_usual_options),
		cmocka_unit_test(test_sack),
		cmocka_unit_test(test_sack_cut),
		cmocka_unit_test(test_syn_cut),
		cmocka_unit_test(test_wrong_offsets),
		cmocka_unit_test(test_wrong_option),
		cmocka_unit_test(test_padding),
		cmocka_unit_test(test_cut_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
