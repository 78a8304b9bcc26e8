/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * live_netlink.c - the system's own words on its network, over rtnetlink
 * (rtnetlink(7)), through libmnl.
 *
 * libmnl sends to an address; here it is left away, because the sandbox lets
 * nothing be sent but to the kernel, to which an unconnected netlink socket
 * sends anyway.
 */
#include "capture/live_netlink.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

enum {
	RECEIVE_BYTES = 1 << 20,
	ANSWER_BYTES = 32 * 1024, /* the most that the kernel makes of a list */
	ANSWERS_MAX = 64,
	WAIT_S = 1,
};

struct netlink {
	struct mnl_socket *socket;
	const struct nlmsghdr *at; /* the next message */
	int left;
	_Alignas(8) uint8_t bytes[ANSWER_BYTES];
};

static bool request_send(const struct mnl_socket *s, const struct nlmsghdr *h)
{
	return send(mnl_socket_get_fd(s), h, h->nlmsg_len, 0) ==
	       (ssize_t)h->nlmsg_len;
}

struct netlink *netlink_open(unsigned groups)
{
	struct netlink *n = calloc(1, sizeof(*n));
	int room = RECEIVE_BYTES;

	if (!n)
		return NULL;
	n->socket =
		mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!n->socket ||
	    mnl_socket_bind(n->socket, groups, MNL_SOCKET_AUTOPID) != 0) {
		netlink_close(n);
		return NULL;
	}
	setsockopt(netlink_fd(n), SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	return n;
}

void netlink_close(struct netlink *n)
{
	if (n && n->socket)
		mnl_socket_close(n->socket);
	free(n);
}

int netlink_fd(const struct netlink *n)
{
	return n ? mnl_socket_get_fd(n->socket) : -1;
}

void netlink_ask(struct netlink *n, const struct nlmsghdr *request)
{
	/* unanswered at worst: it is asked again in a second */
	if (n)
		(void)request_send(n->socket, request);
}

const struct nlmsghdr *netlink_next(struct netlink *n)
{
	const struct nlmsghdr *h;
	ssize_t got;

	if (!n)
		return NULL;
	while (!mnl_nlmsg_ok(n->at, n->left)) {
		got = mnl_socket_recvfrom(n->socket, n->bytes,
					  sizeof(n->bytes));
		n->at = (const struct nlmsghdr *)n->bytes;
		n->left = got > 0 ? (int)got : 0;
		if (got <= 0)
			return NULL; /* what was lost is asked again */
	}
	h = n->at;
	n->at = mnl_nlmsg_next(h, &n->left);
	return h;
}

/* One thing of a list comes after the other, until the kernel says that it was
 * the last. */
static void list_read(const struct mnl_socket *s, mnl_cb_t take, void *context)
{
	_Alignas(8) uint8_t bytes[ANSWER_BYTES];
	int more = MNL_CB_OK;

	for (int i = 0; more == MNL_CB_OK && i < ANSWERS_MAX; i++) {
		ssize_t n = mnl_socket_recvfrom(s, bytes, sizeof(bytes));

		more = n > 0 ? mnl_cb_run(bytes, (size_t)n, 0, 0, take, context)
			     : MNL_CB_STOP;
	}
}

void netlink_list(struct nlmsghdr *request, mnl_cb_t take, void *context)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	const struct timeval wait = {.tv_sec = WAIT_S};
	int only_asked = 1;

	if (!s)
		return;
	setsockopt(mnl_socket_get_fd(s), SOL_SOCKET, SO_RCVTIMEO, &wait,
		   sizeof(wait));
	/* an older kernel lists more than was asked for */
	setsockopt(mnl_socket_get_fd(s), SOL_NETLINK, NETLINK_GET_STRICT_CHK,
		   &only_asked, sizeof(only_asked));
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	if (request_send(s, request))
		list_read(s, take, context);
	mnl_socket_close(s);
}
