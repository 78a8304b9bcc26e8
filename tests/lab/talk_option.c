/* SPDX-License-Identifier: BSD-3-Clause */
/* talk_option.c - steps that set something on the socket. */
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "lab/talk.h"

#define NS_PER_S 1000000000LL

/* Options that are one number: set as it is, or in units of `divisor` ns. */
static const struct {
	const char *word;
	int level, option;
	double divisor;
} numbers[] = {
	{"rcvbuf", SOL_SOCKET, SO_RCVBUFFORCE, 1},
	{"sndbuf", SOL_SOCKET, SO_SNDBUFFORCE, 1},
	{"mss", IPPROTO_TCP, TCP_MAXSEG, 1},
	{"nodelay", IPPROTO_TCP, TCP_NODELAY, 1},
	{"quickack", IPPROTO_TCP, TCP_QUICKACK, 1},
	{"clamp", IPPROTO_TCP, TCP_WINDOW_CLAMP, 1},
	{"fastopen", IPPROTO_TCP, TCP_FASTOPEN, 1},
	{"defer", IPPROTO_TCP, TCP_DEFER_ACCEPT, 1e9},
	{"give-up", IPPROTO_TCP, TCP_USER_TIMEOUT, 1e6},
	{"tries", IPPROTO_TCP, TCP_SYNCNT, 1},
	{"linger2", IPPROTO_TCP, TCP_LINGER2, 1e9},
};

static bool set(struct talk *t, int level, int option, int value)
{
	return setsockopt(talk_socket(t), level, option, &value,
			  sizeof(value)) == 0;
}

static bool act_number(struct talk *t, const struct step *s)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (strcmp(numbers[i].word, s->word[0]) == 0)
			return set(t, numbers[i].level, numbers[i].option,
				   (int)(talk_number(s, 1, 1) /
					 numbers[i].divisor));
	return false;
}

/* keepalive IDLE INTERVAL COUNT */
static bool act_keepalive(struct talk *t, const struct step *s)
{
	return set(t, IPPROTO_TCP, TCP_KEEPIDLE,
		   (int)(talk_number(s, 1, 1e9) / 1e9)) &&
	       set(t, IPPROTO_TCP, TCP_KEEPINTVL,
		   (int)(talk_number(s, 2, 1e9) / 1e9)) &&
	       set(t, IPPROTO_TCP, TCP_KEEPCNT, (int)talk_number(s, 3, 3)) &&
	       set(t, SOL_SOCKET, SO_KEEPALIVE, 1);
}

static bool act_cc(struct talk *t, const struct step *s)
{
	return setsockopt(talk_socket(t), IPPROTO_TCP, TCP_CONGESTION,
			  s->word[1], (socklen_t)strlen(s->word[1])) == 0;
}

/* How long connect and read wait. */
static bool act_patience(struct talk *t, const struct step *s)
{
	int64_t ns = (int64_t)talk_number(s, 1, 1e9);
	struct timeval wait = {.tv_sec = ns / NS_PER_S,
			       .tv_usec = ns % NS_PER_S / 1000};

	return setsockopt(talk_socket(t), SOL_SOCKET, SO_SNDTIMEO, &wait,
			  sizeof(wait)) == 0 &&
	       setsockopt(t->conn, SOL_SOCKET, SO_RCVTIMEO, &wait,
			  sizeof(wait)) == 0;
}

/* seq N, seq chance: the first sequence number; what repair mode sets before
 * the SYN is kept.  Kernels count it up; other systems, and boxes that change
 * it on the way, draw it. */
static bool act_seq(struct talk *t, const struct step *s)
{
	int queue = TCP_SEND_QUEUE, off = TCP_REPAIR_OFF_NO_WP;
	bool chance = strcmp(s->word[1], "chance") == 0;
	uint32_t seq = chance ? 0 : (uint32_t)talk_number(s, 1, 0);

	if (chance && getrandom(&seq, sizeof(seq), 0) != sizeof(seq))
		return false;
	return set(t, IPPROTO_TCP, TCP_REPAIR, 1) &&
	       set(t, IPPROTO_TCP, TCP_REPAIR_QUEUE, queue) &&
	       set(t, IPPROTO_TCP, TCP_QUEUE_SEQ, (int)seq) &&
	       set(t, IPPROTO_TCP, TCP_REPAIR, off);
}

const struct verb option_verbs[] = {
	{"rcvbuf", 1, act_number},   {"sndbuf", 1, act_number},
	{"mss", 1, act_number},	     {"nodelay", 0, act_number},
	{"quickack", 1, act_number}, {"clamp", 1, act_number},
	{"fastopen", 1, act_number}, {"defer", 1, act_number},
	{"give-up", 1, act_number},  {"tries", 1, act_number},
	{"linger2", 1, act_number},  {"keepalive", 3, act_keepalive},
	{"cc", 1, act_cc},	     {"patience", 1, act_patience},
	{"seq", 1, act_seq},	     {NULL, 0, NULL},
};
