/* SPDX-License-Identifier: BSD-3-Clause */
/* test_tcp_resent.c - segments that come again: what tells a resend, a copy and
 * a late original apart, and what a D-SACK proves. */
#include "unit/base/unit.h"

#include <string.h>

#include "unit/analysis/spoken.h"

extern const struct tracker tcp_tracker;

enum { ISN = 1000, PEER = 9000, MOST = 64, SIZE = 1000, RTT_MS = 20 };

#define MS NS_PER_MS

/* One packet; the numbers are relative to the first of each side. */
struct say {
	enum speaker from;
	int64_t at_ms;
	uint32_t seq, len, ack;
	uint32_t sack[2]; /* of one block; 0: none */
	uint16_t id;
	uint16_t window;
	uint32_t tsval, tsecr;
	uint8_t flags; /* beside ACK */
};

struct bench {
	struct hall hall;
	void *tcp;
	uint64_t number;
	struct tcp_segment_fact fact[MOST]; /* by frame */
	bool told[MOST];
	struct tcp_ended_fact ended;
};

static void hear(void *self, const struct observation *o,
		 const struct detector_context *c)
{
	struct bench *b = self;

	(void)c;
	if (o->kind == OBS_TCP_ENDED) {
		b->ended = o->as.ended;
		return;
	}
	assert_true(o->frame < MOST);
	b->told[o->frame] = true;
	b->fact[o->frame] = o->as.segment;
}

static const enum observation_kind wants[] = {OBS_TCP_SEGMENT, OBS_TCP_ENDED,
					      OBSERVATIONS};
static const struct detector listener = {
	.name = "listener", .wants = wants, .observe = hear};

/* Returns its frame. */
static uint64_t pass(struct bench *b, struct say k)
{
	static const uint32_t first[2] = {ISN, PEER};
	static struct packet p;
	struct spoken w = {
		.number = ++b->number,
		.time_ns = 1000 * NS_PER_S + k.at_ms * MS,
		.from = k.from,
		.ttl = 60,
		.id = k.id,
		.flags = k.flags | (k.flags == TCP_SYN ? 0 : TCP_ACK),
		.seq = first[k.from] + k.seq,
		.ack = first[!k.from] + k.ack,
		.len = k.len,
		.window = k.window ? k.window : 60000,
		.has_wscale = k.flags & TCP_SYN,
		.sack_permitted = k.flags & TCP_SYN,
		.tsval = k.tsval,
		.tsecr = k.tsecr,
	};

	for (int i = 0; k.sack[1] && i < 2; i++)
		w.sack[i] = first[!k.from] + k.sack[i];
	spoken_packet(&p, &w);
	tcp_tracker.packet(b->tcp, &p, &b->hall.observer);
	return b->number;
}

static void bench_begin(struct bench *b)
{
	struct tracker_home home;

	memset(b, 0, sizeof(*b));
	home = hall_open(&b->hall, &listener, b, true);
	b->tcp = tcp_tracker.open(&home);
}

/* A connection seen beside its client. */
static void bench_near(struct bench *b, int64_t rtt_ms)
{
	bench_begin(b);
	pass(b, (struct say){.from = C, .flags = TCP_SYN});
	pass(b, (struct say){.from = S,
			     .at_ms = rtt_ms,
			     .flags = TCP_SYN | TCP_ACK,
			     .ack = 1});
	pass(b, (struct say){.from = C, .at_ms = rtt_ms, .seq = 1, .ack = 1});
}

static void bench_open(struct bench *b)
{
	bench_near(b, RTT_MS);
}

static void bench_close(struct bench *b)
{
	tcp_tracker.finish(b->tcp, 1100 * NS_PER_S, &b->hall.observer);
	hall_close(&b->hall);
}

/* The client's segment number `n`, and what acknowledges all before it. */
static uint64_t data(struct bench *b, uint32_t n, int64_t at_ms)
{
	return pass(b, (struct say){.from = C,
				    .at_ms = at_ms,
				    .seq = 1 + n * SIZE,
				    .len = SIZE,
				    .ack = 1});
}

/* With an ID, or time stamps. */
static uint64_t numbered(struct bench *b, uint32_t n, int64_t at_ms, int id)
{
	return pass(b, (struct say){.from = C,
				    .at_ms = at_ms,
				    .seq = 1 + n * SIZE,
				    .len = SIZE,
				    .ack = 1,
				    .id = (uint16_t)id});
}

static uint64_t stamped(struct bench *b, uint32_t n, int64_t at_ms,
			uint32_t tsval, uint32_t tsecr)
{
	return pass(b, (struct say){.from = C,
				    .at_ms = at_ms,
				    .seq = 1 + n * SIZE,
				    .len = SIZE,
				    .ack = 1,
				    .tsval = tsval,
				    .tsecr = tsecr});
}

