/* SPDX-License-Identifier: BSD-3-Clause */
/* source.c - files or interfaces as one row of numbered frames. */
#include "capture/source.h"

#include <stdlib.h>
#include <string.h>

#include "capture/filter.h"
#include "capture/live.h"
#include "capture/merge.h"
#include "capture/reader.h"

#define QUIET_MOST_NS (INT64_C(86400) * 1000000000)

struct source {
	struct ledger ledger;
	struct filter *filter; /* NULL: everything */
	struct merge *merge;   /* NULL: one file */
	struct live *live;     /* NULL: files */
	int64_t last_ns;       /* of the frames that were lent */
	uint64_t filtered;
	uint32_t reader_count;
	struct reader readers[];
};

static int open_readers(struct source *s, const struct source_options *options,
			struct err *err)
{
	bool input = false;

	for (uint32_t i = 0; i < options->file_count; i++) {
		bool is_input = strcmp(options->files[i], "-") == 0;

		if (is_input && input)
			return err_set(err, "standard input can be read only "
					    "once");
		input |= is_input;
		s->reader_count++;
		if (reader_open(&s->readers[i], options->files[i], &s->ledger,
				err) != 0)
			return -1;
	}
	if (options->file_count == 1)
		return 0;
	s->merge = merge_new(s->readers, s->reader_count);
	return s->merge ? 0 : err_set(err, "no memory to merge files");
}

static int open_filter(struct source *s, const char *expression, bool *usage,
		       struct err *err)
{
	if (!expression || !*expression)
		return 0;
	s->filter = filter_new(expression, &s->ledger, err);
	if (s->filter)
		return 0;
	*usage = true;
	return -1;
}

/* Files, with a filter of our own; or interfaces, with the kernel's. */
static bool open_all(struct source *s, const struct source_options *options,
		     bool *usage, struct err *err)
{
	if (options->live) {
		s->live = live_open(options, &s->ledger, usage, err);
		return s->live != NULL;
	}
	return open_readers(s, options, err) == 0 &&
	       open_filter(s, options->filter, usage, err) == 0;
}

struct source *source_open(const struct source_options *options, bool *usage,
			   struct err *err)
{
	uint32_t count = options->live ? options->live->interface_count
				       : options->file_count;
	struct source *s;

	*usage = false;
	if (count < 1 || count > SOURCES_MAX) {
		*usage = true;
		err_set(err, "from 1 to %d files can be read at once, not %u",
			SOURCES_MAX, count);
		return NULL;
	}
	s = calloc(1, sizeof(*s) + options->file_count * sizeof(struct reader));
	if (!s || ledger_open(&s->ledger) != 0) {
		err_set(err, "no memory to read captures");
		free(s);
		return NULL;
	}
	if (open_all(s, options, usage, err))
		return s;
	source_close(s);
	return NULL;
}

/* A single file: its numbers are the numbers.  Bytes lent before are given
 * back here, so this is the only place where the buffer may be filled. */
static uint32_t read_one(struct source *s, struct frame *frames, uint32_t most)
{
	struct reader *r = s->readers;
	uint32_t n;

	for (;;) {
		s->ledger.last_frame = r->packets;
		if (r->ended)
			return 0;
		n = r->read(r, frames, most);
		if (n > 0 || r->ended)
			return n;
		stream_fill(&r->stream);
	}
}

static uint32_t read_filtered(struct source *s, struct frame *frames,
			      uint32_t most)
{
	uint32_t n, left;

	do {
		n = s->merge ? merge_read(s->merge, frames, most)
			     : read_one(s, frames, most);
		if (n == 0 || !s->filter)
			return n;
		left = filter_run(s->filter, frames, n);
		s->filtered += n - left;
	} while (left == 0);
	return left;
}

uint32_t source_read(struct source *s, struct frame *frames, uint32_t most)
{
	uint32_t n = s->live ? live_read(s->live, frames, most)
			     : read_filtered(s, frames, most);

	if (n > 0)
		s->last_ns = frames[n - 1].time_ns;
	return n;
}

void source_look(struct source *s)
{
	if (s->live)
		live_look(s->live);
}

bool source_link_next(struct source *s, struct source_link *out)
{
	return s->live && live_link_next(s->live, out);
}

int64_t source_quiet_ns(const struct source *s)
{
	int64_t end_ns = 0;

	for (uint32_t i = 0; i < s->ledger.interface_count; i++)
		if (s->ledger.interfaces[i]->ended_ns > end_ns)
			end_ns = s->ledger.interfaces[i]->ended_ns;
	/* a file's claim to have been open for days proves nothing */
	if (end_ns <= s->last_ns || end_ns - s->last_ns > QUIET_MOST_NS)
		return 0;
	return end_ns - s->last_ns;
}

uint32_t source_interfaces(const struct source *s)
{
	return s->ledger.interface_count;
}

const struct source_interface *source_interface(const struct source *s,
						uint32_t index)
{
	return index < s->ledger.interface_count ? s->ledger.interfaces[index]
						 : NULL;
}

uint32_t source_troubles(const struct source *s)
{
	return s->ledger.trouble_count;
}

const struct source_trouble *source_trouble_at(const struct source *s,
					       uint32_t index)
{
	return index < s->ledger.trouble_count ? &s->ledger.troubles[index]
					       : NULL;
}

uint32_t source_comments(const struct source *s)
{
	return s->ledger.comment_count;
}

const struct source_comment *source_comment_at(const struct source *s,
					       uint32_t index)
{
	return index < s->ledger.comment_count ? &s->ledger.comments[index]
					       : NULL;
}

uint64_t source_bytes_read(const struct source *s)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < s->reader_count; i++)
		sum += s->readers[i].stream.taken;
	return sum;
}

uint64_t source_bytes_total(const struct source *s)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < s->reader_count; i++) {
		if (s->readers[i].stream.size == 0)
			return 0;
		sum += s->readers[i].stream.size;
	}
	return sum;
}

uint64_t source_filtered(const struct source *s)
{
	return s->filtered;
}

static uint64_t counted(uint64_t n)
{
	return n == UINT64_MAX ? 0 : n;
}

/* In all at its end, or packet by packet; the same packets are in both. */
uint64_t source_dropped(const struct source_interface *i)
{
	uint64_t at_end =
		counted(i->dropped_interface) + counted(i->dropped_os);
	uint64_t between = counted(i->dropped_packets);

	return at_end > between ? at_end : between;
}

void source_account(const struct source *s, struct source_account *out)
{
	*out = (struct source_account){
		.filtered = s->filtered,
		.unreadable = s->ledger.unreadable,
		.left_behind = s->live ? live_left_behind(s->live) : 0,
	};
	for (uint32_t i = 0; i < s->ledger.interface_count; i++)
		out->dropped += source_dropped(s->ledger.interfaces[i]);
}

void source_close(struct source *s)
{
	if (!s)
		return;
	for (uint32_t i = 0; i < s->reader_count; i++)
		reader_close(&s->readers[i]);
	merge_free(s->merge);
	live_close(s->live);
	filter_free(s->filter);
	ledger_close(&s->ledger);
	free(s);
}
