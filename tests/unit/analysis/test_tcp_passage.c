/* SPDX-License-Identifier: BSD-3-Clause */
/* test_tcp_passage.c - a direction captured at two points: how far came what
 * was lost? */
#include "unit/base/unit.h"

#include <string.h>

#include "unit/analysis/spoken.h"

extern const struct tracker tcp_tracker;

enum { ISN = 1000, PEER = 9000, SIZE = 1000, RTT_MS = 20 };

/* Where segment `n` begins; before them come so many that are not followed. */
enum { BEFORE = 13 };
#define AT(n) (1 + (BEFORE + (n)) * SIZE)

/* One packet; the numbers are relative to the first of each side. */
struct say {
	enum speaker from;
	int64_t at_ms;
	uint32_t seq, len, ack;
	uint32_t sack[2]; /* of one block; 0: none */
	uint8_t flags;	  /* beside ACK */
};

struct bench {
	struct hall hall;
	void *tcp;
	struct packet p; /* the last */
	uint64_t number;
	bool told;
	struct tcp_passage passage; /* of what the client sent */
};

static void hear(void *self, const struct observation *o,
		 const struct detector_context *c)
{
	struct bench *b = self;

	(void)c;
	b->told = o->as.ended.passage[0];
	if (b->told)
		b->passage = *o->as.ended.passage[0];
	assert_null(o->as.ended.passage[1]);
}

static const enum observation_kind wants[] = {OBS_TCP_ENDED, OBSERVATIONS};
static const struct detector listener = {
	.name = "listener", .wants = wants, .observe = hear};

static void fill(struct bench *b, const struct say *k)
{
	static const uint32_t first[2] = {ISN, PEER};
	struct spoken w = {
		.number = ++b->number,
		.time_ns = 1000 * NS_PER_S + k->at_ms * NS_PER_MS,
		.from = k->from,
		.id = k->from == C ? (uint16_t)b->number : 0,
		.flags = k->flags | (k->flags == TCP_SYN ? 0 : TCP_ACK),
		.seq = first[k->from] + k->seq,
		.ack = first[!k->from] + k->ack,
		.len = k->len,
		.window = 60000,
		.has_wscale = k->flags & TCP_SYN,
		.sack_permitted = k->flags & TCP_SYN,
	};

	for (int i = 0; k->sack[1] && i < 2; i++)
		w.sack[i] = first[!k->from] + k->sack[i];
	spoken_packet(&b->p, &w);
}

/* At the first point; returns its frame. */
static uint64_t pass(struct bench *b, struct say k)
{
	fill(b, &k);
	tcp_tracker.packet(b->tcp, &b->p, &b->hall.observer);
	return b->number;
}

/* The packet before, or that of frame `of`, at another point. */
static void show_at(struct bench *b, uint64_t of, uint32_t interface)
{
	const struct copy_fact copy = {of, COPY_HOP, false};

	b->p.frame.number = ++b->number;
	b->p.frame.interface = interface;
	b->p.ip = &b->p.layers[0];
	b->p.layers[0].as.ip.ttl = 63;
	tcp_tracker.copy(b->tcp, &b->p, &copy);
}

static void show(struct bench *b)
{
	show_at(b, b->number, 1);
}

/* A connection seen beside its client, with round trips of 20 ms. */
static void bench_open(struct bench *b)
{
	struct tracker_home home;

	memset(b, 0, sizeof(*b));
	home = hall_open(&b->hall, &listener, b, false);
	b->tcp = tcp_tracker.open(&home);
	pass(b, (struct say){.from = C, .flags = TCP_SYN});
	pass(b, (struct say){.from = S,
			     .at_ms = RTT_MS,
			     .flags = TCP_SYN | TCP_ACK,
			     .ack = 1});
	for (uint32_t n = 0; n <= BEFORE; n++)
		pass(b, (struct say){.from = C,
				     .at_ms = RTT_MS,
				     .seq = 1 + (n ? n - 1 : 0) * SIZE,
				     .len = n ? SIZE : 0,
				     .ack = 1});
	pass(b,
	     (struct say){
		     .from = S, .at_ms = 2 * RTT_MS, .seq = 1, .ack = AT(0)});
}

static void bench_close(struct bench *b)
{
	tcp_tracker.finish(b->tcp, 1100 * NS_PER_S, &b->hall.observer);
	hall_close(&b->hall);
}

static uint64_t data(struct bench *b, uint32_t n, int64_t at_ms)
{
	return pass(b, (struct say){.from = C,
				    .at_ms = at_ms,
				    .seq = AT(n),
				    .len = SIZE,
				    .ack = 1});
}

/* All below segment `n`, and those of from to to. */
static void ack(struct bench *b, uint32_t n, uint32_t from, uint32_t to,
		int64_t at_ms)
{
	struct say k = {.from = S, .at_ms = at_ms, .seq = 1, .ack = AT(n)};

	if (to) {
		k.sack[0] = AT(from);
		k.sack[1] = AT(to);
	}
	pass(b, k);
}

/* Six segments of which the third is lost, sent again after 30 ms; bit n of the
 * first six of `shown`: segment n comes to the second point; bit 6: the
 * resend does. */
static uint64_t flight(struct bench *b, unsigned shown)
{
	uint64_t lost = 0;

	for (uint32_t n = 0; n < 6; n++) {
		uint64_t frame = data(b, n, 100);

		if (n == 2)
			lost = frame;
		if (shown & 1u << n)
			show(b);
	}
	ack(b, 2, 3, 6, 120);
	data(b, 2, 130);
	if (shown & 1u << 6)
		show(b);
	ack(b, 6, 0, 0, 150);
	return lost;
}

