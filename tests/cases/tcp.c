/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp.c - connections in use that go wrong, and the twins that only look so. */
#include "cases/craft_talk.h"
#include "dissectors/dissect.h"

enum { MS = 1000, S = 1000000 };

struct scene {
	struct station client, server;
	struct talk t;
};

/* An open connection on which something was asked and answered. */
static void begin(struct scene *s, struct craft *c)
{
	s->client =
		(struct station){"52:54:00:00:00:14", "192.0.2.20", .id = 1000};
	s->server =
		(struct station){"52:54:00:00:00:07", "192.0.2.7", .id = 7000};
	s->t = talk_new(c, &s->client, &s->server, 40000, 5000);
	talk_open(&s->t);
	talk_exchange(&s->t, 200, 800, 0);
}

/* The reader sleeps: window 0 for `probes` answered probes. */
static void stand(struct scene *s, int probes, int64_t gap_us)
{
	const struct craft_tcp closed = {.zero_window = true};
	const struct craft_tcp probe = {.seq = (uint32_t)-1};

	talk_send(&s->t, CLIENT, 1000);
	craft_wait(s->t.c, 20 * MS);
	talk_segment(&s->t, SERVER, &closed);
	for (int i = 0; i < probes; i++, gap_us *= 2) {
		craft_wait(s->t.c, gap_us);
		talk_segment(&s->t, CLIENT, &probe);
		craft_wait(s->t.c, 20 * MS);
		talk_segment(&s->t, SERVER, &closed);
	}
	craft_wait(s->t.c, gap_us / 2);
}

static void zero_window(struct craft *c)
{
	struct scene s;

	begin(&s, c);
	stand(&s, 3, 300 * MS);
	talk_send(&s.t, SERVER, 0);
	craft_wait(c, 10 * MS);
	talk_exchange(&s.t, 1000, 100, 0);
	talk_close(&s.t);
}

/* The window shuts for 50 ms only, and nobody probes. */
static void zero_window_twin(struct craft *c)
{
	struct scene s;

	begin(&s, c);
	stand(&s, 0, 100 * MS);
	talk_send(&s.t, SERVER, 0);
	craft_wait(c, 10 * MS);
	talk_exchange(&s.t, 1000, 100, 0);
	talk_close(&s.t);
}

static void window_deadlock(struct craft *c)
{
	struct scene s;

	begin(&s, c);
	stand(&s, 9, 300 * MS);
}

/* The window stays shut for 20 s, then the reader goes on. */
static void window_deadlock_twin(struct craft *c)
{
	struct scene s;

	begin(&s, c);
	stand(&s, 6, 300 * MS);
	talk_send(&s.t, SERVER, 0);
	craft_wait(c, 10 * MS);
	talk_exchange(&s.t, 1000, 100, 0);
	talk_close(&s.t);
}

static void server_slow(struct craft *c)
{
	struct scene s;

	begin(&s, c);
	for (int i = 0; i < 3; i++)
		talk_exchange(&s.t, 200, 800, 2 * S);
	talk_close(&s.t);
}

static void server_slow_twin(struct craft *c)
{
	struct scene s;

	begin(&s, c);
	for (int i = 0; i < 3; i++) {
		craft_wait(c, 2 * S); /* the client thinks, not the server */
		talk_exchange(&s.t, 200, 800, 0);
	}
	talk_close(&s.t);
}

/* It is the server that asks, every two seconds, and the client that answers.
 */
static void server_asks_twin(struct craft *c)
{
	struct scene s;

	begin(&s, c);
	talk_exchange(&s.t, 200, 800, 0);
	for (int i = 0; i < 5; i++) {
		craft_wait(c, 2 * S);
		talk_send(&s.t, SERVER, 100);
		craft_wait(c, 10 * MS);
		talk_send(&s.t, CLIENT, 0);
		craft_wait(c, 2 * MS);
		talk_send(&s.t, CLIENT, 20);
		craft_wait(c, 10 * MS);
		talk_send(&s.t, SERVER, 0);
	}
	talk_close(&s.t);
}

/* The server is killed in the middle of its answer. */
static void reset(struct craft *c)
{
	const struct craft_tcp rst = {.flags = TCP_RST | TCP_ACK};
	struct scene s;

	begin(&s, c);
	talk_send(&s.t, CLIENT, 200);
	craft_wait(c, 20 * MS);
	talk_send(&s.t, SERVER, 1000);
	craft_wait(c, 5 * MS);
	talk_segment(&s.t, SERVER, &rst);
}

