/* SPDX-License-Identifier: BSD-3-Clause */
/* test_black_hole.c - how much proof a black hole needs, and what ends it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rig.h"

extern const struct detector black_hole_detector;

static const uint8_t here[4] = {192, 0, 2, 1}, there[4] = {198, 51, 100, 9};

static struct observation size(uint16_t port)
{
	struct observation o = {
		.kind = OBS_TCP_SIZE, .frame = 9, .time_ns = 1010 * NS_PER_S};
	struct tcp_size_fact *f = &o.as.size;

	f->flow =
		(struct flow){addr_v4(here), addr_v4(there), port, 443, 6, {0}};
	f->passed = 300;
	f->failed = 1500;
	f->tries = 4;
	f->first_ns = 1000 * NS_PER_S;
	f->frames[0] = 3;
	return o;
}

static const struct finding *judged(struct rig *r)
{
	struct finding *f;

	rig_finish(r);
	f = rig_found(r, "pmtu.black_hole");
	return f && !f->withheld ? f : NULL;
}

/* Another connection opens while a segment is sent again and again, before
 * that is known to be for its size; or it had opened before. */
static const struct finding *opened_first(struct rig *r, int64_t syn_s)
{
	struct observation o = size(1), opened = {.kind = OBS_TCP_OPENED};

	opened.time_ns = opened.as.opened.syn_ns = syn_s * NS_PER_S;
	opened.as.opened.flow = o.as.size.flow;
	opened.as.opened.flow.src_port = 2;
	rig_open(r, &black_hole_detector);
	rig_observe(r, &opened);
	rig_observe(r, &o);
	return judged(r);
}

static void test_opened_before_it_is_known(void **state)
{
	struct rig r;

	(void)state;
	assert_non_null(opened_first(&r, 1002));
	rig_close(&r);
	assert_null(opened_first(&r, 990));
	rig_close(&r);
}

/* Nothing from the peer: it may be dead. */
static void test_dead_peer(void **state)
{
	struct rig r;
	struct observation o = size(1);

	(void)state;
	rig_open(&r, &black_hole_detector);
	rig_observe(&r, &o);
	assert_null(judged(&r));
	rig_close(&r);
}

static void test_one_connection(void **state)
{
	struct rig r;
	struct observation o = size(1);

	(void)state;
	rig_open(&r, &black_hole_detector);
	o.as.size.peer_alive = true;
	rig_observe(&r, &o);
	assert_non_null(judged(&r));
	assert_int_equal(judged(&r)->confidence, LIKELY);
	rig_close(&r);
}

static void test_two_connections(void **state)
{
	struct rig r;
	struct observation o = size(1), p = size(2);

	(void)state;
	rig_open(&r, &black_hole_detector);
	o.as.size.peer_alive = p.as.size.peer_alive = true;
	rig_observe(&r, &o);
	rig_observe(&r, &p);
	assert_non_null(judged(&r));
	assert_int_equal(judged(&r)->confidence, CERTAIN);
	assert_int_equal(judged(&r)->count, 2);
	rig_close(&r);
}

/* That size arrived after all: it was loss. */
static void test_cleared(void **state)
{
	struct rig r;
	struct observation o = size(1);

	(void)state;
	rig_open(&r, &black_hole_detector);
	o.as.size.peer_alive = true;
	rig_observe(&r, &o);
	o.as.size.cleared = true;
	rig_observe(&r, &o);
	assert_null(judged(&r));
	rig_close(&r);
}

/* A word was said: it is no black hole. */
static void test_noticed(void **state)
{
	struct rig r;
	struct observation o = size(1);
	struct observation notice = {.kind = OBS_ICMP_ERROR,
				     .time_ns = 1001 * NS_PER_S};

	(void)state;
	rig_open(&r, &black_hole_detector);
	notice.as.icmp_error.version = 4;
	notice.as.icmp_error.type = 3;
	notice.as.icmp_error.code = 4;
	notice.as.icmp_error.quote.present = true;
	notice.as.icmp_error.quote.src = addr_v4(here);
	notice.as.icmp_error.quote.dst = addr_v4(there);
	rig_observe(&r, &notice);
	o.as.size.smaller_passed = true;
	rig_observe(&r, &o);
	assert_null(judged(&r));
	rig_close(&r);
}

