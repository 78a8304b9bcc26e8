/* SPDX-License-Identifier: BSD-3-Clause */
/* talk_open.c - steps that open connections, close them, or give them up. */
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/fail.h"
#include "lab/talk.h"
#include "lab/talk_address.h"

enum { TFO_BYTES_MAX = 65536 };

static bool act_socket(struct talk *t, const struct step *s)
{
	(void)s;
	talk_socket(t);
	return true;
}

static bool act_connect(struct talk *t, const struct step *s)
{
	union address to;
	socklen_t size = talk_server(t, s->word[1], s->word[2], &to);

	return connect(talk_socket(t), &to.any, size) == 0;
}

/* A connection that may fail: the steps go on. */
static bool act_try(struct talk *t, const struct step *s)
{
	if (!act_connect(t, s)) {
		close(t->conn);
		t->conn = -1;
	}
	return true;
}

/* tfo PORT BYTES: data in the SYN, where the server gave a cookie before. */
static bool act_tfo(struct talk *t, const struct step *s)
{
	static const char zeros[TFO_BYTES_MAX];
	size_t bytes = (size_t)talk_number(s, 2, 1);
	union address to;
	socklen_t size = talk_server(t, s->word[1], NULL, &to);

	if (bytes > sizeof(zeros))
		fail("tfo: too many bytes");
	return sendto(talk_socket(t), zeros, bytes, MSG_FASTOPEN, &to.any,
		      size) == (ssize_t)bytes;
}

static bool act_listen(struct talk *t, const struct step *s)
{
	union address here;
	socklen_t size = talk_address(t, NULL, talk_port(t, s->word[1]), &here);
	int one = 1;

	setsockopt(talk_socket(t), SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(t->conn, &here.any, size) != 0 ||
	    listen(t->conn, (int)talk_number(s, 2, 128)) != 0)
		return false;
	t->listener = t->conn;
	t->conn = -1;
	return true;
}

static bool act_accept(struct talk *t, const struct step *s)
{
	(void)s;
	t->conn = accept(t->listener, NULL, NULL);
	return t->conn >= 0;
}

/* One process for each connection: the steps that follow are its own. */
static bool act_accept_each(struct talk *t, const struct step *s)
{
	(void)s;
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int conn = accept(t->listener, NULL, NULL);

		if (conn < 0)
			return false;
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(t->listener);
			t->listener = -1;
			t->conn = conn;
			return true;
		}
		close(conn);
	}
}

/* The listening socket is closed, as by a service that stops. */
static bool act_stop(struct talk *t, const struct step *s)
{
	(void)s;
	return close(t->listener) == 0;
}

static bool act_from(struct talk *t, const struct step *s)
{
	union address here;
	socklen_t size = talk_address(t, NULL, talk_port(t, s->word[1]), &here);
	int one = 1;

	setsockopt(talk_socket(t), SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return bind(t->conn, &here.any, size) == 0;
}

/* An address of its own for each copy: run gives the client the network. */
static bool act_spread(struct talk *t, const struct step *s)
{
	union address here;
	socklen_t size = talk_address(t, NULL, 0, &here);

	(void)s;
	if (t->plan->v6)
		fail("spread: IPv4 only");
	here.v4.sin_addr.s_addr = htonl(0x0a090001u + t->copy);
	return bind(talk_socket(t), &here.any, size) == 0;
}

static bool act_close(struct talk *t, const struct step *s)
{
	(void)s;
	talk_note_info(t);
	close(t->conn);
	t->conn = -1;
	return true;
}

static bool act_shutdown(struct talk *t, const struct step *s)
{
	(void)s;
	return shutdown(t->conn, SHUT_WR) == 0;
}

static bool act_reset(struct talk *t, const struct step *s)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};

	setsockopt(t->conn, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	return act_close(t, s);
}

/* The socket is gone without a packet, as in a host that lost its power. */
static bool act_vanish(struct talk *t, const struct step *s)
{
	int one = 1;

	if (setsockopt(t->conn, IPPROTO_TCP, TCP_REPAIR, &one, sizeof(one)))
		return false;
	return act_close(t, s);
}

/* The connection goes on without this peer: it stays open, unread. */
static bool act_leave(struct talk *t, const struct step *s)
{
	(void)s;
	t->conn = -1;
	return true;
}

const struct verb open_verbs[] = {
	{"socket", 0, act_socket},
	{"connect", 1, act_connect},
	{"try", 1, act_try},
	{"tfo", 2, act_tfo},
	{"listen", 1, act_listen},
	{"accept", 0, act_accept},
	{"accept-each", 0, act_accept_each},
	{"stop", 0, act_stop},
	{"from", 1, act_from},
	{"spread", 0, act_spread},
	{"close", 0, act_close},
	{"shutdown", 0, act_shutdown},
	{"reset", 0, act_reset},
	{"vanish", 0, act_vanish},
	{"leave", 0, act_leave},
	{NULL, 0, NULL},
};