enum { ALL = 0x7f, THIRD = 1 << 2, AGAIN = 1 << 6 };

static void lost_between(void **state)
{
	struct bench b;
	uint64_t lost;

	(void)state;
	bench_open(&b);
	lost = flight(&b, ALL & ~THIRD);
	bench_close(&b);
	assert_true(b.told);
	assert_int_equal(b.passage.between, 1);
	assert_int_equal(b.passage.beyond, 0);
	assert_int_equal(b.passage.segments, 7);
	assert_int_equal(b.passage.shown, 6);
	assert_int_equal(b.passage.missing, 1);
	assert_int_equal(b.passage.frames[0][0], lost);
	assert_false(b.passage.mixed);
	assert_int_equal(b.passage.first.ttl, 64);
	assert_int_equal(b.passage.second.ttl, 63);
	assert_int_equal(b.passage.second.interface, 1);
}

/* Both points show it. */
static void lost_beyond(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	flight(&b, ALL);
	bench_close(&b);
	assert_true(b.told);
	assert_int_equal(b.passage.between, 0);
	assert_int_equal(b.passage.beyond, 1);
	assert_int_equal(b.passage.missing, 0);
	assert_int_equal(b.passage.shown, 7);
}

/* The resend does not come to the second point: may be it shows nothing any
 * more. */
static void resend_not_shown(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	flight(&b, ALL & ~THIRD & ~AGAIN);
	bench_close(&b);
	assert_false(b.told);
}

/* A neighbour that arrived does not show there. */
static void neighbour_missed(void **state)
{
	static const unsigned neighbour[] = {1 << 1, 1 << 3};
	struct bench b;

	(void)state;
	for (int i = 0; i < 2; i++) {
		bench_open(&b);
		flight(&b, ALL & ~THIRD & ~neighbour[i]);
		bench_close(&b);
		assert_false(b.told);
	}
}

/* Two lost in a row are each other's neighbours, and the resend of one of them
 * is lost as well. */
static void two_in_a_row(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	for (uint32_t n = 0; n < 8; n++) {
		data(&b, n, 100);
		if (n != 2 && n != 3)
			show(&b);
	}
	ack(&b, 2, 4, 8, 120);
	data(&b, 2, 130);
	data(&b, 3, 131);
	show(&b);
	ack(&b, 2, 3, 8, 151);
	data(&b, 2, 160);
	show(&b);
	ack(&b, 8, 0, 0, 180);
	bench_close(&b);
	assert_true(b.told);
	assert_int_equal(b.passage.between, 3);
	assert_int_equal(b.passage.missing, 3);
	assert_int_equal(b.passage.segments, 11);
	assert_int_equal(b.passage.shown, 8);
}

/* It had arrived: the D-SACK says so, and the second point missed it. */
static void needless(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	for (uint32_t n = 0; n < 6; n++) {
		data(&b, n, 100);
		if (n != 2)
			show(&b);
	}
	ack(&b, 2, 3, 6, 120);
	data(&b, 2, 130);
	show(&b);
	ack(&b, 6, 0, 0, 131);
	ack(&b, 6, 2, 3, 151);
	bench_close(&b);
	assert_false(b.told);
}

/* What is seen at a third point counts for nothing. */
static void third_point(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	for (uint32_t n = 0; n < 6; n++) {
		uint64_t frame = data(&b, n, 100);

		show_at(&b, frame, n == 2 ? 2 : 1);
	}
	ack(&b, 2, 3, 6, 120);
	data(&b, 2, 130);
	show(&b);
	ack(&b, 6, 0, 0, 150);
	bench_close(&b);
	assert_true(b.told);
	assert_int_equal(b.passage.between, 1);
}

/* The first point missed it: it was lost somewhere behind the second. */
static void aside(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	for (uint32_t n = 0; n < 6; n++) {
		struct say k = {.from = C,
				.at_ms = 100,
				.seq = AT(n),
				.len = SIZE,
				.ack = 1};

		fill(&b, &k);
		if (n == 2) {
			b.p.frame.interface = 1;
			b.p.layers[0].as.ip.ttl = 63;
		}
		tcp_tracker.packet(b.tcp, &b.p, &b.hall.observer);
		if (n != 2)
			show(&b);
	}
	ack(&b, 2, 3, 6, 120);
	data(&b, 2, 130);
	show(&b);
	ack(&b, 6, 0, 0, 150);
	bench_close(&b);
	assert_false(b.told);
}

/* Before the first copy nothing is known, and of other connections neither. */
static void before_the_first(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	show_at(&b, 3, 1);
	flight(&b, AGAIN);
	bench_close(&b);
	assert_false(b.told);
	bench_open(&b);
	flight(&b, 0);
	fill(&b, &(struct say){.from = S, .at_ms = 200, .seq = 1, .len = 9});
	b.p.layers[1].as.tcp.src_port = 81;
	show_at(&b, b.number, 1);
	bench_close(&b);
	assert_false(b.told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lost_between),
		cmocka_unit_test(lost_beyond),
		cmocka_unit_test(resend_not_shown),
		cmocka_unit_test(neighbour_missed),
		cmocka_unit_test(two_in_a_row),
		cmocka_unit_test(needless),
		cmocka_unit_test(third_point),
		cmocka_unit_test(aside),
		cmocka_unit_test(before_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
