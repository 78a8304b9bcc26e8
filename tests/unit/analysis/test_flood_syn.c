/* SPDX-License-Identifier: BSD-3-Clause */
/* test_flood_syn.c - floods, crowds and dead services, told apart by counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rig.h"

extern const struct detector opening_detector;

enum { START_S = 1000, QUIET_S = 20 };

static struct flow flow_of(uint32_t n)
{
	const uint8_t from[4] = {203, 0, (uint8_t)(n >> 8), (uint8_t)n};
	const uint8_t to[4] = {192, 0, 2, 7};
	struct flow f;

	memset(&f, 0, sizeof(f));
	f.src = addr_v4(from);
	f.dst = addr_v4(to);
	f.src_port = (uint16_t)(1024 + n * 7919 % 60000);
	f.dst_port = 443;
	f.protocol = 6;
	return f;
}

static struct observation at(enum observation_kind kind, int64_t ns,
			     uint64_t frame)
{
	struct observation o;

	memset(&o, 0, sizeof(o));
	o.kind = kind;
	o.time_ns = ns;
	o.frame = frame;
	return o;
}

static void syn(struct rig *r, uint32_t n, int64_t ns, uint16_t tries,
		int64_t first_ns)
{
	struct observation o = at(OBS_TCP_SYN, ns, n + 1);

	o.as.syn.flow = flow_of(n);
	o.as.syn.isn = n * 2654435761u;
	o.as.syn.ip_id = (uint16_t)(n * 40503u);
	o.as.syn.mss = 1460;
	o.as.syn.tries = tries;
	o.as.syn.first_ns = first_ns;
	rig_observe(r, &o);
}

static void served(struct rig *r, uint32_t n, int64_t ns)
{
	struct observation o = at(OBS_TCP_SYNACK, ns + NS_PER_MS, n + 1);

	o.as.synack.flow = flow_of(n);
	o.as.synack.tries = 1;
	o.as.synack.answers_syn = true;
	o.as.synack.syn_ns = ns;
	rig_observe(r, &o);
	o = at(OBS_TCP_OPENED, ns + 2 * NS_PER_MS, n + 1);
	o.as.opened.flow = flow_of(n);
	o.as.opened.syns = o.as.opened.synacks = 1;
	o.as.opened.syn_ns = ns;
	o.as.opened.synack_ns = ns + NS_PER_MS;
	o.as.opened.third_ns = ns + 2 * NS_PER_MS;
	rig_observe(r, &o);
	o = at(OBS_TCP_ENDED, ns + 3 * NS_PER_MS, n + 1);
	o.as.ended.flow = flow_of(n);
	o.as.ended.syn_seen = o.as.ended.opened = true;
	o.as.ended.first_ns = ns;
	o.as.ended.last_ns = ns + 3 * NS_PER_MS;
	o.as.ended.side[0].bytes = o.as.ended.side[1].bytes = 100;
	rig_observe(r, &o);
}

/* 400 SYNs in two seconds, after a quiet time. */
static int64_t burst(struct rig *r, bool answer, bool repeat)
{
	int64_t start = (START_S + QUIET_S) * NS_PER_S;

	rig_open(r, &opening_detector);
	syn(r, 9000, START_S * NS_PER_S, 1, START_S * NS_PER_S);
	served(r, 9000, START_S * NS_PER_S);
	for (uint32_t i = 0; i < 400; i++) {
		int64_t ns = start + i * 5 * NS_PER_MS;

		syn(r, i, ns, 1, ns);
		if (answer)
			served(r, i, ns);
	}
	for (uint32_t i = 0; repeat && i < 400; i++) {
		int64_t ns = start + i * 5 * NS_PER_MS;

		syn(r, i, ns + 2 * NS_PER_S, 2, ns);
	}
	return start;
}

static void test_flood(void **state)
{
	struct rig r;
	struct finding *f;

	(void)state;
	rig_clock(&r, burst(&r, false, false) + 20 * NS_PER_S);
	f = rig_found(&r, "tcp.syn_flood");
	assert_non_null(f);
	assert_int_equal(f->severity, CRITICAL);
	assert_int_equal(f->subject.port_a, 443);
	assert_null(rig_found(&r, "tcp.flash_crowd"));
	rig_close(&r);
}

static void test_crowd(void **state)
{
	struct rig r;

	(void)state;
	burst(&r, true, false);
	rig_finish(&r);
	assert_non_null(rig_found(&r, "tcp.flash_crowd"));
	assert_null(rig_found(&r, "tcp.syn_flood"));
	rig_close(&r);
}

/* Real clients of a dead service repeat: neither flood nor crowd. */
static void test_real_clients_insist(void **state)
{
	struct rig r;

	(void)state;
	rig_clock(&r, burst(&r, false, true) + 20 * NS_PER_S);
	rig_finish(&r);
	assert_null(rig_found(&r, "tcp.syn_flood"));
	assert_null(rig_found(&r, "tcp.flash_crowd"));
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_real_clients_insist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
