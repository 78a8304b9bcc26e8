/* SPDX-License-Identifier: BSD-3-Clause */
/* test_dhcp.c - DHCPv4 messages, their options, and damage. */
#include "unit/wire.h"

#include "dissectors/dhcp.h"

static struct dhcp_message m;

#define FIXED                                                                  \
	"02 01 06 01 # reply, Ethernet, 1 hop\n"                               \
	"11223344 0005 8000 # xid, secs, broadcast\n"                          \
	"00000000 c0000264 c0000202 c0000203"                                  \
	"525400aabb02 00000000000000000000"
#define MAGIC "63825363 "

/* The header, the fields of server name and boot file, and options. */
static struct wire_bytes message(const char *sname, const char *file,
				 const char *options)
{
	struct wire_bytes b = wire_hex(FIXED);
	struct wire_bytes part = wire_hex(sname);

	memset(b.at + b.size, 0, 64 + 128);
	memcpy(b.at + b.size, part.at, part.size);
	part = wire_hex(file);
	memcpy(b.at + b.size + 64, part.at, part.size);
	b.size += 64 + 128;
	part = wire_hex(options);
	memcpy(b.at + b.size, part.at, part.size);
	b.size += part.size;
	return b;
}

static void parse(const struct wire_bytes *b)
{
	dhcp_parse(&m, cursor_over(b->at, b->size, b->size));
}

#define OPTIONS                                                                \
	MAGIC "35 01 05 # ACK\n"                                               \
	      "36 04 c0000201 33 04 00000e10 3a 04 00000708 3b 04 00000c4e"    \
	      "01 04 ffffff00 03 04 c00002fe 06 08 c0000235 c0000236"          \
	      "0c 05 6c61621b00 # host name\n"                                 \
	      "32 04 c0000265 37 03 010306 3d 07 01525400aabb02"               \
	      "79 0b 00 c00002fd 08 0a c00002fc # routes\n"                    \
	      "00 ff"

static void test_fields(void **state)
{
	struct wire_bytes b = message("", "", OPTIONS);

	(void)state;
	parse(&b);
	assert_int_equal(m.state, WIRE_WHOLE);
	assert_true(m.is_dhcp && m.has_client && m.broadcast);
	assert_false(m.from_client);
	assert_int_equal(m.type, DHCP_ACK);
	assert_int_equal(m.hops, 1);
	assert_int_equal(m.xid, 0x11223344);
	assert_int_equal(m.secs, 5);
	assert_memory_equal(&m.client, b.at + 28, 6);
	assert_int_equal(m.ciaddr.family, 0);
	assert_addr(&m.yiaddr, "192.0.2.100");
	assert_addr(&m.siaddr, "192.0.2.2");
	assert_addr(&m.giaddr, "192.0.2.3");
	assert_addr(&m.server_id, "192.0.2.1");
	assert_addr(&m.requested, "192.0.2.101");
	assert_addr(&m.mask, "255.255.255.0");
	assert_int_equal(m.routers, 1);
	assert_addr(&m.router[0], "192.0.2.254");
	assert_int_equal(m.resolvers, 2);
	assert_addr(&m.resolver[1], "192.0.2.54");
	assert_true(m.has_lease);
	assert_int_equal(m.lease_s, 3600);
	assert_int_equal(m.renewal_s, 1800);
	assert_int_equal(m.rebinding_s, 3150);
	assert_string_equal(m.host_name, "lab\\x1b");
	assert_true(m.asks_router && m.asks_resolver);
	assert_int_equal(m.client_id_size, 7);
	assert_int_equal(m.client_id[1], 0x52);
	assert_int_equal(m.routes, 2);
	assert_addr(&m.default_route, "192.0.2.253");
}

static void test_overload(void **state)
{
	struct wire_bytes b = message("03 04 c00002fe ff", "36 04 c0000201 ff",
				      MAGIC "35 01 02 34 01 03 ff");

	(void)state;
	parse(&b);
	assert_int_equal(m.type, DHCP_OFFER);
	assert_addr(&m.server_id, "192.0.2.1");
	assert_addr(&m.router[0], "192.0.2.254");
	b.at[b.size - 2] = 0;
	parse(&b);
	assert_int_equal(m.server_id.family, 0);
}

static void test_every_prefix(void **state)
{
	struct wire_bytes b = message("", "", OPTIONS);

	(void)state;
	for (uint32_t kept = 0; kept < b.size; kept++) {
		dhcp_parse(&m, cursor_over(b.at, kept, b.size));
		assert_int_equal(m.state, WIRE_TRUNCATED);
		assert_int_equal(m.is_dhcp, kept >= 240);
		assert_int_equal(m.type, kept >= 243 ? DHCP_ACK : 0);
	}
}

static void test_option_past_the_end(void **state)
{
	struct wire_bytes b = message("", "", MAGIC "35 01 05 36 04 c00002");

	(void)state;
	parse(&b);
	assert_int_equal(m.state, WIRE_MALFORMED);
	assert_string_equal(m.bad, "option runs past the end");
	assert_int_equal(m.type, DHCP_ACK);
}

static void test_other_contents(void **state)
{
	struct wire_bytes b = message("", "", "00000000 350105ff");

	(void)state;
	parse(&b);
	assert_false(m.is_dhcp);
	assert_int_equal(m.type, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_overload),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_option_past_the_end),
		cmocka_unit_test(test_other_contents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
