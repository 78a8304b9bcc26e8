/* SPDX-License-Identifier: BSD-3-Clause */
/* test_file_pcapng.c - pcapng: sections, interfaces, packets, cuts, damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "unit/capture/image.h"

enum { ETHERNET = 1, RAW = 101, STATISTICS = 5, SIMPLE = 3, OLD = 2 };

static struct seen seen;

static void plain_packet(struct image *m, uint32_t interface, uint64_t units)
{
	image_packet(m, interface, units, 42, 60);
	image_end(m);
}

/* A section with one Ethernet interface. */
static void start(struct image *m, bool swapped)
{
	image_init(m, swapped);
	image_section(m);
	image_end(m);
	image_interface(m, ETHERNET);
	image_end(m);
}

static void finish(struct image *m)
{
	see_end(&seen);
	image_free(m);
}

static void reads_packets_in_both_orders(void **state)
{
	const struct frame *f = seen.frames;
	struct image m;

	(void)state;
	for (int i = 0; i < 2; i++) {
		start(&m, i);
		plain_packet(&m, 0, 1700000000123456);
		plain_packet(&m, 0, 1700000000123457);
		assert_true(see_image(&seen, &m));
		assert_int_equal(seen.count, 2);
		assert_int_equal(f[0].number, 1);
		assert_int_equal(f[0].time_ns, 1700000000123456000);
		assert_int_equal(f[0].kept, 42);
		assert_int_equal(f[0].sent, 60);
		assert_int_equal(f[0].link_type, ETHERNET);
		assert_int_equal(f[1].number, 2);
		assert_int_equal(seen.tags[1], 1);
		assert_int_equal(source_troubles(seen.source), 0);
		finish(&m);
	}
}

static void counts_time_as_each_interface_does(void **state)
{
	static const struct {
		uint8_t resolution;
		int64_t offset_s;
		uint64_t units;
		int64_t time_ns;
	} rows[] = {
		{6, 0, 5, 5000},
		{9, 0, 5, 5},
		{3, 0, 5, 5000000},
		{0, 0, 5, 5000000000},
		{12, 0, 5999, 5},
		{0x80 | 10, 0, 1024 + 512, 1500000000},
		{0x80, 0, 7, 7000000000},
		{9, 100, 5, 100000000005},
		{9, -1, 3000000000, 2000000000},
		{9, -10, 5, 0},			      /* before 1970 */
		{0, 0, UINT64_MAX, INT64_C(1) << 62}, /* after 2116 */
		{0x80 | 127, 0, UINT64_MAX, 0},
		{127, 0, UINT64_MAX, 1},
		{6, INT64_MAX, 0, 2147483647000000000},
	};
	struct image m;

	(void)state;
	image_init(&m, false);
	image_section(&m);
	image_end(&m);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		image_interface(&m, ETHERNET);
		image_option(&m, 9, &rows[i].resolution, 1);
		image_option_u64(&m, 14, (uint64_t)rows[i].offset_s);
		image_end(&m);
		plain_packet(&m, (uint32_t)i, rows[i].units);
	}
	assert_true(see_image(&seen, &m));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(seen.frames[i].time_ns, rows[i].time_ns);
		assert_int_equal(seen.frames[i].interface, i);
	}
	assert_int_equal(source_troubles(seen.source), 1);
	assert_int_equal(seen_fatal(&seen), 0);
	finish(&m);
}

static void reads_sections_of_different_order(void **state)
{
	const struct frame *f = seen.frames;
	struct image m;

	(void)state;
	start(&m, false);
	plain_packet(&m, 0, 1);
	m.swapped = true;
	image_section(&m);
	image_end(&m);
	image_interface(&m, RAW);
	image_end(&m);
	image_interface(&m, ETHERNET);
	image_end(&m);
	plain_packet(&m, 0, 2);
	plain_packet(&m, 1, 3);
	assert_true(see_image(&seen, &m));
	assert_int_equal(seen.count, 3);
	assert_int_equal(f[0].interface, 0);
	assert_int_equal(f[1].interface, 1);
	assert_int_equal(f[1].link_type, RAW);
	assert_int_equal(f[2].interface, 2);
	assert_int_equal(f[2].time_ns, 3000);
	assert_int_equal(source_interfaces(seen.source), 3);
	finish(&m);
}

