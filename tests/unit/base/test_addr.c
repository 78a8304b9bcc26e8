/* SPDX-License-Identifier: BSD-3-Clause */
/* test_addr.c - what kind of address it is, and how it is written. */
#include "unit/base/unit.h"

#include <arpa/inet.h>

#include "base/addr.h"

static struct addr addr(const char *text)
{
	uint8_t b[16];

	if (inet_pton(AF_INET, text, b) == 1)
		return addr_v4(b);
	assert_int_equal(inet_pton(AF_INET6, text, b), 1);
	return addr_v6(b);
}

typedef bool is_fn(const struct addr *a);

static void expect(is_fn *is, const char *text, bool want)
{
	struct addr a = addr(text);

	assert_int_equal(is(&a), want);
}

static void test_kinds(void **state)
{
	const struct addr none = {.family = 0};

	(void)state;
	expect(addr_is_unspecified, "0.0.0.0", true);
	expect(addr_is_unspecified, "::", true);
	expect(addr_is_unspecified, "0.0.0.1", false);
	assert_true(addr_is_unspecified(&none));
	expect(addr_is_loopback, "127.255.0.1", true);
	expect(addr_is_loopback, "::1", true);
	expect(addr_is_loopback, "128.0.0.1", false);
	expect(addr_is_multicast, "224.0.0.1", true);
	expect(addr_is_multicast, "239.255.255.255", true);
	expect(addr_is_multicast, "240.0.0.1", false);
	expect(addr_is_multicast, "ff02::1", true);
	expect(addr_is_multicast, "fe80::1", false);
	expect(addr_is_broadcast, "255.255.255.255", true);
	expect(addr_is_broadcast, "10.255.255.255", false);
	expect(addr_is_link_local, "169.254.1.1", true);
	expect(addr_is_link_local, "febf::1", true);
	expect(addr_is_link_local, "fec0::1", false);
	expect(addr_is_private, "10.1.1.1", true);
	expect(addr_is_private, "172.16.0.1", true);
	expect(addr_is_private, "172.31.255.255", true);
	expect(addr_is_private, "172.32.0.1", false);
	expect(addr_is_private, "192.168.0.1", true);
	expect(addr_is_private, "100.127.0.1", true);
	expect(addr_is_private, "100.128.0.1", false);
	expect(addr_is_private, "fd00::1", true);
	expect(addr_is_private, "2001:db8::1", false);
}

static void test_prefix(void **state)
{
	struct addr a = addr("192.0.2.127"), b = addr("192.0.2.128");
	struct addr c = addr("2001:db8::1"), d = addr("2001:db8:8000::1");

	(void)state;
	assert_true(addr_same_prefix(&a, &b, 24));
	assert_false(addr_same_prefix(&a, &b, 25));
	assert_true(addr_same_prefix(&a, &a, 32));
	assert_true(addr_same_prefix(&a, &b, 0));
	assert_false(addr_same_prefix(&a, &a, 33));
	assert_true(addr_same_prefix(&c, &d, 32));
	assert_false(addr_same_prefix(&c, &d, 33));
	assert_true(addr_same_prefix(&c, &c, 128));
	assert_false(addr_same_prefix(&a, &c, 0));
}

static void test_text(void **state)
{
	const struct mac m = {{0xaa, 0xbb, 0xcc, 0, 1, 0x0f}};
	const struct addr none = {.family = 0};
	struct addr v4 = addr("192.0.2.1"), v6 = addr("2001:db8:0:0:0:0:0:1");
	struct addr widest = addr("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	char out[ENDPOINT_TEXT];

	(void)state;
	assert_string_equal(addr_text(&v4, out), "192.0.2.1");
	assert_string_equal(addr_text(&v6, out), "2001:db8::1");
	assert_string_equal(addr_text(&none, out), "-");
	assert_string_equal(mac_text(&m, out), "aa:bb:cc:00:01:0f");
	assert_string_equal(endpoint_text(&v4, 80, out), "192.0.2.1:80");
	assert_string_equal(endpoint_text(&v6, 443, out), "[2001:db8::1]:443");
	assert_string_equal(endpoint_text(&widest, 65535, out),
			    "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
}

static void test_mac(void **state)
{
	const struct mac all = {{255, 255, 255, 255, 255, 255}};
	const struct mac group = {{1, 0, 0x5e, 0, 0, 1}};
	const struct mac one = {{2, 0, 0, 0, 0, 1}};
	const struct mac none = {{0}};

	(void)state;
	assert_true(mac_is_broadcast(&all) && mac_is_group(&all));
	assert_true(mac_is_group(&group) && !mac_is_broadcast(&group));
	assert_false(mac_is_group(&one) || mac_is_zero(&one));
	assert_true(mac_is_zero(&none));
	assert_false(mac_equal(&one, &group));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_mac),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
