/* SPDX-License-Identifier: BSD-3-Clause */
/* terminal.h - what the terminal can show. */
#ifndef UPSTACK_CLI_TERMINAL_H
#define UPSTACK_CLI_TERMINAL_H

#include "cli/options.h"

/* Options of a report with the width (80 where there is no terminal, at most
 * 120), colour and characters filled in. */
struct report_options terminal_options(const struct options *o);

#endif
