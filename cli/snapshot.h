/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * snapshot.h - the report of an analysis that goes on.
 *
 * To report is to end the analysis: what is open is decided as it stands.  So
 * that this changes nothing, it is done in a child process, which has a copy of
 * everything at the moment when it begins.
 */
#ifndef UPSTACK_CLI_SNAPSHOT_H
#define UPSTACK_CLI_SNAPSHOT_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct snapshot {
	pid_t child; /* 0: none is being made */
	int fd;	     /* memory that the child writes to */
};

/* Let `write` make a report in a child; nothing happens while one is being
 * made.  -1 with errno. */
int snapshot_begin(struct snapshot *s, int (*write)(void *context, FILE *out),
		   void *context);

enum snapshot_state {
	SNAPSHOT_NONE,
	SNAPSHOT_WAIT,
	SNAPSHOT_DONE,
	SNAPSHOT_FAILED
};

/* Whether it is done: then `s->fd` holds it, until snapshot_free. */
enum snapshot_state snapshot_look(struct snapshot *s);

/* Copy it from the byte `start` on; -1 with errno. */
int snapshot_copy(const struct snapshot *s, size_t start, FILE *out);

/* Its first `size` bytes; false if there are not so many. */
bool snapshot_head(const struct snapshot *s, void *bytes, size_t size);

/* After SNAPSHOT_DONE. */
void snapshot_free(struct snapshot *s);

#endif
