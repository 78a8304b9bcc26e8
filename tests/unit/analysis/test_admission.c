/* SPDX-License-Identifier: BSD-3-Clause */
/* test_admission.c - copies of the capture against those of the network, and a
 * clock that does not run backwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "analysis/admission/admission.h"
#include "analysis/observer.h"
#include "base/when.h"

enum { FRAME_BYTES = 14 + 20 + 20 + 32, START_S = 1000 };

/* What the observer was told. */
struct heard {
	uint32_t copies, passed, steps, jumps, loops;
	struct same_packet_fact same;
};

struct bench {
	struct arena *arena;
	struct limits limits;
	struct admission *admission;
	struct coverage coverage;
	struct observer observer;
	struct detector_context context;
	struct heard heard;
	uint64_t number;
	uint8_t twin; /* of the packet that passed last */
	uint8_t bytes[FRAME_BYTES];
};

/* A packet in words: all that the tests vary. */
struct story {
	int64_t ns;
	uint8_t src, dst, ttl; /* stations by their last byte */
	uint16_t id;
	uint8_t payload, seq;
	uint32_t interface;
	uint8_t flags;	/* 0: ACK */
	uint32_t tsval; /* 0: no time stamp; 12 bytes of the payload else */
	uint8_t host;	/* of both addresses; 0: by the stations, or any */
};

static void hear(void *self, const struct observation *o,
		 const struct detector_context *c)
{
	struct heard *h = self;

	(void)c;
	if (o->kind == OBS_COPY) {
		h->copies++;
		h->passed += o->as.copy.passed;
	} else if (o->kind == OBS_CLOCK_STEP) {
		h->steps++;
		h->jumps += o->as.clock.jump;
	} else {
		h->loops += o->as.same_packet.same_macs;
		h->same = o->as.same_packet;
	}
}

static const enum observation_kind wants[] = {OBS_COPY, OBS_CLOCK_STEP,
					      OBS_SAME_PACKET, OBSERVATIONS};
static const struct detector listener = {
	.name = "listener", .wants = wants, .observe = hear};

static void bench_open(struct bench *b)
{
	const struct hash_key key = {11, 22};
	struct tracker_home home;

	memset(b, 0, sizeof(*b));
	b->limits = limits_for(MEMORY_MIN);
	b->arena = arena_new(b->limits.memory);
	home = (struct tracker_home){b->arena, &b->limits, key, false};
	b->admission = admission_new(&home);
	assert_non_null(b->admission);
	b->observer.knowledge = knowledge_new(b->arena, &b->limits, key);
	b->observer.context = &b->context;
	observer_subscribe(&b->observer, &listener, &b->heard);
}

static void bench_close(struct bench *b)
{
	arena_free(b->arena);
}

static void write_frame(struct bench *b, const struct story *s)
{
	uint8_t *e = b->bytes, *ip = e + 14, *tcp = ip + 20;

	memset(b->bytes, 0, sizeof(b->bytes));
	e[0] = e[6] = 2;
	e[5] = s->dst;
	e[11] = s->src;
	e[12] = 8;
	ip[0] = 0x45;
	ip[3] = (uint8_t)(40 + s->payload);
	ip[4] = (uint8_t)(s->id >> 8);
	ip[5] = (uint8_t)s->id;
	ip[8] = s->ttl;
	ip[9] = 6;
	ip[12] = ip[16] = 10;
	ip[15] = s->tsval ? s->src : 7;
	ip[19] = s->tsval ? s->dst : 9;
	if (s->host) {
		ip[15] = s->host;
		ip[19] = (uint8_t)(s->host + 1);
	}
	tcp[7] = s->seq;
	tcp[12] = 0x50;
	tcp[13] = s->flags ? s->flags : TCP_ACK;
	if (!s->tsval)
		return;
	tcp[12] = 0x80;
	tcp[20] = tcp[21] = 1;
	tcp[22] = 8;
	tcp[23] = 10;
	for (int i = 0; i < 4; i++)
		tcp[24 + i] = (uint8_t)(s->tsval >> (24 - 8 * i));
}