static uint64_t ack(struct bench *b, uint32_t n, int64_t at_ms)
{
	return pass(b, (struct say){.from = S,
				    .at_ms = at_ms,
				    .seq = 1,
				    .ack = 1 + n * SIZE});
}

static uint64_t dsack(struct bench *b, uint32_t n, uint32_t block,
		      int64_t at_ms)
{
	return pass(b, (struct say){.from = S,
				    .at_ms = at_ms,
				    .seq = 1,
				    .ack = 1 + n * SIZE,
				    .sack = {1 + block * SIZE,
					     1 + block * SIZE + SIZE}});
}

static void is_resend(const struct bench *b, uint64_t frame, bool spurious)
{
	assert_true(b->told[frame]);
	assert_int_equal(b->fact[frame].class, SEG_RETRANSMISSION);
	assert_int_equal(b->fact[frame].spurious, spurious);
	assert_int_equal(b->fact[frame].lost,
			 spurious ? LOST_NONE : LOST_AFTER);
}

/* Two were sent again in vain; the D-SACK of the second, whose acknowledgement
 * came sooner than it could, does not accuse the first, which was needed. */
static void test_dsack_once(void **state)
{
	uint64_t first, second;
	struct bench b;

	(void)state;
	bench_open(&b);
	data(&b, 0, 100);
	first = data(&b, 0, 400);
	second = data(&b, 0, 800);
	ack(&b, 1, 803);
	dsack(&b, 1, 0, 820);
	bench_close(&b);
	is_resend(&b, first, false);
	is_resend(&b, second, true);
}

/* It came sooner than a round trip after the second: it is the first's. */
static void test_dsack_too_soon(void **state)
{
	uint64_t first, second;
	struct bench b;

	(void)state;
	bench_open(&b);
	data(&b, 0, 100);
	first = data(&b, 0, 400);
	second = data(&b, 0, 800);
	dsack(&b, 1, 0, 804);
	bench_close(&b);
	assert_true(b.fact[first].spurious);
	assert_int_equal(b.fact[second].class, SEG_RETRANSMISSION);
}

/* One of two had arrived before the D-SACK's: which one is not known. */
static void test_dsack_of_which(void **state)
{
	uint64_t first, second;
	struct bench b;

	(void)state;
	bench_open(&b);
	data(&b, 0, 100);
	first = data(&b, 0, 400);
	second = data(&b, 0, 800);
	dsack(&b, 1, 0, 820);
	bench_close(&b);
	assert_false(b.fact[first].spurious);
	assert_int_equal(b.fact[first].lost, LOST_UNKNOWN);
	is_resend(&b, second, true);
}

/* A FIN is known to be lost only if the peer spoke after it should have come,
 * without a word of it. */
static void fin(bool speaks, enum lost_where lost)
{
	uint64_t again;
	struct bench b;
	const struct say say = {.from = C,
				.at_ms = 200,
				.seq = 1 + SIZE,
				.ack = 1,
				.flags = TCP_FIN};
	struct say later = say;

	bench_open(&b);
	data(&b, 0, 100);
	ack(&b, 1, 120);
	pass(&b, say);
	if (speaks)
		ack(&b, 1, 260);
	later.at_ms = 500;
	again = pass(&b, later);
	bench_close(&b);
	assert_int_equal(b.fact[again].class, SEG_RETRANSMISSION);
	assert_int_equal(b.fact[again].lost, lost);
}

static void test_fin(void **state)
{
	(void)state;
	fin(false, LOST_UNKNOWN);
	fin(true, LOST_AFTER);
}

/* A part of what was sent again had been there; its beginning had not. */
static void test_dsack_of_part(void **state)
{
	uint64_t whole;
	struct bench b;

	(void)state;
	bench_open(&b);
	for (uint32_t i = 0; i < 3; i++)
		data(&b, i, 100);
	whole = pass(&b, (struct say){.from = C,
				      .at_ms = 400,
				      .seq = 1,
				      .len = 3 * SIZE,
				      .ack = 1});
	dsack(&b, 3, 1, 420);
	bench_close(&b);
	is_resend(&b, whole, false);
}

/* Where the network doubles what was sent once, a D-SACK after the
 * acknowledgement of a resend is that of a copy. */