/* Both sides closed; the client's socket is gone, and says so. */
static void reset_twin(struct craft *c)
{
	const struct craft_tcp rst = {
		.flags = TCP_RST, .id = -1, .zero_window = true};
	struct scene s;

	begin(&s, c);
	talk_close(&s.t);
	talk_segment(&s.t, CLIENT, &rst);
}

/* Somebody else resets in the server's name: it goes on sending. */
static void reset_injected(struct craft *c)
{
	const struct craft_tcp rst = {
		.flags = TCP_RST, .ttl = 211, .id = 0x4242, .window = 1};
	const struct craft_tcp gone = {
		.flags = TCP_RST, .id = -1, .zero_window = true};
	struct scene s;

	begin(&s, c);
	talk_send(&s.t, CLIENT, 200);
	craft_wait(c, 6 * MS);
	talk_segment(&s.t, SERVER, &rst);
	for (int i = 0; i < 3; i++) {
		craft_wait(c, 14 * MS);
		talk_send(&s.t, SERVER, 1000);
		craft_wait(c, 100);
		talk_segment(&s.t, CLIENT, &gone);
	}
}

/* The client's socket is gone, and says so; then it opens anew from the same
 * port, and the capture lacks its SYN. */
static void reset_reopened(struct craft *c)
{
	const struct craft_tcp gone = {
		.flags = TCP_RST, .id = -1, .zero_window = true};
	const struct craft_tcp synack = {.flags = TCP_SYN | TCP_ACK,
					 .mss = 1460,
					 .wscale = 7,
					 .sack_ok = true,
					 .id = -1};
	struct scene s;

	begin(&s, c);
	talk_exchange(&s.t, 200, 1000, 0);
	craft_wait(c, 1 * S);
	talk_send(&s.t, SERVER, 0);
	talk_segment(&s.t, CLIENT, &gone);
	craft_wait(c, 40 * MS);
	s.t.seq[CLIENT] += 20000000;
	s.t.seq[SERVER] += 20000000;
	talk_segment(&s.t, SERVER, &synack);
	craft_wait(c, 100);
	talk_send(&s.t, CLIENT, 0);
	talk_exchange(&s.t, 200, 1000, 0);
	talk_close(&s.t);
}

/* A RST refuses the SYN from nearer by; then the server accepts it, unless it
 * is `its_own`: then it is silent and the client tries again in vain. */
static void refusal(struct craft *c, bool its_own)
{
	struct scene s;
	const struct craft_tcp syn = {
		.flags = TCP_SYN, .mss = 1460, .wscale = 7, .sack_ok = true};
	const struct craft_tcp synack = {.flags = TCP_SYN | TCP_ACK,
					 .mss = 1460,
					 .wscale = 7,
					 .sack_ok = true,
					 .id = -1};
	struct craft_tcp rst = {.sport = 5001,
				.dport = 40001,
				.flags = TCP_RST | TCP_ACK,
				.zero_window = true,
				.ttl = its_own ? 0 : 61,
				.id = -1};

	begin(&s, c);
	s.t = talk_new(c, &s.client, &s.server, 40001, 5001);
	rst.ack = s.t.seq[CLIENT] + 1;
	talk_segment(&s.t, CLIENT, &syn);
	craft_wait(c, 3 * MS);
	craft_tcp(c, &s.server, &s.client, &rst);
	if (its_own) { /* the service comes up, and the client asks again */
		craft_wait(c, 500 * MS);
		s.t.seq[CLIENT]--;
		talk_segment(&s.t, CLIENT, &syn);
	}
	craft_wait(c, 17 * MS);
	talk_segment(&s.t, SERVER, &synack);
	craft_wait(c, 50);
	if (its_own) {
		talk_send(&s.t, CLIENT, 0);
		talk_exchange(&s.t, 200, 800, 0);
		talk_close(&s.t);
		return;
	}
	rst = (struct craft_tcp){
		.flags = TCP_RST, .zero_window = true, .id = -1};
	talk_segment(&s.t, CLIENT, &rst);
}

static void refusal_injected(struct craft *c)
{
	refusal(c, false);
}

