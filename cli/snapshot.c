/* SPDX-License-Identifier: BSD-3-Clause */
/* snapshot.c - the report of an analysis that goes on. */
#include "cli/snapshot.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Nothing of the parent's may be written twice, so the child leaves without
 * flushing anything but its own report. */
static void in_child(int fd, int (*write)(void *context, FILE *out),
		     void *context)
{
	FILE *out = fdopen(fd, "w");

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody waits for it any more */
	_exit(out && write(context, out) == 0 && fflush(out) == 0 ? 0 : 1);
}

int snapshot_begin(struct snapshot *s, int (*write)(void *context, FILE *out),
		   void *context)
{
	if (s->child)
		return 0;
	s->fd = memfd_create("report", MFD_CLOEXEC);
	if (s->fd < 0)
		return -1;
	s->child = fork();
	if (s->child == 0)
		in_child(s->fd, write, context);
	if (s->child > 0)
		return 0;
	s->child = 0;
	close(s->fd);
	return -1;
}

enum snapshot_state snapshot_look(struct snapshot *s)
{
	int status;
	pid_t done;

	if (!s->child)
		return SNAPSHOT_NONE;
	done = waitpid(s->child, &status, WNOHANG);
	if (done == 0)
		return SNAPSHOT_WAIT;
	s->child = 0;
	if (done > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return SNAPSHOT_DONE;
	close(s->fd);
	return SNAPSHOT_FAILED;
}

bool snapshot_head(const struct snapshot *s, void *bytes, size_t size)
{
	return lseek(s->fd, 0, SEEK_SET) == 0 &&
	       read(s->fd, bytes, size) == (ssize_t)size;
}

int snapshot_copy(const struct snapshot *s, size_t start, FILE *out)
{
	char bytes[16384];
	ssize_t n;

	if (lseek(s->fd, (off_t)start, SEEK_SET) != (off_t)start)
		return -1;
	while ((n = read(s->fd, bytes, sizeof(bytes))) > 0)
		if (fwrite(bytes, 1, (size_t)n, out) != (size_t)n)
			return -1;
	return n == 0 ? 0 : -1;
}

void snapshot_free(struct snapshot *s)
{
	close(s->fd);
}
