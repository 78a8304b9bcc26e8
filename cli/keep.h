/* SPDX-License-Identifier: BSD-3-Clause */
/* keep.h - the files that keep what is listened to (-w, -C, -G, -W). */
#ifndef UPSTACK_CLI_KEEP_H
#define UPSTACK_CLI_KEEP_H

#include "capture/source.h"
#include "cli/options.h"

struct keep;

/* Open the first file.  NULL with `err` filled. */
struct keep *keep_open(const struct options *o, const struct source *s,
		       struct err *err);

/* The folder in which further files are made; -1: none are. */
int keep_folder(const struct keep *k);

/* Whether further files can be made with the privileges that there are now. */
bool keep_can_go_on(const struct keep *k, struct err *err);

/* Keep these frames.  What fails is told on standard error, once. */
void keep_add(struct keep *k, const struct frame *frames, uint32_t count);

/* About once a second: hand over what is buffered, begin a new file when it is
 * time. */
void keep_look(struct keep *k);

/* Begin the file anew under its name: somebody moved the old one away. */
void keep_reopen(struct keep *k);

/* All files that were wanted are full (-W with -G). */
bool keep_is_full(const struct keep *k);

/* Finish the last file; false if something could not be written. */
bool keep_close(struct keep *k);

#endif
