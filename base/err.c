/* SPDX-License-Identifier: BSD-3-Clause */
/* err.c - machine trouble: what could not be done, and why, in one sentence. */
#include "base/err.h"

#include <stdarg.h>

#include "base/text.h"

int err_set(struct err *e, const char *format, ...)
{
	struct text t = text_over(e->text, sizeof(e->text));
	va_list args;

	va_start(args, format);
	text_vadd(&t, format, args);
	va_end(args);
	return -1;
}
