/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * live_addr.c - which addresses this host has, over rtnetlink (rtnetlink(7)).
 *
 * They are read once, when listening begins: a file that is written then has
 * them in its head, and says the same later.
 */
#include "capture/live_addr.h"

#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { ANSWER_BYTES = 32 * 1024, ANSWERS_MAX = 64, WAIT_S = 1 };

struct wanted {
	int index;
	struct source_address *out;
	uint32_t most, count;
};

static int ask(void)
{
	struct {
		struct nlmsghdr header;
		struct ifaddrmsg info;
	} all = {
		.header = {.nlmsg_len = sizeof(all),
			   .nlmsg_type = RTM_GETADDR,
			   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		.info = {.ifa_family = AF_UNSPEC},
	};
	const struct timeval wait = {.tv_sec = WAIT_S};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (send(fd, &all, sizeof(all), 0) == sizeof(all))
		return fd;
	close(fd);
	return -1;
}

/* IFA_LOCAL is the own one where IFA_ADDRESS is that of the other end. */
static void take(struct wanted *w, const struct ifaddrmsg *info, int left)
{
	const size_t size = info->ifa_family == AF_INET ? 4 : 16;
	uint32_t flags = info->ifa_flags;
	const uint8_t *bytes = NULL;
	struct source_address *a;

	for (const struct rtattr *r = IFA_RTA(info); RTA_OK(r, left);
	     r = RTA_NEXT(r, left)) {
		if (r->rta_type == IFA_FLAGS && RTA_PAYLOAD(r) >= sizeof(flags))
			memcpy(&flags, RTA_DATA(r), sizeof(flags));
		if (RTA_PAYLOAD(r) == size &&
		    (r->rta_type == IFA_LOCAL ||
		     (r->rta_type == IFA_ADDRESS && !bytes)))
			bytes = RTA_DATA(r);
	}
	if (!bytes || w->count == w->most || flags & IFA_F_DADFAILED ||
	    info->ifa_prefixlen > size * 8)
		return;
	a = &w->out[w->count];
	a->addr = size == 4 ? addr_v4(bytes) : addr_v6(bytes);
	a->bits = info->ifa_prefixlen;
	w->count += !addr_is_loopback(&a->addr);
}

/* False: it was the last. */
static bool take_message(struct wanted *w, const struct nlmsghdr *h)
{
	const struct ifaddrmsg *info = NLMSG_DATA(h);

	if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
		return false;
	if (h->nlmsg_type == RTM_NEWADDR &&
	    h->nlmsg_len >= NLMSG_LENGTH(sizeof(*info)) &&
	    (info->ifa_family == AF_INET || info->ifa_family == AF_INET6) &&
	    (!w->index || (int)info->ifa_index == w->index))
		take(w, info,
		     (int)(h->nlmsg_len - NLMSG_LENGTH(sizeof(*info))));
	return true;
}

uint32_t live_addr_read(int index, struct source_address *out, uint32_t most)
{
	_Alignas(8) uint8_t bytes[ANSWER_BYTES];
	struct wanted w = {.index = index, .out = out, .most = most};
	bool more = true;
	int fd = ask();

	for (int i = 0; fd >= 0 && more && i < ANSWERS_MAX; i++) {
		ssize_t n = recv(fd, bytes, sizeof(bytes), 0);
		int left = n > 0 ? (int)n : 0; /* NLMSG_NEXT may pass 0 */

		more = left > 0;
		for (const struct nlmsghdr *h = (void *)bytes;
		     more && left > 0 && NLMSG_OK(h, (uint32_t)left);
		     h = NLMSG_NEXT(h, left))
			more = take_message(&w, h);
	}
	if (fd >= 0)
		close(fd);
	return w.count;
}
