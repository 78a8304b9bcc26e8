/* SPDX-License-Identifier: BSD-3-Clause */
/* test_media.c - media streams as they are followed, and broadcasts counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "analysis/knowledge.h"
#include "analysis/observer.h"
#include "base/when.h"

extern const struct tracker media_tracker, group_tracker;

struct bench {
	struct arena *arena;
	struct limits limits;
	struct observer observer;
	struct detector_context context;
	const struct tracker *tracker;
	void *self;
	struct observation last;
	uint32_t told;
	uint64_t number;
	int64_t now_ns;
};

static void hear(void *self, const struct observation *o,
		 const struct detector_context *c)
{
	struct bench *b = self;

	(void)c;
	b->last = *o;
	b->told++;
}

static const enum observation_kind wants[] = {OBS_MEDIA, OBS_GROUP_RATE,
					      OBSERVATIONS};
static const struct detector listener = {
	.name = "listener", .wants = wants, .observe = hear};

static void bench_open(struct bench *b, const struct tracker *t)
{
	const struct hash_key key = {1, 2};
	struct tracker_home home;

	memset(b, 0, sizeof(*b));
	b->limits = limits_for(MEMORY_MIN);
	b->arena = arena_new(b->limits.memory);
	home = (struct tracker_home){b->arena, &b->limits, key, false};
	b->tracker = t;
	b->self = t->open(&home);
	assert_non_null(b->self);
	b->observer.knowledge = knowledge_new(b->arena, &b->limits, key);
	b->observer.context = &b->context;
	observer_subscribe(&b->observer, &listener, b);
	b->now_ns = 1000 * NS_PER_S;
}

static void feed(struct bench *b, const uint8_t *data, uint32_t size)
{
	struct frame f = {.number = ++b->number,
			  .time_ns = b->now_ns,
			  .data = data,
			  .kept = size,
			  .sent = size,
			  .link_type = 1};
	struct packet p;

	packet_dissect(&p, &f);
	b->tracker->packet(b->self, &p, &b->observer);
}

static void finish(struct bench *b)
{
	b->tracker->finish(b->self, b->now_ns, &b->observer);
}

static void put(uint8_t *at, uint32_t v, int size)
{
	while (size--) {
		at[size] = (uint8_t)v;
		v >>= 8;
	}
}

/* An RTP packet over Ethernet and IPv4. */
static void rtp(struct bench *b, uint8_t type, uint16_t seq, uint32_t stamp)
{
	uint8_t m[62] = {[12] = 8,   [14] = 0x45, [17] = 48, [22] = 64,
			 [23] = 17,  [26] = 192,  [28] = 2,  [29] = 1,
			 [30] = 192, [32] = 2,	  [33] = 2};

	put(m + 34, 40000, 2);
	put(m + 36, 40002, 2);
	put(m + 38, 28, 2);
	m[42] = 0x80;
	m[43] = type;
	put(m + 44, seq, 2);
	put(m + 46, stamp, 4);
	put(m + 50, 77, 4);
	feed(b, m, sizeof(m));
}

static void test_gaps(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, &media_tracker);
	for (uint16_t i = 0; i < 200; i++) {
		/* across the end of the numbers; 3 missing, 2 exchanged */
		uint16_t n = i == 150 ? 151 : i == 151 ? 150 : i;

		if (i != 50 && i != 100 && i != 101)
			rtp(&b, 0, 65500 + n, n * 160u);
		b.now_ns += 20 * NS_PER_MS;
	}
	assert_int_equal(b.told, 0);
	finish(&b);
	assert_int_equal(b.told, 1);
	assert_int_equal(b.last.as.media.received, 197);
	assert_int_equal(b.last.as.media.missing, 3);
	assert_int_equal(b.last.as.media.longest, 2);
	assert_int_equal(b.last.as.media.late, 0);
	assert_int_equal(b.last.as.media.clock_hz, 8000);
	assert_int_equal(b.last.as.media.uneven_ns, 0);
	arena_free(b.arena);
}

