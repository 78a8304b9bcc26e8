/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sandbox_landlock.c - no file can be opened, but made in the folders of -w and
 * -o; no TCP, no signal to others (landlock(7)).
 *
 * The structures stand here because a kernel may know more than the headers
 * that this was built with.
 */
#include "cli/sandbox.h"

#include <errno.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct attributes {
	uint64_t files, network, scope;
};

/* Rights of version 1: the lower 13 bits; what came later. */
enum {
	V1 = (1 << 13) - 1,
	REFER = 1 << 13,
	TRUNCATE = 1 << 14,
	IOCTL_DEVICE = 1 << 15,
	BIND_AND_CONNECT = 3,
	SOCKETS_AND_SIGNALS = 3,
};

static struct attributes everything(int version)
{
	struct attributes a = {.files = V1};

	if (version >= 2)
		a.files |= REFER;
	if (version >= 3)
		a.files |= TRUNCATE;
	if (version >= 5)
		a.files |= IOCTL_DEVICE;
	if (version >= 4)
		a.network = BIND_AND_CONNECT;
	if (version >= 6)
		a.scope = SOCKETS_AND_SIGNALS;
	return a;
}

static size_t size_of(int version)
{
	if (version >= 6)
		return sizeof(struct attributes);
	return version >= 4 ? offsetof(struct attributes, scope)
			    : offsetof(struct attributes, network);
}

static int allow_folder(int rules, int folder, int version)
{
	struct landlock_path_beneath_attr a = {
		.allowed_access = LANDLOCK_ACCESS_FS_WRITE_FILE |
				  LANDLOCK_ACCESS_FS_MAKE_REG |
				  LANDLOCK_ACCESS_FS_REMOVE_FILE,
		.parent_fd = folder,
	};

	if (version >= 3)
		a.allowed_access |= TRUNCATE;
	return (int)syscall(SYS_landlock_add_rule, rules,
			    LANDLOCK_RULE_PATH_BENEATH, &a, 0);
}

int sandbox_landlock(const struct sandbox *s, struct err *err)
{
	int version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
				   LANDLOCK_CREATE_RULESET_VERSION);
	struct attributes a;
	int rules, done = 0;

	if (version < 1)
		return 0;
	a = everything(version);
	rules = (int)syscall(SYS_landlock_create_ruleset, &a, size_of(version),
			     0);
	if (rules < 0)
		return err_set(err, "landlock cannot be set up: %s",
			       strerror(errno));
	for (int i = 0; i < SANDBOX_FOLDERS && done == 0; i++)
		if (s->folders[i] >= 0)
			done = allow_folder(rules, s->folders[i], version);
	if (done == 0)
		done = (int)syscall(SYS_landlock_restrict_self, rules, 0);
	if (done != 0)
		err_set(err, "landlock cannot be put in force: %s",
			strerror(errno));
	close(rules);
	return done == 0 ? version : -1;
}
