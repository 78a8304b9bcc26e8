/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * live_netlink.h - the system's own words on its network, over rtnetlink
 * (rtnetlink(7)), through libmnl.
 */
#ifndef UPSTACK_CAPTURE_LIVE_NETLINK_H
#define UPSTACK_CAPTURE_LIVE_NETLINK_H

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>

struct netlink;

/* A socket that hears of every change of these groups (RTMGRP_), and never
 * waits; NULL if the system has none. */
struct netlink *netlink_open(unsigned groups);
void netlink_close(struct netlink *n); /* NULL is fine */

int netlink_fd(const struct netlink *n); /* -1 of NULL */

/* Ask for one thing; the answer comes as a message among the others. */
void netlink_ask(struct netlink *n, const struct nlmsghdr *request);

/* The next message without waiting; NULL: none.  Borrowed until the next
 * call. */
const struct nlmsghdr *netlink_next(struct netlink *n);

/* Ask for all of a kind (NLM_F_DUMP is set here) on a socket of its own, and
 * wait for them, a second at most.  Needs no privilege. */
void netlink_list(struct nlmsghdr *request, mnl_cb_t take, void *context);

/* Whether a message has room for what stands before its attributes. */
static inline bool netlink_has(const struct nlmsghdr *h, size_t extra)
{
	return mnl_nlmsg_get_payload_len(h) >= extra;
}

#endif
