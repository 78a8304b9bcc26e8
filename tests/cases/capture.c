/* SPDX-License-Identifier: BSD-3-Clause */
/* capture.c - captures that cannot be trusted, and twins that can. */
#include <stdio.h>
#include <string.h>

#include "cases/craft_talk.h"
#include "dissectors/dissect.h"

enum { MS = 1000, S = 1000000 };

static struct station client(void)
{
	return (struct station){"52:54:00:00:00:14", "192.0.2.20", .id = 1000};
}

static struct station server(void)
{
	return (struct station){"52:54:00:00:00:07", "192.0.2.7", .id = 7000};
}

/* A healthy connection with three exchanges. */
static void healthy(struct craft *c)
{
	struct station a = client(), b = server();
	struct talk t = talk_new(c, &a, &b, 40000, 5000);

	talk_open(&t);
	for (int i = 0; i < 3; i++)
		talk_exchange(&t, 200, 800, 0);
	talk_close(&t);
}

/* Answers that were acknowledged, but that the capture never shows. */
static void answers(struct craft *c, bool shown)
{
	struct station a = client(), b = server();

	for (uint16_t f = 0; f < 3; f++) {
		struct talk t =
			talk_new(c, &a, &b, (uint16_t)(40000 + f), 5000);

		talk_open(&t);
		for (int i = 0; i < 6; i++) {
			talk_send(&t, CLIENT, 200);
			craft_wait(c, t.rtt_us);
			if (shown || i % 2 == 0)
				talk_send(&t, SERVER, 800);
			else
				t.seq[SERVER] += 800;
			craft_wait(c, 50);
			talk_send(&t, CLIENT, 0);
			craft_wait(c, 400 * MS);
		}
		talk_exchange(&t, 200, 800, 0);
		talk_close(&t);
	}
}

static void loss(struct craft *c)
{
	answers(c, false);
}

static void loss_twin(struct craft *c)
{
	answers(c, true);
}

/* One answer that the capture lacks, and then the connection ends: nothing
 * comes any more that could fill the hole. */
static void last_answer(struct craft *c, bool shown)
{
	struct station a = client(), b = server();
	struct talk t = talk_new(c, &a, &b, 40000, 5000);

	talk_open(&t);
	talk_send(&t, CLIENT, 200);
	craft_wait(c, t.rtt_us);
	if (shown)
		talk_send(&t, SERVER, 2400);
	else
		t.seq[SERVER] += 2400;
	craft_wait(c, 50);
	talk_close(&t);
}

static void loss_at_end(struct craft *c)
{
	last_answer(c, false);
}

static void loss_at_end_twin(struct craft *c)
{
	last_answer(c, true);
}

/* Pings, each frame recorded once or twice. */
static void pings(struct craft *c, bool twice)
{
	struct station a = client(), b = server();

	for (uint16_t i = 1; i <= 15; i++) {
		craft_echo(c, &a, &b, false, 7, i, 56);
		craft_wait(c, 20);
		if (twice)
			craft_again(c, 0, NULL, NULL);
		craft_wait(c, MS);
		craft_echo(c, &b, &a, true, 7, i, 56);
		craft_wait(c, 20);
		if (twice)
			craft_again(c, 0, NULL, NULL);
		craft_wait(c, 200 * MS);
	}
}

static void duplicates(struct craft *c)
{
	pings(c, true);
}

static void duplicates_twin(struct craft *c)
{
	pings(c, false);
}

/* Seen on both sides of a router, too short to prove it by number: a SYN that
 * comes twice so was not sent twice. */
static void few_copies(struct craft *c)
{
	struct station a = client(), b = server();
	struct talk t = talk_new(c, &a, &b, 40000, 5000);
	const struct craft_tcp syn = {.flags = TCP_SYN, .mss = 1460};
	const struct craft_tcp accept = {.flags = TCP_SYN | TCP_ACK,
					 .mss = 1460};

	talk_segment(&t, CLIENT, &syn);
	craft_wait(c, 30);
	craft_again(c, 63, "52:54:00:00:00:0a", "52:54:00:00:00:0b");
	craft_wait(c, t.rtt_us);
	talk_segment(&t, SERVER, &accept);
	craft_wait(c, 30);
	craft_again(c, 63, "52:54:00:00:00:0b", "52:54:00:00:00:0a");
	craft_wait(c, 50);
	talk_send(&t, CLIENT, 0);
	talk_exchange(&t, 200, 800, 0);
	talk_close(&t);
}

