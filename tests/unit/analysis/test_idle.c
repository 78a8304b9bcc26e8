/* SPDX-License-Identifier: BSD-3-Clause */
/* test_idle.c - pauses that were survived, and one that was not. */
#include "unit/analysis/rig.h"
#include "unit/base/unit.h"

extern const struct detector tcp_idle_detector;

#define S NS_PER_S

static const struct flow flow = {
	{{10, 0, 0, 1}, 4}, {{10, 0, 0, 2}, 4}, 40000, 443, 6, {0}};

static void pause(struct rig *r, int64_t at_ns, int64_t idle_ns)
{
	struct observation o = {.kind = OBS_TCP_PAUSE, .time_ns = at_ns};

	o.as.pause.flow = flow;
	o.as.pause.pause_ns = idle_ns;
	rig_observe(r, &o);
}

static void opened(struct rig *r, int64_t at_ns)
{
	struct observation o = {.kind = OBS_TCP_OPENED, .time_ns = at_ns};

	o.as.opened.flow = flow;
	o.as.opened.syn_ns = at_ns;
	rig_observe(r, &o);
}

/* A connection ends whose data after the pause was never answered. */
static void killed(struct rig *r, int64_t at_ns, int64_t survived_ns,
		   uint32_t resends)
{
	struct observation o = {.kind = OBS_TCP_PACE, .time_ns = at_ns + 9 * S};

	o.as.pace.flow = flow;
	o.as.pace.from_client = true;
	o.as.pace.survived_ns = survived_ns;
	o.as.pace.idle_ns = 70 * S;
	o.as.pace.idle_end_ns = at_ns;
	o.as.pace.unanswered = resends;
	o.as.pace.due_ns = at_ns + 8 * S;
	rig_observe(r, &o);
}

/* What is found after a pause of 70 s, or NULL. */
static const struct finding *after(struct rig *r, int64_t survived_ns,
				   uint32_t resends, int64_t opened_after_ns)
{
	const int64_t at = 100 * S;

	rig_open(r, &tcp_idle_detector);
	pause(r, at, 70 * S);
	if (opened_after_ns)
		opened(r, at + opened_after_ns);
	killed(r, at, survived_ns, resends);
	return findings_count(r->context.findings)
		       ? finding_at(r->context.findings, 0)
		       : NULL;
}

static void test_bracket(void **state)
{
	struct rig r;

	(void)state;
	assert_int_equal(after(&r, 0, 3, 5 * S)->confidence, LIKELY);
	rig_close(&r);
	assert_int_equal(after(&r, 60 * S, 3, 5 * S)->confidence, CERTAIN);
	rig_close(&r);
	assert_int_equal(after(&r, 80 * S, 3, 5 * S)->confidence, POSSIBLE);
	rig_close(&r);
}

static void test_guards(void **state)
{
	struct rig r;

	(void)state;
	assert_null(after(&r, 0, 2, 5 * S)); /* too few resends */
	rig_close(&r);
	assert_null(after(&r, 0, 3, 0)); /* nobody tried again */
	rig_close(&r);
	assert_null(after(&r, 0, 3, 9 * S)); /* after the next was due */
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bracket),
		cmocka_unit_test(test_guards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