static void reads_simple_and_old_packets(void **state)
{
	const struct frame *f = seen.frames;
	struct image m;

	(void)state;
	start(&m, true);
	plain_packet(&m, 0, 77);
	image_begin(&m, SIMPLE);
	image_u32(&m, 100);
	image_payload(&m, 40);
	image_end(&m);
	image_begin(&m, OLD);
	image_u16(&m, 0);
	image_u16(&m, 3); /* dropped before it */
	image_u32(&m, 0);
	image_u32(&m, 99);
	image_u32(&m, 41);
	image_u32(&m, 50);
	image_payload(&m, 41);
	image_end(&m);
	assert_true(see_image(&seen, &m));
	assert_int_equal(seen.count, 3);
	assert_int_equal(f[1].kept, 40);
	assert_int_equal(f[1].sent, 100);
	assert_int_equal(f[1].time_ns, 77000);
	assert_int_equal(f[2].kept, 41);
	assert_int_equal(f[2].time_ns, 99000);
	assert_int_equal(seen.tags[2], 2);
	assert_int_equal(source_interface(seen.source, 0)->dropped_packets, 3);
	finish(&m);
}

static void reads_packet_options(void **state)
{
	static const uint32_t flags[] = {1, 2, 0, 4 << 5 | 1};
	const struct frame *f = seen.frames;
	struct image m;

	(void)state;
	start(&m, false);
	for (uint32_t i = 0; i < 4; i++) {
		image_packet(&m, 0, 1, 61, 61);
		image_option(&m, 2, &flags[i], 4);
		image_option_u64(&m, 4, i);
		image_option(&m, 1, "look\x1b here", 10);
		image_end(&m);
	}
	assert_true(see_image(&seen, &m));
	assert_int_equal(seen.count, 4);
	assert_int_equal(f[0].direction, FRAME_INBOUND);
	assert_int_equal(f[1].direction, FRAME_OUTBOUND);
	assert_int_equal(f[2].direction, FRAME_UNKNOWN);
	assert_int_equal(f[2].sent, 61);
	assert_int_equal(f[3].sent, 57);
	assert_int_equal(f[3].kept, 57);
	assert_int_equal(f[3].fcs, 4);
	assert_int_equal(source_interface(seen.source, 0)->dropped_packets, 6);
	assert_int_equal(source_comments(seen.source), 4);
	assert_int_equal(source_comment_at(seen.source, 2)->frame, 3);
	assert_string_equal(source_comment_at(seen.source, 2)->text,
			    "look\\x1b here");
	finish(&m);
}

static void strips_the_fcs_of_the_interface(void **state)
{
	struct image m;
	uint8_t bytes = 4, bits = 32;

	(void)state;
	image_init(&m, false);
	image_section(&m);
	image_end(&m);
	image_interface(&m, ETHERNET);
	image_option(&m, 13, &bytes, 1);
	image_end(&m);
	image_interface(&m, ETHERNET);
	image_option(&m, 13, &bits, 1);
	image_end(&m);
	plain_packet(&m, 0, 1);
	plain_packet(&m, 1, 1);
	assert_true(see_image(&seen, &m));
	assert_int_equal(seen.frames[0].sent, 56);
	assert_int_equal(seen.frames[1].sent, 56);
	assert_int_equal(seen.frames[1].kept, 42);
	finish(&m);
}

