/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_engine.c - any bytes as a capture: diagnosed, and told as JSON. */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analysis/engine.h"
#include "report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every line that was written must be one JSON object. */
static void check(char *text, size_t size)
{
	json_t *whole = json_loadb(text, size, JSON_DISABLE_EOF_CHECK, NULL);

	if (!whole)
		abort();
	json_decref(whole);
}

static void event(void *out, const struct observation *o)
{
	report_event(out, o);
}

static void tell(const struct diagnosis *d, enum report_format format)
{
	const char *files[] = {"fuzz"};
	const struct report_options o = {.format = format,
					 .width = 80,
					 .verbose = true,
					 .title = "fuzz",
					 .files = files,
					 .file_count = 1};
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	report_write(out, &o, d);
	fclose(out);
	if (format == REPORT_JSON)
		check(text, size);
	free(text);
}

static void analyse(struct source *source, struct report_events *events)
{
	const struct engine_listener listener = {.context = events,
						 .segment = event};
	const struct engine_options options = {
		.memory = MEMORY_MIN, .listener = &listener, .source = source};
	struct frame frames[BATCH];
	struct err err;
	struct engine *e = engine_new(&options, &err);
	const struct diagnosis *d;
	uint32_t n;

	if (!e)
		abort();
	while ((n = source_read(source, frames, BATCH)) > 0)
		engine_feed(e, frames, n);
	d = engine_finish(e);
	tell(d, REPORT_JSON);
	tell(d, REPORT_TEXT);
	engine_free(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("capture", MFD_CLOEXEC);
	char path[64];
	const char *files[] = {path};
	const struct source_options options = {.files = files, .file_count = 1};
	struct err err;
	struct source *source;
	bool usage;
	FILE *null = fopen("/dev/null", "w");
	struct report_events *events = null ? report_events_new(null) : NULL;

	if (fd < 0 || !events || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	source = source_open(&options, &usage, &err);
	if (source)
		analyse(source, events);
	source_close(source);
	report_events_free(events);
	fclose(null);
	close(fd);
	return 0;
}
