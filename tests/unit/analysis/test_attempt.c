/* SPDX-License-Identifier: BSD-3-Clause */
/* test_attempt.c - attempts: opened, refused, rejected, given up, flooded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "analysis/track/attempt.h"
#include "unit/analysis/spoken.h"

enum { ISN = 1000, SERVER_ISN = 9000, TUPLE = 77 };

struct bench {
	struct hall hall;
	struct attempts *attempts;
	struct handshake opened;
	uint32_t told[OBSERVATIONS];
	struct tcp_attempt_fact last;
	struct tcp_opened_fact open;
	uint16_t tries;
	uint64_t number;
	int64_t now_ns;
	bool crowd;
};

static void hear(void *self, const struct observation *o,
		 const struct detector_context *c)
{
	struct bench *b = self;

	(void)c;
	b->told[o->kind]++;
	if (o->kind == OBS_TCP_ATTEMPT)
		b->last = o->as.attempt;
	else if (o->kind == OBS_TCP_OPENED)
		b->open = o->as.opened;
	else if (o->kind == OBS_TCP_SYN)
		b->tries = o->as.syn.tries;
}

static const enum observation_kind wants[] = {
	OBS_TCP_SYN,	 OBS_TCP_SYNACK, OBS_TCP_OPENED,
	OBS_TCP_ATTEMPT, OBS_TCP_STRAY,	 OBS_TCP_RESET,
	OBS_TCP_SEGMENT, OBS_TCP_CROWD,	 OBSERVATIONS};
static const struct detector listener = {
	.name = "listener", .wants = wants, .observe = hear};

static void bench_open(struct bench *b)
{
	struct tracker_home home;

	memset(b, 0, sizeof(*b));
	home = hall_open(&b->hall, &listener, b, false);
	b->attempts = attempts_new(&home);
	b->now_ns = 1000 * NS_PER_S;
}

static void bench_close(struct bench *b)
{
	hall_close(&b->hall);
}

/* One packet of the tuple, `after_ms` later. */
static enum attempt_turn packet(struct bench *b, int64_t after_ms,
				enum speaker from, uint8_t flags, uint32_t seq,
				uint32_t ack)
{
	struct packet p;

	b->now_ns += after_ms * NS_PER_MS;
	spoken_packet(&p, &(struct spoken){.number = ++b->number,
					   .time_ns = b->now_ns,
					   .from = from,
					   .flags = flags,
					   .seq = seq,
					   .ack = ack,
					   .mss = 1460});
	p.crowd = b->crowd;
	return attempt_packet(b->attempts, &p, TUPLE, &b->hall.observer,
			      &b->opened);
}

static void syn(struct bench *b, int64_t after_ms)
{
	assert_int_equal(packet(b, after_ms, C, TCP_SYN, ISN, 0), ATTEMPT_KEPT);
}

static void synack(struct bench *b, int64_t after_ms)
{
	assert_int_equal(
		packet(b, after_ms, S, TCP_SYN | TCP_ACK, SERVER_ISN, ISN + 1),
		ATTEMPT_KEPT);
}

static enum attempt_turn third(struct bench *b, int64_t after_ms)
{
	return packet(b, after_ms, C, TCP_ACK, ISN + 1, SERVER_ISN + 1);
}

static void finish(struct bench *b)
{
	attempts_finish(b->attempts, b->now_ns, &b->hall.observer);
}

static void test_opens(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	syn(&b, 0);
	synack(&b, 20);
	assert_int_equal(third(&b, 1), ATTEMPT_OPENED);
	assert_int_equal(b.told[OBS_TCP_OPENED], 1);
	assert_int_equal(b.told[OBS_TCP_ATTEMPT], 1);
	assert_int_equal(b.last.outcome, TCP_COMPLETED);
	assert_true(b.opened.syn_seen && b.opened.synack_seen);
	assert_int_equal(b.opened.isn[0], ISN);
	assert_int_equal(b.opened.isn[1], SERVER_ISN);
	assert_int_equal(b.opened.syn_frame, 1);
	assert_int_equal(b.opened.synack_frame, 2);
	assert_int_equal(b.open.synack_ns - b.open.syn_ns, 20 * NS_PER_MS);
	finish(&b);
	assert_int_equal(b.told[OBS_TCP_ATTEMPT], 1);
	bench_close(&b);
}

static void test_lone_syn_has_no_outcome(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	syn(&b, 0);
	finish(&b);
	assert_int_equal(b.told[OBS_TCP_SYN], 1);
	assert_int_equal(b.told[OBS_TCP_ATTEMPT], 0);
	bench_close(&b);
}

