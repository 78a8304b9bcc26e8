/* SPDX-License-Identifier: BSD-3-Clause */
/* test_fragment.c - fragments that become whole, that overlap, that are copies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "analysis/knowledge.h"
#include "analysis/observer.h"
#include "base/when.h"

extern const struct tracker fragment_tracker;

enum { HEADER = 20 };

struct bench {
	struct arena *arena;
	struct limits limits;
	struct observer observer;
	struct detector_context context;
	void *self;
	struct fragments_fact last;
	uint32_t told;
	uint64_t number;
	int64_t now_ns;
	uint32_t id;
};

static void hear(void *self, const struct observation *o,
		 const struct detector_context *c)
{
	struct bench *b = self;

	(void)c;
	b->last = o->as.fragments;
	b->told++;
}

static const enum observation_kind wants[] = {OBS_FRAGMENTS, OBSERVATIONS};
static const struct detector listener = {
	.name = "listener", .wants = wants, .observe = hear};

static void bench_open(struct bench *b)
{
	const struct hash_key key = {1, 2};
	struct tracker_home home;

	memset(b, 0, sizeof(*b));
	b->limits = limits_for(MEMORY_MIN);
	b->arena = arena_new(b->limits.memory);
	home = (struct tracker_home){b->arena, &b->limits, key, false};
	b->self = fragment_tracker.open(&home);
	assert_non_null(b->self);
	b->observer.knowledge = knowledge_new(b->arena, &b->limits, key);
	b->observer.context = &b->context;
	observer_subscribe(&b->observer, &listener, b);
	b->now_ns = 1000 * NS_PER_S;
}

static void bench_close(struct bench *b)
{
	arena_free(b->arena);
}

/* A fragment filled with one byte. */
static void arrive(struct bench *b, uint32_t offset, uint32_t len, bool more,
		   uint8_t fill)
{
	uint8_t bytes[2000];
	struct packet p = {0};
	struct layer ip = {.proto = PROTO_ipv4};

	memset(bytes, fill, sizeof(bytes));
	ip.as.ip.version = 4;
	ip.as.ip.src = addr_v4((const uint8_t[4]){192, 0, 2, 1});
	ip.as.ip.dst = addr_v4((const uint8_t[4]){192, 0, 2, 2});
	ip.as.ip.protocol = 17;
	ip.as.ip.id = 5 + b->id;
	ip.as.ip.more = more;
	ip.as.ip.fragment = true;
	ip.as.ip.fragment_offset = offset;
	ip.as.ip.header_len = HEADER;
	ip.as.ip.total_len = HEADER + len;
	p.ip = &ip;
	p.frame.number = ++b->number;
	p.frame.time_ns = b->now_ns;
	p.frame.data = bytes;
	p.frame.kept = p.frame.sent = HEADER + len;
	fragment_tracker.packet(b->self, &p, &b->observer);
}

static void test_whole_in_any_order(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	arrive(&b, 1600, 100, false, 3);
	arrive(&b, 0, 800, true, 1);
	assert_int_equal(b.told, 0);
	arrive(&b, 800, 800, true, 2);
	assert_int_equal(b.told, 1);
	assert_true(b.last.complete);
	assert_false(b.last.overlap);
	assert_int_equal(b.last.bytes, 1700);
	bench_close(&b);
}

static void test_copy_is_no_overlap(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	arrive(&b, 0, 800, true, 1);
	arrive(&b, 0, 800, true, 1);
	arrive(&b, 800, 100, false, 2);
	assert_true(b.last.complete);
	assert_false(b.last.overlap);
	bench_close(&b);
}

static void test_overlap_compares_bytes(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	arrive(&b, 0, 800, true, 1);
	arrive(&b, 400, 800, false, 2);
	assert_true(b.last.overlap);
	assert_true(b.last.differs);
	assert_int_equal(b.last.frames[0], 1);
	assert_int_equal(b.last.frames[1], 2);
	arrive(&b, 0, 800, true, 1);
	arrive(&b, 400, 800, false, 1);
	assert_true(b.last.overlap);
	assert_false(b.last.differs);
	bench_close(&b);
}

static void test_patience(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	arrive(&b, 0, 800, true, 1);
	fragment_tracker.clock(b.self, b.now_ns + 60 * NS_PER_S, &b.observer);
	assert_int_equal(b.told, 0);
	fragment_tracker.clock(b.self, b.now_ns + 61 * NS_PER_S, &b.observer);
	assert_int_equal(b.told, 1);
	assert_true(b.last.decided);
	assert_false(b.last.complete);
	bench_close(&b);
}

/* Under way when the capture ends: undecided. */
static void test_end_is_undecided(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	arrive(&b, 0, 800, true, 1);
	fragment_tracker.finish(b.self, b.now_ns, &b.observer);
	assert_int_equal(b.told, 1);
	assert_false(b.last.decided);
	bench_close(&b);
}

/* More datagrams than there is room for: the first is told as forgotten. */
static void test_forgotten_is_told(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	for (b.id = 0; b.id < b.limits.datagrams; b.id++)
		arrive(&b, 0, 800, true, 1);
	assert_int_equal(b.told, 0);
	arrive(&b, 0, 800, true, 1);
	assert_int_equal(b.told, 1);
	assert_true(b.last.forgotten && b.last.has_first);
	assert_false(b.last.decided || b.last.complete);
	assert_int_equal(b.last.id, 5);
	bench_close(&b);
}

/* Ten seconds later the ID is used for another datagram. */
static void test_id_comes_round(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	arrive(&b, 0, 800, true, 1);
	b.now_ns += 10 * NS_PER_S;
	arrive(&b, 0, 800, true, 9);
	arrive(&b, 800, 100, false, 9);
	assert_true(b.last.complete);
	assert_false(b.last.overlap);
	bench_close(&b);
}

static void test_tiny(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	arrive(&b, 0, 4, true, 1);
	fragment_tracker.finish(b.self, b.now_ns, &b.observer);
	assert_true(b.last.tiny_first);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_in_any_order),
		cmocka_unit_test(test_copy_is_no_overlap),
		cmocka_unit_test(test_overlap_compares_bytes),
		cmocka_unit_test(test_patience),
		cmocka_unit_test(test_end_is_undecided),
		cmocka_unit_test(test_forgotten_is_told),
		cmocka_unit_test(test_id_comes_round),
		cmocka_unit_test(test_tiny),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
