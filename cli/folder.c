/* SPDX-License-Identifier: BSD-3-Clause */
/* folder.c - the folder of a file that will be written or written again. */
#include "cli/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"

int folder_open(struct folder *f, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char *parent, shown[160];

	f->fd = -1;
	escape_string(path, shown, sizeof(shown));
	if (!name[0] || strlen(name) >= FOLDER_NAME)
		return err_set(err, "%s cannot be the name of a file", shown);
	strcpy(f->name, name);
	parent = slash ? strndup(path, (size_t)(name - path)) : strdup(".");
	if (!parent)
		return err_set(err, "not enough memory to start");
	f->fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(parent);
	if (f->fd < 0)
		return err_set(err, "%s cannot be written: its folder: %s",
			       shown, strerror(errno));
	return 0;
}

bool folder_is_writable(const struct folder *f, const char *path,
			struct err *err)
{
	char shown[160];

	if (faccessat(f->fd, ".", W_OK | X_OK, 0) == 0)
		return true;
	escape_string(path, shown, sizeof(shown));
	err_set(err,
		"%s cannot be written: user %u may not make files in its "
		"folder (%s); -Z USER chooses another user",
		shown, (unsigned)getuid(), strerror(errno));
	return false;
}

void folder_close(struct folder *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}