/* Three SYNs over 2.9 s are no answer; two are not. */
static void test_no_answer(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	syn(&b, 0);
	syn(&b, 1000);
	syn(&b, 2000);
	assert_int_equal(b.tries, 3);
	finish(&b);
	assert_int_equal(b.last.outcome, TCP_NO_ANSWER);
	assert_int_equal(b.last.syns, 3);
	bench_close(&b);

	bench_open(&b);
	syn(&b, 0);
	syn(&b, 1000);
	finish(&b);
	assert_int_equal(b.last.outcome, TCP_UNDECIDED);
	bench_close(&b);
}

static void test_copy_is_no_repeat(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	syn(&b, 0);
	syn(&b, 1);
	assert_int_equal(b.told[OBS_TCP_SYN], 1);
	bench_close(&b);
}

/* Windows: RST, another ISN after half a second, one attempt. */
static void test_refused_once(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	syn(&b, 0);
	packet(&b, 1, S, TCP_RST | TCP_ACK, 0, ISN + 1);
	packet(&b, 500, C, TCP_SYN, 5000, 0);
	packet(&b, 1, S, TCP_RST | TCP_ACK, 0, 5001);
	finish(&b);
	assert_int_equal(b.told[OBS_TCP_ATTEMPT], 1);
	assert_int_equal(b.last.outcome, TCP_REFUSED);
	assert_int_equal(b.last.syns, 2);
	bench_close(&b);
}

static void test_rst_of_other_numbers(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	syn(&b, 0);
	packet(&b, 1, S, TCP_RST | TCP_ACK, 0, ISN + 7);
	finish(&b);
	assert_int_not_equal(b.last.outcome, TCP_REFUSED);
	bench_close(&b);
}

/* Refused, and `after_ms` later the SYN is accepted: how often the RST is
 * called somebody else's. */
static uint32_t disproved(bool syn_again, int64_t after_ms)
{
	struct bench b;
	uint32_t told;

	bench_open(&b);
	syn(&b, 0);
	packet(&b, 1, S, TCP_RST | TCP_ACK, 0, ISN + 1);
	if (syn_again) {
		syn(&b, after_ms);
		after_ms = 0;
	}
	synack(&b, after_ms);
	third(&b, 1);
	finish(&b);
	assert_int_equal(b.last.outcome, TCP_COMPLETED);
	told = b.told[OBS_TCP_RESET];
	bench_close(&b);
	return told;
}

static void test_refusal_disproved(void **state)
{
	(void)state;
	assert_int_equal(disproved(false, 20), 1);
	/* the client tries again, all in one tick of a coarse clock too */
	assert_int_equal(disproved(true, 500), 0);
	assert_int_equal(disproved(true, 0), 0);
	/* or so it may be, and the capture lacks its SYN */
	assert_int_equal(disproved(false, 520), 0);
}

static void test_syn_received(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	syn(&b, 0);
	synack(&b, 20);
	synack(&b, 1000);
	synack(&b, 2000);
	finish(&b);
	assert_int_equal(b.last.outcome, TCP_SYN_RECEIVED);
	assert_int_equal(b.last.synacks, 3);
	bench_close(&b);
}

/* The timer of the server and a repeat of the SYN meet: each SYN-ACK is an
 * event, what follows the last one at once may be its copy. */
static void test_synack_answers(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	syn(&b, 0);
	synack(&b, 20);
	synack(&b, 1);
	assert_int_equal(b.told[OBS_TCP_SEGMENT], 0);
	synack(&b, 1000);
	syn(&b, 10);
	assert_int_equal(b.told[OBS_TCP_SEGMENT], 2);
	synack(&b, 1);
	assert_int_equal(b.told[OBS_TCP_SEGMENT], 3);
	synack(&b, 1);
	assert_int_equal(b.told[OBS_TCP_SEGMENT], 3);
	assert_int_equal(b.told[OBS_TCP_SYNACK], 2);
	bench_close(&b);
}

/* The server's timer is the slower: that it answers a repeat of the SYN sooner
 * does not end the wait. */
static void test_waits_for_the_slower(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	syn(&b, 0);
	synack(&b, 1);
	synack(&b, 2000);
	syn(&b, 1000);
	synack(&b, 1);
	attempts_clock(b.attempts, b.now_ns + 5 * NS_PER_S, &b.hall.observer);
	assert_int_equal(b.told[OBS_TCP_ATTEMPT], 0);
	attempts_clock(b.attempts, b.now_ns + 20 * NS_PER_S, &b.hall.observer);
	assert_int_equal(b.told[OBS_TCP_ATTEMPT], 1);
	bench_close(&b);
}

