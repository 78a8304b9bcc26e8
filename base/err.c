/* SPDX-License-Identifier: BSD-3-Clause */
/* err.c - machine trouble: what could not be done, and why, in one sentence. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

int err_set(struct err *e, const char *format, ...)
{
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	/* what is cut off ends between characters */
	if (size >= (int)sizeof(e->text)) {
		char *end = e->text + sizeof(e->text) - 1;

		while (end > e->text && (end[-1] & 0xc0) == 0x80)
			end--;
		if (end > e->text && end[-1] & 0x80)
			end--;
		*end = '\0';
	}
	return -1;
}
