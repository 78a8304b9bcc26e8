/* SPDX-License-Identifier: BSD-3-Clause */
/* option_values.h - the values that options take. */
#ifndef UPSTACK_CLI_OPTION_VALUES_H
#define UPSTACK_CLI_OPTION_VALUES_H

#include "cli/options.h"

/* Take one argument; false: it is none of those that the option allows. */
typedef bool take_fn(struct options *o, const char *value);

take_fn take_file, take_interface, take_format, take_events, take_order, take_top, take_memory,
	take_fail_on, take_least, take_color, take_duration, take_every,
	take_count, take_snaplen, take_buffer, take_keep_megabytes,
	take_keep_seconds, take_keep_files;

#endif
