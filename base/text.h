/* SPDX-License-Identifier: BSD-3-Clause */
/* text.h - builds text in a buffer of fixed size, never past its end. */
#ifndef UPSTACK_BASE_TEXT_H
#define UPSTACK_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *at;    /* the caller's; always ends with NUL */
	size_t size; /* bytes, at least 1 */
	size_t used; /* without the NUL */
	bool cut;    /* something did not fit; UTF-8 is cut between characters */
};

/* An empty text over a buffer of `size` bytes. */
struct text text_over(char *buffer, size_t size);

/* Append as printf does. */
void text_add(struct text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void text_vadd(struct text *t, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* "" for one, "s" for any other number: "%u connection%s". */
static inline const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* "1 was lost", "2 were lost". */
static inline const char *were(uint64_t n)
{
	return n == 1 ? "was" : "were";
}

#endif
