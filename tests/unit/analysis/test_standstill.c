/* SPDX-License-Identifier: BSD-3-Clause */
/* test_standstill.c - transfers that stand still together, and those that only
 * seem to. */
#include "unit/analysis/rig.h"
#include "unit/base/unit.h"

extern const struct detector tcp_stall_detector;

#define S NS_PER_S

/* A transfer of so many seconds that stood still from `from_s` to `to_s`. */
struct one {
	uint8_t client, server;
	int64_t first_s, last_s, from_s, to_s;
	enum stall_reason why;
};

static void tell(struct rig *r, const struct one *t, uint16_t port)
{
	struct observation o = {.kind = OBS_TCP_PACE, .time_ns = t->last_s * S};
	struct tcp_pace_fact *p = &o.as.pace;

	p->flow = (struct flow){{{10, 0, 0, t->client}, 4},
				{{10, 0, 1, t->server}, 4},
				port,
				443,
				6,
				{0}};
	p->from_client = true;
	p->first_ns = t->first_s * S;
	p->last_ns = t->last_s * S;
	if (t->to_s) {
		p->stalls = p->stall_of[t->why] = 1;
		p->stall_first_ns = p->still_from_ns = t->from_s * S;
		p->stall_last_ns = p->still_to_ns = t->to_s * S;
		p->stall_ns = p->stall_worst_ns = (t->to_s - t->from_s) * S;
		p->still_frames[0] = (uint64_t)t->from_s * 100;
		p->still_frames[1] = (uint64_t)t->from_s * 100 + 5;
	}
	rig_observe(r, &o);
}

/* What is said of all, or NULL. */
static const struct finding *all_of(struct rig *r, const struct one *t, int n,
				    uint64_t packets)
{
	rig_open(r, &tcp_stall_detector);
	r->coverage.packets = packets;
	r->coverage.first_ns = 0;
	r->coverage.last_ns = 100 * S;
	for (int i = 0; i < n; i++)
		tell(r, &t[i], (uint16_t)(40000 + i));
	rig_finish(r);
	for (uint32_t i = 0; i < findings_count(r->context.findings); i++)
		if (!strcmp(finding_at(r->context.findings, i)->reason,
			    "everywhere"))
			return finding_at(r->context.findings, i);
	return NULL;
}

#define ALL(packets) all_of(&r, t, sizeof(t) / sizeof(t[0]), packets)

static void test_half_at_once(void **state)
{
	const struct one t[] = {
		{1, 1, 0, 90, 40, 44, STALL_TAIL_LOSS},
		{2, 2, 0, 90, 41, 43, STALL_WINDOW_LOST},
		{3, 3, 0, 90, 40, 43, STALL_PATH_DELAY},
		{4, 4, 0, 90, 0, 0, STALL_UNDECIDED},
		{5, 5, 0, 90, 70, 73, STALL_TAIL_LOSS}, /* another time */
		{6, 6, 0, 90, 41, 42, STALL_TAIL_LOSS},
		{7, 7, 50, 90, 0, 0, STALL_UNDECIDED},	/* not yet there */
	};
	const struct finding *f;
	struct rig r;

	(void)state;
	f = ALL(10000);
	assert_non_null(f);
	assert_int_equal(f->count, 4);
	assert_int_equal(f->subject.kind, SUBJECT_CAPTURE);
	assert_true(f->first_ns == 40 * S && f->last_ns == 44 * S);
	rig_close(&r);
}

static void test_what_they_share(void **state)
{
	struct one t[] = {
		{1, 1, 0, 90, 40, 42, STALL_TAIL_LOSS},
		{1, 1, 0, 90, 40, 42, STALL_TAIL_LOSS},
		{1, 1, 0, 90, 40, 42, STALL_TAIL_LOSS},
	};
	struct rig r;

	(void)state;
	assert_int_equal(ALL(10000)->subject.kind, SUBJECT_PATH);
	rig_close(&r);
	t[1].server = 2;
	assert_int_equal(ALL(10000)->subject.kind, SUBJECT_HOST);
	rig_close(&r);
}

/* Each of these is a matter of its own. */
static void test_near_misses(void **state)
{
	struct one t[] = {
		{1, 1, 0, 90, 40, 42, STALL_TAIL_LOSS},
		{2, 2, 0, 90, 40, 42, STALL_TAIL_LOSS},
		{3, 3, 0, 90, 40, 42, STALL_TAIL_LOSS},
		{4, 4, 0, 90, 0, 0, STALL_UNDECIDED},
		{5, 5, 0, 90, 0, 0, STALL_UNDECIDED},
		{6, 6, 0, 90, 0, 0, STALL_UNDECIDED},
	};
	struct rig r;

	(void)state;
	assert_non_null(ALL(10000));
	rig_close(&r);
	assert_null(ALL(200)); /* other packets pass as they always do */
	rig_close(&r);
	t[2].why = STALL_ZERO_WINDOW; /* the receiver's wish */
	assert_null(ALL(10000));
	rig_close(&r);
	t[2] = (struct one){3, 3, 0, 90, 42, 44, STALL_TAIL_LOSS}; /* later */
	assert_null(ALL(10000));
	rig_close(&r);
	t[2] = (struct one){3, 3, 0, 90, 0, 0, STALL_UNDECIDED};
	assert_null(ALL(10000)); /* too few */
	rig_close(&r);
}

static void test_less_than_half(void **state)
{
	const struct one t[] = {
		{1, 1, 0, 90, 40, 42, STALL_TAIL_LOSS},
		{2, 2, 0, 90, 40, 42, STALL_TAIL_LOSS},
		{3, 3, 0, 90, 40, 42, STALL_TAIL_LOSS},
		{4, 4, 0, 90, 0, 0, STALL_UNDECIDED},
		{5, 5, 0, 90, 0, 0, STALL_UNDECIDED},
		{6, 6, 0, 90, 0, 0, STALL_UNDECIDED},
		{7, 7, 0, 90, 0, 0, STALL_UNDECIDED},
	};
	struct rig r;

	(void)state;
	assert_null(ALL(10000));
	rig_close(&r);
}

/* How many were under way is not known where some are forgotten. */
static void test_forgotten(void **state)
{
	enum { MANY = 3000 };
	static struct one t[MANY];
	struct rig r;

	(void)state;
	for (int i = 0; i < MANY; i++)
		t[i] = (struct one){(uint8_t)i, (uint8_t)(i / 256), 0, 90, 0, 0,
				    STALL_UNDECIDED};
	for (int i = MANY - 3; i < MANY; i++) {
		t[i].from_s = 40;
		t[i].to_s = 42;
	}
	assert_null(ALL(1000000));
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_half_at_once),
		cmocka_unit_test(test_what_they_share),
		cmocka_unit_test(test_near_misses),
		cmocka_unit_test(test_less_than_half),
		cmocka_unit_test(test_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
