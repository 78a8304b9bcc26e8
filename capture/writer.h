/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * writer.h - writes pcapng (draft-ietf-opsawg-pcapng): the frames of a source,
 * what is known of its interfaces, and at the end their statistics.
 */
#ifndef UPSTACK_CAPTURE_WRITER_H
#define UPSTACK_CAPTURE_WRITER_H

#include "capture/source.h"

struct writer;

/* A writer for the interfaces that `s` has now; NULL: no memory.  The source
 * has to outlive it. */
struct writer *writer_new(const struct source *s);

/* Begin a file on `fd`, which then belongs to the writer.  All of these: -1 if
 * something could not be written, with errno; the file is then abandoned. */
int writer_begin(struct writer *w, int fd);
int writer_add(struct writer *w, const struct frame *frames, uint32_t count);
int writer_flush(struct writer *w);
/* Write the statistics and close the file; no file is fine. */
int writer_end(struct writer *w);

/* Bytes of the file so far. */
uint64_t writer_bytes(const struct writer *w);

void writer_free(struct writer *w);

#endif
