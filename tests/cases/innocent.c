/* SPDX-License-Identifier: BSD-3-Clause */
/* innocent.c - healthy connections that a hasty rule accuses, and what each of
 * these rules is there for. */
#include "cases/craft_talk.h"
#include "dissectors/dissect.h"

enum { MS = 1000, S = 1000000, MSS = 1448 };

struct scene {
	struct station client, server;
	struct talk t;
};

static void meet(struct scene *s, struct craft *c, uint16_t port)
{
	s->client =
		(struct station){"52:54:00:00:00:14", "192.0.2.20", .id = 1000};
	s->server =
		(struct station){"52:54:00:00:00:07", "192.0.2.7", .id = 7000};
	s->t = talk_new(c, &s->client, &s->server, port, 5000);
}

static void begin(struct scene *s, struct craft *c)
{
	meet(s, c, 40000);
	talk_open(&s->t);
	talk_exchange(&s->t, 200, 800, 0);
}

/* Connections that were open before the capture, which lacks some of what is
 * sent after it began. */
static void loss_midstream(struct craft *c)
{
	struct scene s;

	for (uint16_t i = 0; i < 2; i++) {
		meet(&s, c, 40000 + i);
		talk_exchange(&s.t, 200, 800, 0);
		craft_wait(c, 1 * S);
		for (int n = 0; n < 2; n++) {
			talk_send(&s.t, CLIENT, 200);
			craft_wait(c, s.t.rtt_us);
			talk_send(&s.t, SERVER, 1000);
			craft_wait(c, 100);
			s.t.seq[SERVER] += 1000; /* not captured */
			talk_send(&s.t, CLIENT, 0);
		}
		talk_exchange(&s.t, 200, 800, 0);
		talk_close(&s.t);
	}
}

/* Open as well: the first packet of one is a keep-alive, of the other a resend
 * of what was sent before the capture began. */
static void loss_midstream_twin(struct craft *c)
{
	const struct craft_tcp alive = {.seq = (uint32_t)-1};
	const struct craft_tcp again = {.seq = (uint32_t)-3000,
					.len = 1000,
					.flags = TCP_PSH | TCP_ACK};
	struct scene s;

	meet(&s, c, 40001);
	talk_segment(&s.t, SERVER, &again);
	craft_wait(c, 50);
	talk_send(&s.t, CLIENT, 0);
	craft_wait(c, 1 * MS);
	talk_exchange(&s.t, 200, 800, 0);
	for (uint16_t port = 40002; port < 40005; port++) {
		meet(&s, c, port);
		if (port == 40004) { /* nobody answers the first */
			talk_segment(&s.t, CLIENT, &alive);
			craft_wait(c, 2 * S);
		}
		for (int i = 0; i < 2; i++, craft_wait(c, 45 * S)) {
			talk_segment(&s.t, CLIENT, &alive);
			craft_wait(c, s.t.rtt_us);
			talk_send(&s.t, SERVER, 0);
		}
		talk_exchange(&s.t, 200, 800, 0);
	}
}

/* A load balancer opens the connection in the name of the server behind it,
 * with a TTL and numbers of its own, and ends it when it was idle. */
static void reset_injected_twin(struct craft *c)
{
	const struct craft_tcp syn = {
		.flags = TCP_SYN, .mss = 1460, .wscale = 7, .sack_ok = true};
	const struct craft_tcp synack = {.flags = TCP_SYN | TCP_ACK,
					 .mss = 1460,
					 .wscale = 7,
					 .sack_ok = true,
					 .ttl = 245,
					 .id = 0x5a01};
	const struct craft_tcp rst = {
		.flags = TCP_RST | TCP_ACK, .ttl = 245, .id = 0x5a20};
	struct scene s;

	meet(&s, c, 40000);
	s.server.ttl = 54;
	talk_segment(&s.t, CLIENT, &syn);
	craft_wait(c, s.t.rtt_us);
	talk_segment(&s.t, SERVER, &synack);
	craft_wait(c, 50);
	talk_send(&s.t, CLIENT, 0);
	for (int i = 0; i < 8; i++)
		talk_exchange(&s.t, 200, 800, 0);
	craft_wait(c, 30 * S);
	talk_segment(&s.t, SERVER, &rst);
}

