/* SPDX-License-Identifier: BSD-3-Clause */
/* test_silence.c - neighbours that do not answer, and what looks like it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rig.h"

extern const struct detector arp_unanswered_detector, nd_unanswered_detector;

enum { ASKER = 20, TARGET = 77 };

static struct addr host(uint8_t n)
{
	return addr_v4((const uint8_t[4]){192, 0, 2, n});
}

static struct addr host6(uint8_t n)
{
	return addr_v6((const uint8_t[16]){0x20, 1, 0xd, 0xb8, [15] = n});
}

static struct observation at(enum observation_kind kind, int64_t ms)
{
	return (struct observation){.kind = kind,
				    .frame = (uint64_t)ms + 1,
				    .time_ns =
					    1000 * NS_PER_S + ms * NS_PER_MS};
}

static void ask(struct rig *r, int64_t ms)
{
	struct observation o = at(OBS_ARP, ms);

	o.as.arp.operation = 1;
	o.as.arp.sender_mac.bytes[5] = ASKER;
	o.as.arp.sender = host(ASKER);
	o.as.arp.target = host(TARGET);
	memset(o.as.arp.eth_dst.bytes, 255, 6);
	rig_observe(r, &o);
}

static void answer(struct rig *r, int64_t ms)
{
	struct observation o = at(OBS_ARP, ms);

	o.as.arp.operation = 2;
	o.as.arp.sender_mac.bytes[5] = TARGET;
	o.as.arp.target_mac.bytes[5] = ASKER;
	o.as.arp.sender = host(TARGET);
	o.as.arp.target = host(ASKER);
	o.as.arp.asked = true;
	rig_observe(r, &o);
}

static void now(struct rig *r, int64_t ms)
{
	rig_clock(r, 1000 * NS_PER_S + ms * NS_PER_MS);
}

static void test_three_tries(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &arp_unanswered_detector);
	for (int i = 0; i < 3; i++)
		ask(&r, i * 1000);
	now(&r, 3500);
	assert_null(rig_found(&r, "arp.unanswered"));
	now(&r, 4500);
	assert_non_null(rig_found(&r, "arp.unanswered"));
	rig_close(&r);
}

/* The third try might still be answered when the capture ends. */
static void test_end_inside_patience(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &arp_unanswered_detector);
	for (int i = 0; i < 3; i++)
		ask(&r, i * 1000);
	now(&r, 3500);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

/* Held back by a proxy for most of a second: an answer all the same. */
static void test_answered_late(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &arp_unanswered_detector);
	for (int i = 0; i < 3; i++)
		ask(&r, i * 1000);
	answer(&r, 2800);
	now(&r, 9000);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

/* One packet asks once: copies of the question are no tries. */
static void test_copies_are_no_tries(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &arp_unanswered_detector);
	for (int i = 0; i < 5; i++)
		ask(&r, i * 10);
	now(&r, 9000);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

static void test_clock_jump(void **state)
{
	struct observation step = at(OBS_CLOCK_STEP, 2100);
	struct rig r;

	(void)state;
	rig_open(&r, &arp_unanswered_detector);
	for (int i = 0; i < 3; i++)
		ask(&r, i * 1000);
	step.as.clock.jump = true;
	rig_observe(&r, &step);
	now(&r, 9000);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

/* A DHCP server looks whether the address that it offers is free. */
static void test_offered_address(void **state)
{
	struct observation offer = at(OBS_DHCP, 2500);
	struct rig r;

	(void)state;
	rig_open(&r, &arp_unanswered_detector);
	for (int i = 0; i < 3; i++)
		ask(&r, i * 1000);
	offer.as.dhcp.type = 2;
	offer.as.dhcp.yiaddr = host(TARGET);
	rig_observe(&r, &offer);
	now(&r, 9000);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

static void solicit(struct rig *r, int64_t ms, const struct addr *src,
		    bool unicast)
{
	struct observation o = at(OBS_ND, ms);

	o.as.nd.type = 135;
	o.as.nd.src = *src;
	o.as.nd.eth_src.bytes[5] = ASKER;
	o.as.nd.target = host6(TARGET);
	o.as.nd.dst = unicast ? host6(TARGET) : host6(1);
	if (!unicast)
		o.as.nd.dst.bytes[0] = 0xff;
	rig_observe(r, &o);
}

static void test_solicited(void **state)
{
	const struct addr asker = host6(ASKER);
	struct rig r;

	(void)state;
	rig_open(&r, &nd_unanswered_detector);
	for (int i = 0; i < 3; i++)
		solicit(&r, i * 1000, &asker, false);
	now(&r, 6000);
	assert_non_null(rig_found(&r, "nd.unanswered"));
	rig_close(&r);
}

/* Duplicate address detection hopes for silence. */
static void test_duplicate_detection(void **state)
{
	const struct addr none = addr_v6((const uint8_t[16]){0});
	struct rig r;

	(void)state;
	rig_open(&r, &nd_unanswered_detector);
	for (int i = 0; i < 4; i++)
		solicit(&r, i * 1000, &none, false);
	now(&r, 9000);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

/* Unicast tries get lost, the multicast one is answered. */
static void test_unicast_then_answered(void **state)
{
	const struct addr asker = host6(ASKER);
	struct observation o = at(OBS_ND, 2300);
	struct rig r;

	(void)state;
	rig_open(&r, &nd_unanswered_detector);
	solicit(&r, 0, &asker, true);
	solicit(&r, 1000, &asker, true);
	solicit(&r, 2000, &asker, false);
	o.as.nd.type = 136;
	o.as.nd.src = o.as.nd.target = host6(TARGET);
	o.as.nd.dst = asker;
	o.as.nd.eth_dst.bytes[5] = ASKER;
	o.as.nd.asked = true;
	rig_observe(&r, &o);
	now(&r, 9000);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_three_tries),
		cmocka_unit_test(test_end_inside_patience),
		cmocka_unit_test(test_answered_late),
		cmocka_unit_test(test_copies_are_no_tries),
		cmocka_unit_test(test_clock_jump),
		cmocka_unit_test(test_offered_address),
		cmocka_unit_test(test_solicited),
		cmocka_unit_test(test_duplicate_detection),
		cmocka_unit_test(test_unicast_then_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