static void refusal_twin(struct craft *c)
{
	refusal(c, true);
}

/* The server restarted: data on the old connection draws a bare RST. */
static void half_open(struct craft *c)
{
	const struct craft_tcp rst = {
		.flags = TCP_RST, .id = -1, .zero_window = true};
	struct scene s;

	begin(&s, c);
	talk_exchange(&s.t, 200, 800, 0);
	craft_wait(c, 30 * S);
	talk_send(&s.t, CLIENT, 200);
	craft_wait(c, 20 * MS);
	talk_segment(&s.t, SERVER, &rst);
}

/* The peer had closed: what comes after its FIN is refused, and rightly. */
static void half_open_twin(struct craft *c)
{
	const struct craft_tcp fin = {.flags = TCP_FIN | TCP_ACK};
	const struct craft_tcp rst = {
		.flags = TCP_RST, .id = -1, .zero_window = true};
	struct scene s;

	begin(&s, c);
	talk_segment(&s.t, SERVER, &fin);
	craft_wait(c, 50);
	talk_send(&s.t, CLIENT, 0);
	craft_wait(c, 3 * S);
	talk_send(&s.t, CLIENT, 200);
	craft_wait(c, 20 * MS);
	talk_segment(&s.t, SERVER, &rst);
}

static void keep_alives(struct scene *s, int count, bool answered)
{
	const struct craft_tcp probe = {.seq = (uint32_t)-1};

	craft_wait(s->t.c, 10 * S);
	for (int i = 0; i < count; i++) {
		talk_segment(&s->t, CLIENT, &probe);
		craft_wait(s->t.c, 20 * MS);
		if (answered)
			talk_send(&s->t, SERVER, 0);
		craft_wait(s->t.c, 5 * S);
	}
}

static void keepalive_dead(struct craft *c)
{
	const struct craft_tcp rst = {.flags = TCP_RST | TCP_ACK};
	struct scene s;

	begin(&s, c);
	keep_alives(&s, 4, false);
	talk_segment(&s.t, CLIENT, &rst);
}

static void keepalive_dead_twin(struct craft *c)
{
	struct scene s;

	begin(&s, c);
	keep_alives(&s, 4, true);
	talk_exchange(&s.t, 200, 800, 0);
	talk_close(&s.t);
}

/* Five clients close, the server never does. */
static void close_wait(struct craft *c)
{
	const struct craft_tcp fin = {.flags = TCP_FIN | TCP_ACK};
	struct scene s;

	begin(&s, c);
	talk_close(&s.t);
	for (uint16_t i = 1; i <= 5; i++) {
		struct talk t = talk_new(c, &s.client, &s.server,
					 (uint16_t)(40000 + i), 5000);

		talk_open(&t);
		talk_exchange(&t, 200, 800, 0);
		talk_segment(&t, CLIENT, &fin);
		craft_wait(c, 20 * MS);
		talk_send(&t, SERVER, 0);
		craft_wait(c, 100 * MS);
	}
	craft_wait(c, 90 * S);
	s.t = talk_new(c, &s.client, &s.server, 40009, 5001);
	talk_open(&s.t);
	talk_exchange(&s.t, 200, 800, 0);
	talk_close(&s.t);
}

/* A half-close: the server has more to say, and says it. */
static void close_wait_twin(struct craft *c)
{
	const struct craft_tcp fin = {.flags = TCP_FIN | TCP_ACK};
	struct scene s;

	begin(&s, c);
	talk_segment(&s.t, CLIENT, &fin);
	craft_wait(c, 20 * MS);
	for (int i = 0; i < 9; i++) {
		talk_send(&s.t, SERVER, 1000);
		craft_wait(c, 100);
		talk_send(&s.t, CLIENT, 0);
		craft_wait(c, 10 * S);
	}
	talk_segment(&s.t, SERVER, &fin);
	craft_wait(c, 100);
	talk_send(&s.t, CLIENT, 0);
}

