/* SPDX-License-Identifier: BSD-3-Clause */
/* test_file_pcap.c - classic pcap: orders, resolutions, cuts and damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/capture/image.h"

enum { MICROS = 0xa1b2c3d4, NANOS = 0xa1b23c4d, ETHERNET = 1 };

static struct seen seen;

static void start(struct image *m, bool swapped, uint32_t magic, uint32_t link)
{
	image_init(m, swapped);
	image_pcap(m, magic, link);
}

static void finish(struct image *m)
{
	see_end(&seen);
	image_free(m);
}

static void reads_orders_and_resolutions(void **state)
{
	static const uint32_t magics[] = {MICROS, NANOS};

	(void)state;
	for (int i = 0; i < 4; i++) {
		uint32_t unit = i & 1 ? 1 : 1000;
		const struct source_interface *in;
		const struct frame *f = seen.frames;
		struct image m;

		start(&m, i >= 2, magics[i & 1], ETHERNET);
		image_record(&m, 100, 7, 60, 60);
		image_record(&m, 4294967295U, 999999, 40, 1500);
		assert_true(see_image(&seen, &m));
		assert_int_equal(seen.count, 2);
		assert_int_equal(f[0].number, 1);
		assert_int_equal(f[0].time_ns, 100000000000 + 7 * unit);
		assert_int_equal(f[0].kept, 60);
		assert_int_equal(f[0].sent, 60);
		assert_int_equal(f[0].link_type, ETHERNET);
		assert_int_equal(f[0].direction, FRAME_UNKNOWN);
		assert_int_equal(f[1].number, 2);
		assert_int_equal(f[1].time_ns,
				 4294967295000000000 + 999999L * unit);
		assert_int_equal(f[1].kept, 40);
		assert_int_equal(f[1].sent, 1500);
		assert_int_equal(seen.tags[1], 1);
		assert_int_equal(source_troubles(seen.source), 0);
		assert_int_equal(source_interfaces(seen.source), 1);
		in = source_interface(seen.source, 0);
		assert_string_equal(in->link_name, "EN10MB");
		assert_int_equal(in->snaplen, 262144);
		assert_true(in->dropped_os == UINT64_MAX);
		assert_int_equal(source_bytes_read(seen.source), m.size);
		assert_int_equal(source_bytes_total(seen.source), m.size);
		finish(&m);
	}
}

static void strips_the_fcs(void **state)
{
	const struct frame *f = seen.frames;
	struct image m;

	(void)state;
	start(&m, false, MICROS, 0x24000000 | ETHERNET);
	image_record(&m, 1, 0, 64, 64);
	image_record(&m, 1, 0, 62, 64);
	image_record(&m, 1, 0, 40, 64);
	image_record(&m, 1, 0, 2, 2);
	assert_true(see_image(&seen, &m));
	assert_int_equal(f[0].link_type, ETHERNET);
	assert_int_equal(f[0].kept, 60);
	assert_int_equal(f[0].sent, 60);
	assert_int_equal(f[0].fcs, 4);
	assert_int_equal(f[1].kept, 60);
	assert_int_equal(f[1].fcs, 2);
	assert_int_equal(f[2].kept, 40);
	assert_int_equal(f[2].sent, 60);
	assert_int_equal(f[2].fcs, 0);
	assert_int_equal(f[3].kept, 2);
	assert_int_equal(f[3].sent, 2);
	finish(&m);
}

static void names_old_raw_ip_like_the_new(void **state)
{
	struct image m;

	(void)state;
	start(&m, false, MICROS, 12);
	image_record(&m, 1, 0, 40, 40);
	assert_true(see_image(&seen, &m));
	assert_int_equal(seen.frames[0].link_type, 101);
	finish(&m);
}

static void carries_impossible_microseconds_over(void **state)
{
	struct image m;

	(void)state;
	start(&m, false, MICROS, ETHERNET);
	image_record(&m, 10, 0, 40, 40);
	image_record(&m, 10, 2000000001, 40, 40);
	image_record(&m, 10, 1000000, 40, 40);
	assert_true(see_image(&seen, &m));
	assert_int_equal(seen.count, 3);
	assert_int_equal(seen.frames[1].time_ns, 2010000001000);
	assert_int_equal(seen.frames[2].time_ns, 11000000000);
	assert_int_equal(source_troubles(seen.source), 1);
	assert_int_equal(seen_fatal(&seen), 0);
	assert_int_equal(seen_cut(&seen), 0);
	assert_int_equal(source_trouble_at(seen.source, 0)->frame, 1);
	assert_true(says(source_trouble_at(seen.source, 0)->text, "packet 2"));
	finish(&m);
}

static void takes_more_kept_than_sent_as_sent(void **state)
{
	struct image m;

	(void)state;
	start(&m, false, MICROS, ETHERNET);
	image_record(&m, 10, 0, 40, 20);
	assert_true(see_image(&seen, &m));
	assert_int_equal(seen.frames[0].kept, 40);
	assert_int_equal(seen.frames[0].sent, 40);
	assert_int_equal(source_troubles(seen.source), 1);
	assert_int_equal(seen_fatal(&seen), 0);
	finish(&m);
}

static void reads_swapped_lengths_of_old_versions(void **state)
{
	static const uint8_t minors[] = {2, 3};
	struct image m;

	(void)state;
	for (int i = 0; i < 2; i++) {
		start(&m, false, MICROS, ETHERNET);
		m.bytes[6] = minors[i];
		image_record(&m, 10, 0, 40, 0);
		m.bytes[24 + 8] = 90;
		m.bytes[24 + 12] = 40;
		assert_true(see_image(&seen, &m));
		assert_int_equal(seen.count, 1);
		assert_int_equal(seen.frames[0].kept, 40);
		assert_int_equal(seen.frames[0].sent, 90);
		finish(&m);
	}
}

static void keeps_what_was_read_before_damage(void **state)
{
	const struct source_trouble *t;
	struct image m;

	(void)state;
	start(&m, false, MICROS, ETHERNET);
	image_record(&m, 10, 0, 40, 40);
	image_record(&m, 10, 0, 40, 40);
	image_u64(&m, 10);
	image_u32(&m, 262145);
	image_u32(&m, 262145);
	image_record(&m, 10, 0, 40, 40);
	assert_true(see_image(&seen, &m));
	assert_int_equal(seen.count, 2);
	assert_int_equal(source_troubles(seen.source), 1);
	t = source_trouble_at(seen.source, 0);
	assert_true(t->fatal);
	assert_false(t->cut_at_end);
	assert_int_equal(t->frame, 2);
	assert_int_equal(t->offset, 24 + 2 * 56);
	assert_true(says(t->text, "packet 3 at byte 136"));
	finish(&m);
}

static void reads_the_largest_packet(void **state)
{
	struct image m;

	(void)state;
	start(&m, true, MICROS, ETHERNET);
	for (int i = 0; i < 12; i++)
		image_record(&m, 10, 0, FRAME_MAX, FRAME_MAX);
	assert_true(see_image(&seen, &m));
	assert_int_equal(seen.count, 12);
	for (uint32_t i = 0; i < 12; i++)
		assert_int_equal(seen.tags[i], i);
	assert_int_equal(source_troubles(seen.source), 0);
	finish(&m);
}

/* Every prefix: no capture, or all whole records and, unless it ends between
 * two, one trouble that is no failure. */
