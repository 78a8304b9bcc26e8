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
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RECEIVE_BYTES = 1 << 20 };

int live_link_open(void)
{
	struct sockaddr_nl us = {.nl_family = AF_NETLINK,
				 .nl_groups = RTMGRP_LINK};
	int room = RECEIVE_BYTES;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_ROUTE);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (bind(fd, (struct sockaddr *)&us, sizeof(us)) == 0)
		return fd;
	close(fd);
	return -1;
}

void live_link_ask(int fd, int index)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
	} ask = {
		.header = {.nlmsg_len = sizeof(ask),
			   .nlmsg_type = RTM_GETLINK,
			   .nlmsg_flags = NLM_F_REQUEST},
		.info = {.ifi_family = AF_UNSPEC, .ifi_index = index},
	};

	/* unanswered at worst: it is asked again in a second */
	(void)!send(fd, &ask, sizeof(ask), 0);
}

static uint32_t value_u32(const struct rtattr *a)
{
	uint32_t v = 0;

	if (RTA_PAYLOAD(a) >= sizeof(v))
		memcpy(&v, RTA_DATA(a), sizeof(v));
	return v;
}

static void take_counters(const struct rtattr *a, struct link_news *n)
{
	struct rtnl_link_stats64 s = {0};
	size_t size = RTA_PAYLOAD(a);

	memcpy(&s, RTA_DATA(a), size < sizeof(s) ? size : sizeof(s));
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

static void take_attribute(const struct rtattr *a, struct link_news *n)
{
	switch (a->rta_type) {
	case IFLA_IFNAME:
		memcpy(n->name, RTA_DATA(a),
		       RTA_PAYLOAD(a) < IFNAMSIZ ? RTA_PAYLOAD(a)
						 : IFNAMSIZ - 1);
		break;
	case IFLA_ADDRESS:
		if (RTA_PAYLOAD(a) == sizeof(n->mac))
			memcpy(&n->mac, RTA_DATA(a), sizeof(n->mac));
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
}

static bool take_message(const struct nlmsghdr *h, struct link_news *n)
{
	const struct ifinfomsg *info = NLMSG_DATA(h);
	const struct rtattr *a;
	int left;

	if (h->nlmsg_type != RTM_NEWLINK && h->nlmsg_type != RTM_DELLINK)
		return false;
	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*info)))
		return false;
	/* bridges report their ports in a family of their own */
	if (info->ifi_family != AF_UNSPEC)
		return false;
	*n = (struct link_news){.index = info->ifi_index,
				.gone = h->nlmsg_type == RTM_DELLINK,
				.hardware = info->ifi_type,
				.up = info->ifi_flags & IFF_UP,
				.carrier = info->ifi_flags & IFF_LOWER_UP,
				.dormant = info->ifi_flags & IFF_DORMANT};
	left = (int)(h->nlmsg_len - NLMSG_LENGTH(sizeof(*info)));
	for (a = IFLA_RTA(info); RTA_OK(a, left); a = RTA_NEXT(a, left))
		take_attribute(a, n);
	return true;
}

bool live_link_hear(int fd, struct link_buffer *b, struct link_news *out)
{
	for (;;) {
		const struct nlmsghdr *h = (void *)(b->bytes + b->at);
		uint32_t left = b->used - b->at;
		ssize_t n;

		if (left >= sizeof(*h) && h->nlmsg_len >= sizeof(*h) &&
		    h->nlmsg_len <= left) {
			uint32_t step = NLMSG_ALIGN(h->nlmsg_len);

			b->at += step < left ? step : left;
			if (take_message(h, out))
				return true;
			continue;
		}
		b->at = b->used = 0;
		n = recv(fd, b->bytes, sizeof(b->bytes), MSG_DONTWAIT);
		if (n <= 0)
			return false; /* what was lost is asked again */
		b->used = (uint32_t)n;
	}
}
