/* SPDX-License-Identifier: BSD-3-Clause */
/* stall.c - what a sender with more to send waits for, and who does not wait.
 */
#include "cases/craft_talk.h"
#include "dissectors/dissect.h"

enum { MS = 1000, MSS = 1448 };

struct scene {
	struct station client, server;
	struct talk t;
};

/* An open connection that has carried some requests. */
static void begin(struct scene *s, struct craft *c, int64_t rtt_us)
{
	s->client =
		(struct station){"52:54:00:00:00:14", "192.0.2.20", .id = 1000};
	s->server =
		(struct station){"52:54:00:00:00:07", "192.0.2.7", .id = 7000};
	s->t = talk_new(c, &s->client, &s->server, 40000, 5000);
	s->t.rtt_us = rtt_us;
	talk_open(&s->t);
	for (int i = 0; i < 14; i++)
		talk_exchange(&s->t, 200, 100, 0);
}

/* A receiver that delays acknowledgements by 200 ms; `waits`: the second write
 * waits for that, by Nagle's algorithm. */
static void written_in_two(struct craft *c, bool waits)
{
	struct scene s;

	begin(&s, c, 10 * MS);
	for (int i = 0; i < 6; i++) {
		talk_send(&s.t, CLIENT, 100);
		craft_wait(c, s.t.rtt_us + 200 * MS);
		talk_send(&s.t, SERVER, 0);
		craft_wait(c, waits ? 100 : 300 * MS);
		talk_exchange(&s.t, 200, 800, 0);
	}
	talk_close(&s.t);
}

static void delayed_ack(struct craft *c)
{
	written_in_two(c, true);
}

static void delayed_ack_twin(struct craft *c)
{
	written_in_two(c, false);
}

/* A burst, and after `late_us` an acknowledgement of half of it and one of
 * all. */
static void burst(struct scene *s, int64_t late_us)
{
	const struct craft_tcp half = {.ack = (uint32_t)(-4 * MSS)};

	for (int i = 0; i < 8; i++)
		talk_send(&s->t, CLIENT, MSS);
	craft_wait(s->t.c, s->t.rtt_us + late_us);
	talk_segment(&s->t, SERVER, &half);
	craft_wait(s->t.c, 200);
	talk_send(&s->t, SERVER, 0);
	craft_wait(s->t.c, 200);
}

static void path_delay(struct craft *c)
{
	struct scene s;

	begin(&s, c, 20 * MS);
	for (int i = 0; i < 16; i++)
		burst(&s, i % 5 == 3 ? 600 * MS : 0);
	talk_close(&s.t);
}

static void path_delay_twin(struct craft *c)
{
	struct scene s;

	begin(&s, c, 20 * MS);
	for (int i = 0; i < 16; i++)
		talk_exchange(&s.t, 8 * 200, 100, i % 5 == 3 ? 600 * MS : 0);
	talk_close(&s.t);
}

const struct craft_case stall_cases[] = {
	{"pace", "stall-delayed-ack", delayed_ack},
	{"pace", "stall-delayed-ack-twin", delayed_ack_twin},
	{"pace", "stall-path-delay", path_delay},
	{"pace", "stall-path-delay-twin", path_delay_twin},
	{0},
};
