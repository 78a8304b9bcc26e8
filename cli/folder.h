/* SPDX-License-Identifier: BSD-3-Clause */
/* folder.h - the folder of a file that will be written or written again. */
#ifndef UPSTACK_CLI_FOLDER_H
#define UPSTACK_CLI_FOLDER_H

#include <stdbool.h>

#include "base/err.h"

enum { FOLDER_NAME = 256 };

/* A folder held open, and the name in it. */
struct folder {
	int fd; /* -1: none */
	char name[FOLDER_NAME];
};

/* -1 with `err` filled if there is no such folder. */
int folder_open(struct folder *f, const char *path, struct err *err);

/* Whether files can be made in it, with the privileges that there are now; else
 * `err` says who may not. */
bool folder_is_writable(const struct folder *f, const char *path,
			struct err *err);

void folder_close(struct folder *f);

#endif
