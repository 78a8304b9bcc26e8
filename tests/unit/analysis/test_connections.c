/* SPDX-License-Identifier: BSD-3-Clause */
/* test_connections.c - the largest connections are kept, in their order. */
#include "unit/base/unit.h"

#include "analysis/connections.h"
#include "base/when.h"

static void end(struct connections *c, uint64_t frame, uint64_t bytes,
		uint8_t state)
{
	struct observation o = {.kind = OBS_TCP_ENDED};

	o.as.ended.first_frame = frame;
	o.as.ended.side[1].bytes = bytes;
	o.as.ended.side[1].state = state;
	o.as.ended.side[0].state = TCPS_ESTAB;
	connections_observe(c, &o);
}

static void test_largest(void **state)
{
	static const uint64_t bytes[] = {5, 90, 7, 90, 1, 400, 6, 80, 2, 3};
	struct arena *home = arena_new(1 << 20);
	struct connections *c = connections_new(home, 4, BY_BYTES);

	(void)state;
	assert_non_null(c);
	for (uint64_t i = 0; i < 10; i++)
		end(c, i + 1, bytes[i], i % 2 ? TCPS_CLOSED : TCPS_CLOSE_WAIT);
	connections_sort(c);
	assert_int_equal(c->count, 4);
	assert_int_equal(c->total, 10);
	assert_int_equal(c->rows[0].side[1].bytes, 400);
	assert_int_equal(c->rows[1].first_frame, 2); /* 90, the earlier */
	assert_int_equal(c->rows[2].first_frame, 4);
	assert_int_equal(c->rows[3].side[1].bytes, 80);
	assert_int_equal(c->by_state[1][TCPS_CLOSE_WAIT], 5);
	assert_int_equal(c->by_state[0][TCPS_ESTAB], 10);
	arena_free(home);
}

static void test_fewer_than_wanted(void **state)
{
	struct arena *home = arena_new(1 << 20);
	struct connections *c = connections_new(home, 4, BY_RESENT);

	(void)state;
	end(c, 1, 10, TCPS_ESTAB);
	end(c, 2, 20, TCPS_ESTAB);
	connections_sort(c);
	assert_int_equal(c->count, 2);
	assert_int_equal(c->rows[0].first_frame, 1);
	arena_free(home);
}

static void test_limit(void **state)
{
	struct arena *home = arena_new(1 << 20);
	struct connections *c = connections_new(home, 4, BY_BYTES);
	struct observation o = {.kind = OBS_TCP_PACE};

	(void)state;
	o.as.pace.rounds = 10;
	o.as.pace.full = 6;
	o.as.pace.window = 10000;
	o.as.pace.rtt_ns = 100 * NS_PER_MS;
	o.as.pace.full_bytes = 60000;
	o.as.pace.full_ns = 600 * NS_PER_MS;
	connections_observe(c, &o); /* what the server sent */
	end(c, 1, 10, TCPS_ESTAB);
	end(c, 2, 5, TCPS_ESTAB);
	connections_sort(c);
	assert_int_equal(c->rows[0].side[1].limit, LIMIT_WINDOW);
	assert_int_equal(c->rows[0].side[0].limit, LIMIT_UNKNOWN);
	assert_int_equal(c->rows[1].side[1].limit, LIMIT_UNKNOWN);
	arena_free(home);
}

/* Twenty round trips with as much in flight, and each waited. */
static struct tcp_pace_fact steady(void)
{
	return (struct tcp_pace_fact){
		.syn_seen = true,
		.rounds = 24,
		.steady = 20,
		.waited = 22,
		.level = 30000,
		.flight = 30000,
		.peer_window = 200000,
		.bytes = 700000,
		.rtt_ns = 60 * NS_PER_MS,
		.trips = {{.low_us = 60000, .loaded_us = 61000}},
	};
}

static void test_buffer(void **state)
{
	struct tcp_pace_fact p = steady();

	(void)state;
	assert_true(pace_fills_buffer(&p));
	p.waited = 4; /* evenly spread: a rate */
	assert_false(pace_fills_buffer(&p));
	p = steady();
	p.peer_window = 31000; /* so much is allowed */
	assert_false(pace_fills_buffer(&p));
	p = steady();
	p.resent = 1;
	assert_false(pace_fills_buffer(&p));
	p = steady();
	p.trips[0].loaded_us = 120000;
	assert_false(pace_fills_buffer(&p));
	p = steady();
	p.idled = 12; /* an application that thinks */
	assert_false(pace_fills_buffer(&p));
}

static void test_slow_start(void **state)
{
	struct tcp_pace_fact p = steady();

	(void)state;
	assert_false(pace_in_slow_start(&p)); /* it went on for long */
	p.bytes = 80000;
	p.rounds = 2;
	assert_true(pace_in_slow_start(&p));
	p.idled = 1;
	assert_false(pace_in_slow_start(&p));
	p.idled = 0;
	p.waited = 0; /* all at once */
	assert_false(pace_in_slow_start(&p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_largest),
		cmocka_unit_test(test_fewer_than_wanted),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_buffer),
		cmocka_unit_test(test_slow_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
