/* SPDX-License-Identifier: BSD-3-Clause */
/* fail.h - the lab cannot go on: says why and ends the program. */
#ifndef UPSTACK_TESTS_LAB_FAIL_H
#define UPSTACK_TESTS_LAB_FAIL_H

/* A line on standard error, as printf does; exit status 2. */
_Noreturn void fail(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* The same with the system's reason; exit status 77 where the machine does not
 * permit what is needed. */
_Noreturn void fail_system(const char *what);

#endif
