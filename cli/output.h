/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * output.h - where reports go: standard output, or a file that is old or new
 * and never half.
 */
#ifndef UPSTACK_CLI_OUTPUT_H
#define UPSTACK_CLI_OUTPUT_H

#include <stdio.h>

#include "cli/folder.h"

struct output {
	const char *path; /* NULL: standard output */
	struct folder folder;
	char temporary[FOLDER_NAME + 32];
	FILE *special; /* a device or pipe, which cannot be replaced */
};

/* -1 with `err` filled if the folder cannot be opened. */
int output_open(struct output *o, const char *path, struct err *err);

/* Where the next report is written to; NULL with errno. */
FILE *output_begin(struct output *o);

/* The report is whole: put it in the place of the old one.  -1 with errno; the
 * old one is then still there. */
int output_end(struct output *o, FILE *file);

/* Leave the old one where it is. */
void output_abandon(struct output *o, FILE *file);

void output_close(struct output *o);

#endif
