/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * live_addr.h - the addresses that the system has given to its interfaces, over
 * rtnetlink (rtnetlink(7)).
 */
#ifndef UPSTACK_CAPTURE_LIVE_ADDR_H
#define UPSTACK_CAPTURE_LIVE_ADDR_H

#include "capture/live_netlink.h"
#include "capture/source.h"

/* An address that an interface got, or lost. */
struct addr_news {
	int index;
	bool gone;
	struct source_address address;
};

/* The news that a message brings; false: none of this kind. */
bool live_addr_take(const struct nlmsghdr *h, struct addr_news *out);

/* Those of the interface with this index, or of all but loopback (0): fills
 * `out`, returns how many.  Asks once, and needs no privilege. */
uint32_t live_addr_read(int index, struct source_address *out, uint32_t most);

#endif
