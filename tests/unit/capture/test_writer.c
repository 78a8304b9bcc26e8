/* SPDX-License-Identifier: BSD-3-Clause */
/* test_writer.c - what is written is read back as it was. */
#include "capture/writer.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static struct source *open_file(const char *path)
{
	const struct source_options o = {.files = &path, .file_count = 1};
	struct err err;
	bool usage;

	return source_open(&o, &usage, &err);
}

static void temporary(char name[32], int *fd)
{
	strcpy(name, "/tmp/upstack-writer.XXXXXX");
	*fd = mkstemp(name);
	assert_true(*fd >= 0);
}

/* Copy a capture, with a direction for every third frame. */
static uint64_t copy(const char *from, int fd)
{
	struct source *s = open_file(from);
	struct writer *w = writer_new(s);
	struct frame f[16];
	uint64_t frames = 0;
	uint32_t n;

	assert_non_null(s);
	assert_non_null(w);
	assert_int_equal(writer_begin(w, fd), 0);
	while ((n = source_read(s, f, 16)) > 0) {
		for (uint32_t i = 0; i < n; i++)
			f[i].direction = (uint8_t)(f[i].number % 3);
		assert_int_equal(writer_add(w, f, n), 0);
		frames += n;
	}
	assert_int_equal(writer_end(w), 0);
	writer_free(w);
	source_close(s);
	return frames;
}

static void same_frames(void **state)
{
	const char *from = SOURCE_DIR "/pcaps/mtu/black-hole.pcap";
	char name[32];
	struct source *a, *b;
	struct frame fa, fb;
	uint64_t frames, seen = 0;
	int fd;

	(void)state;
	temporary(name, &fd);
	frames = copy(from, fd);
	a = open_file(from);
	b = open_file(name);
	assert_non_null(b);
	while (source_read(a, &fa, 1) == 1) {
		assert_int_equal(source_read(b, &fb, 1), 1);
		assert_int_equal(fa.number, fb.number);
		assert_int_equal(fa.time_ns, fb.time_ns);
		assert_int_equal(fa.kept, fb.kept);
		assert_int_equal(fa.sent, fb.sent);
		assert_int_equal(fa.link_type, fb.link_type);
		assert_int_equal(fb.direction, fa.number % 3);
		assert_memory_equal(fa.data, fb.data, fa.kept);
		seen++;
	}
	assert_int_equal(source_read(b, &fb, 1), 0);
	assert_int_equal(source_troubles(b), 0);
	assert_int_equal(seen, frames);
	source_close(a);
	source_close(b);
	unlink(name);
}

static void same_interfaces(void **state)
{
	const char *from = SOURCE_DIR "/pcaps/capture/drops.pcap";
	const struct source_interface *ia, *ib;
	char name[32];
	struct source *a, *b;
	struct frame f;
	int fd;

	(void)state;
	temporary(name, &fd);
	copy(from, fd);
	a = open_file(from);
	b = open_file(name);
	while (source_read(a, &f, 1))
		;
	while (source_read(b, &f, 1))
		;
	assert_true(source_interfaces(a) > 0);
	assert_int_equal(source_interfaces(a), source_interfaces(b));
	for (uint32_t i = 0; i < source_interfaces(a); i++) {
		ia = source_interface(a, i);
		ib = source_interface(b, i);
		assert_string_equal(ia->name, ib->name);
		assert_string_equal(ia->filter, ib->filter);
		assert_int_equal(ia->link_type, ib->link_type);
		assert_int_equal(ia->snaplen, ib->snaplen);
		assert_int_equal(ia->received, ib->received);
		assert_int_equal(ia->dropped_os, ib->dropped_os);
		assert_memory_equal(&ia->mac, &ib->mac, sizeof(ia->mac));
	}
	source_close(a);
	source_close(b);
	unlink(name);
}

/* Whose addresses they are tells later who captured. */
static void own_addresses(void **state)
{
	struct source_address has[] = {
		{addr_v4((uint8_t[]){192, 0, 2, 20}), 23},
		{addr_v6((uint8_t[16]){0x20, 0x01, 0x0d, 0xb8, [15] = 9}), 64},
		{addr_v4((uint8_t[]){198, 51, 100, 7}), 32},
	};
	struct addr leads[] = {has[2].addr, has[1].addr};
	struct source *a = open_file(SOURCE_DIR "/pcaps/healthy/web.pcap"), *b;
	const struct source_interface *said = source_interface(a, 0);
	struct writer *w = writer_new(a);
	struct source_interface *i;
	char name[32];
	struct frame f;
	int fd;

	(void)state;
	memcpy(&i, &said, sizeof(i));
	i->address = has;
	i->addresses = 3;
	i->gateway = leads;
	i->gateways = 2;
	i->mac = (struct mac){{2, 0, 0, 0, 0, 0x14}};
	temporary(name, &fd);
	assert_int_equal(writer_begin(w, fd), 0);
	assert_int_equal(source_read(a, &f, 1), 1);
	assert_int_equal(writer_add(w, &f, 1), 0);
	assert_int_equal(writer_end(w), 0);
	b = open_file(name);
	assert_int_equal(source_read(b, &f, 1), 1);
	said = source_interface(b, 0);
	assert_int_equal(said->addresses, 3);
	for (int n = 0; n < 3; n++) {
		assert_true(addr_equal(&said->address[n].addr, &has[n].addr));
		assert_int_equal(said->address[n].bits, has[n].bits);
	}
	assert_int_equal(said->gateways, 2);
	for (int n = 0; n < 2; n++)
		assert_true(addr_equal(&said->gateway[n], &leads[n]));
	assert_int_equal(source_troubles(b), 0);
	writer_free(w);
	source_close(a);
	source_close(b);
	unlink(name);
}

static void full_disk(void **state)
{
	struct source *s = open_file(SOURCE_DIR "/pcaps/healthy/web.pcap");
	struct writer *w = writer_new(s);

	(void)state;
	assert_int_equal(writer_begin(w, open("/dev/full", O_WRONLY)), -1);
	assert_int_equal(writer_end(w), 0); /* it is abandoned */
	writer_free(w);
	source_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_frames),
		cmocka_unit_test(same_interfaces),
		cmocka_unit_test(own_addresses),
		cmocka_unit_test(full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
