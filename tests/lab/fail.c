/* SPDX-License-Identifier: BSD-3-Clause */
/* fail.c - the lab cannot go on.  A peer that fails must not write what the
 * path has not yet written, hence _exit. */
#include "lab/fail.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SKIPPED = 77 };

_Noreturn void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("lab: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	_exit(2);
}

_Noreturn void fail_system(const char *what)
{
	int reason = errno;

	fprintf(stderr, "lab: %s: %s\n", what, strerror(reason));
	_exit(reason == EPERM || reason == EACCES || reason == ENOSYS ||
			      reason == ENODEV || reason == ENOENT
		      ? SKIPPED
		      : 2);
}
