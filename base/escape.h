/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * escape.h - bytes from the wire as text that harms no terminal and no parser.
 *
 * Printable UTF-8 stays as it is.  Every other byte (control characters, DEL,
 * C1, bytes that are not UTF-8, bidi controls and other invisible format
 * characters, line and paragraph separators) becomes \xNN, byte by byte, and a
 * backslash becomes \\: so the exact bytes can be got back.
 */
#ifndef UPSTACK_BASE_ESCAPE_H
#define UPSTACK_BASE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

/* Escape `size` bytes into `out` of `room` bytes (at least 1), NUL-ended; what
 * does not fit is left out between characters.  Returns the length of the whole
 * escaped text, as snprintf does. */
size_t escape_bytes(const void *bytes, size_t size, char *out, size_t room);

/* The same for a C string; returns `out`. */
const char *escape_string(const char *s, char *out, size_t room);

/* Whether `text` is valid UTF-8 without anything that escape_bytes would turn
 * into \xNN; backslashes are not looked at. */
bool escape_is_harmless(const char *text);

/* Undo escape_bytes into `out` of `room` bytes; returns the number of bytes, or
 * (size_t)-1 if the text was not made by escape_bytes or does not fit. */
size_t escape_undo(const char *text, void *out, size_t room);

#endif
