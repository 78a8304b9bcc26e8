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
	const char *interfaces[SOURCES_MAX]; /* -i */
	uint32_t interface_count;
	bool no_promiscuous;	 /* -p */
	uint32_t snaplen;	 /* -s; 0: all */
	uint32_t buffer_kib;	 /* -B; 0: as many as suit */
	uint32_t count;		 /* -c: packets; 0: no limit */
	uint32_t duration_s;	 /* 0: no limit */
	uint32_t every_s;	 /* 0: one report, at the end */
	const char *keep;	 /* -w */
	uint32_t keep_megabytes; /* -C: a new file after so many */
	uint32_t keep_seconds;	 /* -G: a new file after so many */
	uint32_t keep_files;	 /* -W */
	const char *output;	 /* -o; NULL: standard output */
	const char *user;	 /* -Z */
	bool no_sandbox, test_sandbox;
	const char *filter_file;   /* -F */
	char *const *filter_words; /* what follows the options */
	int filter_word_count;
	enum report_format format;
	bool events;
	bool connections;
	enum connection_order order; /* of them */
	uint32_t top;		     /* so many; 0: the usual number */
	size_t memory;
	int fail_on; /* enum severity, or -1 */
	enum severity least;
	const char *only;
	bool quiet, verbose, inventory;
	enum color_when color;
	const char *explain;
	bool list_findings, list_interfaces, markdown, version, help;
};

/* Fill in from the command line.  False with `err` filled: exit status 2. */
bool options_parse(struct options *o, int argc, char **argv, struct err *err);

/* Whether it asks about upstack itself, and nothing is analysed. */
bool options_is_question(const struct options *o);

/* The help, from the same table. */
void options_help(FILE *out);

#endif
