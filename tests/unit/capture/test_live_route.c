/* SPDX-License-Identifier: BSD-3-Clause */
/* test_live_route.c - gateways and addresses of messages as a kernel makes
 * them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <linux/if_addr.h>
#include <sys/socket.h>

#include "capture/live_addr.h"
#include "capture/live_route.h"

static const uint8_t one[4] = {192, 0, 2, 1}, two[4] = {192, 0, 2, 2};

struct message {
	_Alignas(8) uint8_t bytes[512];
	struct nlmsghdr *head;
};

static void *begin(struct message *m, uint16_t type, size_t extra)
{
	m->head = mnl_nlmsg_put_header(m->bytes);
	m->head->nlmsg_type = type;
	return mnl_nlmsg_put_extra_header(m->head, extra);
}

static void begin_route(struct message *m, uint8_t type)
{
	struct rtmsg *info = begin(m, RTM_NEWROUTE, sizeof(*info));

	info->rtm_family = AF_INET;
	info->rtm_type = type;
}

static void put_hop(struct message *m, int index, const uint8_t gateway[4])
{
	struct rtnexthop *hop = mnl_nlmsg_get_payload_tail(m->head);

	*hop = (struct rtnexthop){.rtnh_len = sizeof(*hop) + 8,
				  .rtnh_ifindex = index};
	m->head->nlmsg_len += sizeof(*hop);
	mnl_attr_put(m->head, RTA_GATEWAY, 4, gateway);
}

static void test_one_gateway(void **state)
{
	struct addr out[2];
	struct message m;

	(void)state;
	begin_route(&m, RTN_UNICAST);
	mnl_attr_put_u32(m.head, RTA_OIF, 7);
	assert_int_equal(live_route_take(m.head, 7, out, 2), 0);
	mnl_attr_put(m.head, RTA_GATEWAY, 4, one);
	assert_int_equal(live_route_take(m.head, 7, out, 2), 1);
	assert_memory_equal(out[0].bytes, one, 4);
	assert_int_equal(live_route_take(m.head, 0, out, 2), 1);
	assert_int_equal(live_route_take(m.head, 8, out, 2), 0);
	begin_route(&m, RTN_BLACKHOLE);
	mnl_attr_put_u32(m.head, RTA_OIF, 7);
	mnl_attr_put(m.head, RTA_GATEWAY, 4, one);
	assert_int_equal(live_route_take(m.head, 7, out, 2), 0);
}

static void test_several_hops(void **state)
{
	struct addr out[2];
	struct nlattr *list;
	struct message m;

	(void)state;
	begin_route(&m, RTN_UNICAST);
	list = mnl_attr_nest_start(m.head, RTA_MULTIPATH);
	put_hop(&m, 7, one);
	put_hop(&m, 8, two);
	mnl_attr_nest_end(m.head, list);
	assert_int_equal(live_route_take(m.head, 0, out, 2), 2);
	assert_int_equal(live_route_take(m.head, 0, out, 1), 1);
	assert_int_equal(live_route_take(m.head, 8, out, 2), 1);
	assert_memory_equal(out[0].bytes, two, 4);
}

static void begin_address(struct message *m, uint16_t type, uint32_t flags)
{
	struct ifaddrmsg *info = begin(m, type, sizeof(*info));

	info->ifa_family = AF_INET;
	info->ifa_prefixlen = 24;
	info->ifa_index = 7;
	mnl_attr_put(m->head, IFA_ADDRESS, 4, two);
	mnl_attr_put(m->head, IFA_LOCAL, 4, one);
	mnl_attr_put_u32(m->head, IFA_FLAGS, flags);
}

static void test_addresses(void **state)
{
	struct addr_news news;
	struct message m;

	(void)state;
	begin_address(&m, RTM_NEWADDR, 0);
	assert_true(live_addr_take(m.head, &news));
	assert_false(news.gone);
	assert_int_equal(news.index, 7);
	assert_int_equal(news.address.bits, 24);
	assert_memory_equal(news.address.addr.bytes, one, 4);
	begin_address(&m, RTM_DELADDR, 0);
	assert_true(live_addr_take(m.head, &news) && news.gone);
	/* somebody else has it: it is not used */
	begin_address(&m, RTM_NEWADDR, IFA_F_DADFAILED);
	assert_true(live_addr_take(m.head, &news) && news.gone);
	begin_route(&m, RTN_UNICAST);
	assert_false(live_addr_take(m.head, &news));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_gateway),
		cmocka_unit_test(test_several_hops),
		cmocka_unit_test(test_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
