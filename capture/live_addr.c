/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * live_addr.c - which addresses this host has, over rtnetlink (rtnetlink(7)).
 *
 * They are read when listening begins: a file that is written then has them in
 * its head, and says the same later.  Those that come and go are heard of.
 */
#include "capture/live_addr.h"

#include <linux/if_addr.h>
#include <string.h>

struct wanted {
	int index;
	struct source_address *out;
	uint32_t most, count;
};

/* What is of use among the attributes of an address. */
struct found {
	size_t size; /* of an address */
	uint32_t flags;
	const uint8_t *local, *address;
};

static int take_attribute(const struct nlattr *a, void *context)
{
	struct found *f = context;
	bool whole = mnl_attr_get_payload_len(a) == f->size;

	if (mnl_attr_get_type(a) == IFA_FLAGS &&
	    mnl_attr_validate(a, MNL_TYPE_U32) == 0)
		f->flags = mnl_attr_get_u32(a);
	else if (mnl_attr_get_type(a) == IFA_LOCAL && whole)
		f->local = mnl_attr_get_payload(a);
	else if (mnl_attr_get_type(a) == IFA_ADDRESS && whole)
		f->address = mnl_attr_get_payload(a);
	return MNL_CB_OK;
}

/* IFA_LOCAL is the own one where IFA_ADDRESS is that of the other end.  One
 * that somebody else turned out to have is not used. */
bool live_addr_take(const struct nlmsghdr *h, struct addr_news *out)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(h);
	const uint8_t *bytes;
	struct found f;

	if ((h->nlmsg_type != RTM_NEWADDR && h->nlmsg_type != RTM_DELADDR) ||
	    !netlink_has(h, sizeof(*info)) ||
	    (info->ifa_family != AF_INET && info->ifa_family != AF_INET6))
		return false;
	f = (struct found){.size = info->ifa_family == AF_INET ? 4 : 16,
			   .flags = info->ifa_flags};
	mnl_attr_parse(h, sizeof(*info), take_attribute, &f);
	bytes = f.local ? f.local : f.address;
	if (!bytes || info->ifa_prefixlen > f.size * 8)
		return false;
	out->index = (int)info->ifa_index;
	out->gone = h->nlmsg_type == RTM_DELADDR || f.flags & IFA_F_DADFAILED;
	out->address.addr = f.size == 4 ? addr_v4(bytes) : addr_v6(bytes);
	out->address.bits = info->ifa_prefixlen;
	return !addr_is_loopback(&out->address.addr);
}

static int take_message(const struct nlmsghdr *h, void *context)
{
	struct wanted *w = context;
	struct addr_news news;

	if (w->count < w->most && live_addr_take(h, &news) && !news.gone &&
	    (!w->index || news.index == w->index))
		w->out[w->count++] = news.address;
	return MNL_CB_OK;
}

uint32_t live_addr_read(int index, struct source_address *out, uint32_t most)
{
	_Alignas(8) uint8_t bytes[64];
	struct nlmsghdr *ask = mnl_nlmsg_put_header(bytes);
	struct wanted w = {.index = index, .out = out, .most = most};

	ask->nlmsg_type = RTM_GETADDR;
	mnl_nlmsg_put_extra_header(ask, sizeof(struct ifaddrmsg));
	netlink_list(ask, take_message, &w);
	return w.count;
}
