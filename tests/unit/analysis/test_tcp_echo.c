/* SPDX-License-Identifier: BSD-3-Clause */
/* test_tcp_echo.c - what an echoed time stamp tells of resends, copies and late
 * originals, and of the round trip. */
#include "unit/base/unit.h"

#include "unit/analysis/watch.h"

static void sacked(struct watch *b, uint32_t n, uint32_t from, uint32_t to,
		   int64_t at_ms, uint32_t tsval)
{
	watch_pass(b, (struct say){.from = S,
				   .at_ms = at_ms,
				   .seq = 1,
				   .ack = 1 + n * WATCH_SIZE,
				   .sack = {1 + from * WATCH_SIZE,
					    1 + to * WATCH_SIZE},
				   .tsval = tsval,
				   .tsecr = 5000});
}

/* On a short path the time stamps of a resend and of the original are equal; a
 * resend echoes what told its sender of the loss. */
static void near(bool seen, uint32_t tsecr, enum segment_class class)
{
	uint64_t x;
	struct watch b;

	watch_near(&b, 1);
	for (uint32_t i = 0; i < 4; i++)
		if (seen || i != 1)
			watch_stamped(&b, i, 100 + i, 5000, 70);
	sacked(&b, 1, 2, 3, 103, 171);
	sacked(&b, 1, 2, 4, 104, 172);
	x = watch_stamped(&b, 1, 106, 5000, tsecr);
	watch_close(&b);
	assert_true(b.told[x]);
	assert_int_equal(b.fact[x].class, class);
}

static void test_near(void **state)
{
	(void)state;
	near(false, 70, SEG_OUT_OF_ORDER);
	near(false, 172, SEG_RETRANSMISSION);
	near(true, 70, SEG_DUPLICATE_NETWORK);
	near(true, 172, SEG_RETRANSMISSION);
}

/* What a hole held back is echoed late: the first round trip is none, and an
 * acknowledgement that comes much sooner proves nothing. */
static void test_late_echo(void **state)
{
	uint64_t again;
	struct watch b;

	(void)state;
	watch_begin(&b);
	watch_pass(&b, (struct say){.from = C,
				    .at_ms = 0,
				    .seq = 1,
				    .ack = 1,
				    .tsval = 5000,
				    .tsecr = 70});
	watch_stamped(&b, 1, 8, 5001, 70);
	sacked(&b, 0, 1, 2, 10, 171);
	again = watch_stamped(&b, 0, 100, 5100, 171);
	watch_pass(&b, (struct say){.from = S,
				    .at_ms = 101,
				    .seq = 1,
				    .ack = 1 + 2 * WATCH_SIZE,
				    .tsval = 260,
				    .tsecr = 5100});
	watch_close(&b);
	assert_int_equal(b.fact[again].class, SEG_RETRANSMISSION);
	assert_int_equal(b.fact[again].lost, LOST_BEFORE);
}

/* The echo is older than the resend: needless, unless the resend bore an older
 * acknowledgement than its sender had sent, and so left no echo. */
static void older_echo(bool overtaken, bool spurious)
{
	uint64_t again;
	struct watch b;

	watch_open(&b);
	watch_stamped(&b, 0, 100, 5000, 70);
	watch_pass(&b, (struct say){.from = S,
				    .at_ms = 105,
				    .seq = 1,
				    .len = WATCH_SIZE,
				    .ack = 1,
				    .tsval = 75,
				    .tsecr = 4900});
	if (overtaken)
		watch_pass(&b, (struct say){.from = C,
					    .at_ms = 390,
					    .seq = 1 + WATCH_SIZE,
					    .ack = 1 + WATCH_SIZE,
					    .tsval = 5301,
					    .tsecr = 75});
	again = watch_stamped(&b, 0, 400, 5300, 70);
	watch_pass(&b, (struct say){.from = S,
				    .at_ms = 430,
				    .seq = 1 + WATCH_SIZE,
				    .ack = 1 + WATCH_SIZE,
				    .tsval = 400,
				    .tsecr = 5000});
	watch_close(&b);
	watch_resend(&b, again, spurious);
}

static void test_older_echo(void **state)
{
	(void)state;
	older_echo(false, true);
	older_echo(true, false);
}

/* Five segments of one tick pass P a while apart, behind a queue: the echo of
 * the first is not the answer to the last. */
static void test_time_stamps(void **state)
{
	struct watch b;

	(void)state;
	watch_open(&b);
	for (uint32_t round = 0; round < 4; round++) {
		int64_t at = 100 + 100 * round;
		uint32_t ts = 5000 + 100 * round;

		for (uint32_t i = 0; i < 5; i++)
			watch_stamped(&b, round * 5 + i, at + 4 * i, ts,
				      70 + round);
		for (uint32_t i = 0; i < 5; i++)
			watch_pass(&b, (struct say){.from = S,
						    .at_ms = at + WATCH_RTT_MS +
							     1 + 4 * i,
						    .seq = 1,
						    .ack = 1 + (round * 5 + i +
								1) * WATCH_SIZE,
						    .tsval = 71 + round,
						    .tsecr = ts});
	}
	watch_close(&b);
	assert_true(b.ended.side[0].rr_min_ns >= WATCH_RTT_MS * NS_PER_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_near),
		cmocka_unit_test(test_late_echo),
		cmocka_unit_test(test_older_echo),
		cmocka_unit_test(test_time_stamps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
