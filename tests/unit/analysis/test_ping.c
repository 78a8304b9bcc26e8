/* SPDX-License-Identifier: BSD-3-Clause */
/* test_ping.c - pings that are answered, lost, late, or still waiting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "analysis/detect/ping.h"
#include "rig.h"

extern const struct detector ping_detector;

enum { START_S = 1000 };

static const uint8_t here[4] = {192, 0, 2, 1}, there[4] = {198, 51, 100, 9};

/* What became of request `seq`, sent in second `seq`, told after `after_ns`. */
static void echo_with(struct rig *r, enum echo_state state, uint16_t seq,
		      int64_t after_ns, uint8_t ttl, bool late)
{
	struct observation o = {.kind = OBS_ECHO, .frame = seq * 2u + 1};
	struct echo_fact *e = &o.as.echo;

	e->state = (uint8_t)state;
	e->version = 4;
	e->src = addr_v4(here);
	e->dst = addr_v4(there);
	e->id = 7;
	e->seq = seq;
	e->ttl = ttl;
	e->late = late;
	e->bytes = 84;
	e->sent_ns = (START_S + (int64_t)seq) * NS_PER_S;
	e->request_frame = seq * 2u + 1;
	e->rtt_ns = state == ECHO_ANSWERED ? after_ns : 0;
	o.time_ns = e->sent_ns + after_ns;
	rig_observe(r, &o);
}

static void echo(struct rig *r, enum echo_state state, uint16_t seq,
		 int64_t after_ns)
{
	echo_with(r, state, seq, after_ns, 64, false);
}

static void answered(struct rig *r, uint16_t seq)
{
	echo(r, ECHO_SENT, seq, 0);
	echo(r, ECHO_ANSWERED, seq, 20 * NS_PER_MS);
}

static void lost(struct rig *r, uint16_t seq)
{
	echo(r, ECHO_SENT, seq, 0);
	echo(r, ECHO_UNANSWERED, seq, 5 * NS_PER_S);
}

/* The table of the rule: so many of so many are beyond chance. */
static void test_bounds(void **state)
{
	(void)state;
	assert_true(ping_loss_by_chance(2, 24) < 0.025);
	assert_false(ping_loss_by_chance(2, 25) < 0.025);
	assert_true(ping_loss_by_chance(3, 62) < 0.025);
	assert_false(ping_loss_by_chance(3, 63) < 0.025);
	assert_true(ping_loss_by_chance(4, 109) < 0.025);
	assert_false(ping_loss_by_chance(4, 110) < 0.025);
	assert_true(ping_loss_by_chance(5, 163) < 0.025);
}

static uint32_t run(struct rig *r, int total, int a, int b)
{
	rig_open(r, &ping_detector);
	for (int i = 1; i <= total; i++)
		if (i == a || i == b)
			lost(r, (uint16_t)i);
		else
			answered(r, (uint16_t)i);
	return rig_finish(r);
}

static void test_two_of_twenty(void **state)
{
	struct rig r;
	struct finding *f;

	(void)state;
	assert_int_equal(run(&r, 20, 5, 9), 1);
	f = rig_found(&r, "icmp.echo_loss");
	assert_non_null(f);
	assert_int_equal(f->count, 2);
	rig_close(&r);
	assert_int_equal(run(&r, 20, 5, 0), 0);
	rig_close(&r);
}

/* The first ping waits for ARP: it is no loss. */
static void test_first_does_not_count(void **state)
{
	struct rig r;

	(void)state;
	assert_int_equal(run(&r, 20, 1, 9), 0);
	rig_close(&r);
}

/* Evidence are the lost ones that count: not the first, nor one that was
 * answered after all. */
static void test_evidence_is_what_counts(void **state)
{
	struct rig r;
	struct finding *f;

	(void)state;
	rig_open(&r, &ping_detector);
	for (uint16_t i = 1; i <= 20; i++) {
		if (i == 1 || i == 5 || i == 7 || i == 9)
			lost(&r, i);
		else
			answered(&r, i);
	}
	echo_with(&r, ECHO_ANSWERED, 7, 6 * NS_PER_S, 64, true);
	rig_finish(&r);
	f = rig_found(&r, "icmp.echo_loss");
	assert_non_null(f);
	assert_int_equal(f->count, 2);
	assert_int_equal(f->frame_count, 2);
	assert_int_equal(f->frames[0], 5 * 2 + 1);
	assert_int_equal(f->frames[1], 9 * 2 + 1);
	assert_non_null(strstr(f->summary, "(frames 11 19)"));
	rig_close(&r);
}

/* Probes that run out on the way are no pings without an answer. */
static void test_probes_are_no_pings(void **state)
{
	struct checks checks = {0};
	struct rig r;

	(void)state;
	rig_open(&r, &ping_detector);
	for (uint16_t i = 1; i <= 4; i++)
		echo_with(&r, ECHO_SENT, i, 0, (uint8_t)i, false);
	echo_with(&r, ECHO_ANSWERED, 4, 20 * NS_PER_MS, 4, false);
	rig_finish(&r);
	ping_detector.checked(r.self, &r.context, &checks);
	assert_int_equal(checks.count, 1);
	assert_non_null(strstr(checks.check[0].text, "1 of 1 ping answered"));
	rig_close(&r);
}

static void test_silence(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &ping_detector);
	lost(&r, 1);
	lost(&r, 2);
	assert_null(rig_found(&r, "icmp.echo_no_reply"));
	lost(&r, 3);
	assert_non_null(rig_found(&r, "icmp.echo_no_reply"));
	rig_close(&r);
}

/* Waiting at the end is undecided. */
static void test_pending_is_undecided(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &ping_detector);
	for (uint16_t i = 1; i <= 4; i++) {
		echo(&r, ECHO_SENT, i, 0);
		echo(&r, ECHO_PENDING, i, 4 * NS_PER_S);
	}
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

/* An error in answer is not silence. */
static void test_rejected_is_no_silence(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &ping_detector);
	for (uint16_t i = 1; i <= 4; i++) {
		echo(&r, ECHO_SENT, i, 0);
		echo(&r, ECHO_REJECTED, i, NS_PER_S);
	}
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_two_of_twenty),
		cmocka_unit_test(test_first_does_not_count),
		cmocka_unit_test(test_evidence_is_what_counts),
		cmocka_unit_test(test_probes_are_no_pings),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_pending_is_undecided),
		cmocka_unit_test(test_rejected_is_no_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
