/* SPDX-License-Identifier: BSD-3-Clause */
/* talk_udp.c - steps that send and answer datagrams, and a media stream. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/fail.h"
#include "lab/frame.h"
#include "lab/talk.h"
#include "lab/talk_address.h"

enum { DATAGRAM_MAX = 1400, RTP_BYTES = 172 };

static int datagram_socket(const struct talk *t)
{
	int fd = socket(t->plan->v6 ? AF_INET6 : AF_INET,
			SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail_system("socket");
	return fd;
}

static size_t size_of(const struct step *s, uint32_t n)
{
	size_t size = (size_t)talk_number(s, n, 32);

	return size < DATAGRAM_MAX ? size : DATAGRAM_MAX;
}

/* ask PORT BYTES WAIT [ADDRESS]: one request, all of a peer from one socket;
 * an answer may come or not. */
static bool act_ask(struct talk *t, const struct step *s)
{
	unsigned char bytes[DATAGRAM_MAX];
	size_t size = size_of(s, 2);
	int fd = t->conn < 0 ? datagram_socket(t) : t->conn;
	double wait = talk_number(s, 3, 1e9);
	struct timeval patience = {.tv_sec = (int64_t)wait / 1000000000,
				   .tv_usec =
					   (int64_t)wait % 1000000000 / 1000};
	union address to;
	socklen_t bytes_to = talk_server(t, s->word[1], s->word[4], &to);

	talk_fill(bytes, size);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, &to.any, bytes_to) == 0 &&
	    send(fd, bytes, size, 0) == (ssize_t)size)
		(void)!recv(fd, bytes, sizeof(bytes), 0);
	t->conn = fd;
	return true;
}

/* answer PORT BYTES: each request has an answer of so many; 0 for none. */
static bool act_answer(struct talk *t, const struct step *s)
{
	unsigned char bytes[DATAGRAM_MAX];
	size_t size = size_of(s, 2);
	int fd = datagram_socket(t);
	union address here, from;
	socklen_t room = talk_address(t, NULL, talk_port(t, s->word[1]), &here);

	if (bind(fd, &here.any, room) != 0)
		return false;
	for (;;) {
		room = sizeof(from);
		if (recvfrom(fd, bytes, sizeof(bytes), 0, &from.any, &room) < 0)
			return false;
		talk_fill(bytes, size);
		if (size)
			sendto(fd, bytes, size, 0, &from.any, room);
	}
}

/* blast PORT BYTES TIMES PAUSE: datagrams to the server, unasked. */
static bool act_blast(struct talk *t, const struct step *s)
{
	unsigned char bytes[DATAGRAM_MAX];
	size_t size = size_of(s, 2);
	int fd = datagram_socket(t);
	union address to;
	socklen_t room = talk_server(t, s->word[1], NULL, &to);

	talk_fill(bytes, size);
	for (int n = (int)talk_number(s, 3, 1); n > 0; n--) {
		sendto(fd, bytes, size, 0, &to.any, room);
		talk_nap(talk_number(s, 4, 0));
	}
	close(fd);
	return true;
}

/* reflect PORT BYTES TIMES PAUSE: from a server of its own for each copy,
 * answers to the client that it never asked for. */
static bool act_reflect(struct talk *t, const struct step *s)
{
	unsigned char bytes[DATAGRAM_MAX];
	size_t size = size_of(s, 2);
	int fd = datagram_socket(t);
	union address here, to;
	socklen_t room =
		talk_address(t, "10.8.0.0", talk_port(t, s->word[1]), &here);

	here.v4.sin_addr.s_addr =
		htonl(ntohl(here.v4.sin_addr.s_addr) + 1 + t->copy);
	talk_address(t, "192.0.2.10", (uint16_t)(40000 + t->copy), &to);
	if (bind(fd, &here.any, room) != 0)
		return false;
	talk_fill(bytes, size);
	for (int n = (int)talk_number(s, 3, 1); n > 0; n--) {
		sendto(fd, bytes, size, 0, &to.any, room);
		talk_nap(talk_number(s, 4, 0));
	}
	close(fd);
	return true;
}

/* RFC 3550, section 5.1: PCMU, a packet for each 20 ms. */
static void rtp_header(unsigned char *at, uint32_t n)
{
	put16(at, 0x8000);
	put16(at + 2, 1000 + n);
	put32(at + 4, 160 * n);
	put32(at + 8, 0x5eed1abu);
}

/* stream PORT TIMES: an even media stream to the server. */
static bool act_stream(struct talk *t, const struct step *s)
{
	unsigned char bytes[RTP_BYTES];
	int fd = datagram_socket(t);
	union address to;
	socklen_t room = talk_server(t, s->word[1], NULL, &to);

	memset(bytes, 0xff, sizeof(bytes));
	for (uint32_t n = 0; n < (uint32_t)talk_number(s, 2, 50); n++) {
		rtp_header(bytes, n);
		sendto(fd, bytes, sizeof(bytes), 0, &to.any, room);
		talk_nap(20e6);
	}
	close(fd);
	return true;
}

const struct verb udp_verbs[] = {
	{"ask", 3, act_ask},	     {"answer", 2, act_answer},
	{"blast", 3, act_blast},     {"stream", 2, act_stream},
	{"reflect", 3, act_reflect}, {NULL, 0, NULL},
};
