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

enum { TALKS = 5 };

struct crowd {
	struct station client[2], server[3];
	struct talk t[TALKS];
};

/* Two hosts that send to three others. */
static void gather(struct crowd *s, struct craft *c)
{
	*s = (struct crowd){
		{{"52:54:00:00:00:14", "192.0.2.20", .id = 1000},
		 {"52:54:00:00:00:15", "192.0.2.21", .id = 2000}},
		{{"52:54:00:00:00:07", "192.0.2.7", .id = 7000},
		 {"52:54:00:00:00:08", "192.0.2.8", .id = 8000},
		 {"52:54:00:00:00:09", "192.0.2.9", .id = 9000}},
		{{0}}};
	for (uint16_t i = 0; i < TALKS; i++) {
		s->t[i] = talk_new(c, &s->client[i % 2], &s->server[i % 3],
				   40000 + i, 5000);
		talk_open(&s->t[i]);
	}
}

/* Those from `first` on send `n` times, and are acknowledged. */
static void rounds(struct crowd *s, struct craft *c, int first, int n)
{
	for (int i = 0; i < n; i++) {
		for (int k = first; k < TALKS; k++)
			talk_send(&s->t[k], CLIENT, MSS);
		craft_wait(c, 20 * MS);
		for (int k = first; k < TALKS; k++)
			talk_send(&s->t[k], SERVER, 0);
		craft_wait(c, MS);
	}
}

/* For two seconds nothing of the first `still` arrives. */
static void stand(struct crowd *s, struct craft *c, int still)
{
	const struct craft_tcp again = {.seq = (uint32_t)-MSS, .len = MSS};

	for (int k = 0; k < still; k++)
		talk_send(&s->t[k], CLIENT, MSS);
	if (still == TALKS)
		craft_wait(c, 2000 * MS);
	else
		rounds(s, c, still, 95);
	for (int k = 0; k < still; k++)
		talk_segment(&s->t[k], CLIENT, &again);
	craft_wait(c, 20 * MS);
	for (int k = 0; k < still; k++)
		talk_send(&s->t[k], SERVER, 0);
	craft_wait(c, MS);
}

static void together(struct craft *c, int still)
{
	struct crowd s;

	gather(&s, c);
	rounds(&s, c, 0, 20);
	stand(&s, c, still);
	rounds(&s, c, 0, 5);
	for (int k = 0; k < TALKS; k++)
		talk_close(&s.t[k]);
}

static void everywhere(struct craft *c)
{
	together(c, TALKS);
}

static void everywhere_twin(struct craft *c)
{
	together(c, 2);
}

const struct craft_case stall_cases[] = {
	{"pace", "stall-delayed-ack", delayed_ack},
	{"pace", "stall-delayed-ack-twin", delayed_ack_twin},
	{"pace", "stall-path-delay", path_delay},
	{"pace", "stall-path-delay-twin", path_delay_twin},
	{"pace", "stall-everywhere", everywhere},
	{"pace", "stall-everywhere-twin", everywhere_twin},
	{0},
};
