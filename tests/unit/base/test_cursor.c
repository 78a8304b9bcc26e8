/* SPDX-License-Identifier: BSD-3-Clause */
/* test_cursor.c - past our end is truncated, past theirs is malformed. */
#include "unit/base/unit.h"

#include "base/cursor.h"

static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

static void test_reads(void **state)
{
	struct cursor c = cursor_over(bytes, 12, 12);
	uint8_t copy[2];

	(void)state;
	assert_int_equal(cursor_u8(&c), 1);
	assert_int_equal(cursor_u16(&c), 0x0203);
	assert_int_equal(cursor_u32(&c), 0x04050607);
	cursor_copy(&c, copy, 2);
	assert_int_equal(copy[1], 9);
	cursor_skip(&c, 1);
	assert_ptr_equal(cursor_take(&c, 2), bytes + 10);
	assert_int_equal(c.state, WIRE_WHOLE);
	assert_int_equal(c.kept, 0);
	c = cursor_over(bytes, 12, 12);
	assert_true(cursor_u64(&c) == 0x0102030405060708u);
}

static void test_truncated(void **state)
{
	struct cursor c = cursor_over(bytes, 3, 12);

	(void)state;
	assert_int_equal(cursor_u32(&c), 0);
	assert_int_equal(c.state, WIRE_TRUNCATED);
	assert_int_equal(cursor_u8(&c), 0);
	assert_null(cursor_take(&c, 0));
	assert_int_equal(c.state, WIRE_TRUNCATED);
}

static void test_malformed(void **state)
{
	struct cursor c = cursor_over(bytes, 3, 3);
	uint8_t copy[4] = {9, 9, 9, 9};

	(void)state;
	cursor_copy(&c, copy, 4);
	assert_int_equal(copy[0], 0);
	assert_int_equal(c.state, WIRE_MALFORMED);
}

/* We hold more than the sender declared: the declared end counts. */
static void test_padding(void **state)
{
	struct cursor c = cursor_over(bytes, 12, 4);

	(void)state;
	cursor_u32(&c);
	assert_int_equal(c.state, WIRE_WHOLE);
	cursor_u8(&c);
	assert_int_equal(c.state, WIRE_MALFORMED);
}

static void test_open_end(void **state)
{
	struct cursor c = cursor_over(bytes, 3, 3);

	(void)state;
	cursor_open_end(&c);
	cursor_u32(&c);
	assert_int_equal(c.state, WIRE_TRUNCATED);
}

static void test_sub(void **state)
{
	struct cursor c = cursor_over(bytes, 12, 12);
	struct cursor part = cursor_sub(&c, 4);

	(void)state;
	assert_int_equal(cursor_u32(&part), 0x01020304);
	assert_int_equal(cursor_u8(&part), 0);
	assert_int_equal(part.state, WIRE_MALFORMED);
	assert_int_equal(c.state, WIRE_WHOLE);
	assert_int_equal(cursor_u8(&c), 5);
	part = cursor_sub(&c, 8); /* seven are left */
	assert_int_equal(part.state, WIRE_MALFORMED);
	assert_int_equal(c.state, WIRE_MALFORMED);
}

/* A part that the capture cuts is short itself. */
static void test_sub_cut(void **state)
{
	struct cursor c = cursor_over(bytes, 6, 12);
	struct cursor part;

	(void)state;
	cursor_u32(&c);
	part = cursor_sub(&c, 4);
	assert_int_equal(part.state, WIRE_WHOLE);
	assert_int_equal(cursor_u16(&part), 0x0506);
	cursor_u16(&part);
	assert_int_equal(part.state, WIRE_TRUNCATED);
	cursor_u8(&c);
	assert_int_equal(c.state, WIRE_TRUNCATED);
}

/* Every cut of every read: never past the end, never a wrong state. */
static void test_all_cuts(void **state)
{
	(void)state;
	for (uint32_t sent = 0; sent <= 12; sent++)
		for (uint32_t kept = 0; kept <= 12; kept++) {
			struct cursor c = cursor_over(bytes, kept, sent);
			uint32_t have = kept < sent ? kept : sent;
			uint32_t n = 0;

			while (c.state == WIRE_WHOLE && n < 20) {
				cursor_u8(&c);
				n++;
			}
			assert_int_equal(n, have + 1);
			assert_int_equal(c.state, have < sent ? WIRE_TRUNCATED
							      : WIRE_MALFORMED);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_padding),
		cmocka_unit_test(test_open_end),
		cmocka_unit_test(test_sub),
		cmocka_unit_test(test_sub_cut),
		cmocka_unit_test(test_all_cuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