/* Whether the trackers get to see it. */
static bool pass(struct bench *b, const struct story *s)
{
	struct packet p;
	bool fresh;
	struct frame f = {
		.number = ++b->number,
		.time_ns = START_S * NS_PER_S + s->ns,
		.data = b->bytes,
		.kept = 54 + s->payload,
		.sent = 54 + s->payload,
		.link_type = 1,
		.interface = s->interface,
	};

	write_frame(b, s);
	packet_dissect(&p, &f);
	assert_non_null(p.tcp);
	admission_place(b->admission, &p, 1);
	admission_expect(b->admission, &p, 1);
	fresh = admit(b->admission, &p, &b->coverage, &b->observer);
	b->twin = p.twin;
	return fresh;
}

/* `count` packets, every `one_in`th of which comes once more; how many of the
 * second ones were left out. */
static uint32_t left_out(struct bench *b, uint32_t count, uint32_t one_in,
			 const struct story *first, const struct story *again)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct story s = *first, t = *again;

		s.ns = t.ns = (int64_t)i * 20 * NS_PER_MS;
		t.ns += again->ns ? again->ns : 100 * NS_PER_US;
		s.seq = t.seq = (uint8_t)(i + 1);
		if (first->id)
			s.id = t.id = (uint16_t)(first->id + i);
		assert_true(pass(b, &s));
		if (i % one_in == 0)
			n += !pass(b, &t);
	}
	return n;
}

static const struct story plain = {
	.src = 1, .dst = 2, .ttl = 64, .id = 500, .payload = 20};

static void a_mirror_of_both_directions(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	/* four proofs, as none came alone; the fourth is left out itself */
	assert_int_equal(left_out(&b, 20, 1, &plain, &plain), 17);
	assert_int_equal(b.heard.copies, 20);
	assert_int_equal(b.heard.passed, 3);
	assert_int_equal(b.coverage.copies, 17);
	bench_close(&b);
}

static void the_network_copies_some(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	assert_int_equal(left_out(&b, 200, 4, &plain, &plain), 0);
	assert_int_equal(b.heard.copies, 0);
	bench_close(&b);
}

static void equal_acks_are_genuine(void **state)
{
	const struct story ack = {.src = 1, .dst = 2, .ttl = 64};
	struct bench b;

	(void)state;
	bench_open(&b);
	assert_int_equal(left_out(&b, 100, 1, &ack, &ack), 0);
	bench_close(&b);
}

static void one_station_repeating_itself(void **state)
{
	struct bench b;
	struct story s = plain;

	(void)state;
	bench_open(&b);
	/* the same packet again and again, ID and all: a flood */
	for (int i = 0; i < 1000; i++) {
		s.ns = i * 10 * NS_PER_US;
		assert_true(pass(&b, &s));
	}
	assert_int_equal(b.heard.copies, 0);
	bench_close(&b);
}

static void both_sides_of_a_router(void **state)
{
	struct story after = plain;
	struct bench b;

	(void)state;
	bench_open(&b);
	after.src = 3;
	after.dst = 4;
	after.ttl = 63;
	assert_int_equal(left_out(&b, 20, 1, &plain, &after), 17);
	bench_close(&b);
}

/* Of one pair of hosts, without IDs, before and 16 ms later behind a router:
 * how many of twenty are left out. */
static uint32_t both_ends(uint8_t payload, uint32_t tsval)
{
	const struct story first = {.src = 1,
				    .dst = 2,
				    .ttl = 64,
				    .payload = payload,
				    .tsval = tsval,
				    .host = 5};
	struct story after = first;
	struct bench b;
	uint32_t n;

	bench_open(&b);
	after.src = 3;
	after.dst = 4;
	after.ttl = 63;
	after.ns = 16 * NS_PER_MS;
	n = left_out(&b, 20, 1, &first, &after);
	bench_close(&b);
	return n;
}

/* What the sender's clock dates is no resend, and different data is not one
 * packet said again; without time stamps it may be sent again so soon. */
static void both_ends_without_ids(void **state)
{
	(void)state;
	assert_int_equal(both_ends(28, 77), 17);
	assert_int_equal(both_ends(20, 0), 0);
}

static void two_interfaces_show_some(void **state)
{
	struct story other = plain;
	struct bench b;

	(void)state;
	bench_open(&b);
	other.interface = 1;
	/* every second one: 8 proofs, then all of that kind */
	assert_int_equal(left_out(&b, 40, 2, &plain, &other), 13);
	bench_close(&b);
}

