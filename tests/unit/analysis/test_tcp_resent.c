/* SPDX-License-Identifier: BSD-3-Clause */
/* test_tcp_resent.c - segments that come again: what tells a resend, a copy and
 * a late original apart, and what a D-SACK proves. */
#include "unit/base/unit.h"

#include "unit/analysis/watch.h"

/* Two were sent again in vain; the D-SACK of the second, whose acknowledgement
 * came sooner than it could, does not accuse the first, which was needed. */
static void test_dsack_once(void **state)
{
	uint64_t first, second;
	struct watch b;

	(void)state;
	watch_open(&b);
	watch_data(&b, 0, 100);
	first = watch_data(&b, 0, 400);
	second = watch_data(&b, 0, 800);
	watch_ack(&b, 1, 803);
	watch_dsack(&b, 1, 0, 820);
	watch_close(&b);
	watch_resend(&b, first, false);
	watch_resend(&b, second, true);
}

/* It came sooner than a round trip after the second: it is the first's. */
static void test_dsack_too_soon(void **state)
{
	uint64_t first, second;
	struct watch b;

	(void)state;
	watch_open(&b);
	watch_data(&b, 0, 100);
	first = watch_data(&b, 0, 400);
	second = watch_data(&b, 0, 800);
	watch_dsack(&b, 1, 0, 804);
	watch_close(&b);
	assert_true(b.fact[first].spurious);
	assert_int_equal(b.fact[second].class, SEG_RETRANSMISSION);
}

/* One of two had arrived before the D-SACK's: which one is not known. */
static void test_dsack_of_which(void **state)
{
	uint64_t first, second;
	struct watch b;

	(void)state;
	watch_open(&b);
	watch_data(&b, 0, 100);
	first = watch_data(&b, 0, 400);
	second = watch_data(&b, 0, 800);
	watch_dsack(&b, 1, 0, 820);
	watch_close(&b);
	assert_false(b.fact[first].spurious);
	assert_int_equal(b.fact[first].lost, LOST_UNKNOWN);
	watch_resend(&b, second, true);
}

/* A FIN is known to be lost only if the peer spoke after it should have come,
 * without a word of it. */
static void fin(bool speaks, enum lost_where lost)
{
	uint64_t again;
	struct watch b;
	const struct say say = {.from = C,
				.at_ms = 200,
				.seq = 1 + WATCH_SIZE,
				.ack = 1,
				.flags = TCP_FIN};
	struct say later = say;

	watch_open(&b);
	watch_data(&b, 0, 100);
	watch_ack(&b, 1, 120);
	watch_pass(&b, say);
	if (speaks)
		watch_ack(&b, 1, 260);
	later.at_ms = 500;
	again = watch_pass(&b, later);
	watch_close(&b);
	assert_int_equal(b.fact[again].class, SEG_RETRANSMISSION);
	assert_int_equal(b.fact[again].lost, lost);
}

static void test_fin(void **state)
{
	(void)state;
	fin(false, LOST_UNKNOWN);
	fin(true, LOST_AFTER);
}

/* A part of what was sent again had been there; its beginning had not. */
static void test_dsack_of_part(void **state)
{
	uint64_t whole;
	struct watch b;

	(void)state;
	watch_open(&b);
	for (uint32_t i = 0; i < 3; i++)
		watch_data(&b, i, 100);
	whole = watch_pass(&b, (struct say){.from = C,
					    .at_ms = 400,
					    .seq = 1,
					    .len = 3 * WATCH_SIZE,
					    .ack = 1});
	watch_dsack(&b, 3, 1, 420);
	watch_close(&b);
	watch_resend(&b, whole, false);
}

/* Where the network doubles what was sent once, a D-SACK after the
 * acknowledgement of a resend is that of a copy. */
static void doubled(uint32_t times, bool spurious)
{
	uint64_t again;
	struct watch b;

	watch_open(&b);
	for (uint32_t i = 0; i < 4; i++) {
		watch_data(&b, i, 100 + 50 * i);
		watch_ack(&b, i + 1, 120 + 50 * i);
		if (i < times)
			watch_dsack(&b, i + 1, i, 122 + 50 * i);
	}
	watch_data(&b, 4, 400);
	again = watch_data(&b, 4, 700);
	watch_ack(&b, 5, 720);
	watch_dsack(&b, 5, 4, 722);
	watch_close(&b);
	watch_resend(&b, again, spurious);
}

