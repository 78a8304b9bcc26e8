/* SPDX-License-Identifier: BSD-3-Clause */
/* options.h - the command line as a struct. */
#ifndef UPSTACK_CLI_OPTIONS_H
#define UPSTACK_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "capture/source.h"
#include "report/report.h"

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct options {
	const char *files[SOURCES_MAX]; /* -r, as they were given */
	uint32_t file_count;
	const char *filter_file;   /* -F */
	char *const *filter_words; /* what follows the options */
	int filter_word_count;
	enum report_format format;
	bool events;
	size_t memory;
	int fail_on; /* enum severity, or -1 */
	enum severity least;
	const char *only;
	bool quiet, verbose;
	enum color_when color;
	const char *explain;
	bool list_findings, markdown, version, help;
};

/* Fill in from the command line.  False with `err` filled: exit status 2. */
bool options_parse(struct options *o, int argc, char **argv, struct err *err);

/* The help, from the same table. */
void options_help(FILE *out);

#endif
