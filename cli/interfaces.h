/* SPDX-License-Identifier: BSD-3-Clause */
/* interfaces.h - the interfaces that can be listened on (-D). */
#ifndef UPSTACK_CLI_INTERFACES_H
#define UPSTACK_CLI_INTERFACES_H

#include <stdio.h>

/* A line each; the exit status. */
int interfaces_list(FILE *out);

#endif