/* The server closes while the client still sends: its host answers each segment
 * that comes after by a RST, with the number of that segment and an IP ID of
 * another series.  Meanwhile the client had sent more. */
static void reset_late_data_twin(struct craft *c)
{
	const struct craft_tcp end = {.flags = TCP_PSH | TCP_FIN | TCP_ACK,
				      .len = 57,
				      .ack = (uint32_t)-2000};
	struct craft_tcp rst = {.flags = TCP_RST,
				.zero_window = true,
				.seq = (uint32_t)-58,
				.id = 0x3333};
	struct scene s;

	begin(&s, c);
	for (int i = 0; i < 4; i++)
		talk_exchange(&s.t, 100, 50, 0);
	for (int i = 0; i < 4; i++, craft_wait(c, 500))
		talk_send(&s.t, CLIENT, 1000);
	craft_wait(c, 18 * MS);
	talk_segment(&s.t, SERVER, &end);
	craft_wait(c, 100);
	talk_send(&s.t, CLIENT, 800);
	craft_wait(c, 1 * MS);
	talk_segment(&s.t, SERVER, &rst);
	craft_wait(c, 500);
	talk_segment(&s.t, SERVER, &rst);
}

/* A client has its answer and aborts: its RST acknowledges all that came, or
 * half of it. */
static void aborts(struct craft *c, uint32_t missing)
{
	const struct craft_tcp rst = {.flags = TCP_RST | TCP_ACK,
				      .ack = -missing};
	struct scene s;

	begin(&s, c);
	talk_send(&s.t, CLIENT, 200);
	craft_wait(c, s.t.rtt_us);
	talk_send(&s.t, SERVER, 1000);
	talk_send(&s.t, SERVER, 1000);
	craft_wait(c, 100);
	talk_segment(&s.t, CLIENT, &rst);
}

static void reset_by_client(struct craft *c)
{
	aborts(c, 1000);
}

static void reset_by_client_twin(struct craft *c)
{
	aborts(c, 0);
}

/* Both had closed in their own time, and the peer is gone by then: nobody waits
 * for an answer to the last FIN. */
static void peer_lost_fin_twin(struct craft *c)
{
	const struct craft_tcp fin = {.flags = TCP_FIN | TCP_ACK};
	const struct craft_tcp again = {.flags = TCP_FIN | TCP_ACK,
					.seq = (uint32_t)-1};
	int64_t gap = 400 * MS;
	struct scene s;

	begin(&s, c);
	talk_segment(&s.t, SERVER, &fin);
	craft_wait(c, 100);
	talk_send(&s.t, CLIENT, 0);
	craft_wait(c, 70 * S);
	talk_segment(&s.t, CLIENT, &fin);
	for (int i = 0; i < 7; i++, gap *= 2) {
		craft_wait(c, gap);
		talk_segment(&s.t, CLIENT, &again);
	}
}

/*
 * Beside the receiver of a lossy transfer.  In each burst one segment is lost;
 * it is sent again after the sender heard of it, later the more is out, and the
 * capture shows that as little as the first.  The acknowledgement waits for it.
 */
static void burst_with_hole(struct scene *s, int segments)
{
	struct craft_tcp ack = {.ack = (uint32_t)-segments * MSS};
	uint32_t first = s->t.seq[SERVER];

	s->t.seq[SERVER] += MSS;
	for (int i = 1; i < segments; i++) {
		talk_send(&s->t, SERVER, MSS);
		craft_wait(s->t.c, 1 * MS);
		ack.ack = first - s->t.seq[SERVER];
		ack.sack[0] = first + MSS;
		ack.sack[1] = s->t.seq[SERVER];
		talk_segment(&s->t, CLIENT, &ack);
	}
	craft_wait(s->t.c, segments * 60 * MS);
	talk_send(&s->t, CLIENT, 0);
	craft_wait(s->t.c, s->t.rtt_us);
}

