/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * allocations.c - memory that runs out at every place in turn: a clean error or
 * a report, never a crash.
 *
 *   allocations PCAPS
 *
 * The linker hands the program's own allocations to the functions below, which
 * fail the n-th one, and from there on all; jansson gets the same functions.
 * Sanitizers watch, for leaks too.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "analysis/engine.h"
#include "report/report.h"

enum { MOST = 4000, STEP_AFTER = 400, STEP = 7 };

/* The n-th allocation from now fails; 0: none.  Wrapped functions get no
 * context, so this is a variable of the file. */
static struct {
	uint32_t left, made;
	bool all, hit;
} failing;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
void *__real_mmap(void *at, size_t size, int prot, int flags, int fd, off_t o);
char *__real_strdup(const char *s);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);
void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t o);
char *__wrap_strdup(const char *s);

static bool fails(void)
{
	failing.made++;
	if (!failing.left)
		return false;
	if (failing.left > 1) {
		failing.left--;
		return false;
	}
	if (!failing.all)
		failing.left = 0;
	failing.hit = true;
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

void *__wrap_aligned_alloc(size_t align, size_t size)
{
	return fails() ? NULL : __real_aligned_alloc(align, size);
}

void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t o)
{
	return fails() ? MAP_FAILED : __real_mmap(at, size, prot, flags, fd, o);
}

char *__wrap_strdup(const char *s)
{
	return fails() ? NULL : __real_strdup(s);
}

/* A report that lacks something must not be called whole. */
static void write_report(FILE *out, const struct report_options *ro,
			 const struct diagnosis *d)
{
	failing.hit = false;
	if (report_write(out, ro, d) == 0 && failing.hit) {
		fprintf(stderr, "%s: half a report is called whole\n",
			ro->files[0]);
		exit(1);
	}
}

/* One run as the program makes it, as far as memory lets it. */
static void run(const char *path, enum report_format format, FILE *out)
{
	const struct source_options so = {
		.files = &path, .file_count = 1, .filter = "ip or arp or ip6"};
	const struct report_options ro = {.format = format,
					  .width = 80,
					  .verbose = true,
					  .title = "capture",
					  .files = &path,
					  .file_count = 1};
	struct engine_options eo = {.memory = MEMORY_MIN};
	struct frame frames[BATCH];
	struct source *s;
	struct engine *e;
	struct err err;
	bool usage;
	uint32_t n;

	s = source_open(&so, &usage, &err);
	eo.source = s;
	e = s ? engine_new(&eo, &err) : NULL;
	while (e && (n = source_read(s, frames, BATCH)) > 0)
		engine_feed(e, frames, n);
	if (e)
		write_report(out, &ro, engine_finish(e));
	engine_free(e);
	source_close(s);
}

/* Fail each allocation of a run in turn; returns how many there were. */
static uint32_t fail_each(const char *path, enum report_format format, bool all,
			  FILE *out)
{
	uint32_t made, step = 1;

	failing.left = failing.made = 0;
	failing.all = all;
	run(path, format, out);
	made = failing.made;
	for (uint32_t n = 1; n <= made && n < MOST; n += step) {
		failing.left = n;
		run(path, format, out);
		failing.left = 0;
		rewind(out);
		if (n > STEP_AFTER)
			step = STEP;
	}
	return made;
}

int main(int argc, char **argv)
{
	static const char *const captures[] = {
		"arp/gateway-unresolved.pcap", "capture/drops.pcap",
		"dns/server-down.pcap", "retx/peer-lost.pcap"};
	FILE *out = fopen("/dev/null", "w");
	uint32_t sum = 0;

	if (argc != 2 || !out)
		return 2;
	json_set_alloc_funcs(__wrap_malloc, free);
	for (size_t i = 0; i < sizeof(captures) / sizeof(captures[0]); i++) {
		char path[1024];

		snprintf(path, sizeof(path), "%s/%s", argv[1], captures[i]);
		sum += fail_each(path, REPORT_TEXT, false, out);
		sum += fail_each(path, REPORT_JSON, i & 1, out);
		sum += fail_each(path, REPORT_NDJSON, true, out);
	}
	fclose(out);
	printf("%u allocations, each failed once\n", sum);
	return sum > 100 ? 0 : 1;
}
