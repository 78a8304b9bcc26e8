/* SPDX-License-Identifier: BSD-3-Clause */
/* test_serial.c - BSD loopback, raw IP, Cisco HDLC, frame relay, PPP and PPPoE.
 */
#include "unit/wire.h"

static struct packet p;

#define IPV4 "4500 0014 0001 0000 40ff 0000 c0000201 c6336402 "
#define IPV6                                                                   \
	"60000000 0000 3b40 20010db8000000000000000000000001"                  \
	"20010db8000000000000000000000002 "

static void assert_leads_to_ip(uint16_t link_type, const char *hex,
			       enum protocol proto, uint8_t version)
{
	struct wire_bytes b = wire_hex(hex);

	wire_packet(&p, link_type, &b);
	assert_int_equal(p.layers[0].proto, proto);
	assert_int_equal(p.state, WIRE_WHOLE);
	assert_non_null(p.ip);
	assert_int_equal(p.ip->as.ip.version, version);
	assert_null(p.eth);
}

static void test_null(void **state)
{
	struct wire_bytes b = wire_hex("02000000" IPV4);

	(void)state;
	assert_leads_to_ip(0, "02000000" IPV4, PROTO_null, 4);
	assert_leads_to_ip(0, "00000002" IPV4, PROTO_null, 4);
	assert_leads_to_ip(0, "1e000000" IPV6, PROTO_null, 6);
	assert_leads_to_ip(108, "0000001c" IPV6, PROTO_null, 6);
	assert_every_prefix(0, &b, PROTO_null, 4);
}

static void test_raw(void **state)
{
	(void)state;
	assert_leads_to_ip(101, IPV4, PROTO_raw, 4);
	assert_leads_to_ip(101, IPV6, PROTO_raw, 6);
	assert_leads_to_ip(12, IPV4, PROTO_raw, 4);
	assert_leads_to_ip(14, IPV6, PROTO_raw, 6);
	assert_leads_to_ip(228, IPV4, PROTO_ipv4, 4);
	assert_leads_to_ip(229, IPV6, PROTO_ipv6, 6);
}

static void test_hdlc(void **state)
{
	struct wire_bytes b = wire_hex("0f00 0800" IPV4);

	(void)state;
	assert_leads_to_ip(104, "0f00 0800" IPV4, PROTO_hdlc, 4);
	assert_every_prefix(104, &b, PROTO_hdlc, 4);
}

static void test_frame_relay(void **state)
{
	struct wire_bytes b = wire_hex("1841 03cc" IPV4);

	(void)state;
	assert_leads_to_ip(107, "1841 03cc" IPV4, PROTO_frelay, 4);
	assert_int_equal(p.layers[0].as.tunnel.id, 100);
	assert_leads_to_ip(107, "1841 0300 80 000000 0800" IPV4, PROTO_frelay,
			   4);
	assert_leads_to_ip(107, "1841 038e" IPV6, PROTO_frelay, 6);
	assert_leads_to_ip(107, "1841 0800" IPV4, PROTO_frelay, 4);
	assert_every_prefix(107, &b, PROTO_frelay, 4);
}

static void test_ppp(void **state)
{
	struct wire_bytes b = wire_hex("ff03 0021" IPV4);

	(void)state;
	assert_leads_to_ip(9, "ff03 0021" IPV4, PROTO_ppp, 4);
	assert_leads_to_ip(9, "0057" IPV6, PROTO_ppp, 6);
	assert_leads_to_ip(9, "21" IPV4, PROTO_ppp, 4);
	assert_leads_to_ip(50, "0f00 0800" IPV4, PROTO_ppp, 4);
	assert_every_prefix(9, &b, PROTO_ppp, 4);
}

static void test_pppoe_session(void **state)
{
	struct wire_bytes b = wire_hex(WIRE_MACS "8864 11 00 # session\n"
						 "0102 0016 # id, length\n"
						 "0021" IPV4 "0000");

	(void)state;
	wire_packet(&p, WIRE_ETHERNET, &b);
	assert_int_equal(p.layers[1].proto, PROTO_pppoe);
	assert_int_equal(p.layers[1].as.tunnel.id, 0x102);
	assert_int_equal(p.layers[1].as.tunnel.code, 0);
	assert_non_null(p.ip);
	assert_int_equal(p.payload.sent, 0);
	assert_every_prefix(WIRE_ETHERNET, &b, PROTO_pppoe, 6);
}

static void test_pppoe_discovery(void **state)
{
	struct wire_bytes b = wire_hex(WIRE_MACS "8863 11 09 0000 0004"
						 "01010000");

	(void)state;
	wire_packet(&p, WIRE_ETHERNET, &b);
	assert_int_equal(p.layer_count, 2);
	assert_int_equal(p.layers[1].as.tunnel.code, 9);
	assert_int_equal(p.payload.kept, 4);
}

static void test_pppoe_length(void **state)
{
	struct wire_bytes b = wire_hex(WIRE_MACS "8863 11 09 0000 0005"
						 "01010000");

	(void)state;
	wire_packet(&p, WIRE_ETHERNET, &b);
	assert_int_equal(p.state, WIRE_MALFORMED);
	assert_string_equal(p.layers[1].bad, "length beyond the frame");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_null),
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_hdlc),
		cmocka_unit_test(test_frame_relay),
		cmocka_unit_test(test_ppp),
		cmocka_unit_test(test_pppoe_session),
		cmocka_unit_test(test_pppoe_discovery),
		cmocka_unit_test(test_pppoe_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
