/* SPDX-License-Identifier: BSD-3-Clause */
/* pace.c - what sets the pace of a transfer, and what only looks like it. */
#include "cases/craft_talk.h"
#include "dissectors/dissect.h"

enum { MS = 1000, S = 1000000, MSS = 1448 };

struct scene {
	struct station client, server;
	struct talk t;
};

static void meet(struct scene *s, struct craft *c, int64_t rtt_us)
{
	s->client =
		(struct station){"52:54:00:00:00:14", "192.0.2.20", .id = 1000};
	s->server =
		(struct station){"52:54:00:00:00:07", "192.0.2.7", .id = 7000};
	s->t = talk_new(c, &s->client, &s->server, 40000, 5000);
	s->t.rtt_us = rtt_us;
}

static void begin(struct scene *s, struct craft *c, int64_t rtt_us)
{
	meet(s, c, rtt_us);
	talk_open(&s->t);
}

/* A burst of the client, acknowledged whole after a round trip by a window of
 * `window` (as in the header). */
static void burst(struct scene *s, int segments, uint16_t window)
{
	const struct craft_tcp ack = {.window = window};

	for (int i = 0; i < segments; i++) {
		talk_send(&s->t, CLIENT, MSS);
		craft_wait(s->t.c, 20);
	}
	craft_wait(s->t.c, s->t.rtt_us - segments * 20);
	talk_segment(&s->t, SERVER, &ack);
	craft_wait(s->t.c, 50);
}

static void window_limited(struct craft *c)
{
	struct scene s;

	begin(&s, c, 100 * MS);
	for (int i = 0; i < 20; i++)
		burst(&s, 11, 128); /* of 16 KiB */
	talk_close(&s.t);
}

/* The same, and the capture began later: without the SYNs nobody knows how
 * large a window of 128 is. */
static void window_midstream(struct craft *c)
{
	struct scene s;

	meet(&s, c, 100 * MS);
	for (int i = 0; i < 20; i++)
		burst(&s, 11, 16384);
	talk_close(&s.t);
}

/* The capture lacks the SYN of who receives: by the SYN-ACK it scales its
 * window, and nobody knows by how much. */
static void window_syn_missing(struct craft *c)
{
	const struct craft_tcp synack = {.flags = TCP_SYN | TCP_ACK,
					 .mss = 1460,
					 .wscale = 7,
					 .sack_ok = true,
					 .id = -1};
	const struct craft_tcp ack = {.window = 256};
	struct scene s;

	meet(&s, c, 100 * MS);
	s.t.seq[CLIENT]++;
	talk_segment(&s.t, SERVER, &synack);
	craft_wait(c, 50);
	talk_exchange(&s.t, 100, 200, 0);
	for (int i = 0; i < 20; i++) {
		talk_send(&s.t, SERVER, 128);
		craft_wait(c, s.t.rtt_us);
		talk_send(&s.t, SERVER, 128);
		craft_wait(c, 50);
		talk_segment(&s.t, CLIENT, &ack);
	}
	talk_close(&s.t);
}

/* It ends while the sender still doubles. */
static void window_limited_twin(struct craft *c)
{
	struct scene s;

	begin(&s, c, 100 * MS);
	for (int i = 1; i < 64; i *= 2)
		burst(&s, i, 2048);
	talk_close(&s.t);
}

static void unscaled(struct craft *c, int64_t rtt_us)
{
	const struct craft_tcp syn = {
		.flags = TCP_SYN, .mss = 1460, .wscale = 7, .sack_ok = true};
	const struct craft_tcp synack = {.flags = TCP_SYN | TCP_ACK,
					 .mss = 1460,
					 .sack_ok = true,
					 .window = 65535,
					 .id = -1};
	struct scene s;

	meet(&s, c, rtt_us);
	talk_segment(&s.t, CLIENT, &syn);
	craft_wait(c, rtt_us);
	talk_segment(&s.t, SERVER, &synack);
	craft_wait(c, 50);
	talk_send(&s.t, CLIENT, 0);
	for (int i = 0; i < 4; i++)
		burst(&s, 43, 65535);
	talk_close(&s.t);
}

static void window_unscaled(struct craft *c)
{
	unscaled(c, 80 * MS);
}

/* On a LAN 64 KiB are enough. */
static void window_unscaled_twin(struct craft *c)
{
	unscaled(c, 2 * MS);
}