/* `times` resends of a FIN; with `acked` the last is acknowledged. */
static void fins(struct craft *c, int times, bool acked)
{
	const struct craft_tcp fin = {.flags = TCP_FIN | TCP_ACK};
	const struct craft_tcp again = {.flags = TCP_FIN | TCP_ACK,
					.seq = (uint32_t)-1};
	int64_t gap = 250 * MS;
	struct scene s;

	begin(&s, c);
	talk_segment(&s.t, CLIENT, &fin);
	for (int i = 0; i < times; i++, gap *= 2) {
		craft_wait(c, gap);
		talk_segment(&s.t, CLIENT, &again);
	}
	craft_wait(c, 20 * MS);
	if (acked) {
		talk_segment(&s.t, SERVER, &fin);
		craft_wait(c, 50);
		talk_send(&s.t, CLIENT, 0);
	}
	craft_wait(c, 5 * S);
	s.t = talk_new(c, &s.client, &s.server, 40009, 5001);
	talk_open(&s.t);
	talk_exchange(&s.t, 200, 800, 0);
	talk_close(&s.t);
}

static void fin_wait(struct craft *c)
{
	fins(c, 4, false);
}

static void fin_wait_twin(struct craft *c)
{
	fins(c, 1, true);
}

/* Four requests of ten arrive damaged; with `dropped` the server never gets
 * them and the client sends them again. */
static void damaged(struct craft *c, bool dropped)
{
	const struct craft_tcp bad = {
		.len = 200, .flags = TCP_PSH | TCP_ACK, .bad_checksum = true};
	struct scene s;

	begin(&s, c);
	for (int i = 0; i < 10; i++) {
		if (i % 3) {
			talk_exchange(&s.t, 200, 800, 0);
			continue;
		}
		talk_segment(&s.t, CLIENT, &bad);
		if (dropped) {
			s.t.seq[CLIENT] -= 200;
			craft_wait(c, 240 * MS);
			talk_send(&s.t, CLIENT, 200);
		}
		craft_wait(c, 20 * MS);
		talk_send(&s.t, SERVER, 800);
		craft_wait(c, 50);
		talk_send(&s.t, CLIENT, 0);
		craft_wait(c, 1 * MS);
	}
	talk_close(&s.t);
}

static void bad_checksum(struct craft *c)
{
	damaged(c, true);
}

/* The sums are wrong in the capture only: all was accepted. */
static void bad_checksum_twin(struct craft *c)
{
	damaged(c, false);
}

/* The client's clock falls back by a minute: what it says after that is older
 * than what it had said, and the server does not take it. */
static void paws_segments(struct craft *c)
{
	int64_t gap = 240 * MS;
	struct scene s;

	begin(&s, c);
	talk_exchange(&s.t, 200, 800, 0);
	s.t.lag_us = 60 * S;
	for (int i = 0; i < 4; i++, gap *= 2) {
		talk_send(&s.t, CLIENT, 200);
		s.t.seq[CLIENT] -= 200;
		craft_wait(c, 20 * MS);
		s.t.lag_us = 0;
		talk_send(&s.t, SERVER, 0);
		s.t.lag_us = 60 * S;
		craft_wait(c, gap);
	}
}

const struct craft_case tcp_cases[] = {
	{"tcp", "zero-window", zero_window},
	{"tcp", "zero-window-twin", zero_window_twin},
	{"tcp", "window-deadlock", window_deadlock},
	{"tcp", "window-deadlock-twin", window_deadlock_twin},
	{"tcp", "server-slow", server_slow},
	{"tcp", "server-slow-twin", server_slow_twin},
	{"tcp", "reset", reset},
	{"tcp", "reset-twin", reset_twin},
	{"tcp", "reset-injected", reset_injected},
	{"tcp", "reset-reopened", reset_reopened},
	{"tcp", "refusal-injected", refusal_injected},
	{"tcp", "refusal-twin", refusal_twin},
	{"tcp", "half-open", half_open},
	{"tcp", "half-open-twin", half_open_twin},
	{"tcp", "keepalive-dead", keepalive_dead},
	{"tcp", "keepalive-dead-twin", keepalive_dead_twin},
	{"tcp", "close-wait", close_wait},
	{"tcp", "close-wait-twin", close_wait_twin},
	{"tcp", "fin-wait", fin_wait},
	{"tcp", "fin-wait-twin", fin_wait_twin},
	{"tcp", "paws-segments", paws_segments},
	{"tcp", "bad-checksum", bad_checksum},
	{"tcp", "bad-checksum-twin", bad_checksum_twin},
	{"tcp", "server-asks-twin", server_asks_twin},
	{0},
};