static void a_routing_loop_is_no_copy(void **state)
{
	struct story s = plain;
	struct bench b;

	(void)state;
	bench_open(&b);
	for (uint8_t i = 0; i < 10; i++) {
		s.ns += 200 * NS_PER_US;
		s.ttl = 60 - 2 * i;
		assert_true(pass(&b, &s));
	}
	assert_int_equal(b.heard.loops, 9);
	assert_int_equal(b.heard.same.sightings, 10);
	assert_int_equal(b.heard.same.ttl, 42);
	assert_int_equal(b.heard.same.ttl_before, 44);
	assert_int_equal(b.heard.same.first_frame, 1);
	bench_close(&b);
}

static void the_clock_goes_on_after_a_jump(void **state)
{
	struct story s = plain;
	struct bench b;

	(void)state;
	bench_open(&b);
	pass(&b, &s);
	s.ns = 5 * NS_PER_S;
	s.id++;
	pass(&b, &s);
	s.ns = -3600 * NS_PER_S;
	s.id++;
	pass(&b, &s);
	assert_int_equal(b.heard.jumps, 1);
	assert_int_equal(admission_now(b.admission), (START_S + 5) * NS_PER_S);
	s.ns = -3599 * NS_PER_S;
	s.id++;
	pass(&b, &s);
	assert_int_equal(b.heard.steps, 1);
	assert_int_equal(admission_now(b.admission), (START_S + 6) * NS_PER_S);
	assert_int_equal(b.coverage.first_ns, (START_S - 3600) * NS_PER_S);
	bench_close(&b);
}

/* Two hosts talk for a second; then the stamps are `ahead_s` further on, and
 * the clocks of the hosts `ticks_1` and `ticks_2` milliseconds. */
static uint32_t jumps_after(int64_t ahead_s, uint32_t ticks_1, uint32_t ticks_2)
{
	uint8_t bytes[2][FRAME_BYTES];
	struct packet p[2];
	struct bench b;
	uint32_t jumps;

	bench_open(&b);
	for (uint32_t i = 0; i < 10; i++)
		for (uint8_t from = 1; from <= 2; from++) {
			struct story s = {.src = from,
					  .dst = 3 - from,
					  .ttl = 64,
					  .id = (uint16_t)(i + 1),
					  .payload = 12,
					  .seq = from,
					  .tsval = from * 1000 + i * 100};

			s.ns = i * 100 * NS_PER_MS;
			assert_true(pass(&b, &s));
		}
	for (uint8_t from = 1; from <= 2; from++) {
		struct story s = {.src = from,
				  .dst = 3 - from,
				  .ttl = 64,
				  .id = 99,
				  .payload = 12,
				  .seq = from};
		struct frame f = {.number = ++b.number,
				  .time_ns = START_S * NS_PER_S +
					     (ahead_s + 1) * NS_PER_S,
				  .data = bytes[from - 1],
				  .kept = 66,
				  .sent = 66,
				  .link_type = 1};

		s.tsval = from * 1000 + 900 + (from == 1 ? ticks_1 : ticks_2);
		write_frame(&b, &s);
		memcpy(bytes[from - 1], b.bytes, FRAME_BYTES);
		packet_dissect(&p[from - 1], &f);
	}
	admission_place(b.admission, p, 2);
	admission_expect(b.admission, p, 2);
	for (int i = 0; i < 2; i++)
		assert_true(
			admit(b.admission, &p[i], &b.coverage, &b.observer));
	jumps = b.heard.jumps;
	bench_close(&b);
	return jumps;
}

static void two_clocks_tell_a_jump_from_a_pause(void **state)
{
	(void)state;
	assert_int_equal(jumps_after(60, 100, 100), 1);
	assert_int_equal(jumps_after(60, 60100, 60100), 0);
	assert_int_equal(jumps_after(60, 100, 60100), 0);
	assert_int_equal(jumps_after(60, 20000, 20000), 1);
	assert_int_equal(jumps_after(60, 40000, 40000), 0);
	assert_int_equal(jumps_after(9, 100, 100), 0);
}

