/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * live_route.c - the gateways that the system's routes lead over, over
 * rtnetlink (rtnetlink(7)).
 *
 * Those that lead elsewhere are left away by the kernel where it can, so that a
 * router with the routes of the whole Internet answers in time.
 */
#include "capture/live_route.h"

#include <string.h>
#include <sys/socket.h>

/* Where gateways are put. */
struct gateways {
	int index; /* of the interface; 0: any */
	struct addr *out;
	uint32_t most, count;
};

/* One hop of a route: all but RTA_MULTIPATH are of it. */
struct hop {
	int index;
	bool has;
	struct addr gateway;
	const struct nlattr *several;
};

static void add_gateway(struct gateways *g, const struct hop *hop)
{
	if (!hop->has || (g->index && hop->index != g->index))
		return;
	for (uint32_t i = 0; i < g->count; i++)
		if (addr_equal(&g->out[i], &hop->gateway))
			return;
	if (g->count < g->most)
		g->out[g->count++] = hop->gateway;
}

static int take_attribute(const struct nlattr *a, void *context)
{
	const uint16_t size = mnl_attr_get_payload_len(a);
	const uint8_t *bytes = mnl_attr_get_payload(a);
	struct hop *hop = context;

	switch (mnl_attr_get_type(a)) {
	case RTA_OIF:
		if (mnl_attr_validate(a, MNL_TYPE_U32) == 0)
			hop->index = (int)mnl_attr_get_u32(a);
		break;
	case RTA_GATEWAY:
		hop->has = size == 4 || size == 16;
		if (hop->has)
			hop->gateway =
				size == 4 ? addr_v4(bytes) : addr_v6(bytes);
		break;
	case RTA_MULTIPATH:
		hop->several = a;
		break;
	}
	return MNL_CB_OK;
}

/* A route of several hops: a list of them, each with attributes. */
static void take_several(struct gateways *g, const struct nlattr *list)
{
	const uint8_t *at = mnl_attr_get_payload(list);
	size_t left = mnl_attr_get_payload_len(list);
	struct rtnexthop head;

	while (left >= sizeof(head)) {
		struct hop hop = {0};
		size_t step;

		memcpy(&head, at, sizeof(head));
		if (head.rtnh_len < sizeof(head) || head.rtnh_len > left)
			return;
		mnl_attr_parse_payload(at + sizeof(head),
				       head.rtnh_len - sizeof(head),
				       take_attribute, &hop);
		hop.index = head.rtnh_ifindex;
		add_gateway(g, &hop);
		step = RTNH_ALIGN((size_t)head.rtnh_len);
		at += step < left ? step : left;
		left -= step < left ? step : left;
	}
}

static int take_message(const struct nlmsghdr *h, void *context)
{
	const struct rtmsg *info = mnl_nlmsg_get_payload(h);
	struct gateways *g = context;
	struct hop hop = {0};

	if (h->nlmsg_type != RTM_NEWROUTE || !netlink_has(h, sizeof(*info)) ||
	    info->rtm_type != RTN_UNICAST || info->rtm_flags & RTM_F_CLONED)
		return MNL_CB_OK;
	mnl_attr_parse(h, sizeof(*info), take_attribute, &hop);
	add_gateway(g, &hop);
	if (hop.several)
		take_several(g, hop.several);
	return MNL_CB_OK;
}

uint32_t live_route_take(const struct nlmsghdr *h, int index, struct addr *out,
			 uint32_t most)
{
	struct gateways g = {.index = index, .out = out, .most = most};

	take_message(h, &g);
	return g.count;
}

static void list_family(struct gateways *g, uint8_t family)
{
	_Alignas(8) uint8_t bytes[64];
	struct nlmsghdr *ask = mnl_nlmsg_put_header(bytes);
	struct rtmsg *info = mnl_nlmsg_put_extra_header(ask, sizeof(*info));

	ask->nlmsg_type = RTM_GETROUTE;
	info->rtm_family = family;
	if (g->index)
		mnl_attr_put_u32(ask, RTA_OIF, (uint32_t)g->index);
	netlink_list(ask, take_message, g);
}

uint32_t live_route_read(int index, struct addr *out, uint32_t most)
{
	struct gateways g = {.index = index, .out = out, .most = most};

	list_family(&g, AF_INET);
	list_family(&g, AF_INET6);
	return g.count;
}
