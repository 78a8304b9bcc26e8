/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * reading.h - reads any bytes as a capture: alone, and merged with themselves
 * behind a filter.
 *
 * What must hold: no frame is larger than it may be, its bytes are there, its
 * time is one that can be counted with, and frame numbers only grow.
 */
#ifndef UPSTACK_TESTS_FUZZ_READING_H
#define UPSTACK_TESTS_FUZZ_READING_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/escape.h"
#include "capture/source.h"

enum { FRAMES_MOST = 200000 }; /* a decompression bomb only costs time */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
	if (!holds)
		abort();
}

static void reading_frame(const struct source *s, const struct frame *f,
			  uint64_t last)
{
	volatile uint8_t sum = 0;

	must(f->number > last);
	must(f->kept <= FRAME_MAX && f->kept <= f->sent);
	must(f->time_ns >= 0 && f->time_ns < INT64_MAX / 2 + 2);
	must(f->interface < source_interfaces(s));
	must(f->fcs <= 30);
	for (uint32_t i = 0; i < f->kept + f->fcs; i++)
		sum = (uint8_t)(sum + f->data[i]);
}

static void reading_words(const struct source *s)
{
	must(source_troubles(s) <= 100);
	for (uint32_t i = 0; i < source_troubles(s); i++)
		must(source_trouble_at(s, i)->text[0] != '\0');
	for (uint32_t i = 0; i < source_comments(s); i++)
		must(escape_is_harmless(source_comment_at(s, i)->text));
	for (uint32_t i = 0; i < source_interfaces(s); i++) {
		const struct source_interface *it = source_interface(s, i);

		must(escape_is_harmless(it->name));
		must(escape_is_harmless(it->description));
		must(escape_is_harmless(it->filter));
		must(escape_is_harmless(it->os));
		must(escape_is_harmless(it->hardware));
		must(escape_is_harmless(it->application));
		must(escape_is_harmless(it->comment));
	}
}

/* Every packet that was met is accounted for. */
static void reading_account(const struct source *s, uint64_t count)
{
	struct source_account a;

	source_account(s, &a);
	must(a.filtered == source_filtered(s));
	must(a.left_behind == 0);
	must(count + a.filtered + a.unreadable >= count);
}

static void reading_once(const struct source_options *options, uint32_t most)
{
	struct frame frames[64];
	struct err err;
	bool usage;
	struct source *s = source_open(options, &usage, &err);
	uint64_t last = 0, count = 0;
	uint32_t n;

	if (!s) {
		must(err.text[0] != '\0');
		return;
	}
	while ((n = source_read(s, frames, most)) > 0 && count < FRAMES_MOST) {
		must(n <= most);
		for (uint32_t i = 0; i < n; i++) {
			reading_frame(s, &frames[i], last);
			last = frames[i].number;
		}
		count += n;
	}
	reading_words(s);
	reading_account(s, count);
	source_close(s);
}

static void reading_all(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	char path[32];
	const char *files[2] = {path, path};

	must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	reading_once(&(struct source_options){.files = files, .file_count = 1},
		     64);
	reading_once(&(struct source_options){.files = files,
					      .file_count = 2,
					      .filter = "not port 53"},
		     5);
	close(fd);
}

#endif