static void test_doubled(void **state)
{
	(void)state;
	doubled(0, true);
	doubled(2, false);
}

/* Neither IDs nor time stamps, and sooner than a round trip after a resend
 * whose original never passed: here is the original.  Not where its header is
 * the same and copies were seen. */
static void late(bool copies, uint16_t window, enum segment_class class)
{
	uint64_t x;
	struct watch b;

	watch_open(&b);
	watch_data(&b, 0, 100);
	if (copies)
		watch_data(&b, 0, 101);
	watch_ack(&b, 1, 120);
	watch_data(&b, 2, 130);
	watch_data(&b, 1, 200);
	x = watch_pass(&b, (struct say){.from = C,
					.at_ms = 205,
					.seq = 1 + WATCH_SIZE,
					.len = WATCH_SIZE,
					.ack = 1,
					.window = window});
	watch_close(&b);
	assert_true(b.told[x]);
	assert_int_equal(b.fact[x].class, class);
}

static void test_late(void **state)
{
	(void)state;
	late(false, 60000, SEG_OUT_OF_ORDER);
	late(true, 60000, SEG_DUPLICATE_NETWORK);
	late(true, 50000, SEG_OUT_OF_ORDER);
}

/* The original came late; what follows it soon is its resend, if what passed
 * before it can have told the sender, and else a copy. */
static void after_late(int64_t at_ms, enum segment_class class)
{
	uint64_t x;
	struct watch b;

	watch_open(&b);
	for (uint32_t i = 0; i < 4; i++)
		if (i != 1)
			watch_data(&b, i, 100);
	watch_data(&b, 1, 105);
	watch_dsack(&b, 1, 2, at_ms - 1); /* a plain SACK */
	x = watch_data(&b, 1, at_ms);
	watch_close(&b);
	assert_true(b.told[x]);
	assert_int_equal(b.fact[x].class, class);
}

static void test_after_late(void **state)
{
	(void)state;
	after_late(122, SEG_RETRANSMISSION);
	after_late(110, SEG_DUPLICATE_NETWORK);
}

/* A counter that was seen to go on once tells an order to what is near. */
static void counted(uint16_t id, enum segment_class class)
{
	uint64_t x;
	struct watch b;

	watch_open(&b);
	for (uint32_t i = 0; i < 4; i++) {
		if (i == 2)
			continue;
		watch_numbered(&b, i, 100, 500 + (int)i);
	}
	x = watch_numbered(&b, 2, 115, id);
	watch_close(&b);
	assert_true(b.told[x]);
	assert_int_equal(b.fact[x].class, class);
}

static void test_few_ids(void **state)
{
	(void)state;
	counted(502, SEG_OUT_OF_ORDER);
	counted(504, SEG_RETRANSMISSION);
	counted(9504, SEG_OUT_OF_ORDER); /* far: it says nothing */
}

/* The first of two resends of segment 1 comes last; its original passed, or was
 * lost before, or comes even later. */
static uint64_t nth(struct watch *b, bool ids, uint32_t n, int64_t at_ms,
		    int number)
{
	return ids ? watch_numbered(b, n, at_ms, 500 + number)
		   : watch_stamped(b, n, at_ms, 5000 + 50 * (uint32_t)number,
				   70);
}

static void overtaken(bool ids, enum lost_where lost)
{
	uint64_t first, second, late = 0;
	struct watch b;

	watch_open(&b);
	for (int i = 0; i < 4; i++)
		if (i != 1 || lost == LOST_AFTER)
			nth(&b, ids, (uint32_t)i, 100, i);
	second = nth(&b, ids, 1, 300, 5);
	first = nth(&b, ids, 1, 301, 4);
	watch_ack(&b, 4, 302);
	if (lost == LOST_NONE)
		late = nth(&b, ids, 1, 304, 1);
	watch_close(&b);
	assert_int_equal(b.fact[second].class, SEG_RETRANSMISSION);
	assert_int_equal(b.fact[first].class, SEG_RETRANSMISSION);
	assert_int_equal(b.fact[first].lost, lost);
	assert_true(!late || b.fact[late].class == SEG_OUT_OF_ORDER);
}