static void test_late_and_twice(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, &media_tracker);
	for (uint16_t i = 0; i < 100; i++) {
		if (i != 50)
			rtp(&b, 0, i, i * 160u);
		if (i == 60)
			rtp(&b, 0, 50, 50 * 160u);
		if (i == 70)
			rtp(&b, 0, 70, 70 * 160u);
		b.now_ns += 20 * NS_PER_MS;
	}
	finish(&b);
	assert_int_equal(b.last.as.media.received, 99);
	assert_int_equal(b.last.as.media.missing, 1);
	assert_int_equal(b.last.as.media.late, 1);
	arena_free(b.arena);
}

/* A dynamic type: its clock shows in the slope of the time stamps. */
static void test_measured_clock(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, &media_tracker);
	for (uint16_t i = 0; i < 400; i++) {
		rtp(&b, 111, i, i * 960u);
		b.now_ns += (i % 2 ? 120 : -80) * NS_PER_MS;
	}
	finish(&b);
	assert_int_equal(b.last.as.media.clock_hz, 48000);
	assert_true(b.last.as.media.measured);
	arena_free(b.arena);

	bench_open(&b, &media_tracker);
	for (uint16_t i = 0; i < 600; i++) {
		rtp(&b, 111, i, i * 960u);
		b.now_ns += (i % 2 ? 100 : 20) * NS_PER_MS - 40 * NS_PER_MS;
	}
	finish(&b);
	assert_true(b.last.as.media.jitter_ns > 30 * NS_PER_MS);
	assert_true(b.last.as.media.uneven_ns > 5 * NS_PER_S);
	arena_free(b.arena);
}

/* Numbers that do not rise, types that are none: not a stream. */
static void test_other_datagrams(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, &media_tracker);
	for (uint32_t i = 0; i < 100; i++) {
		rtp(&b, 0, (uint16_t)(i * 7919), i);
		rtp(&b, 80, (uint16_t)i, i);
		rtp(&b, 1, 5, i);
	}
	finish(&b);
	assert_int_equal(b.told, 0);
	arena_free(b.arena);
}

static void shout(struct bench *b, const char *dst, uint8_t from)
{
	uint8_t m[60] = {[6] = 2, [11] = from, [12] = 0x88, [13] = 0xb5};

	memcpy(m, dst, 6);
	feed(b, m, sizeof(m));
}

static void test_group_rate(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, &group_tracker);
	for (int i = 0; i < 2000; i++) {
		shout(&b, "\xff\xff\xff\xff\xff\xff", (uint8_t)(i % 3 ? 1 : 2));
		shout(&b, "\x01\x00\x5e\x0a\x00\x01", 3); /* a stream */
		shout(&b, "\x02\x00\x00\x00\x00\x01", 4);
		b.now_ns += NS_PER_MS;
	}
	assert_int_equal(b.told, 1);
	assert_int_equal(b.last.as.group_rate.frames, 1000);
	assert_int_equal(b.last.as.group_rate.broadcast, 1000);
	assert_int_equal(b.last.as.group_rate.sender[0].mac.bytes[5], 1);
	assert_int_equal(b.last.as.group_rate.sender[0].frames, 666);
	assert_int_equal(b.last.as.group_rate.sender[1].frames, 334);
	assert_int_equal(b.last.as.group_rate.sender[2].frames, 0);
	finish(&b);
	assert_int_equal(b.told, 2);
	for (int i = 0; i < 400; i++) {
		shout(&b, "\x33\x33\x00\x00\x00\x01", 1);
		b.now_ns += 2 * NS_PER_MS;
	}
	finish(&b);
	assert_int_equal(b.told, 2);
	arena_free(b.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_late_and_twice),
		cmocka_unit_test(test_measured_clock),
		cmocka_unit_test(test_other_datagrams),
		cmocka_unit_test(test_group_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