/* ACK of old numbers, RST, SYN again, open. */
static void test_stale_peer(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	syn(&b, 0);
	assert_int_equal(packet(&b, 5, S, TCP_ACK, 700, 333), ATTEMPT_KEPT);
	packet(&b, 1, C, TCP_RST, 333, 0);
	syn(&b, 13);
	synack(&b, 5);
	assert_int_equal(third(&b, 1), ATTEMPT_OPENED);
	assert_int_equal(b.last.outcome, TCP_STALE_PEER);
	bench_close(&b);
}

static void test_midstream_is_not_mine(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	assert_int_equal(third(&b, 0), ATTEMPT_NOT_MINE);
	packet(&b, 0, S, TCP_RST, 5, 0);
	assert_int_equal(b.told[OBS_TCP_STRAY], 1);
	bench_close(&b);
}

/* A SYN-ACK without a SYN opens all the same: a cookie, or a missed SYN. */
static void test_syn_missed(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	synack(&b, 0);
	assert_int_equal(third(&b, 1), ATTEMPT_OPENED);
	assert_false(b.opened.syn_seen);
	assert_int_equal(b.opened.wscale[0], 254);
	bench_close(&b);
}

/* Who has a large share of the openings under way is a crowd: by its service
 * alone, and only a SYN, to one station, in no tunnel. */
static bool is_crowd(const struct bench *b, uint16_t port, uint8_t flags,
		     bool group, bool tunnel)
{
	struct packet p;
	struct layer *eth = &p.layers[2];

	spoken_packet(&p,
		      &(struct spoken){.time_ns = b->now_ns, .flags = flags});
	p.layers[1].as.tcp.dst_port = port;
	memset(eth, 0, sizeof(*eth));
	eth->as.link.dst.bytes[0] = group ? 3 : 2;
	p.eth = eth;
	p.outer_ip = tunnel ? eth : p.ip;
	return attempt_is_crowd(b->attempts, &p);
}

static void crowd_add(struct bench *b, uint32_t n, int64_t after_ms)
{
	struct packet p;

	b->now_ns += after_ms * NS_PER_MS;
	spoken_packet(&p, &(struct spoken){.number = ++b->number,
					   .time_ns = b->now_ns,
					   .flags = TCP_SYN});
	attempt_packet(b->attempts, &p, n * 0x9e3779b97f4a7c15u,
		       &b->hall.observer, &b->opened);
}

static void test_crowd(void **state)
{
	struct bench b;
	uint32_t n = 0;

	(void)state;
	bench_open(&b);
	while (!is_crowd(&b, 80, TCP_SYN, false, false) && n < 1 << 16)
		crowd_add(&b, ++n, 1);
	assert_in_range(n, 128, 4096);
	assert_false(is_crowd(&b, 81, TCP_SYN, false, false));
	assert_false(is_crowd(&b, 80, TCP_SYN | TCP_ACK, false, false));
	assert_false(is_crowd(&b, 80, TCP_SYN, true, false));
	assert_false(is_crowd(&b, 80, TCP_SYN, false, true));
	bench_close(&b);
}

/* One try a second that nobody answers is none, however long it goes on. */
static void test_no_crowd(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	for (uint32_t n = 1; n <= 1 << 13; n++) {
		crowd_add(&b, n, 1000);
		assert_false(is_crowd(&b, 80, TCP_SYN, false, false));
	}
	bench_close(&b);
}

/* The first SYN of a crowd is told to who counts; a repeat is told to all. */
static void test_crowd_repeats(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	b.crowd = true;
	syn(&b, 0);
	assert_int_equal(b.told[OBS_TCP_CROWD], 1);
	assert_int_equal(b.told[OBS_TCP_SYN], 0);
	syn(&b, 1000);
	assert_int_equal(b.told[OBS_TCP_CROWD], 1);
	assert_int_equal(b.told[OBS_TCP_SYN], 1);
	assert_int_equal(b.tries, 2);
	synack(&b, 20);
	assert_int_equal(third(&b, 1), ATTEMPT_OPENED);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_no_crowd),
		cmocka_unit_test(test_crowd_repeats),
		cmocka_unit_test(test_opens),
		cmocka_unit_test(test_lone_syn_has_no_outcome),
		cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_copy_is_no_repeat),
		cmocka_unit_test(test_refused_once),
		cmocka_unit_test(test_rst_of_other_numbers),
		cmocka_unit_test(test_refusal_disproved),
		cmocka_unit_test(test_syn_received),
		cmocka_unit_test(test_synack_answers),
		cmocka_unit_test(test_waits_for_the_slower),
		cmocka_unit_test(test_stale_peer),
		cmocka_unit_test(test_midstream_is_not_mine),
		cmocka_unit_test(test_syn_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