static void doubled(uint32_t times, bool spurious)
{
	uint64_t again;
	struct bench b;

	bench_open(&b);
	for (uint32_t i = 0; i < 4; i++) {
		data(&b, i, 100 + 50 * i);
		ack(&b, i + 1, 120 + 50 * i);
		if (i < times)
			dsack(&b, i + 1, i, 122 + 50 * i);
	}
	data(&b, 4, 400);
	again = data(&b, 4, 700);
	ack(&b, 5, 720);
	dsack(&b, 5, 4, 722);
	bench_close(&b);
	is_resend(&b, again, spurious);
}

static void test_doubled(void **state)
{
	(void)state;
	doubled(0, true);
	doubled(2, false);
}

/* Neither IDs nor time stamps, and sooner than a round trip after a resend
 * whose original never passed: here is the original.  Not where its header is
 * the same and copies were seen. */
static void late(bool copies, uint16_t window, enum segment_class class)
{
	uint64_t x;
	struct bench b;

	bench_open(&b);
	data(&b, 0, 100);
	if (copies)
		data(&b, 0, 101);
	ack(&b, 1, 120);
	data(&b, 2, 130);
	data(&b, 1, 200);
	x = pass(&b, (struct say){.from = C,
				  .at_ms = 205,
				  .seq = 1 + SIZE,
				  .len = SIZE,
				  .ack = 1,
				  .window = window});
	bench_close(&b);
	assert_true(b.told[x]);
	assert_int_equal(b.fact[x].class, class);
}

static void test_late(void **state)
{
	(void)state;
	late(false, 60000, SEG_OUT_OF_ORDER);
	late(true, 60000, SEG_DUPLICATE_NETWORK);
	late(true, 50000, SEG_OUT_OF_ORDER);
}

static void sacked(struct bench *b, uint32_t n, uint32_t from, uint32_t to,
		   int64_t at_ms, uint32_t tsval)
{
	pass(b, (struct say){.from = S,
			     .at_ms = at_ms,
			     .seq = 1,
			     .ack = 1 + n * SIZE,
			     .sack = {1 + from * SIZE, 1 + to * SIZE},
			     .tsval = tsval,
			     .tsecr = 5000});
}

/* On a short path the time stamps of a resend and of the original are equal; a
 * resend echoes what told its sender of the loss. */
static void near(bool seen, uint32_t tsecr, enum segment_class class)
{
	uint64_t x;
	struct bench b;

	bench_near(&b, 1);
	for (uint32_t i = 0; i < 4; i++)
		if (seen || i != 1)
			stamped(&b, i, 100 + i, 5000, 70);
	sacked(&b, 1, 2, 3, 103, 171);
	sacked(&b, 1, 2, 4, 104, 172);
	x = stamped(&b, 1, 106, 5000, tsecr);
	bench_close(&b);
	assert_true(b.told[x]);
	assert_int_equal(b.fact[x].class, class);
}

static void test_near(void **state)
{
	(void)state;
	near(false, 70, SEG_OUT_OF_ORDER);
	near(false, 172, SEG_RETRANSMISSION);
	near(true, 70, SEG_DUPLICATE_NETWORK);
	near(true, 172, SEG_RETRANSMISSION);
}

/* What a hole held back is echoed late: the first round trip is none, and an
 * acknowledgement that comes much sooner proves nothing. */
static void test_late_echo(void **state)
{
	uint64_t again;
	struct bench b;

	(void)state;
	bench_begin(&b);
	pass(&b, (struct say){.from = C,
			      .at_ms = 0,
			      .seq = 1,
			      .ack = 1,
			      .tsval = 5000,
			      .tsecr = 70});
	stamped(&b, 1, 8, 5001, 70);
	sacked(&b, 0, 1, 2, 10, 171);
	again = stamped(&b, 0, 100, 5100, 171);
	pass(&b, (struct say){.from = S,
			      .at_ms = 101,
			      .seq = 1,
			      .ack = 1 + 2 * SIZE,
			      .tsval = 260,
			      .tsecr = 5100});
	bench_close(&b);
	assert_int_equal(b.fact[again].class, SEG_RETRANSMISSION);
	assert_int_equal(b.fact[again].lost, LOST_BEFORE);
}

/* A counter that was seen to go on once tells an order to what is near. */
static void counted(uint16_t id, enum segment_class class)
{
	uint64_t x;
	struct bench b;

	bench_open(&b);
	for (uint32_t i = 0; i < 4; i++) {
		if (i == 2)
			continue;
		numbered(&b, i, 100, 500 + (int)i);
	}
	x = numbered(&b, 2, 115, id);
	bench_close(&b);
	assert_true(b.told[x]);
	assert_int_equal(b.fact[x].class, class);
}

static void test_few_ids(void **state)
{
	(void)state;
	counted(502, SEG_OUT_OF_ORDER);
	counted(504, SEG_RETRANSMISSION);
	counted(9504, SEG_OUT_OF_ORDER); /* far: it says nothing */
}

