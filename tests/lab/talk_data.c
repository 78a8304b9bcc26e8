/* SPDX-License-Identifier: BSD-3-Clause */
/* talk_data.c - steps that send, read and wait. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lab/fail.h"
#include "lab/talk.h"

enum { CHUNK = 65536 };

#define NS_PER_S 1000000000LL

void talk_nap(double ns)
{
	struct timespec rest = {.tv_sec = (int64_t)ns / NS_PER_S,
				.tv_nsec = (int64_t)ns % NS_PER_S};

	while (nanosleep(&rest, &rest) != 0 && errno == EINTR)
		;
}

void talk_fill(unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		bytes[i] = (unsigned char)(0xc1 + i * 7 % 61);
}

static bool act_send(struct talk *t, const struct step *s)
{
	unsigned char bytes[CHUNK];
	size_t left = (size_t)talk_number(s, 1, 1);

	talk_fill(bytes, sizeof(bytes));
	while (left) {
		size_t want = left < CHUNK ? left : CHUNK;
		ssize_t sent = send(t->conn, bytes, want, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		left -= (size_t)sent;
	}
	return true;
}

/* recv BYTES: the end before them ends the peer. */
static bool act_recv(struct talk *t, const struct step *s)
{
	unsigned char bytes[CHUNK];
	size_t left = (size_t)talk_number(s, 1, 1);

	while (left) {
		size_t want = left < CHUNK ? left : CHUNK;
		ssize_t got = recv(t->conn, bytes, want, 0);

		if (got <= 0)
			return false;
		left -= (size_t)got;
	}
	return true;
}

/* drain [BYTES PAUSE]: to the end, as fast as it comes or so much at a time. */
static bool act_drain(struct talk *t, const struct step *s)
{
	unsigned char bytes[CHUNK];
	double most = talk_number(s, 1, CHUNK), pause = talk_number(s, 2, 0);
	ssize_t got;

	while ((got = recv(t->conn, bytes, most < CHUNK ? (size_t)most : CHUNK,
			   0)) > 0)
		if (pause > 0)
			talk_nap(pause);
	return got == 0;
}

static bool act_sleep(struct talk *t, const struct step *s)
{
	(void)t;
	talk_nap(talk_number(s, 1, 1e9));
	return true;
}

static bool act_mark(struct talk *t, const struct step *s)
{
	(void)s;
	t->mark = t->at;
	return true;
}

/* again N: from the mark, or the first step, so many times more. */
static bool act_again(struct talk *t, const struct step *s)
{
	uint32_t here = t->at - 1;

	if (t->round[here] < (uint32_t)talk_number(s, 1, 1)) {
		t->round[here]++;
		t->at = t->mark;
	}
	return true;
}

static bool act_exit(struct talk *t, const struct step *s)
{
	(void)s;
	t->at = t->peer->steps;
	return true;
}

const struct verb data_verbs[] = {
	{"send", 1, act_send},	 {"recv", 1, act_recv}, {"drain", 0, act_drain},
	{"sleep", 1, act_sleep}, {"mark", 0, act_mark}, {"again", 1, act_again},
	{"exit", 0, act_exit},	 {NULL, 0, NULL},
};