/* The client does repeat its SYN, after a second. */
static void few_copies_twin(struct craft *c)
{
	struct station a = client(), b = server();
	struct talk t = talk_new(c, &a, &b, 40000, 5000);
	const struct craft_tcp syn = {.flags = TCP_SYN, .mss = 1460};
	const struct craft_tcp again = {.flags = TCP_SYN, .mss = 1460,
					.seq = (uint32_t)-1};

	talk_segment(&t, CLIENT, &syn);
	craft_wait(c, S);
	talk_segment(&t, CLIENT, &again);
	craft_wait(c, t.rtt_us);
	talk_segment(&t, SERVER,
		     &(struct craft_tcp){.flags = TCP_SYN | TCP_ACK,
					 .mss = 1460});
	craft_wait(c, 50);
	talk_send(&t, CLIENT, 0);
	talk_exchange(&t, 200, 800, 0);
	talk_close(&t);
}

/* Four downloads of which only what the client sends was captured. */
static void one_way(struct craft *c)
{
	struct station a = client(), b = server();

	for (uint16_t f = 0; f < 4; f++) {
		struct talk t =
			talk_new(c, &a, &b, (uint16_t)(40000 + f), 5000);
		const struct craft_tcp syn = {.flags = TCP_SYN, .mss = 1460};

		talk_segment(&t, CLIENT, &syn);
		craft_wait(c, t.rtt_us);
		t.seq[SERVER]++;
		talk_send(&t, CLIENT, 0);
		talk_send(&t, CLIENT, 200);
		for (int i = 0; i < 8; i++) {
			craft_wait(c, 20 * MS);
			t.seq[SERVER] += 2920;
			talk_send(&t, CLIENT, 0);
		}
		craft_wait(c, 100 * MS);
	}
}

/* Four servers that are dead: SYNs alone are no sign of half a capture. */
static void one_way_twin(struct craft *c)
{
	struct station a = client(), b = server();

	for (uint16_t f = 0; f < 4; f++) {
		struct talk t =
			talk_new(c, &a, &b, (uint16_t)(40000 + f), 5000);
		const struct craft_tcp syn = {.flags = TCP_SYN, .mss = 1460};

		talk_segment(&t, CLIENT, &syn);
		craft_wait(c, 300 * MS);
	}
}

static void clock_back(struct craft *c)
{
	healthy(c);
	craft_wait(c, -3600 * (int64_t)S);
	pings(c, false);
}

/* An hour between two exchanges: one that the clock made, or a true one. */
static void hour(struct craft *c, int64_t lag_us)
{
	struct station a = client(), b = server();
	struct station d = {"52:54:00:00:00:21", "192.0.2.33", .id = 300};
	struct station e = {"52:54:00:00:00:22", "192.0.2.34", .id = 400};
	struct talk t = talk_new(c, &a, &b, 40000, 5000);

	talk_open(&t);
	for (int i = 0; i < 6; i++) {
		talk_exchange(&t, 200, 800, 0);
		craft_wait(c, 300 * MS);
	}
	craft_echo(c, &d, &e, false, 7, 1, 56);
	craft_wait(c, 3600 * (int64_t)S);
	t.lag_us = lag_us;
	if (lag_us)
		craft_echo(c, &e, &d, true, 7, 1, 56);
	for (int i = 0; i < 6; i++) {
		talk_exchange(&t, 200, 800, 0);
		craft_wait(c, 300 * MS);
	}
	talk_close(&t);
}

static void clock_ahead(struct craft *c)
{
	hour(c, 3600 * (int64_t)S);
}

static void clock_ahead_twin(struct craft *c)
{
	hour(c, 0);
}

