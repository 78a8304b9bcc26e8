/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * err.h - machine trouble: what could not be done, and why, in one sentence.
 *
 * Network trouble is data and becomes a finding; our own bugs are asserts.
 * The caller lends the struct, the callee fills it, cli/ prints it.
 */
#ifndef UPSTACK_BASE_ERR_H
#define UPSTACK_BASE_ERR_H

enum { ERR_TEXT = 512 };

struct err {
	char text[ERR_TEXT]; /* a sentence without its full stop; UTF-8, escaped */
};

/* Fill in as printf does; returns -1, so that a caller can pass it on. */
int err_set(struct err *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
