/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * decompress.h - gzip, zstd, xz and lz4, recognised by their first bytes and
 * decoded as a stream: what comes out never needs more memory than the window
 * of the format, which is bounded.
 */
#ifndef UPSTACK_CAPTURE_DECOMPRESS_H
#define UPSTACK_CAPTURE_DECOMPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	UNPACK_MAGIC = 6, /* bytes that unpack_known wants to see */
	UNPACK_FIRST =
		64 << 10, /* unpack_input has at least this room at first */
};

struct unpack;

enum unpack_state {
	UNPACK_MORE,   /* wants input or room */
	UNPACK_BROKEN, /* the compressed data is damaged */
};

/* The name of the compression ("gzip") of a file that begins so; or NULL. */
const char *unpack_known(const uint8_t *bytes, size_t size);

/* A decoder for a file that begins so; NULL if memory is not to be had. */
struct unpack *unpack_new(const uint8_t *bytes, size_t size);

/* Where the next compressed bytes are put, and how many fit; then say how many
 * came. */
uint8_t *unpack_input(struct unpack *u, size_t *room);
void unpack_came(struct unpack *u, size_t bytes);

/* Decode into `out`; `*made` bytes were written.  Nothing made and
 * UNPACK_MORE: it needs input. */
enum unpack_state unpack_run(struct unpack *u, uint8_t *out, size_t room,
			     size_t *made);

/* Whether the input so far ends where the format may end. */
bool unpack_complete(const struct unpack *u);

/* "gzip", and what was wrong, for a sentence. */
const char *unpack_name(const struct unpack *u);
const char *unpack_reason(const struct unpack *u);

void unpack_free(struct unpack *u);

#endif