/* Frames of two processors: 40 us out of order. */
static void clock_twin(struct craft *c)
{
	struct station a = client(), b = server();

	craft_wait(c, S);
	for (uint16_t i = 1; i <= 10; i++) {
		craft_echo(c, &a, &b, false, 7, i, 56);
		craft_wait(c, -40);
		craft_echo(c, &b, &a, true, 7, i, 56);
		craft_wait(c, 200 * MS);
	}
}

/* Segments of `len` bytes from a host that announced an MSS of 1460. */
static void bulk(struct craft *c, uint32_t len)
{
	struct station a = client(), b = server();
	struct talk t = talk_new(c, &a, &b, 40000, 5000);

	talk_open(&t);
	for (int i = 0; i < 6; i++) {
		talk_send(&t, CLIENT, len);
		craft_wait(c, t.rtt_us);
		talk_send(&t, SERVER, 0);
		craft_wait(c, 100);
	}
	talk_close(&t);
}

static void offload(struct craft *c)
{
	bulk(c, 8000);
}

static void offload_twin(struct craft *c)
{
	bulk(c, 1400);
}

/* A far server whose MSS a box on the way has lowered to 1380; that binds only
 * what it gets. */
static void far_bulk(struct craft *c, uint32_t len)
{
	struct station a = client(), b = server();
	const struct craft_tcp syn = {.flags = TCP_SYN, .mss = 1460};
	const struct craft_tcp synack = {.flags = TCP_SYN | TCP_ACK,
					 .mss = 1380};
	struct talk t;

	b.ttl = 55;
	t = talk_new(c, &a, &b, 40000, 443);
	talk_segment(&t, CLIENT, &syn);
	craft_wait(c, t.rtt_us);
	talk_segment(&t, SERVER, &synack);
	talk_send(&t, CLIENT, 0);
	talk_send(&t, CLIENT, 200);
	for (int i = 0; i < 6; i++) {
		craft_wait(c, t.rtt_us);
		talk_send(&t, SERVER, len);
		craft_wait(c, 100);
		talk_send(&t, CLIENT, 0);
	}
	talk_close(&t);
}

static void joined(struct craft *c)
{
	far_bulk(c, 4290);
}

static void joined_twin(struct craft *c)
{
	far_bulk(c, 1430);
}

static void midstream(struct craft *c)
{
	struct station a = client(), b = server();
	struct talk t = talk_new(c, &a, &b, 40000, 5000);

	for (int i = 0; i < 3; i++)
		talk_exchange(&t, 200, 800, 0);
	talk_close(&t);
}

static void rewritten(struct craft *c)
{
	struct station a = client(), b = server();
	struct talk t = talk_new(c, &a, &b, 40000, 5000);

	t.bad_sums = true;
	talk_open(&t);
	for (int i = 0; i < 6; i++)
		talk_exchange(&t, 200, 800, 0);
	talk_close(&t);
}

/* One damaged segment, sent again: the others are whole. */
static void rewritten_twin(struct craft *c)
{
	const struct craft_tcp bad = {.len = 200,
				      .flags = TCP_PSH | TCP_ACK,
				      .seq = 0,
				      .bad_checksum = true};
	struct station a = client(), b = server();
	struct talk t = talk_new(c, &a, &b, 40000, 5000);

	talk_open(&t);
	talk_exchange(&t, 200, 800, 0);
	talk_segment(&t, CLIENT, &bad);
	t.seq[CLIENT] -= 200;
	craft_wait(c, 250 * MS);
	for (int i = 0; i < 4; i++)
		talk_exchange(&t, 200, 800, 0);
	talk_close(&t);
}

static void unknown_link(struct craft *c)
{
	static const uint8_t bytes[60] = {0x42, 0x42};

	for (int i = 0; i < 5; i++) {
		craft_frame(c, bytes, sizeof(bytes), sizeof(bytes));
		craft_wait(c, 100 * MS);
	}
}