/* A request in two writes; `waits`: the second waits for the delayed ACK. */
static void written_in_two(struct craft *c, bool waits)
{
	struct scene s;

	begin(&s, c, 10 * MS);
	for (int i = 0; i < 12; i++) {
		talk_send(&s.t, CLIENT, 100);
		craft_wait(c, s.t.rtt_us + 41 * MS);
		talk_send(&s.t, SERVER, 0);
		craft_wait(c, waits ? 100 : 300 * MS);
		talk_exchange(&s.t, 200, 800, 0);
	}
	talk_close(&s.t);
}

static void nagle(struct craft *c)
{
	written_in_two(c, true);
}

/* The acknowledgement is delayed, and nothing waited for it. */
static void nagle_twin(struct craft *c)
{
	written_in_two(c, false);
}

/* A burst into a queue that lets one segment pass each 12 ms. */
static void queue(struct scene *s, int segments)
{
	struct craft_tcp ack = {0};

	for (int i = 0; i < segments; i++)
		talk_send(&s->t, CLIENT, MSS);
	craft_wait(s->t.c, s->t.rtt_us);
	for (int i = 1; i <= segments; i++) {
		craft_wait(s->t.c, 12 * MS);
		ack.ack = (uint32_t)((i - segments) * MSS);
		talk_segment(&s->t, SERVER, &ack);
	}
	craft_wait(s->t.c, 50);
}

static void bufferbloat(struct craft *c)
{
	struct scene s;

	begin(&s, c, 20 * MS);
	for (int i = 0; i < 16; i++)
		queue(&s, 1 + i % 8 * 2);
	talk_close(&s.t);
}

/* Round trips vary as much, whatever is out: a radio link, not a queue. */
static void bufferbloat_twin(struct craft *c)
{
	struct scene s;

	begin(&s, c, 20 * MS);
	for (int i = 0; i < 80; i++) {
		talk_send(&s.t, CLIENT, MSS);
		craft_wait(c, (20 + (i * 7 % 10) * 25) * MS);
		talk_send(&s.t, SERVER, 0);
		craft_wait(c, 50);
	}
	talk_close(&s.t);
}

static void trips(struct scene *s, int count)
{
	for (int i = 0; i < count; i++)
		talk_exchange(&s->t, 200, 100, 0);
}

static void rtt_high(struct craft *c)
{
	struct scene s;

	begin(&s, c, 20 * MS);
	trips(&s, 30);
	s.t.rtt_us = 180 * MS;
	trips(&s, 15);
	talk_close(&s.t);
}

/* Neighbours that are as far as another continent. */
static void rtt_high_link(struct craft *c)
{
	struct scene s;

	meet(&s, c, 150 * MS);
	for (int i = 0; i < 2; i++) {
		const struct station *a = i ? &s.server : &s.client;
		const struct station *b = i ? &s.client : &s.server;

		craft_arp(c, 1, a, NULL, b->ip, NULL);
		craft_wait(c, 150 * MS);
		craft_arp(c, 2, b, a->mac, a->ip, a->mac);
		craft_wait(c, 100);
	}
	talk_open(&s.t);
	trips(&s, 40);
	talk_close(&s.t);
}

/* More and more is out, and round trips take longer and longer; after a rest of
 * this connection they are as long as before: another one fills the queue. */
static void bufferbloat_others(struct craft *c)
{
	const int segments = 120;
	struct craft_tcp ack = {0};
	struct scene s;
	int out = 0;

	begin(&s, c, 20 * MS);
	for (int i = 0; i < segments || out > 0; i++, craft_wait(c, 10 * MS)) {
		bool late = out * 4 > i;

		if (i < segments) {
			talk_send(&s.t, CLIENT, MSS);
			out++;
		}
		if (!late && i < segments)
			continue;
		out--;
		ack.ack = (uint32_t)(-out * MSS);
		talk_segment(&s.t, SERVER, &ack);
	}
	for (int i = 0; i < 5; i++) {
		talk_send(&s.t, CLIENT, MSS);
		craft_wait(c, 300 * MS);
		talk_send(&s.t, SERVER, 0);
		craft_wait(c, 50);
	}
	talk_close(&s.t);
}

