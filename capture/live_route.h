/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * live_route.h - the gateways that the system's routes lead over, over
 * rtnetlink (rtnetlink(7)).
 */
#ifndef UPSTACK_CAPTURE_LIVE_ROUTE_H
#define UPSTACK_CAPTURE_LIVE_ROUTE_H

#include "base/addr.h"
#include "capture/live_netlink.h"

/* Gateways that a message brings a route over, out of the interface with this
 * index, or any (0): fills up to `most`, returns how many; 0: none, or no route
 * at all. */
uint32_t live_route_take(const struct nlmsghdr *h, int index, struct addr *out,
			 uint32_t most);

/* The same of all routes, each once.  Asks once, and needs no privilege. */
uint32_t live_route_read(int index, struct addr *out, uint32_t most);

#endif