/* A question from each of `count` clients, right before the end. */
static void askers(struct craft *c, unsigned count)
{
	struct station resolver = server();

	for (unsigned i = 0; i < count; i++) {
		char ip[20];
		struct station a = {"52:54:00:00:00:14", ip};
		const struct craft_dns q = {.id = (uint16_t)(i + 1),
					    .name = "a.example",
					    .sport = 40000};

		snprintf(ip, sizeof(ip), "10.7.%u.%u", i / 250, i % 250 + 1);
		craft_dns(c, &a, &resolver, &q);
		craft_wait(c, 100);
	}
}

static void limits(struct craft *c)
{
	askers(c, 1100);
}

static void limits_twin(struct craft *c)
{
	askers(c, 50);
}

/* A datagram whose length is shorter than its own header. */
static void malformed(struct craft *c)
{
	struct station a = client(), b = server();

	for (int i = 0; i < 4; i++) {
		uint8_t frame[200];
		const uint8_t *last;
		size_t size;

		craft_udp(c, &a, &b, 40000, 6000, "hello", 5);
		last = craft_last(c, &size);
		memcpy(frame, last, size);
		frame[38] = 0;
		frame[39] = 4;
		craft_wait(c, 100 * MS);
		craft_frame(c, frame, size, size);
		craft_wait(c, 100 * MS);
	}
}

/* Short datagrams, padded to the least length of Ethernet. */
static void malformed_twin(struct craft *c)
{
	struct station a = client(), b = server();

	craft_pad(c, true);
	for (int i = 0; i < 4; i++) {
		craft_udp(c, &a, &b, 40000, 6000, "hello", 5);
		craft_wait(c, 100 * MS);
	}
}

/* `bad` of the packets from afar arrive with a damaged header. */
static void headers(struct craft *c, int bad)
{
	struct station a = client(), b = server();

	pings(c, false);
	for (int i = 0; i < 8; i++) {
		const struct craft_ip ip = {
			.protocol = 253, .ttl = 57, .bad_checksum = i < bad};

		craft_ip(c, &b, &a, &ip, "experiment, 24 bytes...", 24);
		craft_wait(c, 50 * MS);
	}
}

static void bad_checksum(struct craft *c)
{
	headers(c, 3);
}

static void bad_checksum_twin(struct craft *c)
{
	headers(c, 0);
}

const struct craft_case capture_cases[] = {
	{"capture", "drops", healthy, .pcapng = true, .dropped = 50,
	 .received = 1000},
	{"capture", "drops-twin", healthy, .pcapng = true, .received = 1000},
	{"capture", "loss", loss},
	{"capture", "loss-twin", loss_twin},
	{"capture", "loss_at_end", loss_at_end},
	{"capture", "loss_at_end-twin", loss_at_end_twin},
	{"capture", "snaplen", healthy, .snaplen = 40},
	{"capture", "snaplen-twin", healthy},
	{"capture", "duplicates", duplicates},
	{"capture", "duplicates-twin", duplicates_twin},
	{"capture", "few_copies", few_copies},
	{"capture", "few_copies-twin", few_copies_twin},
	{"capture", "one_way", one_way},
	{"capture", "one_way-twin", one_way_twin},
	{"capture", "clock", clock_back},
	{"capture", "clock-twin", clock_twin},
	{"capture", "clock_ahead", clock_ahead},
	{"capture", "clock_ahead-twin", clock_ahead_twin},
	{"capture", "offload", offload},
	{"capture", "offload-twin", offload_twin},
	{"capture", "offload-joined", joined},
	{"capture", "offload-joined-twin", joined_twin},
	{"capture", "midstream", midstream},
	{"capture", "truncated", healthy, .cut_bytes = 7},
	{"capture", "rewritten", rewritten},
	{"capture", "rewritten-twin", rewritten_twin},
	{"capture", "unknown_link", unknown_link, .link_type = 147},
	{"capture", "limits", limits},
	{"capture", "limits-twin", limits_twin},
	{"capture", "malformed", malformed},
	{"capture", "malformed-twin", malformed_twin},
	{"capture", "bad_checksum", bad_checksum},
	{"capture", "bad_checksum-twin", bad_checksum_twin},
	{0},
};
