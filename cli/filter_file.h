/* SPDX-License-Identifier: BSD-3-Clause */
/* filter_file.h - the capture filter, from words or from a file. */
#ifndef UPSTACK_CLI_FILTER_FILE_H
#define UPSTACK_CLI_FILTER_FILE_H

#include "cli/options.h"

/* The filter expression, "" for none; the caller frees it.  NULL with `err`
 * filled if the file cannot be read. */
char *filter_of(const struct options *o, struct err *err);

#endif
