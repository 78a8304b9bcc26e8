/* SPDX-License-Identifier: BSD-3-Clause */
/* test_port_exhaustion.c - ports that are taken again within a minute. */
#include "unit/analysis/rig.h"
#include "unit/base/unit.h"

extern const struct detector port_exhaustion_detector;

static struct flow flow_of(uint8_t client, uint16_t port)
{
	struct flow f = {
		{{10, 0, 0, client}, 4}, {{10, 0, 1, 1}, 4}, port, 443, 6, {0}};

	return f;
}

static void closed(struct rig *r, int64_t ns, uint8_t client, uint16_t port)
{
	struct observation o = {.kind = OBS_TCP_ENDED, .time_ns = ns};

	o.as.ended.flow = flow_of(client, port);
	o.as.ended.opened = true;
	o.as.ended.first_ns = ns - NS_PER_MS;
	o.as.ended.last_ns = ns;
	o.as.ended.side[0].state = TCPS_TIME_WAIT;
	rig_observe(r, &o);
}

static void tried(struct rig *r, int64_t ns, uint16_t port, uint8_t outcome)
{
	struct observation o = {.kind = OBS_TCP_ATTEMPT, .time_ns = ns};

	o.as.attempt.flow = flow_of(1, port);
	o.as.attempt.outcome = outcome;
	o.as.attempt.first_ns = o.as.attempt.end_ns = ns;
	o.as.attempt.frames[0] = (uint64_t)ns;
	rig_observe(r, &o);
}

/* A client closes so many connections, one a millisecond, and takes the first
 * three ports again so long after the last. */
static struct finding *after(struct rig *r, uint32_t ports, uint8_t outcome,
			     int64_t later_ns)
{
	int64_t ns = 1000 * NS_PER_S;

	rig_open(r, &port_exhaustion_detector);
	for (uint32_t i = 0; i < ports; i++, ns += NS_PER_MS)
		closed(r, ns, 1, (uint16_t)(32768 + i));
	for (uint16_t i = 0; i < 3; i++)
		tried(r, ns + later_ns + i, 32788 + i, outcome);
	rig_finish(r);
	return rig_found(r, "tcp.port_exhaustion");
}

/* All that a client has are gone round before the first comes again. */
static void test_all_ports(void **state)
{
	struct finding *f;
	struct rig r;

	(void)state;
	f = after(&r, 28232, TCP_STALE_PEER, 0);
	assert_non_null(f);
	assert_int_equal(f->confidence, LIKELY);
	assert_int_equal(f->count, 3);
	rig_close(&r);
}

static void test_guards(void **state)
{
	struct rig r;

	(void)state;
	assert_non_null(after(&r, 200, TCP_STALE_PEER, 0));
	rig_close(&r);
	assert_null(after(&r, 200, TCP_COMPLETED, 0));
	rig_close(&r);
	assert_null(after(&r, 200, TCP_STALE_PEER, 61 * NS_PER_S));
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_ports),
		cmocka_unit_test(test_guards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
