/* SPDX-License-Identifier: BSD-3-Clause */
/* test_nd_routers.c - routers that advertise beside the first one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rig.h"

extern const struct detector nd_routers_detector;

static struct addr host6(uint8_t head, uint8_t n)
{
	return addr_v6((const uint8_t[16]){head, 0x80, [15] = n});
}

/* Router `n` at MAC `mac` advertises the prefix `prefix`; 0: none. */
static struct observation ra(int64_t s, uint8_t n, uint8_t mac, uint16_t life,
			     uint8_t prefix)
{
	struct observation o = {.kind = OBS_RA,
				.frame = (uint64_t)s + 1,
				.time_ns = (1000 + s) * NS_PER_S};

	o.as.ra.advertisement = true;
	o.as.ra.src = host6(0xfe, n);
	o.as.ra.eth_src.bytes[5] = mac;
	o.as.ra.icmp.ra.lifetime_s = life;
	if (prefix) {
		o.as.ra.icmp.ra.prefixes = 1;
		o.as.ra.icmp.ra.prefix[0].prefix = host6(0x20, prefix);
		o.as.ra.icmp.ra.prefix[0].bits = 64;
	}
	return o;
}

static void say(struct rig *r, int64_t s, uint8_t n, uint8_t mac, uint16_t life,
		uint8_t prefix)
{
	struct observation o = ra(s, n, mac, life, prefix);

	rig_observe(r, &o);
}

static void test_other_prefix(void **state)
{
	struct finding *f;
	struct rig r;

	(void)state;
	rig_open(&r, &nd_routers_detector);
	say(&r, 0, 1, 1, 1800, 1);
	assert_null(rig_found(&r, "nd.rogue_ra"));
	say(&r, 5, 2, 2, 1800, 2);
	f = rig_found(&r, "nd.rogue_ra");
	assert_non_null(f);
	assert_int_equal(f->severity, WARNING);
	assert_int_equal(f->confidence, LIKELY);
	assert_int_equal(f->subject.a.bytes[15], 2);
	rig_close(&r);
}

static void test_agreement(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &nd_routers_detector);
	for (int i = 0; i < 3; i++) {
		say(&r, i * 10, 1, 1, 1800, 1);
		say(&r, i * 10 + 1, 2, 2, 1800, 1);
		say(&r, i * 10 + 2, 3, 3, 0, 7);
	}
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

static void test_flags_and_mtu(void **state)
{
	struct observation o = ra(5, 2, 2, 1800, 1);
	struct rig r;

	(void)state;
	rig_open(&r, &nd_routers_detector);
	say(&r, 0, 1, 1, 1800, 1);
	o.as.ra.icmp.ra.flags = 0x40;
	rig_observe(&r, &o);
	assert_non_null(rig_found(&r, "nd.rogue_ra"));
	rig_close(&r);

	rig_open(&r, &nd_routers_detector);
	o = ra(0, 1, 1, 1800, 1);
	o.as.ra.icmp.ra.mtu = 1500;
	rig_observe(&r, &o);
	o = ra(5, 2, 2, 1800, 1);
	rig_observe(&r, &o);
	assert_int_equal(findings_count(r.context.findings), 0);
	o.as.ra.icmp.ra.mtu = 1280;
	rig_observe(&r, &o);
	assert_non_null(rig_found(&r, "nd.rogue_ra"));
	rig_close(&r);
}

/* The first router's time is over: the second takes its place. */
static void test_replaced(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &nd_routers_detector);
	say(&r, 0, 1, 1, 60, 1);
	say(&r, 100, 2, 2, 1800, 2);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

static void test_withdrawn(void **state)
{
	struct finding *f;
	struct rig r;

	(void)state;
	rig_open(&r, &nd_routers_detector);
	say(&r, 0, 1, 1, 1800, 1);
	say(&r, 10, 1, 9, 0, 1);
	f = rig_found(&r, "nd.rogue_ra");
	assert_non_null(f);
	assert_int_equal(f->severity, WARNING);
	assert_int_equal(f->subject.mac.bytes[5], 9);
	/* it is still in service, and at last says so itself */
	say(&r, 20, 1, 1, 0, 1);
	assert_int_equal(findings_count(r.context.findings), 2);
	f = finding_at(r.context.findings, 1);
	assert_int_equal(f->severity, NOTICE);
	/* a router that never was one */
	say(&r, 30, 1, 1, 0, 1);
	assert_int_equal(f->count, 1);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_prefix),
		cmocka_unit_test(test_agreement),
		cmocka_unit_test(test_flags_and_mtu),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_withdrawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