static void bufferbloat_holes_twin(struct craft *c)
{
	struct scene s;

	begin(&s, c);
	talk_send(&s.t, CLIENT, 200);
	craft_wait(c, s.t.rtt_us);
	for (int i = 0; i < 80; i++) {
		for (int n = 0; n < 2; n++) {
			talk_send(&s.t, SERVER, MSS);
			craft_wait(c, 2 * MS);
			talk_send(&s.t, CLIENT, 0);
			craft_wait(c, s.t.rtt_us);
		}
		burst_with_hole(&s, 4 + i % 8);
	}
	talk_close(&s.t);
}

/* A server with news of its own: some of it comes after the client said
 * something, and is no answer to that. */
static void server_slow_news_twin(struct craft *c)
{
	struct scene s;

	begin(&s, c);
	for (int i = 0; i < 4; i++) {
		talk_send(&s.t, CLIENT, 60);
		craft_wait(c, s.t.rtt_us);
		talk_send(&s.t, SERVER, 0);
		for (int n = 0; n < 2; n++) {
			craft_wait(c, (6 + i) * S);
			talk_send(&s.t, SERVER, 120);
			craft_wait(c, 50);
			talk_send(&s.t, CLIENT, 0);
		}
		craft_wait(c, 3 * S);
	}
	talk_close(&s.t);
}

/* A sender that holds nothing back sends every 45 ms or so, and now and then it
 * meets the delayed acknowledgement of what it sent last. */
static void nagle_unheld_twin(struct craft *c)
{
	struct scene s;

	begin(&s, c);
	for (int i = 0; i < 60; i++) {
		talk_send(&s.t, SERVER, 300);
		if (i % 2) {
			craft_wait(c, 2 * MS);
			talk_send(&s.t, SERVER, 300);
			craft_wait(c, 50);
			talk_send(&s.t, CLIENT, 0);
			craft_wait(c, 80 * MS);
			continue;
		}
		craft_wait(c, 42 * MS);
		talk_send(&s.t, CLIENT, 0);
		craft_wait(c, i % 3 ? 45 * MS : s.t.rtt_us + 1 * MS);
	}
	talk_close(&s.t);
}

/* A box answers for many servers and numbers all that it sends with one
 * counter: of one connection numbers are missing, and are on the other. */
static void shared_counter_twin(struct craft *c)
{
	struct scene s[2];
	uint16_t id = 7000;

	for (uint16_t i = 0; i < 2; i++) {
		meet(&s[i], c, 40000 + i);
		s[i].server.ip = i ? "192.0.2.8" : "192.0.2.7";
		s[i].server.ttl = 16;
		talk_open(&s[i].t);
	}
	for (int i = 0; i < 40; i++) {
		struct scene *now = &s[i % 2];
		bool answers = i / 2 % 2;

		now->server.id = id;
		talk_send(&now->t, answers ? SERVER : CLIENT, 400);
		craft_wait(c, answers ? 50 : now->t.rtt_us);
		talk_send(&now->t, answers ? CLIENT : SERVER, 0);
		craft_wait(c, i % 2 ? 250 * MS : 1 * MS);
		id = now->server.id;
	}
}

const struct craft_case innocent_cases[] = {
	{"capture", "loss-midstream", loss_midstream},
	{"capture", "loss-midstream-twin", loss_midstream_twin},
	{"tcp", "reset-injected-twin", reset_injected_twin},
	{"tcp", "reset-late-data-twin", reset_late_data_twin},
	{"tcp", "reset-by-client", reset_by_client},
	{"tcp", "reset-by-client-twin", reset_by_client_twin},
	{"tcp", "server-slow-news-twin", server_slow_news_twin},
	{"retx", "peer-lost-fin-twin", peer_lost_fin_twin},
	{"retx", "shared-counter-twin", shared_counter_twin},
	{"pace", "nagle-unheld-twin", nagle_unheld_twin},
	{"pace", "bufferbloat-holes-twin", bufferbloat_holes_twin},
	{0},
};
