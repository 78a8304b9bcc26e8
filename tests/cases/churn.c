/* SPDX-License-Identifier: BSD-3-Clause */
/* churn.c - short connections one after another, and side by side. */
#include "cases/craft_talk.h"
#include "dissectors/dissect.h"

enum { MS = 1000, COUNT = 48, RTT = 10 * MS };

static void finish(struct talk *t, int end)
{
	const struct craft_tcp fin = {.flags = TCP_FIN | TCP_ACK};

	talk_segment(t, end, &fin);
}

/* Whoever closes first; the next begins at once, and the other end closes
 * 30 ms later.  `beside`: the next begins before the first FIN. */
static void run(struct craft *c, int first, bool beside)
{
	struct station client = {"52:54:00:00:00:14", "192.0.2.20", .id = 1000};
	struct station server = {"52:54:00:00:00:07", "192.0.2.7", .id = 7000};
	struct talk last = {0}, now;

	for (int i = 0; i <= COUNT; i++) {
		if (i && !beside)
			finish(&last, first);
		craft_wait(c, MS);
		if (i < COUNT) {
			now = talk_new(c, &client, &server,
				       (uint16_t)(40000 + i), 80);
			now.rtt_us = RTT;
			talk_open(&now);
		}
		if (i && beside)
			finish(&last, first);
		craft_wait(c, 30 * MS);
		if (i) {
			finish(&last, !first);
			craft_wait(c, MS);
			talk_send(&last, first, 0);
		}
		if (i < COUNT)
			talk_exchange(&now, 200, 300, 0);
		last = now;
	}
}

static void client_first(struct craft *c)
{
	run(c, CLIENT, false);
}

static void server_first(struct craft *c)
{
	run(c, SERVER, false);
}

static void beside(struct craft *c)
{
	run(c, CLIENT, true);
}

const struct craft_case churn_cases[] = {
	{"flood", "churn-client-first", client_first},
	{"flood", "churn-server-first", server_first},
	{"flood", "churn-beside-twin", beside},
	{0},
};