static void is_cut_at_every_byte(void **state)
{
	struct image m;

	(void)state;
	start(&m, false, MICROS, ETHERNET);
	for (int i = 0; i < 3; i++)
		image_record(&m, 10, 0, 44, 44);
	for (size_t size = 0; size <= m.size; size++) {
		bool opened = see_bytes(&seen, m.bytes, size);

		assert_true(opened == (size >= 24));
		if (opened) {
			assert_int_equal(seen.count, (size - 24) / 60);
			assert_int_equal(seen_fatal(&seen), 0);
			assert_int_equal(seen_cut(&seen), (size - 24) % 60 > 0);
		} else if (size == 0) {
			assert_true(says(seen.err.text, "is empty"));
		} else if (size >= 4) {
			assert_true(says(seen.err.text, "inside the header"));
		}
		see_end(&seen);
	}
	image_free(&m);
}

static void refuses_relatives_by_name(void **state)
{
	struct image m;

	(void)state;
	for (int i = 0; i < 2; i++) {
		start(&m, i, 0xa1b2cd34, ETHERNET);
		assert_false(see_image(&seen, &m));
		assert_true(says(seen.err.text, "Kuznetzov"));
		assert_false(seen.usage);
		finish(&m);
	}
	start(&m, false, MICROS, ETHERNET);
	m.bytes[4] = 3;
	assert_false(see_image(&seen, &m));
	assert_true(says(seen.err.text, "version 3.4"));
	finish(&m);
}

static void learns_direction_of_cooked_frames(void **state)
{
	static const uint8_t types[] = {0, 1, 2, 3, 4};
	static const uint8_t ways[] = {FRAME_INBOUND, FRAME_INBOUND,
				       FRAME_INBOUND, FRAME_UNKNOWN,
				       FRAME_OUTBOUND};
	struct image m;

	(void)state;
	for (int link = 0; link < 2; link++) {
		start(&m, false, MICROS, link ? 276 : 113);
		for (size_t i = 0; i < sizeof(types); i++) {
			image_record(&m, 1, 0, 40, 40);
			m.bytes[m.size - 40 + (link ? 10 : 1)] = types[i];
		}
		assert_true(see_image(&seen, &m));
		for (size_t i = 0; i < sizeof(types); i++)
			assert_int_equal(seen.frames[i].direction, ways[i]);
		finish(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_orders_and_resolutions),
		cmocka_unit_test(strips_the_fcs),
		cmocka_unit_test(names_old_raw_ip_like_the_new),
		cmocka_unit_test(carries_impossible_microseconds_over),
		cmocka_unit_test(takes_more_kept_than_sent_as_sent),
		cmocka_unit_test(reads_swapped_lengths_of_old_versions),
		cmocka_unit_test(keeps_what_was_read_before_damage),
		cmocka_unit_test(reads_the_largest_packet),
		cmocka_unit_test(is_cut_at_every_byte),
		cmocka_unit_test(refuses_relatives_by_name),
		cmocka_unit_test(learns_direction_of_cooked_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
