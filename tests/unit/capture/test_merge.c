/* SPDX-License-Identifier: BSD-3-Clause */
/* test_merge.c - several files as one, by time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/capture/image.h"

enum { MICROS = 0xa1b2c3d4, NANOS = 0xa1b23c4d };

static struct seen seen;

static bool see_both(struct image *a, struct image *b, uint32_t most)
{
	const char *paths[2] = {image_path(a, a->size), image_path(b, b->size)};

	return see(&seen,
		   &(struct source_options){.files = paths, .file_count = 2},
		   most);
}

static void two(struct image *a, struct image *b)
{
	image_init(a, false);
	image_pcap(a, MICROS, 1);
	image_init(b, true);
	image_pcap(b, NANOS, 101);
	b->count = 1000;
}

static void finish(struct image *a, struct image *b)
{
	see_end(&seen);
	image_free(a);
	image_free(b);
}

static void orders_by_time_and_then_by_file(void **state)
{
	static const uint32_t tags[] = {0, 1000, 1, 1001, 2, 1002};
	struct image a, b;

	(void)state;
	two(&a, &b);
	image_record(&a, 1, 0, 40, 40);
	image_record(&a, 2, 0, 40, 40);
	image_record(&a, 3, 0, 40, 40);
	image_record(&b, 1, 0, 40, 40);
	image_record(&b, 2, 0, 40, 40);
	image_record(&b, 9, 0, 40, 40);
	assert_true(see_both(&a, &b, 64));
	assert_int_equal(seen.count, 6);
	for (uint32_t i = 0; i < 6; i++) {
		assert_int_equal(seen.tags[i], tags[i]);
		assert_int_equal(seen.frames[i].number, i + 1);
		assert_int_equal(seen.frames[i].interface, tags[i] >= 1000);
		assert_int_equal(seen.frames[i].link_type,
				 tags[i] >= 1000 ? 101 : 1);
	}
	finish(&a, &b);
}

/* The order within a file stays, even where its time runs backwards. */
static void keeps_each_files_order(void **state)
{
	static const uint32_t tags[] = {1000, 0, 1, 2, 1001};
	struct image a, b;

	(void)state;
	two(&a, &b);
	image_record(&a, 5, 0, 40, 40);
	image_record(&a, 2, 0, 40, 40);
	image_record(&a, 6, 0, 40, 40);
	image_record(&b, 4, 0, 40, 40);
	image_record(&b, 7, 0, 40, 40);
	assert_true(see_both(&a, &b, 64));
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(seen.tags[i], tags[i]);
	finish(&a, &b);
}

/* The buffers are filled many times while frames of both are under way. */
static void lends_bytes_that_stay(void **state)
{
	static const uint32_t batches[] = {1, 7, 64};
	struct image a, b;

	(void)state;
	for (int round = 0; round < 3; round++) {
		uint32_t next[2] = {0, 1000};

		two(&a, &b);
		b.count = 1000;
		for (uint32_t i = 0; i < 900; i++) {
			image_record(&a, i, 0, 900 + i % 3, 2000);
			image_record(&b, i / 3, 0, 1400, 2000);
		}
		assert_true(see_both(&a, &b, batches[round]));
		assert_int_equal(seen.count, 1800);
		for (uint32_t i = 0; i < 1800; i++) {
			bool second = seen.tags[i] >= 1000;

			assert_int_equal(seen.tags[i], next[second]++);
			assert_int_equal(seen.frames[i].number, i + 1);
			if (i > 0)
				assert_true(seen.frames[i].time_ns >=
					    seen.frames[i - 1].time_ns);
		}
		finish(&a, &b);
	}
}

static void goes_on_when_one_file_is_damaged(void **state)
{
	struct image a, b;

	(void)state;
	two(&a, &b);
	image_record(&a, 1, 0, 40, 40);
	image_u64(&a, 0);
	image_u64(&a, UINT64_MAX);
	image_record(&b, 2, 0, 40, 40);
	image_record(&b, 3, 0, 40, 40);
	b.size -= 3;
	assert_true(see_both(&a, &b, 64));
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.tags[1], 1000);
	assert_int_equal(source_troubles(seen.source), 2);
	assert_int_equal(seen_fatal(&seen), 1);
	assert_int_equal(seen_cut(&seen), 1);
	assert_int_equal(source_trouble_at(seen.source, 0)->frame, 1);
	assert_int_equal(source_trouble_at(seen.source, 1)->frame, 2);
	finish(&a, &b);
}

static void refuses_all_if_one_does_not_open(void **state)
{
	struct image a, b;

	(void)state;
	two(&a, &b);
	image_record(&a, 1, 0, 40, 40);
	b.size = 0;
	assert_false(see_both(&a, &b, 64));
	assert_true(says(seen.err.text, "is empty"));
	finish(&a, &b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_by_time_and_then_by_file),
		cmocka_unit_test(keeps_each_files_order),
		cmocka_unit_test(lends_bytes_that_stay),
		cmocka_unit_test(goes_on_when_one_file_is_damaged),
		cmocka_unit_test(refuses_all_if_one_does_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