static void keeps_names_and_counters(void **state)
{
	const struct source_interface *in;
	struct image m;

	(void)state;
	image_init(&m, false);
	image_section(&m);
	image_option(&m, 2, "a box", 5);
	image_option(&m, 3, "Linux 6.1", 9);
	image_option(&m, 4, "Dumpcap", 7);
	image_option(&m, 1, "of the file", 11);
	image_end(&m);
	image_interface(&m, ETHERNET);
	image_option(&m, 2, "eth0\0", 5);
	image_option(&m, 3, "uplink", 6);
	image_option(&m, 11, "\0tcp port 80", 12);
	image_option(&m, 1, "of the interface", 16);
	image_end(&m);
	for (uint64_t i = 1; i <= 2; i++) {
		image_begin(&m, STATISTICS);
		image_u32(&m, 0);
		image_u64(&m, 0);
		for (uint16_t code = 4; code <= 8; code++)
			image_option_u64(&m, code, i * 100 + code);
		image_end(&m);
	}
	assert_true(see_image(&seen, &m));
	assert_int_equal(seen.count, 0);
	in = source_interface(seen.source, 0);
	assert_string_equal(in->name, "eth0");
	assert_string_equal(in->description, "uplink");
	assert_string_equal(in->filter, "tcp port 80");
	assert_string_equal(in->comment, "of the interface");
	assert_string_equal(in->os, "Linux 6.1");
	assert_string_equal(in->hardware, "a box");
	assert_string_equal(in->application, "Dumpcap");
	assert_int_equal(in->received, 204);
	assert_int_equal(in->dropped_interface, 205);
	assert_int_equal(in->filter_accepted, 206);
	assert_int_equal(in->dropped_os, 207);
	assert_int_equal(in->delivered, 208);
	assert_true(in->dropped_packets == UINT64_MAX);
	assert_string_equal(source_comment_at(seen.source, 0)->text,
			    "of the file");
	finish(&m);
}

static void steps_over_blocks_it_does_not_need(void **state)
{
	static uint8_t filling[65536];
	struct image m;

	(void)state;
	start(&m, false);
	plain_packet(&m, 0, 1);
	image_begin(&m, 4); /* name resolution */
	image_u32(&m, 0);
	image_end(&m);
	image_begin(&m, 0x40000bad);
	for (int i = 0; i < 100; i++)
		image_raw(&m, filling, sizeof(filling));
	image_end(&m);
	plain_packet(&m, 0, 2);
	assert_true(see_image(&seen, &m));
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.tags[1], 1);
	assert_int_equal(source_troubles(seen.source), 0);
	finish(&m);
}

static void is_cut_at_every_byte(void **state)
{
	size_t ends[6], blocks = 0;
	struct image m;

	(void)state;
	start(&m, false);
	ends[blocks++] = 28;
	ends[blocks++] = m.size;
	for (uint64_t i = 0; i < 3; i++) {
		plain_packet(&m, 0, i);
		ends[blocks++] = m.size;
	}
	for (size_t size = 0; size <= m.size; size++) {
		bool opened = see_bytes(&seen, m.bytes, size);
		size_t whole = 0;

		assert_true(opened == (size >= 28));
		while (whole < blocks && ends[whole] <= size)
			whole++;
		if (opened) {
			assert_int_equal(seen.count, whole < 2 ? 0 : whole - 2);
			assert_int_equal(seen_fatal(&seen), 0);
			assert_int_equal(seen_cut(&seen),
					 ends[whole - 1] != size);
		}
		see_end(&seen);
	}
	image_free(&m);
}

/* Whatever one byte is changed to, nothing breaks and no packet is made up. */
static void survives_every_changed_byte(void **state)
{
	struct image m;

	(void)state;
	start(&m, false);
	for (uint64_t i = 0; i < 3; i++)
		plain_packet(&m, 0, i);
	for (size_t at = 0; at < m.size; at++) {
		uint8_t good = m.bytes[at];

		for (int i = 0; i < 3; i++) {
			m.bytes[at] = good ^ (uint8_t)(0x81 << i);
			if (see_image(&seen, &m))
				assert_in_range(seen.count, 0, 3);
			see_end(&seen);
		}
		m.bytes[at] = good;
	}
	image_free(&m);
}

