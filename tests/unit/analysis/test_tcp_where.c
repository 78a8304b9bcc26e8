/* SPDX-License-Identifier: BSD-3-Clause */
/* test_tcp_where.c - when two capture points prove where segments were lost.
 */
#include "unit/base/unit.h"

#include "unit/analysis/rig.h"

extern const struct detector tcp_loss_detector;

/* A transfer of 1000 segments: of `between` + `beyond` + `before` that were
 * lost, and what the second point misses besides. */
static struct finding *judged(struct rig *r, uint32_t between, uint32_t beyond,
			      uint32_t before, uint32_t missed)
{
	static const uint8_t ip[2][4] = {{192, 0, 2, 1}, {192, 0, 2, 2}};
	const uint32_t all = 1000, lost = between + beyond;
	struct tcp_passage x = {.segments = all,
				.shown = all - between - missed,
				.missing = between,
				.between = between,
				.beyond = beyond,
				.frames = {{10, 20}}};
	struct observation o = {.kind = OBS_TCP_ENDED, .time_ns = NS_PER_S};
	struct tcp_side *s = &o.as.ended.side[0];

	x.first.ttl = 64;
	x.second.ttl = 63;
	x.second.interface = 1;
	o.as.ended.flow.src = addr_v4(ip[0]);
	o.as.ended.flow.dst = addr_v4(ip[1]);
	o.as.ended.passage[0] = &x;
	s->data_segments = all;
	s->resent = s->resent_kind[RESENT_FAST] = lost + before;
	s->lost_after = lost;
	s->lost_before = before;
	rig_open(r, &tcp_loss_detector);
	rig_observe(r, &o);
	rig_finish(r);
	return rig_found(r, "tcp.loss");
}

static void expect(uint32_t between, uint32_t beyond, uint32_t before,
		   uint32_t missed, const char *reason, const char *text)
{
	struct rig r;
	struct finding *f = judged(&r, between, beyond, before, missed);

	assert_non_null(f);
	assert_string_equal(f->reason, reason);
	if (!strstr(f->summary, text))
		fail_msg("%s: no \"%s\"", f->summary, text);
	rig_close(&r);
}

static void proved(void **state)
{
	struct rig r;
	struct finding *f;

	(void)state;
	expect(5, 0, 0, 0, "between",
	       "5 passed the first (interface 0, TTL 64");
	expect(5, 0, 0, 0, "between", "shows all 995.");
	expect(5, 4, 3, 0, "between",
	       "4 were seen at both and lost after the second. 3 were lost "
	       "before the first.");
	expect(30, 0, 0, 5, "between", "shows 965 of 970.");
	f = judged(&r, 5, 0, 0, 0);
	assert_int_equal(f->confidence, CERTAIN);
	assert_non_null(strstr(f->title, "between two capture points"));
	assert_int_equal(f->frames[0], 10);
	assert_int_equal(f->frames[1], 20);
	rig_close(&r);
	f = judged(&r, 30, 0, 0, 5);
	assert_int_equal(f->confidence, LIKELY);
	rig_close(&r);
}

/* Who captures at the second point misses as much of what arrives. */
static void not_proved(void **state)
{
	(void)state;
	expect(5, 0, 0, 11, "", "after it, towards the receiver");
	expect(2, 30, 0, 3, "", "after it, towards the receiver");
	expect(2, 0, 2, 1, "", "before this capture point, 2 after");
}

static void beyond(void **state)
{
	(void)state;
	expect(0, 5, 0, 0, "", "All passed the first");
	expect(0, 5, 0, 200, "", "All passed the first");
	expect(0, 5, 2, 0, "", "2 were lost before the first.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proved),
		cmocka_unit_test(not_proved),
		cmocka_unit_test(beyond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
