/* SPDX-License-Identifier: BSD-3-Clause */
/* retx.c - what was sent again, overtaken or given up, and the twins that only
 * look like it. */
#include <string.h>

#include "cases/craft.h"
#include "dissectors/dissect.h"

enum { MS = 1000, MSS = 1000, HALF = 10 * MS };

/* A transfer from `a` to `b`, seen beside the sender or beside the receiver. */
struct transfer {
	struct craft *c;
	struct station a, b;
	uint32_t seq, ack_sent;
	uint32_t ts;
};

static void data(struct transfer *t, uint32_t n)
{
	struct craft_tcp d = {.sport = 40000,
			      .dport = 80,
			      .seq = 1001 + n * MSS,
			      .ack = 9001,
			      .flags = TCP_PSH | TCP_ACK,
			      .len = MSS,
			      .tsval = (uint32_t)(craft_now(t->c) / MS) + 500,
			      .tsecr = 90000};

	craft_tcp(t->c, &t->a, &t->b, &d);
}

static void ack(struct transfer *t, uint32_t n, uint32_t from, uint32_t to,
		uint32_t tsecr)
{
	struct craft_tcp d = {.sport = 80,
			      .dport = 40000,
			      .seq = 9001,
			      .ack = 1001 + n * MSS,
			      .tsval = (uint32_t)(craft_now(t->c) / MS) + 90000,
			      .tsecr = tsecr};

	if (to) {
		d.sack[0] = 1001 + from * MSS;
		d.sack[1] = 1001 + to * MSS;
	}
	craft_tcp(t->c, &t->b, &t->a, &d);
}

static struct transfer begin(struct craft *c)
{
	struct transfer t = {
		.c = c,
		.a = {"52:54:00:00:00:14", "192.0.2.20", .id = 1000},
		.b = {"52:54:00:00:00:07", "192.0.2.7", .id = 7000}};
	struct craft_tcp s = {.sport = 40000,
			      .dport = 80,
			      .seq = 1000,
			      .flags = TCP_SYN,
			      .mss = 1460,
			      .sack_ok = true,
			      .wscale = 7,
			      .tsval = 500};
	struct craft_tcp r = {.sport = 80,
			      .dport = 40000,
			      .seq = 9000,
			      .ack = 1001,
			      .flags = TCP_SYN | TCP_ACK,
			      .mss = 1460,
			      .sack_ok = true,
			      .wscale = 7,
			      .tsval = 90000,
			      .tsecr = 500,
			      .id = -1};
	struct craft_tcp k = {.sport = 40000,
			      .dport = 80,
			      .seq = 1001,
			      .ack = 9001,
			      .tsval = 520,
			      .tsecr = 90000};

	craft_tcp(c, &t.a, &t.b, &s);
	craft_wait(c, 2 * HALF);
	craft_tcp(c, &t.b, &t.a, &r);
	craft_wait(c, 50);
	craft_tcp(c, &t.a, &t.b, &k);
	craft_wait(c, 50);
	return t;
}

/* Rounds of five segments; in three of them the second is lost after P. */
static void rounds(struct craft *c, bool lossy)
{
	struct transfer t = begin(c);

	for (uint32_t i = 0; i < 8; i++) {
		uint32_t n = i * 5;
		uint32_t ts = (uint32_t)(craft_now(c) / MS) + 500;

		for (uint32_t j = 0; j < 5; j++, craft_wait(c, 100))
			data(&t, n + j);
		craft_wait(c, 2 * HALF);
		if (lossy && i % 2 == 1 && i < 7) {
			ack(&t, n + 1, n + 2, n + 5, ts);
			craft_wait(c, 100);
			ts = (uint32_t)(craft_now(c) / MS) + 500;
			data(&t, n + 1);
			craft_wait(c, 2 * HALF);
		}
		ack(&t, n + 5, 0, 0, ts);
		craft_wait(c, 200);
	}
}

/* The timer sends a segment again, and the resend is not what it was: two words
 * of it changed places, which no checksum shows. */
static void other_bytes(struct craft *c)
{
	enum { ID = 14 + 4, SUM = 14 + 10, PAYLOAD = 14 + 20 + 32 };
	struct transfer t = begin(c);
	uint8_t frame[PAYLOAD + MSS], word[2];
	size_t size;

	data(&t, 0);
	craft_wait(c, 2 * HALF);
	ack(&t, 1, 0, 0, 540);
	craft_wait(c, 100);
	data(&t, 1);
	memcpy(frame, craft_last(c, &size), sizeof(frame));
	frame[ID + 1]++;
	frame[SUM + 1]--;
	memcpy(word, frame + PAYLOAD + 4, 2);
	memcpy(frame + PAYLOAD + 4, frame + PAYLOAD + 10, 2);
	memcpy(frame + PAYLOAD + 10, word, 2);
	t.a.id++;
	craft_wait(c, 400 * MS);
	craft_frame(c, frame, sizeof(frame), sizeof(frame));
	craft_wait(c, 2 * HALF);
	ack(&t, 2, 0, 0, 540);
	craft_wait(c, 100 * MS);
	for (uint32_t n = 2; n < 8; n++, craft_wait(c, 100 * MS)) {
		data(&t, n);
		craft_wait(c, 2 * HALF);
		ack(&t, n + 1, 0, 0, (uint32_t)(craft_now(c) / MS) + 480);
	}
}