static void a_little_disorder_is_normal(void **state)
{
	struct story s = plain;
	struct bench b;

	(void)state;
	bench_open(&b);
	for (int i = 0; i < 50; i++) {
		s.ns = i * 10 * NS_PER_MS - (i % 2) * 10040 * NS_PER_US;
		s.id++;
		pass(&b, &s);
	}
	assert_int_equal(b.heard.steps, 0);
	bench_close(&b);
}

static void one_stray_packet_does_not_move_the_clock(void **state)
{
	struct story s = plain;
	struct bench b;

	(void)state;
	bench_open(&b);
	s.ns = 100 * NS_PER_S;
	pass(&b, &s);
	s.ns = 40 * NS_PER_S;
	s.id++;
	pass(&b, &s);
	s.ns = 100 * NS_PER_S + NS_PER_MS;
	s.id++;
	pass(&b, &s);
	assert_int_equal(admission_now(b.admission),
			 (START_S + 100) * NS_PER_S + NS_PER_MS);
	bench_close(&b);
}

/* One SYN, and what comes 40 us later: the kind of twin it is said to be. */
static uint8_t twin_of(struct story first, const struct story *again,
		       uint32_t interface)
{
	struct bench b;
	struct story second = *again;
	uint8_t twin;

	bench_open(&b);
	assert_true(pass(&b, &first));
	assert_int_equal(b.twin, 0);
	second.ns += 40 * NS_PER_US;
	second.interface = interface;
	assert_true(pass(&b, &second));
	twin = b.twin;
	bench_close(&b);
	return twin;
}

static void the_first_copies_are_suspected(void **state)
{
	struct story s = {
		.src = 1, .dst = 2, .ttl = 64, .id = 7, .flags = TCP_SYN};
	struct story hop = s, later = s;

	(void)state;
	assert_int_equal(twin_of(s, &s, 0), 1 + COPY_EXACT);
	assert_int_equal(twin_of(s, &s, 1), 1 + COPY_INTERFACE);
	hop.src = 3;
	hop.dst = 4;
	hop.ttl = 63;
	assert_int_equal(twin_of(s, &hop, 0), 1 + COPY_HOP);
	later.ns = 6 * NS_PER_MS;
	assert_int_equal(twin_of(s, &later, 0), 0);
	later.ns = 0;
	later.id = 8;
	assert_int_equal(twin_of(s, &later, 0), 0);
}

/* Duplicate acknowledgements without an ID are equal by right. */
static void equal_acks_are_not_suspected(void **state)
{
	struct story s = {.src = 1, .dst = 2, .ttl = 64};

	(void)state;
	assert_int_equal(twin_of(s, &s, 0), 0);
	s.payload = 20;
	assert_int_equal(twin_of(s, &s, 0), 1 + COPY_EXACT);
}

/* A tool that sends the same packet all the time sends each of them. */
static void a_stubborn_sender_is_not_suspected(void **state)
{
	struct bench b;
	uint32_t twins = 0;

	(void)state;
	bench_open(&b);
	for (int i = 0; i < 100; i++) {
		struct story s = {.src = 1,
				  .dst = 2,
				  .ttl = 64,
				  .id = 1,
				  .payload = 20,
				  .ns = i * NS_PER_MS};

		assert_true(pass(&b, &s));
		twins += b.twin != 0;
	}
	assert_int_equal(twins, 1);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mirror_of_both_directions),
		cmocka_unit_test(the_network_copies_some),
		cmocka_unit_test(equal_acks_are_genuine),
		cmocka_unit_test(one_station_repeating_itself),
		cmocka_unit_test(both_sides_of_a_router),
		cmocka_unit_test(both_ends_without_ids),
		cmocka_unit_test(two_interfaces_show_some),
		cmocka_unit_test(a_routing_loop_is_no_copy),
		cmocka_unit_test(the_first_copies_are_suspected),
		cmocka_unit_test(equal_acks_are_not_suspected),
		cmocka_unit_test(a_stubborn_sender_is_not_suspected),
		cmocka_unit_test(the_clock_goes_on_after_a_jump),
		cmocka_unit_test(two_clocks_tell_a_jump_from_a_pause),
		cmocka_unit_test(a_little_disorder_is_normal),
		cmocka_unit_test(one_stray_packet_does_not_move_the_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
