/* SPDX-License-Identifier: BSD-3-Clause */
/* test_tcp_rare.c - ports that run out, old time stamps, damaged segments and
 * lost acknowledgements: what proves them, and what speaks against it. */
#include "unit/analysis/rig.h"
#include "unit/base/unit.h"

extern const struct detector port_exhaustion_detector;
extern const struct detector tcp_ack_loss_detector;
extern const struct detector tcp_damaged_detector;
extern const struct detector tcp_paws_detector;

#define S  NS_PER_S
#define MS NS_PER_MS

static struct flow flow(uint16_t port)
{
	return (struct flow){
		{{10, 0, 0, 1}, 4}, {{10, 0, 0, 2}, 4}, port, 80, 6, {0}};
}

/* A connection that the client closed first. */
static void closed(struct rig *r, uint16_t port, int64_t at_ns)
{
	struct observation o = {.kind = OBS_TCP_ENDED, .time_ns = at_ns};
	struct tcp_ended_fact *e = &o.as.ended;

	e->flow = flow(port);
	e->opened = true;
	e->first_ns = at_ns - MS;
	e->last_ns = at_ns;
	e->side[0].state = TCPS_TIME_WAIT;
	rig_observe(r, &o);
}

static void tried(struct rig *r, uint16_t port, int64_t at_ns,
		  enum tcp_outcome outcome)
{
	struct observation o = {.kind = OBS_TCP_ATTEMPT, .time_ns = at_ns};

	o.as.attempt.flow = flow(port);
	o.as.attempt.outcome = (uint8_t)outcome;
	o.as.attempt.first_ns = o.as.attempt.end_ns = at_ns;
	rig_observe(r, &o);
}

/* `count` ports from `first` on are closed, one every `gap_ns`. */
static const struct finding *exhaustion(struct rig *r, int count, int first,
					int64_t gap_ns)
{
	rig_open(r, &port_exhaustion_detector);
	for (int i = 0; i < count; i++)
		closed(r, (uint16_t)(first + i), 1000 * S + i * gap_ns);
	rig_finish(r);
	return rig_found(r, "tcp.port_exhaustion");
}

static void test_ports_run_out(void **state)
{
	const struct finding *f;
	struct rig r;

	(void)state;
	f = exhaustion(&r, 13200, 50000, 4 * MS); /* 16384 * 0.8 = 13108 */
	assert_non_null(f);
	assert_int_equal(f->confidence, POSSIBLE);
	rig_close(&r);
	assert_null(exhaustion(&r, 13000, 50000, 4 * MS));
	rig_close(&r);
	/* the same number, but of Linux's range: 28232 * 0.8 = 22586 */
	assert_null(exhaustion(&r, 13200, 33000, 4 * MS));
	rig_close(&r);
	assert_non_null(exhaustion(&r, 22600, 33000, 2 * MS));
	rig_close(&r);
	/* slower: the first are free again */
	assert_null(exhaustion(&r, 13200, 50000, 8 * MS));
	rig_close(&r);
}

static const struct finding *reuse(struct rig *r, int failed, int64_t after_ns)
{
	int64_t at = 1000 * S;

	rig_open(r, &port_exhaustion_detector);
	for (int i = 0; i < 40; i++)
		closed(r, (uint16_t)(50000 + i), at + i * MS);
	for (int i = 0; i < 6; i++)
		tried(r, (uint16_t)(50039 - i), at + S + after_ns,
		      i < failed ? TCP_NO_ANSWER : TCP_COMPLETED);
	rig_finish(r);
	return rig_found(r, "tcp.port_exhaustion");
}

static void test_reuse(void **state)
{
	struct rig r;

	(void)state;
	assert_int_equal(reuse(&r, 3, 10 * S)->severity, CRITICAL);
	rig_close(&r);
	assert_null(reuse(&r, 2, 10 * S));
	rig_close(&r);
	assert_null(reuse(&r, 6, 61 * S));
	rig_close(&r);
}

static void syn(struct rig *r, uint16_t port, uint32_t tsval, int64_t at_ns)
{
	struct observation o = {.kind = OBS_TCP_SYN, .time_ns = at_ns};

	o.as.syn.flow = flow(port);
	o.as.syn.has_ts = true;
	o.as.syn.tsval = tsval;
	o.as.syn.first_ns = at_ns;
	for (uint16_t i = 1; i <= 3; i++) {
		o.as.syn.tries = i;
		rig_observe(r, &o);
	}
}

static void synack(struct rig *r, uint16_t port, uint32_t tsecr, int64_t at_ns)
{
	struct observation o = {.kind = OBS_TCP_SYNACK, .time_ns = at_ns};

	o.as.synack.flow = flow(port);
	o.as.synack.has_ts = o.as.synack.answers_syn = true;
	o.as.synack.tries = 1;
	o.as.synack.tsecr = tsecr;
	rig_observe(r, &o);
}

/* Six SYNs of an old clock fail, six of a newer one are answered. */
static void clocks(struct rig *r, int64_t gap_ns)
{
	rig_open(r, &tcp_paws_detector);
	for (int i = 0; i < 6; i++) {
		syn(r, (uint16_t)(41000 + i), 1000, 1000 * S + i * gap_ns);
		synack(r, (uint16_t)(40000 + i), 900000,
		       1000 * S + i * gap_ns + MS);
	}
}