static void loss(struct craft *c)
{
	rounds(c, true);
}

static void loss_twin(struct craft *c)
{
	rounds(c, false);
}

/* Beside the receiver: the second of five comes last, three times. */
static void reordering(struct craft *c)
{
	struct transfer t = begin(c);
	static const uint32_t order[] = {0, 2, 3, 4, 1};

	for (uint32_t i = 0; i < 8; i++) {
		uint16_t id = t.a.id;
		uint32_t ts = (uint32_t)(craft_now(c) / MS) + 500;

		for (uint32_t j = 0; j < 5; j++, craft_wait(c, 100)) {
			uint32_t n = i % 2 ? order[j] : j;

			t.a.id = (uint16_t)(id + n);
			data(&t, i * 5 + n);
		}
		t.a.id = (uint16_t)(id + 5);
		craft_wait(c, 200);
		ack(&t, i * 5 + 5, 0, 0, ts);
		craft_wait(c, 2 * HALF);
	}
}

/* The path stands still: the resend and the late ACKs cross. */
static void spurious(struct craft *c)
{
	struct transfer t = begin(c);
	uint32_t ts = (uint32_t)(craft_now(c) / MS) + 500;

	for (uint32_t j = 0; j < 5; j++, craft_wait(c, 100))
		data(&t, j);
	craft_wait(c, 400 * MS);
	data(&t, 0);
	craft_wait(c, 2 * MS);
	ack(&t, 5, 0, 0, ts);
	craft_wait(c, 2 * HALF);
	ack(&t, 5, 0, 1, ts);
	craft_wait(c, 5000 * MS);
}

/* Sent again until nobody believes in an answer; and the twin that gets one. */
static void silence(struct craft *c, bool answered)
{
	struct transfer t = begin(c);
	int64_t gap = 400 * MS;
	uint32_t ts = (uint32_t)(craft_now(c) / MS) + 500;

	data(&t, 0);
	craft_wait(c, 2 * HALF);
	ack(&t, 1, 0, 0, ts);
	craft_wait(c, 200);
	data(&t, 1);
	for (uint32_t i = 0; i < 6; i++, gap *= 2) {
		craft_wait(c, gap);
		ts = (uint32_t)(craft_now(c) / MS) + 500;
		data(&t, 1);
	}
	craft_wait(c, 2 * HALF);
	if (answered)
		ack(&t, 2, 0, 0, ts);
}

static void peer_lost(struct craft *c)
{
	silence(c, false);
}

static void peer_lost_twin(struct craft *c)
{
	silence(c, true);
}

/* The receiver counts its packets; each segment is acknowledged by one. `lost`
 * of those of the odd rounds do not come, and in the last round none does, so
 * that the sender's timer resends what had arrived.  With `shared` the counter
 * is that of a host with other things to say: its numbers have gaps anyway. */
static void acknowledged(struct craft *c, uint32_t lost, bool shared)
{
	struct transfer t = begin(c);
	uint32_t ts = 0;

	t.b.ttl = 64;
	for (uint32_t i = 0; i < 9; i++) {
		for (uint32_t j = 0; j < 5; j++, craft_wait(c, 100))
			data(&t, i * 5 + j);
		craft_wait(c, 2 * HALF);
		ts = (uint32_t)(craft_now(c) / MS) + 480;
		for (uint32_t j = 0; j < 5; j++, craft_wait(c, 100)) {
			bool gone = (i % 2 && j && j <= lost) ||
				    (i == 8 && lost);

			t.b.id = (uint16_t)(t.b.id + gone +
					    (shared ? 1 + j % 2 : 0));
			if (!gone)
				ack(&t, i * 5 + j + 1, 0, 0, ts);
		}
	}
	if (!lost)
		return;
	craft_wait(c, 250 * MS);
	data(&t, 40);
	craft_wait(c, 2 * HALF);
	ack(&t, 45, 40, 41, ts);
	craft_wait(c, 3000 * MS);
	data(&t, 45);
	craft_wait(c, 2 * HALF);
	ack(&t, 46, 0, 0, (uint32_t)(craft_now(c) / MS) + 480);
}

static void ack_loss(struct craft *c)
{
	acknowledged(c, 2, false);
}

static void ack_loss_twin(struct craft *c)
{
	acknowledged(c, 0, true);
}

const struct craft_case retx_cases[] = {
	{"retx", "loss", loss},
	{"retx", "other-bytes", other_bytes},
	{"retx", "healthy", loss_twin},
	{"retx", "reordering", reordering},
	{"retx", "spurious", spurious},
	{"retx", "peer-lost", peer_lost},
	{"retx", "peer-lost-twin", peer_lost_twin},
	{"retx", "ack-loss", ack_loss},
	{"retx", "ack-loss-twin", ack_loss_twin},
	{0},
};
