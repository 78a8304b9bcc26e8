/* SPDX-License-Identifier: BSD-3-Clause */
/* command.h - where in a line of advice a command stands, which is pasted as a
 * whole and so must not be broken. */
#ifndef UPSTACK_REPORT_COMMAND_H
#define UPSTACK_REPORT_COMMAND_H

#include <stddef.h>

/* How many bytes of `advice` from `at` on are one command; 0: none begins
 * there. */
size_t command_size(const char *advice, size_t at);

#endif
