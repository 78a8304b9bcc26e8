/* SPDX-License-Identifier: BSD-3-Clause */
/* err.c - machine trouble: what could not be done, and why, in one sentence. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

int err_set(struct err *e, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	return -1;
}
