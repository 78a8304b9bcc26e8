/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * live_link.h - what the system says of interfaces, over rtnetlink
 * (rtnetlink(7)).
 */
#ifndef UPSTACK_CAPTURE_LIVE_LINK_H
#define UPSTACK_CAPTURE_LIVE_LINK_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "capture/live_netlink.h"

/* One message: the state of one interface. */
struct link_news {
	int index;
	char name[IFNAMSIZ];
	bool gone;	   /* it was removed */
	uint16_t hardware; /* ARPHRD_ */
	struct mac mac;	   /* zero if it has none */
	bool up, carrier, dormant;
	uint32_t mtu, carrier_downs;
	uint64_t received, sent;
	uint64_t errors_received, errors_sent, missed, collisions;
};

/* Ask for the state of one interface; the answer comes as news. */
void live_link_ask(struct netlink *n, int index);

/* The news that a message brings; false: none of this kind. */
bool live_link_take(const struct nlmsghdr *h, struct link_news *out);

#endif
