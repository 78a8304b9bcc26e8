/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * stream.h - the bytes of one capture file, in order, in a buffer that is used
 * again and again.
 *
 * A reader parses in place between `at` and `end` and asks for more when a
 * record is not whole.  stream_fill moves what is left to the front: every
 * pointer into the buffer is then void.
 */
#ifndef UPSTACK_CAPTURE_STREAM_H
#define UPSTACK_CAPTURE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct unpack;

struct stream {
	int fd;
	bool ended;	   /* nothing comes after `end` */
	bool broken;	   /* it ended by an error, see `problem` */
	bool cut;	   /* it ended inside its compressed form */
	char problem[160]; /* why; a sentence's end, "" if all is well */
	uint8_t *buffer;
	size_t room, at, end;
	size_t piece;	/* bytes asked for at once */
	uint64_t base;	/* offset of buffer[0] in the uncompressed file */
	uint64_t taken; /* bytes read from the file itself */
	uint64_t size;	/* of the file itself; 0: not known */
	struct unpack *unpack; /* NULL: not compressed */
};

/* Open `path` ("-": standard input) and read its beginning, decompressed.
 * -1 with `err` filled if that cannot be done.  `shown` is the escaped name. */
int stream_open(struct stream *s, const char *path, const char *shown,
		struct err *err);

/* Add at least one byte after `end`, or set `ended`. */
void stream_fill(struct stream *s);

/* Fill until `n` bytes can be read; false if the file ends before. */
bool stream_need(struct stream *s, size_t n);

void stream_close(struct stream *s);

static inline size_t stream_left(const struct stream *s)
{
	return s->end - s->at;
}

static inline const uint8_t *stream_at(const struct stream *s)
{
	return s->buffer + s->at;
}

/* Where in the uncompressed file the next byte stands. */
static inline uint64_t stream_offset(const struct stream *s)
{
	return s->base + s->at;
}

#endif
