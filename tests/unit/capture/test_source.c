/* SPDX-License-Identifier: BSD-3-Clause */
/* test_source.c - what opens and what does not, and why; pipes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "unit/capture/image.h"

enum { MICROS = 0xa1b2c3d4, PACKETS = 500 };

static struct seen seen;

static bool see_files(const char *const *files, uint32_t count)
{
	return see(
		&seen,
		&(struct source_options){.files = files, .file_count = count},
		64);
}

static void tells_empty_from_unreadable(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *part;
	} rows[] = {
		{"", 0, "is empty"},
		{"hello, world, this is a text of some length", 43, "text"},
		{"\xd4\xc3\xb2\xa1", 4, "inside the header"},
		{"\x0a\x0d\x0d\x0a", 4, "inside the header"},
		{"\x0a\x0d\x0d\x0a\x1c\0\0\0\0\0\0\0", 12, "damaged"},
		{"PK\x03\x04zzzzzzzzzz", 14, "zip"},
		{"snoop\0\0\0\0\0\0\2", 12, "snoop"},
		{"\1", 1, "no capture"},
		{"\x93\x94\x95\x96\x97\x98", 6, "93 94 95 96"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_false(see_bytes(&seen, rows[i].bytes, rows[i].size));
		assert_false(seen.usage);
		assert_true(says(seen.err.text, rows[i].part));
		if (i > 0)
			assert_null(strstr(seen.err.text, "is empty"));
	}
}

static void opens_an_empty_capture(void **state)
{
	struct image m;

	(void)state;
	image_init(&m, false);
	image_pcap(&m, MICROS, 1);
	assert_true(see_image(&seen, &m));
	assert_int_equal(seen.count, 0);
	assert_int_equal(source_troubles(seen.source), 0);
	assert_int_equal(source_interfaces(seen.source), 1);
	see_end(&seen);
	image_free(&m);
}

static void says_what_cannot_be_opened(void **state)
{
	const char *files[SOURCES_MAX + 1];

	(void)state;
	files[0] = "/nonexistent/\033[31m.pcap";
	assert_false(see_files(files, 1));
	assert_true(says(seen.err.text, "No such file"));
	assert_null(strchr(seen.err.text, '\033'));
	files[0] = "/tmp";
	assert_false(see_files(files, 1));
	assert_true(says(seen.err.text, "directory"));
	assert_false(see_files(files, 0));
	assert_true(seen.usage);
	for (int i = 0; i <= SOURCES_MAX; i++)
		files[i] = "/tmp";
	assert_false(see_files(files, SOURCES_MAX + 1));
	assert_true(seen.usage);
}

/* Write in pieces that fit no record, from another process. */
static pid_t write_slowly(const struct image *m, int to)
{
	pid_t child = fork();

	if (child != 0)
		return child;
	for (size_t at = 0, n = 1; at < m->size; at += n, n = n % 997 + 31) {
		if (n > m->size - at)
			n = m->size - at;
		if (write(to, m->bytes + at, n) != (ssize_t)n)
			_exit(1);
	}
	_exit(0);
}

static void reads_a_pipe(void **state)
{
	const char *input[2] = {"-", "-"};
	struct image m;
	int ends[2], status;
	pid_t child;

	(void)state;
	image_init(&m, false);
	image_pcap(&m, MICROS, 1);
	for (uint32_t i = 0; i < PACKETS; i++)
		image_record(&m, i, 0, 60 + i, 1500);
	assert_int_equal(pipe(ends), 0);
	child = write_slowly(&m, ends[1]);
	close(ends[1]);
	assert_true(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
	close(ends[0]);
	assert_true(see_files(input, 1));
	assert_int_equal(seen.count, PACKETS);
	for (uint32_t i = 0; i < PACKETS; i++)
		assert_int_equal(seen.tags[i], i);
	assert_int_equal(source_bytes_total(seen.source), 0);
	assert_int_equal(source_bytes_read(seen.source), m.size);
	assert_string_equal(source_interface(seen.source, 0)->file,
			    "standard input");
	see_end(&seen);
	assert_true(waitpid(child, &status, 0) == child && status == 0);
	assert_false(see_files(input, 2));
	image_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_empty_from_unreadable),
		cmocka_unit_test(opens_an_empty_capture),
		cmocka_unit_test(says_what_cannot_be_opened),
		cmocka_unit_test(reads_a_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
