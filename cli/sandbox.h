/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sandbox.h - what an analysis may still do once its inputs and outputs are
 * open: as little as it needs, because every byte that it reads may be an
 * attacker's.
 */
#ifndef UPSTACK_CLI_SANDBOX_H
#define UPSTACK_CLI_SANDBOX_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/err.h"

enum { SANDBOX_FOLDERS = 2, SANDBOX_USER = 64 };

struct sandbox {
	/* what the run needs */
	bool live;		      /* its sockets */
	int folders[SANDBOX_FOLDERS]; /* files are made in these; -1: none */
	/* who to be; from sandbox_user */
	bool change_user;
	uid_t uid;
	gid_t gid;
	char user[SANDBOX_USER]; /* escaped */
	/* what is in force, once entered */
	bool no_caps, no_new_privs, seccomp;
	int landlock; /* version of the kernel's; 0: it has none */
};

/* Who to be: nobody where `user` is NULL; nothing changes unless we are root.
 * -1 with `err` filled if there is no such user. */
int sandbox_user(struct sandbox *s, const char *user, struct err *err);

/* Give everything up that the run does not need; there is no way back.  -1 with
 * `err` filled if a layer that this system has cannot be put up. */
int sandbox_enter(struct sandbox *s, struct err *err);

/* The layers, each by itself (for sandbox_test). */
int sandbox_drop_user(const struct sandbox *s, struct err *err);
int sandbox_drop_caps(struct err *err);
int sandbox_no_new_privs(struct err *err);
/* The version; 0: this kernel has none. */
int sandbox_landlock(const struct sandbox *s, struct err *err);
int sandbox_seccomp(const struct sandbox *s, struct err *err);

/* One line: which layers are in force. */
void sandbox_tell(const struct sandbox *s, FILE *out);

/* --self-test-sandbox: try what each layer forbids, in children; a line each.
 * False if a layer does not bite. */
bool sandbox_test(FILE *out);

#endif