static void test_clocks(void **state)
{
	struct rig r;

	(void)state;
	clocks(&r, 5 * S);
	rig_finish(&r);
	assert_string_equal(rig_found(&r, "tcp.paws_drop")->reason, "syn");
	rig_close(&r);

	clocks(&r, 5 * S); /* one of the old clock is answered */
	synack(&r, 42000, 1000, 1031 * S);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);

	clocks(&r, 5 * S); /* one of the new clock is not */
	syn(&r, 42000, 900001, 1031 * S);
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);

	clocks(&r, 90 * S); /* a clock is not kept that long */
	assert_int_equal(rig_finish(&r), 0);
	rig_close(&r);
}

static void wrong(struct rig *r, uint64_t frame, uint32_t bytes)
{
	struct observation o = {.kind = OBS_CHECKSUM, .frame = frame};

	o.as.checksum.flow = flow(40000);
	o.as.checksum.proto = PROTO_tcp;
	o.as.checksum.bytes = bytes;
	rig_observe(r, &o);
}

static void resent(struct rig *r, uint64_t original)
{
	struct observation o = {.kind = OBS_TCP_SEGMENT};

	o.as.segment.flow = flow(40000);
	o.as.segment.class = SEG_RETRANSMISSION;
	o.as.segment.original_frame = original;
	rig_observe(r, &o);
}

static void total(struct rig *r, bool unfilled, uint32_t of, uint32_t bad)
{
	struct observation o = {.kind = OBS_CHECKSUM};

	o.as.checksum.total = true;
	o.as.checksum.unfilled = unfilled;
	o.as.checksum.checked = of;
	o.as.checksum.wrong = bad;
	rig_observe(r, &o);
}

/* Six damaged segments of which `again` were sent again. */
static void damage(struct rig *r, uint32_t bytes, int again)
{
	rig_open(r, &tcp_damaged_detector);
	for (uint64_t i = 0; i < 6; i++)
		wrong(r, 10 + i, bytes);
	for (int i = 0; i < again; i++)
		resent(r, 10 + (uint64_t)i);
}

static void test_damage(void **state)
{
	static const struct {
		uint32_t bytes;
		int again;
		bool unfilled;
		uint32_t bad;
		int confidence; /* -1: nothing is said */
	} rows[] = {
		{100, 6, false, 6, CERTAIN}, {100, 3, false, 6, CERTAIN},
		{100, 2, false, 6, -1},	     {100, 0, false, 6, -1},
		{0, 6, false, 6, -1},	     {100, 6, true, 6, -1},
		{100, 6, false, 60, -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct finding *f;
		struct rig r;

		damage(&r, rows[i].bytes, rows[i].again);
		total(&r, rows[i].unfilled, 100, rows[i].bad);
		rig_finish(&r);
		f = rig_found(&r, "tcp.bad_checksum");
		assert_int_equal(f ? (int)f->confidence : -1,
				 rows[i].confidence);
		rig_close(&r);
	}
}

/* So many are damaged at a time that most are forgotten before it is told that
 * they were sent again. */
static void test_much_damage(void **state)
{
	for (int again = 0; again < 2; again++) {
		const struct finding *f;
		struct rig r;

		(void)state;
		rig_open(&r, &tcp_damaged_detector);
		for (uint64_t i = 0; i < 300; i++) {
			wrong(&r, 1000 + i, 100);
			if (again && i >= 200)
				resent(&r, 1000 + i - 30);
		}
		total(&r, false, 1000, 300);
		rig_finish(&r);
		f = rig_found(&r, "tcp.bad_checksum");
		assert_int_equal(f ? (int)f->confidence : -1,
				 again ? CERTAIN : -1);
		rig_close(&r);
	}
}

static int acks(uint32_t packets, uint32_t missing, uint32_t gaps,
		uint32_t needless)
{
	struct observation o = {.kind = OBS_TCP_ENDED};
	const struct finding *f;
	struct rig r;
	int sure;

	o.as.ended.flow = flow(40000);
	o.as.ended.side[1].packets = packets;
	o.as.ended.side[1].acks_missing = missing;
	o.as.ended.side[0].capture_gaps = gaps;
	o.as.ended.side[0].spurious = needless;
	rig_open(&r, &tcp_ack_loss_detector);
	rig_observe(&r, &o);
	f = rig_found(&r, "tcp.ack_loss");
	sure = f ? (int)f->confidence : -1;
	rig_close(&r);
	return sure;
}

static void test_acks(void **state)
{
	(void)state;
	assert_int_equal(acks(100, 3, 0, 1), LIKELY);
	assert_int_equal(acks(100, 3, 0, 0), POSSIBLE);
	assert_int_equal(acks(100, 2, 0, 1), -1);
	assert_int_equal(acks(1000, 4, 0, 1), -1);
	assert_int_equal(acks(100, 3, 1, 1), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ports_run_out),
		cmocka_unit_test(test_reuse),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_much_damage),
		cmocka_unit_test(test_acks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