/* A satellite: far, and always as far. */
static void rtt_high_twin(struct craft *c)
{
	struct scene s;

	begin(&s, c, 600 * MS);
	trips(&s, 40);
	talk_close(&s.t);
}

/* The last segment of a burst is lost after the capture point. */
static void tail_lost(struct scene *s)
{
	const struct craft_tcp again = {.len = MSS, .seq = (uint32_t)-MSS};
	const struct craft_tcp most = {.ack = (uint32_t)-MSS};

	for (int i = 0; i < 3; i++)
		talk_send(&s->t, CLIENT, MSS);
	craft_wait(s->t.c, 20 * MS);
	talk_segment(&s->t, SERVER, &most);
	craft_wait(s->t.c, 400 * MS);
	talk_segment(&s->t, CLIENT, &again);
	craft_wait(s->t.c, 20 * MS);
	talk_send(&s->t, SERVER, 0);
	craft_wait(s->t.c, 1 * MS);
}

static void stall(struct craft *c)
{
	struct scene s;

	begin(&s, c, 20 * MS);
	trips(&s, 4);
	for (int i = 0; i < 4; i++)
		tail_lost(&s);
	talk_close(&s.t);
}

/* The client thinks for half a minute: nothing is out. */
static void stall_twin(struct craft *c)
{
	struct scene s;

	begin(&s, c, 20 * MS);
	for (int i = 0; i < 5; i++) {
		trips(&s, 2);
		craft_wait(c, 30 * S);
	}
	talk_close(&s.t);
}

/* A pause of 66 s; what comes then is dropped, a new connection works. */
static void idle_timeout(struct craft *c)
{
	const struct craft_tcp again = {.len = 200, .seq = (uint32_t)-200};
	struct scene s;

	begin(&s, c, 20 * MS);
	trips(&s, 3);
	craft_wait(c, 66 * S);
	talk_send(&s.t, CLIENT, 200);
	for (int64_t wait = 220 * MS; wait < 2 * S; wait *= 2) {
		craft_wait(c, wait);
		talk_segment(&s.t, CLIENT, &again);
	}
	craft_wait(c, 1 * S);
	s.t = talk_new(c, &s.client, &s.server, 40001, 5000);
	talk_open(&s.t);
	trips(&s, 2);
	talk_close(&s.t);
}

/* The application closes after the pause, and that works. */
static void idle_timeout_twin(struct craft *c)
{
	struct scene s;

	begin(&s, c, 20 * MS);
	trips(&s, 3);
	craft_wait(c, 66 * S);
	talk_close(&s.t);
}

/* The box on the way answers for the server, sooner than it could. */
static void idle_reset(struct craft *c)
{
	const struct craft_tcp rst = {
		.flags = TCP_RST | TCP_ACK, .zero_window = true, .id = 0x1234};
	struct scene s;

	begin(&s, c, 20 * MS);
	trips(&s, 3);
	craft_wait(c, 66 * S);
	talk_send(&s.t, CLIENT, 200);
	craft_wait(c, 4 * MS);
	talk_segment(&s.t, SERVER, &rst);
	craft_wait(c, 10 * MS);
	s.t = talk_new(c, &s.client, &s.server, 40001, 5000);
	talk_open(&s.t);
	trips(&s, 2);
	talk_close(&s.t);
}

const struct craft_case pace_cases[] = {
	{"pace", "window-limited", window_limited},
	{"pace", "window-limited-twin", window_limited_twin},
	{"pace", "window-midstream", window_midstream},
	{"pace", "window-syn-missing", window_syn_missing},
	{"pace", "window-unscaled", window_unscaled},
	{"pace", "window-unscaled-twin", window_unscaled_twin},
	{"pace", "nagle", nagle},
	{"pace", "nagle-twin", nagle_twin},
	{"pace", "bufferbloat", bufferbloat},
	{"pace", "bufferbloat-twin", bufferbloat_twin},
	{"pace", "rtt-high", rtt_high},
	{"pace", "rtt-high-twin", rtt_high_twin},
	{"pace", "rtt-high-link", rtt_high_link},
	{"pace", "bufferbloat-others", bufferbloat_others},
	{"pace", "stall", stall},
	{"pace", "stall-twin", stall_twin},
	{"pace", "idle-timeout", idle_timeout},
	{"pace", "idle-timeout-twin", idle_timeout_twin},
	{"pace", "idle-reset", idle_reset},
	{0},
};