static void test_overtaken(void **state)
{
	(void)state;
	overtaken(true, LOST_AFTER);
	overtaken(true, LOST_BEFORE);
	overtaken(true, LOST_NONE);
	overtaken(false, LOST_AFTER);
	overtaken(false, LOST_BEFORE);
	overtaken(false, LOST_NONE);
}

/* Two came twice: the resend that was sent later is needless, whichever passed
 * first. */
static void test_overtaken_dsack(void **state)
{
	uint64_t first, second;
	struct watch b;

	(void)state;
	watch_open(&b);
	for (uint16_t i = 0; i < 4; i++)
		watch_numbered(&b, i, 100, 500 + i);
	second = watch_numbered(&b, 1, 300, 505);
	first = watch_numbered(&b, 1, 301, 504);
	watch_ack(&b, 4, 320);
	watch_dsack(&b, 4, 1, 321);
	watch_close(&b);
	watch_resend(&b, first, false);
	watch_resend(&b, second, true);
}

static uint64_t numbered(struct watch *b, uint32_t n, int64_t at_ms,
			 uint16_t id, uint8_t ttl)
{
	return watch_pass(b, (struct say){.from = C,
					  .at_ms = at_ms,
					  .seq = 1 + n * WATCH_SIZE,
					  .len = WATCH_SIZE,
					  .ack = 1,
					  .id = id,
					  .ttl = ttl});
}

/* A missing ID before data after a pause: a resend whose original was lost
 * before, unless something asked for the packet that is missing. */
static void tail(bool asked, uint8_t ttl, bool told)
{
	uint64_t x;
	struct watch b;
	uint16_t id = 100;

	watch_open(&b);
	for (uint32_t i = 0; i < 12; i++) {
		numbered(&b, i, 100 + i * 50, id++, ttl);
		watch_ack(&b, i + 1, 120 + i * 50);
	}
	if (asked)
		watch_pass(&b, (struct say){.from = S,
					    .at_ms = 2000,
					    .ack = 1 + 12 * WATCH_SIZE});
	x = numbered(&b, 12, 2300, (uint16_t)(id + 1), ttl);
	watch_close(&b);
	assert_int_equal(b.told[x], told);
	assert_int_equal(b.fact[x].gap_ns, 0);
}

static void test_hidden_tail(void **state)
{
	(void)state;
	tail(false, 60, true);
	tail(true, 60, false);
	tail(false, 120, false); /* it counts for the whole host */
}

/* The same bytes in pieces: before an answer could be back only an error that
 * the capture does not show makes them; later a timer does. */
static void pieces(int64_t at_ms, bool told)
{
	uint64_t first, rest;
	struct watch b;

	watch_open(&b);
	watch_data(&b, 0, 100);
	watch_data(&b, 1, 100);
	first = watch_pass(&b, (struct say){.from = C,
					    .at_ms = at_ms,
					    .seq = 1,
					    .len = WATCH_SIZE - 100,
					    .ack = 1});
	rest = watch_pass(&b, (struct say){.from = C,
					   .at_ms = at_ms,
					   .seq = 1 + WATCH_SIZE - 100,
					   .len = 100,
					   .ack = 1});
	watch_ack(&b, 2, at_ms + WATCH_RTT_MS);
	watch_close(&b);
	assert_int_equal(b.fact[first].class, SEG_RETRANSMISSION);
	assert_int_equal(b.fact[first].mechanism == RESENT_PMTU, told);
	assert_int_equal(b.fact[rest].mechanism == RESENT_PMTU, told);
	assert_int_equal(b.ended.side[0].resent_frames[0] == 0, told);
}

static void test_pieces(void **state)
{
	(void)state;
	pieces(105, true);
	pieces(400, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dsack_once),
		cmocka_unit_test(test_dsack_too_soon),
		cmocka_unit_test(test_dsack_of_which),
		cmocka_unit_test(test_fin),
		cmocka_unit_test(test_dsack_of_part),
		cmocka_unit_test(test_doubled),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_after_late),
		cmocka_unit_test(test_few_ids),
		cmocka_unit_test(test_overtaken),
		cmocka_unit_test(test_overtaken_dsack),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_hidden_tail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