/* The first of two resends of segment 1 comes last; its original passed, or was
 * lost before, or comes even later. */
static uint64_t nth(struct bench *b, bool ids, uint32_t n, int64_t at_ms,
		    int number)
{
	return ids ? numbered(b, n, at_ms, 500 + number)
		   : stamped(b, n, at_ms, 5000 + 50 * (uint32_t)number, 70);
}

static void overtaken(bool ids, enum lost_where lost)
{
	uint64_t first, second, late = 0;
	struct bench b;

	bench_open(&b);
	for (int i = 0; i < 4; i++)
		if (i != 1 || lost == LOST_AFTER)
			nth(&b, ids, (uint32_t)i, 100, i);
	second = nth(&b, ids, 1, 300, 5);
	first = nth(&b, ids, 1, 301, 4);
	ack(&b, 4, 302);
	if (lost == LOST_NONE)
		late = nth(&b, ids, 1, 304, 1);
	bench_close(&b);
	assert_int_equal(b.fact[second].class, SEG_RETRANSMISSION);
	assert_int_equal(b.fact[first].class, SEG_RETRANSMISSION);
	assert_int_equal(b.fact[first].lost, lost);
	assert_true(!late || b.fact[late].class == SEG_OUT_OF_ORDER);
}

static void test_overtaken(void **state)
{
	(void)state;
	overtaken(true, LOST_AFTER);
	overtaken(true, LOST_BEFORE);
	overtaken(true, LOST_NONE);
	overtaken(false, LOST_AFTER);
	overtaken(false, LOST_BEFORE);
	overtaken(false, LOST_NONE);
}

/* Two came twice: the resend that was sent later is needless, whichever passed
 * first. */
static void test_overtaken_dsack(void **state)
{
	uint64_t first, second;
	struct bench b;

	(void)state;
	bench_open(&b);
	for (uint16_t i = 0; i < 4; i++)
		numbered(&b, i, 100, 500 + i);
	second = numbered(&b, 1, 300, 505);
	first = numbered(&b, 1, 301, 504);
	ack(&b, 4, 320);
	dsack(&b, 4, 1, 321);
	bench_close(&b);
	is_resend(&b, first, false);
	is_resend(&b, second, true);
}

/* A missing ID before data after a pause: a resend whose original was lost
 * before, unless something asked for the packet that is missing. */
static void tail(bool asked, bool told)
{
	uint64_t x;
	struct bench b;
	uint16_t id = 100;

	bench_open(&b);
	for (uint32_t i = 0; i < 12; i++) {
		numbered(&b, i, 100 + i * 50, id++);
		ack(&b, i + 1, 120 + i * 50);
	}
	if (asked)
		pass(&b, (struct say){.from = S,
				      .at_ms = 2000,
				      .ack = 1 + 12 * SIZE});
	x = numbered(&b, 12, 2300, id + 1);
	bench_close(&b);
	assert_int_equal(b.told[x], told);
}

static void test_hidden_tail(void **state)
{
	(void)state;
	tail(false, true);
	tail(true, false);
}

/* Five segments of one tick pass P a while apart, behind a queue: the echo of
 * the first is not the answer to the last. */
static void test_time_stamps(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	for (uint32_t round = 0; round < 4; round++) {
		int64_t at = 100 + 100 * round;
		uint32_t ts = 5000 + 100 * round;

		for (uint32_t i = 0; i < 5; i++)
			stamped(&b, round * 5 + i, at + 4 * i, ts, 70 + round);
		for (uint32_t i = 0; i < 5; i++)
			pass(&b,
			     (struct say){.from = S,
					  .at_ms = at + RTT_MS + 1 + 4 * i,
					  .seq = 1,
					  .ack = 1 + (round * 5 + i + 1) * SIZE,
					  .tsval = 71 + round,
					  .tsecr = ts});
	}
	bench_close(&b);
	assert_true(b.ended.side[0].rr_min_ns >= RTT_MS * MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dsack_once),
		cmocka_unit_test(test_dsack_too_soon),
		cmocka_unit_test(test_dsack_of_which),
		cmocka_unit_test(test_fin),
		cmocka_unit_test(test_dsack_of_part),
		cmocka_unit_test(test_doubled),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_near),
		cmocka_unit_test(test_late_echo),
		cmocka_unit_test(test_few_ids),
		cmocka_unit_test(test_overtaken),
		cmocka_unit_test(test_overtaken_dsack),
		cmocka_unit_test(test_hidden_tail),
		cmocka_unit_test(test_time_stamps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