static void goes_on_after_a_damaged_packet(void **state)
{
	const struct source_trouble *t;
	struct image m;
	size_t bad;

	(void)state;
	start(&m, false);
	plain_packet(&m, 0, 1);
	bad = m.size;
	plain_packet(&m, 0, 2);
	m.bytes[bad + 23] = 0x7f; /* kept */
	plain_packet(&m, 9, 3);	  /* no such interface */
	image_begin(&m, 6);	  /* too short */
	image_end(&m);
	plain_packet(&m, 0, 4);
	assert_true(see_image(&seen, &m));
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.tags[1], 3);
	assert_int_equal(seen.frames[1].number, 2);
	assert_int_equal(source_troubles(seen.source), 3);
	assert_int_equal(seen_fatal(&seen), 3);
	t = source_trouble_at(seen.source, 0);
	assert_int_equal(t->offset, bad);
	assert_int_equal(t->frame, 1);
	assert_true(says(t->text, "more bytes than its block holds"));
	finish(&m);
}

static void stops_where_lengths_do_not_agree(void **state)
{
	static const uint32_t lengths[] = {0, 8, 77, 78, 80, 0x7fffffff};
	struct image m;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		size_t bad;

		start(&m, false);
		plain_packet(&m, 0, 1);
		bad = m.size;
		plain_packet(&m, 0, 2);
		plain_packet(&m, 0, 3);
		memcpy(m.bytes + bad + 4, &lengths[i], 4);
		assert_true(see_image(&seen, &m));
		assert_int_equal(seen.count, 1);
		assert_int_equal(seen_fatal(&seen), 1);
		assert_int_equal(source_trouble_at(seen.source, 0)->offset,
				 bad);
		finish(&m);
	}
}

static void needs_an_interface_before_a_packet(void **state)
{
	struct image m;

	(void)state;
	image_init(&m, false);
	image_section(&m);
	image_end(&m);
	plain_packet(&m, 0, 1);
	image_interface(&m, ETHERNET);
	image_end(&m);
	plain_packet(&m, 0, 1);
	assert_true(see_image(&seen, &m));
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.tags[0], 1);
	assert_int_equal(seen_fatal(&seen), 1);
	finish(&m);
}

/* Interfaces without end: bounded, and said. */
static void bounds_interfaces_and_troubles(void **state)
{
	struct image m;

	(void)state;
	image_init(&m, false);
	image_section(&m);
	image_end(&m);
	for (int i = 0; i < 1000; i++)
		plain_packet(&m, 3, 1);
	for (int i = 0; i < INTERFACES_MAX + 10; i++) {
		image_interface(&m, ETHERNET);
		image_end(&m);
	}
	assert_true(see_image(&seen, &m));
	assert_int_equal(seen.count, 0);
	assert_in_range(source_interfaces(seen.source), 1000, INTERFACES_MAX);
	assert_in_range(source_troubles(seen.source), 2, 200);
	assert_true(seen_fatal(&seen) > 0);
	finish(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_packets_in_both_orders),
		cmocka_unit_test(counts_time_as_each_interface_does),
		cmocka_unit_test(reads_sections_of_different_order),
		cmocka_unit_test(reads_simple_and_old_packets),
		cmocka_unit_test(reads_packet_options),
		cmocka_unit_test(strips_the_fcs_of_the_interface),
		cmocka_unit_test(keeps_names_and_counters),
		cmocka_unit_test(steps_over_blocks_it_does_not_need),
		cmocka_unit_test(is_cut_at_every_byte),
		cmocka_unit_test(survives_every_changed_byte),
		cmocka_unit_test(goes_on_after_a_damaged_packet),
		cmocka_unit_test(stops_where_lengths_do_not_agree),
		cmocka_unit_test(needs_an_interface_before_a_packet),
		cmocka_unit_test(bounds_interfaces_and_troubles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