static void ping_at(struct rig *r, enum echo_state state, uint32_t bytes,
		    int64_t sent_ns)
{
	struct observation o = {.kind = OBS_ECHO, .time_ns = 1001 * NS_PER_S};

	o.as.echo.state = (uint8_t)state;
	o.as.echo.version = 4;
	o.as.echo.df = true;
	o.as.echo.src = addr_v4(here);
	o.as.echo.dst = addr_v4(there);
	o.as.echo.bytes = bytes;
	o.as.echo.sent_ns = sent_ns;
	rig_observe(r, &o);
}

static void ping(struct rig *r, enum echo_state state, uint32_t bytes)
{
	ping_at(r, state, bytes, 0);
}

static void test_pings_of_two_sizes(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &black_hole_detector);
	for (int i = 0; i < 3; i++) {
		ping(&r, ECHO_ANSWERED, 84);
		ping(&r, ECHO_UNANSWERED, 1500);
	}
	assert_non_null(judged(&r));
	rig_close(&r);
	rig_open(&r, &black_hole_detector);
	for (int i = 0; i < 3; i++) {
		ping(&r, ECHO_ANSWERED, 1500);
		ping(&r, ECHO_UNANSWERED, 1500);
	}
	assert_null(judged(&r));
	rig_close(&r);
}

/* Nothing of the peer on the stuck connection, but pings pass meanwhile. */
static void test_pings_meanwhile(void **state)
{
	struct rig r;
	struct observation o = size(1);
	const struct finding *f;

	(void)state;
	rig_open(&r, &black_hole_detector);
	rig_observe(&r, &o);
	ping(&r, ECHO_ANSWERED, 84); /* of when, it does not say */
	assert_null(judged(&r));
	rig_close(&r);
	rig_open(&r, &black_hole_detector);
	rig_observe(&r, &o);
	ping_at(&r, ECHO_ANSWERED, 84, 1002 * NS_PER_S);
	f = judged(&r);
	assert_non_null(f);
	assert_int_equal(f->confidence, LIKELY);
	rig_close(&r);
	rig_open(&r, &black_hole_detector);
	rig_observe(&r, &o);
	o = size(2);
	rig_observe(&r, &o);
	ping_at(&r, ECHO_ANSWERED, 84, 1002 * NS_PER_S);
	f = judged(&r);
	assert_non_null(f);
	assert_int_equal(f->confidence, CERTAIN);
	rig_close(&r);
}

/* A later connection opens: likely, for a full queue looks alike. */
static void test_opening_meanwhile(void **state)
{
	struct observation opened = {.kind = OBS_TCP_OPENED};

	(void)state;
	opened.as.opened.flow = size(3).as.size.flow;
	for (int later = 0; later < 2; later++) {
		struct rig r;
		struct observation o = size(1);
		const struct finding *f;

		rig_open(&r, &black_hole_detector);
		rig_observe(&r, &o);
		opened.as.opened.syn_ns = (later ? 1003 : 999) * NS_PER_S;
		rig_observe(&r, &opened);
		f = judged(&r);
		assert_int_equal(f != NULL, later);
		if (f)
			assert_int_equal(f->confidence, LIKELY);
		rig_close(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dead_peer),
		cmocka_unit_test(test_opened_before_it_is_known),
		cmocka_unit_test(test_one_connection),
		cmocka_unit_test(test_two_connections),
		cmocka_unit_test(test_cleared),
		cmocka_unit_test(test_noticed),
		cmocka_unit_test(test_pings_of_two_sizes),
		cmocka_unit_test(test_pings_meanwhile),
		cmocka_unit_test(test_opening_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
