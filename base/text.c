/* SPDX-License-Identifier: BSD-3-Clause */
/* text.c - builds text in a buffer of fixed size, never past its end. */
#include "base/text.h"

#include <stdio.h>

struct text text_over(char *buffer, size_t size)
{
	buffer[0] = '\0';
	return (struct text){.at = buffer, .size = size};
}

/* Do not leave half a UTF-8 character at the end. */
static void trim_partial(struct text *t)
{
	size_t end = t->used;

	while (end > 0 && ((unsigned char)t->at[end - 1] & 0xc0) == 0x80)
		end--;
	if (end > 0 && (unsigned char)t->at[end - 1] >= 0xc0)
		t->used = end - 1;
	t->at[t->used] = '\0';
}

void text_add(struct text *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vadd(t, format, args);
	va_end(args);
}

void text_vadd(struct text *t, const char *format, va_list args)
{
	size_t room = t->size - t->used;
	int n = vsnprintf(t->at + t->used, room, format, args);

	if (n < 0)
		return;
	if ((size_t)n < room) {
		t->used += (size_t)n;
		return;
	}
	t->used = t->size - 1;
	t->cut = true;
	trim_partial(t);
}
