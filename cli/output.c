/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * output.c - where reports go: standard output, or a file that is old or new
 * and never half.
 *
 * A report is written to a temporary file beside the old one, forced to the
 * disk, and given its name at last, which the system does in one step.
 */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"

static bool is_special(const struct folder *f)
{
	struct stat s;

	return fstatat(f->fd, f->name, &s, 0) == 0 && !S_ISREG(s.st_mode);
}

int output_open(struct output *o, const char *path, struct err *err)
{
	char shown[160];

	*o = (struct output){.path = path, .folder = {.fd = -1}};
	if (!path)
		return 0;
	if (folder_open(&o->folder, path, err) != 0)
		return -1;
	snprintf(o->temporary, sizeof(o->temporary), ".%.200s.%d.new",
		 o->folder.name, (int)getpid());
	if (!is_special(&o->folder))
		return 0;
	o->special = fopen(path, "we");
	if (o->special)
		return 0;
	escape_string(path, shown, sizeof(shown));
	return err_set(err, "%s cannot be written: %s", shown, strerror(errno));
}

FILE *output_begin(struct output *o)
{
	FILE *file;
	int fd;

	if (!o->path)
		return stdout;
	if (o->special)
		return o->special;
	unlinkat(o->folder.fd, o->temporary, 0);
	fd = openat(o->folder.fd, o->temporary,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (fd >= 0 && !file) {
		close(fd);
		unlinkat(o->folder.fd, o->temporary, 0);
	}
	return file;
}

static int flush(FILE *file)
{
	return fflush(file) != 0 || ferror(file) ? -1 : 0;
}

int output_end(struct output *o, FILE *file)
{
	int done, why;

	if (!o->path || o->special)
		return flush(file);
	done = flush(file) != 0 || fsync(fileno(file)) != 0 ? -1 : 0;
	why = errno;
	if (fclose(file) != 0 && done == 0) {
		done = -1;
		why = errno;
	}
	if (done == 0 && renameat(o->folder.fd, o->temporary, o->folder.fd,
				  o->folder.name) != 0) {
		done = -1;
		why = errno;
	}
	if (done != 0)
		unlinkat(o->folder.fd, o->temporary, 0);
	else
		fsync(o->folder.fd); /* the name, too, should last */
	errno = why;
	return done;
}

void output_abandon(struct output *o, FILE *file)
{
	if (!o->path || o->special)
		return;
	fclose(file);
	unlinkat(o->folder.fd, o->temporary, 0);
}

void output_close(struct output *o)
{
	if (o->special)
		fclose(o->special);
	folder_close(&o->folder);
}
