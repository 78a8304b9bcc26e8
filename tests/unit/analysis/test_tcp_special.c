/* SPDX-License-Identifier: BSD-3-Clause */
/* test_tcp_special.c - packets of a connection that are not simply data: what
 * answers a keep-alive, challenges, fills the window, follows the FIN. */
#include "unit/base/unit.h"

#include <string.h>

#include "unit/analysis/spoken.h"

extern const struct tracker tcp_tracker;

enum { ISN = 1000, PEER = 9000, MOST = 32, MS = 1000000 };

struct bench {
	struct hall hall;
	void *tcp;
	uint64_t number;
	int64_t now_ns;
	uint32_t next[2]; /* sequence numbers */
	uint16_t port;	  /* the client's */
	uint32_t told;
	struct tcp_segment_fact fact[MOST];
	uint64_t frame[MOST];
	struct tcp_ended_fact ended;
	struct tcp_reset_fact reset;
	bool df;	/* of the next packet */
	uint16_t id[2]; /* the next; 0: none */
};

static void hear(void *self, const struct observation *o,
		 const struct detector_context *c)
{
	struct bench *b = self;

	(void)c;
	if (o->kind == OBS_TCP_ENDED) {
		b->ended = o->as.ended;
	} else if (o->kind == OBS_TCP_RESET) {
		b->reset = o->as.reset;
	} else {
		assert_true(b->told < MOST);
		b->frame[b->told] = o->frame;
		b->fact[b->told++] = o->as.segment;
	}
}

static const enum observation_kind wants[] = {OBS_TCP_SEGMENT, OBS_TCP_ENDED,
					      OBS_TCP_RESET, OBSERVATIONS};
static const struct detector listener = {
	.name = "listener", .wants = wants, .observe = hear};

/* One packet, 1 ms after the last; numbers are relative to what is next. */
static void pass(struct bench *b, enum speaker from, uint8_t flags, int32_t seq,
		 uint32_t len, uint32_t window)
{
	static struct packet p;

	b->now_ns += MS;
	spoken_packet(&p,
		      &(struct spoken){.number = ++b->number,
				       .time_ns = b->now_ns,
				       .from = from,
				       .client_port = b->port,
				       .df = b->df,
				       .id = b->id[from] ? b->id[from]++ : 0,
				       .flags = flags,
				       .seq = b->next[from] + (uint32_t)seq,
				       .ack = b->next[!from],
				       .len = len,
				       .window = (uint16_t)window,
				       .has_wscale = flags & TCP_SYN});
	tcp_tracker.packet(b->tcp, &p, &b->hall.observer);
	if (!seq && !(flags & TCP_RST))
		b->next[from] += len + !!(flags & (TCP_SYN | TCP_FIN));
}

static void bench_open(struct bench *b, uint32_t syn_data)
{
	struct tracker_home home;

	memset(b, 0, sizeof(*b));
	home = hall_open(&b->hall, &listener, b, true);
	b->tcp = tcp_tracker.open(&home);
	b->now_ns = 1000 * NS_PER_S;
	b->port = 40000;
	b->next[C] = ISN;
	b->next[S] = PEER;
	pass(b, C, TCP_SYN, 0, syn_data, 8000);
}

/* The rest of the handshake. */
static void answer(struct bench *b)
{
	pass(b, S, TCP_SYN | TCP_ACK, 0, 0, 8000);
	pass(b, C, TCP_ACK, 0, 0, 8000);
	pass(b, C, TCP_ACK, 0, 100, 8000);
	pass(b, S, TCP_ACK, 0, 0, 8000);
}

static void bench_close(struct bench *b)
{
	tcp_tracker.finish(b->tcp, b->now_ns + 10 * NS_PER_S,
			   &b->hall.observer);
	hall_close(&b->hall);
}

/* The last event is of this class and frame. */
static void last_is(const struct bench *b, enum segment_class class)
{
	assert_true(b->told > 0);
	assert_int_equal(b->fact[b->told - 1].class, class);
	assert_int_equal(b->frame[b->told - 1], b->number);
}

static void test_keep_alive(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, 0);
	answer(&b);
	b.now_ns += 5 * NS_PER_S;
	pass(&b, C, TCP_ACK, -1, 0, 8000);
	last_is(&b, SEG_KEEP_ALIVE);
	pass(&b, S, TCP_ACK, 0, 0, 8000);
	last_is(&b, SEG_KEEP_ALIVE_ACK);
	assert_false(b.fact[b.told - 1].from_client);
	pass(&b, S, TCP_ACK, 0, 0, 8000); /* the answer is one */
	assert_int_equal(b.told, 2);
	bench_close(&b);
}

