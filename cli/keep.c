/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * keep.c - the files that keep what is listened to (-w, -C, -G, -W).
 *
 * Names and numbers are those of tcpdump(8): with -C "out", "out1", "out2",
 * with -C and -W "out0" to "out9" in turn, with -G a name of strftime's.
 */
#include "cli/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/escape.h"
#include "capture/writer.h"
#include "cli/folder.h"

enum { MEGABYTE = 1000 * 1000 };

struct keep {
	const struct options *options;
	struct folder folder;
	struct writer *writer;
	bool failed, full;
	uint32_t number;  /* of the file, by -C */
	uint32_t periods; /* begun, by -G */
	time_t began_s;	  /* of the period */
	char name[2 * FOLDER_NAME];
};

static time_t now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec;
}

static int digits_of(uint32_t n)
{
	int digits = 1;

	while (n >= 10) {
		n /= 10;
		digits++;
	}
	return digits;
}

/* The name of the file that begins now; false: strftime's is too long. */
static bool make_name(struct keep *k)
{
	const struct options *o = k->options;
	char base[FOLDER_NAME];
	struct tm t;

	snprintf(base, sizeof(base), "%s", k->folder.name);
	if (o->keep_seconds &&
	    (!localtime_r(&k->began_s, &t) ||
	     !strftime(base, sizeof(base), k->folder.name, &t)))
		return false;
	if (o->keep_megabytes && o->keep_files)
		snprintf(k->name, sizeof(k->name), "%s%0*u", base,
			 digits_of(o->keep_files - 1), k->number);
	else if (o->keep_megabytes && k->number)
		snprintf(k->name, sizeof(k->name), "%s%u", base, k->number);
	else
		snprintf(k->name, sizeof(k->name), "%s", base);
	return true;
}

static int open_file(const struct keep *k)
{
	if (strcmp(k->options->keep, "-") == 0)
		return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	return openat(k->folder.fd, k->name,
		      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

static void complain(struct keep *k, const char *what)
{
	char shown[2 * FOLDER_NAME];

	if (!k->failed)
		fprintf(stderr, "upstack: %s %s: %s\n",
			escape_string(k->name, shown, sizeof(shown)), what,
			strerror(errno));
	k->failed = true;
}

static void check(struct keep *k, int done)
{
	if (done != 0)
		complain(k, "could not be written and is not whole");
}

struct keep *keep_open(const struct options *o, const struct source *s,
		       struct err *err)
{
	struct keep *k = calloc(1, sizeof(*k));
	char shown[160];
	int fd;

	if (!k || !(k->writer = writer_new(s))) {
		err_set(err, "not enough memory to start");
		free(k);
		return NULL;
	}
	k->options = o;
	k->periods = 1;
	k->began_s = now_s();
	if (folder_open(&k->folder, o->keep, err) == 0) {
		fd = make_name(k) ? open_file(k) : -1;
		if (fd >= 0 && writer_begin(k->writer, fd) == 0)
			return k;
		err_set(err, "%s cannot be written: %s",
			escape_string(o->keep, shown, sizeof(shown)),
			strerror(errno));
	}
	writer_free(k->writer);
	folder_close(&k->folder);
	free(k);
	return NULL;
}

int keep_folder(const struct keep *k)
{
	return k && strcmp(k->options->keep, "-") != 0 ? k->folder.fd : -1;
}

bool keep_can_go_on(const struct keep *k, struct err *err)
{
	const struct options *o = k->options;

	return (!o->keep_megabytes && !o->keep_seconds) ||
	       folder_is_writable(&k->folder, o->keep, err);
}

/* Go on in the file whose name is due.  The new one is there before the old one
 * is finished: where that fails the old one goes on. */
static void next_file(struct keep *k)
{
	int fd = make_name(k) ? open_file(k) : -1;

	if (fd < 0) {
		complain(k, "cannot be written, the file before goes on");
		return;
	}
	check(k, writer_end(k->writer));
	check(k, writer_begin(k->writer, fd));
}

static void next_period(struct keep *k)
{
	const struct options *o = k->options;

	/* as in tcpdump, -W with both numbers the files of -C */
	if (o->keep_files && !o->keep_megabytes &&
	    k->periods == o->keep_files) {
		k->full = true;
		return;
	}
	k->periods++;
	k->number = 0;
	k->began_s = now_s();
	next_file(k);
}

static void next_number(struct keep *k)
{
	const struct options *o = k->options;

	k->number++;
	if (o->keep_files && k->number >= o->keep_files)
		k->number = 0;
	next_file(k);
}

void keep_add(struct keep *k, const struct frame *frames, uint32_t count)
{
	const uint64_t most = (uint64_t)k->options->keep_megabytes * MEGABYTE;

	if (!most) {
		check(k, writer_add(k->writer, frames, count));
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		if (writer_bytes(k->writer) > most)
			next_number(k);
		check(k, writer_add(k->writer, &frames[i], 1));
	}
}

void keep_look(struct keep *k)
{
	const struct options *o = k->options;

	check(k, writer_flush(k->writer));
	if (o->keep_seconds && !k->full &&
	    now_s() - k->began_s >= (time_t)o->keep_seconds)
		next_period(k);
}

void keep_reopen(struct keep *k)
{
	if (strcmp(k->options->keep, "-") != 0)
		next_file(k);
}

bool keep_is_full(const struct keep *k)
{
	return k->full;
}

bool keep_close(struct keep *k)
{
	bool fine;

	if (!k)
		return true;
	check(k, writer_end(k->writer));
	fine = !k->failed;
	writer_free(k->writer);
	folder_close(&k->folder);
	free(k);
	return fine;
}
