/* SPDX-License-Identifier: BSD-3-Clause */
/* test_filter.c - BPF expressions over frames of one and of several kinds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "unit/capture/image.h"

enum { MICROS = 0xa1b2c3d4 };

static struct seen seen;

static bool see_filtered(struct image *m, const char *filter)
{
	const char *path = image_path(m, m->size);

	return see(&seen,
		   &(struct source_options){
			   .files = &path, .file_count = 1, .filter = filter},
		   64);
}

/* An Ethernet frame that is ARP or not, over the pattern of the image. */
static void frame(struct image *m, uint32_t s, bool arp)
{
	image_record(m, s, 0, 60, 60);
	memcpy(m->bytes + m->size - 60 + 12, arp ? "\x08\x06" : "\x86\xdd", 2);
}

static void keeps_the_numbers_of_the_file(void **state)
{
	struct image m;

	(void)state;
	image_init(&m, false);
	image_pcap(&m, MICROS, 1);
	for (uint32_t i = 0; i < 300; i++)
		frame(&m, i, i % 100 == 50);
	assert_true(see_filtered(&m, "arp"));
	assert_int_equal(seen.count, 3);
	assert_int_equal(seen.frames[0].number, 51);
	assert_int_equal(seen.frames[2].number, 251);
	assert_int_equal(source_filtered(seen.source), 297);
	see_end(&seen);
	assert_true(see_filtered(&m, ""));
	assert_int_equal(seen.count, 300);
	assert_int_equal(source_filtered(seen.source), 0);
	see_end(&seen);
	assert_true(see_filtered(&m, "less 10"));
	assert_int_equal(seen.count, 0);
	assert_int_equal(source_filtered(seen.source), 300);
	see_end(&seen);
	image_free(&m);
}

static void says_why_an_expression_is_wrong(void **state)
{
	struct image m;

	(void)state;
	image_init(&m, false);
	image_pcap(&m, MICROS, 1);
	assert_false(see_filtered(&m, "tcp prot 80"));
	assert_true(seen.usage);
	assert_true(says(seen.err.text, "tcp prot 80"));
	image_free(&m);
	image_init(&m, false);
	image_section(&m);
	image_end(&m);
	assert_false(see_filtered(&m, "((("));
	assert_true(seen.usage);
	image_free(&m);
}

static void interface(struct image *m, uint16_t link)
{
	image_interface(m, link);
	image_end(m);
}

static void packet(struct image *m, uint32_t interface_id)
{
	image_packet(m, interface_id, 1, 60, 60);
	image_end(m);
}

/* Each link type has a program of its own; one that an expression does not
 * fit has no match, and that is said. */
static void compiles_for_each_link_type(void **state)
{
	struct image m;

	(void)state;
	image_init(&m, false);
	image_section(&m);
	image_end(&m);
	interface(&m, 1);
	packet(&m, 0);
	memcpy(m.bytes + m.size - 64 + 12, "\x08\x00\x45", 3);
	interface(&m, 101);
	packet(&m, 1);
	m.bytes[m.size - 64] = 0x45;
	packet(&m, 1);
	m.bytes[m.size - 64] = 0x60;
	assert_true(see_filtered(&m, "ip"));
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.frames[0].number, 1);
	assert_int_equal(seen.frames[1].number, 2);
	see_end(&seen);
	assert_true(see_filtered(&m, "ether[12] = 8"));
	assert_int_equal(seen.frames[0].number, 1);
	see_end(&seen);
	assert_true(see_filtered(&m, "ip or vlan"));
	assert_int_equal(seen.count, 1);
	assert_int_equal(source_troubles(seen.source), 1);
	assert_int_equal(seen_fatal(&seen), 0);
	see_end(&seen);
	image_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_numbers_of_the_file),
		cmocka_unit_test(says_why_an_expression_is_wrong),
		cmocka_unit_test(compiles_for_each_link_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
