/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * live_link.c - what the system says of interfaces, over rtnetlink
 * (rtnetlink(7)).
 *
 * Only the kernel can send to this socket's groups, and yet every length is
 * checked: the answers of a kernel newer than this file may be longer.
 */
#include "capture/live_link.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <string.h>

void live_link_ask(struct netlink *n, int index)
{
	_Alignas(8) uint8_t bytes[64];
	struct nlmsghdr *ask = mnl_nlmsg_put_header(bytes);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(ask, sizeof(*info));

	ask->nlmsg_type = RTM_GETLINK;
	ask->nlmsg_flags = NLM_F_REQUEST;
	info->ifi_index = index;
	netlink_ask(n, ask);
}

static uint32_t value_u32(const struct nlattr *a)
{
	return mnl_attr_validate(a, MNL_TYPE_U32) == 0 ? mnl_attr_get_u32(a)
						       : 0;
}

static void take_counters(const struct nlattr *a, struct link_news *n)
{
	struct rtnl_link_stats64 s = {0};
	size_t size = mnl_attr_get_payload_len(a);

	memcpy(&s, mnl_attr_get_payload(a),
	       size < sizeof(s) ? size : sizeof(s));
	n->received = s.rx_packets;
	n->sent = s.tx_packets;
	/* of rx_errors and tx_errors only what tells of the wire: dropped and
	 * nohandler count what nobody wanted */
	n->errors_received = s.rx_crc_errors + s.rx_frame_errors +
			     s.rx_length_errors + s.rx_over_errors;
	n->errors_sent =
		s.tx_carrier_errors + s.tx_aborted_errors + s.tx_fifo_errors;
	n->missed = s.rx_missed_errors + s.rx_fifo_errors;
	n->collisions = s.collisions;
}

static int take_attribute(const struct nlattr *a, void *context)
{
	struct link_news *n = context;
	const uint16_t size = mnl_attr_get_payload_len(a);

	switch (mnl_attr_get_type(a)) {
	case IFLA_IFNAME:
		memcpy(n->name, mnl_attr_get_payload(a),
		       size < IFNAMSIZ ? size : IFNAMSIZ - 1);
		break;
	case IFLA_ADDRESS:
		if (size == sizeof(n->mac))
			memcpy(&n->mac, mnl_attr_get_payload(a), size);
		break;
	case IFLA_MTU:
		n->mtu = value_u32(a);
		break;
	case IFLA_CARRIER_DOWN_COUNT:
		n->carrier_downs = value_u32(a);
		break;
	case IFLA_STATS64:
		take_counters(a, n);
		break;
	}
	return MNL_CB_OK;
}

bool live_link_take(const struct nlmsghdr *h, struct link_news *out)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(h);

	if (h->nlmsg_type != RTM_NEWLINK && h->nlmsg_type != RTM_DELLINK)
		return false;
	/* bridges report their ports in a family of their own */
	if (!netlink_has(h, sizeof(*info)) || info->ifi_family != AF_UNSPEC)
		return false;
	*out = (struct link_news){.index = info->ifi_index,
				  .gone = h->nlmsg_type == RTM_DELLINK,
				  .hardware = info->ifi_type,
				  .up = info->ifi_flags & IFF_UP,
				  .carrier = info->ifi_flags & IFF_LOWER_UP,
				  .dormant = info->ifi_flags & IFF_DORMANT};
	mnl_attr_parse(h, sizeof(*info), take_attribute, out);
	return true;
}