/* Soon after the last packet only its ID tells it from an ACK that comes late;
 * where the window was closed it may be a late probe. */
static void asked_soon(uint16_t id, bool closed, bool told)
{
	struct bench b;
	uint32_t before;

	bench_open(&b, 0);
	b.id[C] = 500;
	answer(&b);
	if (closed) {
		pass(&b, S, TCP_ACK, 0, 0, 0);
		pass(&b, S, TCP_ACK, 0, 0, 8000);
	}
	before = b.told;
	b.now_ns += 900 * MS;
	b.id[C] = id;
	pass(&b, C, TCP_ACK, -1, 0, 8000);
	assert_int_equal(b.told, before + told);
	if (told)
		last_is(&b, SEG_KEEP_ALIVE);
	bench_close(&b);
}

static void test_keep_alive_soon(void **state)
{
	(void)state;
	asked_soon(502, false, true);
	asked_soon(500, false, false);
	asked_soon(0, false, false);
	asked_soon(502, true, false);
}

/* Data answers it as well, and the ACK after that is just an ACK. */
static void test_keep_alive_data(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, 0);
	answer(&b);
	b.now_ns += 5 * NS_PER_S;
	pass(&b, C, TCP_ACK, -1, 1, 8000);
	pass(&b, S, TCP_ACK, 0, 50, 8000);
	pass(&b, S, TCP_ACK, 0, 0, 8000);
	assert_int_equal(b.told, 1);
	bench_close(&b);
}

static void test_window_full(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, 0);
	answer(&b);
	pass(&b, C, TCP_ACK, 0, 7999, 8000);
	assert_int_equal(b.told, 0);
	pass(&b, C, TCP_ACK, 0, 1, 8000);
	last_is(&b, SEG_WINDOW_FULL);
	assert_int_equal(b.fact[0].bytes, 1);
	bench_close(&b);
}

/* A window that the SYN-ACK told, and a scale that is not known. */
static void test_window_not_known(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, 0);
	pass(&b, S, TCP_SYN | TCP_ACK, 0, 0, 8000);
	pass(&b, C, TCP_ACK, 0, 0, 8000);
	pass(&b, C, TCP_ACK, 0, 8000, 8000);
	assert_int_equal(b.told, 0);
	bench_close(&b);

	bench_open(&b, 0);
	b.port++; /* another connection, in mid-stream */
	pass(&b, S, TCP_ACK, 0, 100, 10);
	pass(&b, C, TCP_ACK, 0, 1000, 8000);
	assert_int_equal(b.told, 0);
	bench_close(&b);
}

static void test_challenge_reset(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, 0);
	answer(&b);
	pass(&b, C, TCP_RST, 500, 0, 0); /* in the window, not exact */
	last_is(&b, SEG_RESET);
	pass(&b, S, TCP_ACK, 0, 0, 8000);
	last_is(&b, SEG_CHALLENGE_ACK);
	bench_close(&b);

	bench_open(&b, 0);
	answer(&b);
	pass(&b, C, TCP_RST, 0, 0, 0); /* exact: nobody challenges it */
	pass(&b, S, TCP_ACK, 0, 0, 8000);
	assert_int_equal(b.told, 1);
	bench_close(&b);
}

static void test_challenge_syn(void **state)
{
	struct bench b;
	uint32_t next;

	(void)state;
	bench_open(&b, 0);
	answer(&b);
	next = b.next[C];
	b.next[C] += 777777;
	pass(&b, C, TCP_SYN, 0, 0, 8000);
	b.next[C] = next;
	assert_int_equal(b.told, 1); /* the attempt's: again */
	pass(&b, S, TCP_ACK, 0, 0, 8000);
	last_is(&b, SEG_CHALLENGE_ACK);
	bench_close(&b);
}

/* An ACK that comes much later than a challenge could. */
static void test_challenge_late(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, 0);
	answer(&b);
	pass(&b, C, TCP_ACK, 9000000, 100, 8000);
	last_is(&b, SEG_OUT_OF_WINDOW);
	b.now_ns += NS_PER_S;
	pass(&b, S, TCP_ACK, 0, 0, 8000);
	assert_int_equal(b.told, 1);
	pass(&b, C, TCP_ACK, 9000000, 100, 8000);
	pass(&b, S, TCP_ACK, 0, 0, 8000);
	last_is(&b, SEG_CHALLENGE_ACK);
	bench_close(&b);
}

static void test_data_after_fin(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, 0);
	answer(&b);
	pass(&b, C, TCP_ACK | TCP_FIN, 0, 100, 8000);
	assert_int_equal(b.told, 0);
	pass(&b, C, TCP_ACK, 0, 10, 8000);
	last_is(&b, SEG_DATA_AFTER_FIN);
	assert_int_equal(b.fact[0].bytes, 10);
	bench_close(&b);

	/* in the place of the FIN: that was not its own */
	bench_open(&b, 0);
	answer(&b);
	pass(&b, C, TCP_ACK | TCP_FIN, 0, 0, 8000);
	pass(&b, C, TCP_ACK, -1, 10, 8000);
	assert_int_equal(b.told, 1);
	last_is(&b, SEG_DATA_AFTER_FIN);
	bench_close(&b);
}

/* The server takes the data of the SYN, or not (RFC 7413). */
static void test_fast_open(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, 300);
	answer(&b);
	assert_int_equal(b.told, 0);
	bench_close(&b);
	assert_int_equal(b.ended.side[0].capture_gaps, 0);
	assert_int_equal(b.ended.side[0].bytes, 400);

	bench_open(&b, 300);
	b.next[C] = ISN + 1;
	pass(&b, S, TCP_SYN | TCP_ACK, 0, 0, 8000);
	pass(&b, C, TCP_ACK, 0, 0, 8000);
	pass(&b, C, TCP_ACK, 0, 300, 8000);
	last_is(&b, SEG_TFO_RESEND);
	pass(&b, C, TCP_ACK, 0, 300, 8000);
	assert_int_equal(b.told, 1);
	bench_close(&b);
	assert_int_equal(b.ended.side[0].resent, 0);
	assert_int_equal(b.ended.side[0].bytes, 600);
}

/* The server answers before the third packet: its ACK tells. */
static void test_fast_open_answered(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, 300);
	pass(&b, S, TCP_SYN | TCP_ACK, 0, 0, 8000);
	pass(&b, S, TCP_ACK, 0, 500, 8000);
	pass(&b, C, TCP_ACK, 0, 0, 8000);
	bench_close(&b);
	assert_int_equal(b.told, 0);
	assert_int_equal(b.ended.side[0].capture_gaps, 0);
	assert_int_equal(b.ended.side[0].bytes, 300);
}

/* Two RSTs within a millisecond, `apart` numbers. */
static uint8_t resets(uint8_t flags, int32_t apart, bool df)
{
	struct bench b;

	bench_open(&b, 0);
	b.df = true;
	answer(&b);
	b.df = df;
	pass(&b, S, flags, 0, 0, 1);
	b.now_ns -= MS - 1000;
	pass(&b, S, flags, apart, 0, 1);
	bench_close(&b);
	return b.reset.signs;
}

static void test_reset_signs(void **state)
{
	(void)state;
	assert_int_equal(resets(TCP_RST | TCP_ACK, 500, true), SIGN_MANY);
	assert_int_equal(resets(TCP_RST | TCP_ACK, 0, true), 0);
	assert_int_equal(resets(TCP_RST | TCP_ACK, 0, false), SIGN_FRAGMENT);
	assert_int_equal(reset_points(SIGN_MANY | SIGN_TTL), 5);
}

/* A stack that begins each connection with one number: after both sides have
 * closed it begins another one, and before that its SYN is an old one. */
static void test_same_number(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, 0);
	answer(&b);
	b.next[C] = ISN;
	pass(&b, C, TCP_SYN, 0, 0, 8000);
	assert_int_equal(b.told, 0);
	b.next[C] = ISN + 101;
	pass(&b, C, TCP_FIN | TCP_ACK, 0, 0, 8000);
	pass(&b, S, TCP_FIN | TCP_ACK, 0, 0, 8000);
	pass(&b, C, TCP_ACK, 0, 0, 8000);
	b.next[C] = ISN;
	b.next[S] = PEER + 5000000;
	pass(&b, C, TCP_SYN, 0, 0, 8000);
	last_is(&b, SEG_PORT_REUSE);
	answer(&b);
	pass(&b, C, TCP_ACK, 0, 100, 8000);
	assert_int_equal(b.told, 1);
	bench_close(&b);
	assert_int_equal(b.ended.side[0].bytes, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keep_alive),
		cmocka_unit_test(test_keep_alive_soon),
		cmocka_unit_test(test_keep_alive_data),
		cmocka_unit_test(test_window_full),
		cmocka_unit_test(test_window_not_known),
		cmocka_unit_test(test_challenge_reset),
		cmocka_unit_test(test_challenge_syn),
		cmocka_unit_test(test_challenge_late),
		cmocka_unit_test(test_data_after_fin),
		cmocka_unit_test(test_fast_open),
		cmocka_unit_test(test_fast_open_answered),
		cmocka_unit_test(test_reset_signs),
		cmocka_unit_test(test_same_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
