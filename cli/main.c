/* SPDX-License-Identifier: BSD-3-Clause */
/* main.c - one run: a source, an engine, a report. */
#include <stdio.h>
#include <string.h>

#include "analysis/engine.h"
#include "capture/source.h"
#include "report/report.h"

int main(int argc, char **argv)
{
	const char *files[1] = {argc > 1 ? argv[argc - 1] : "-"};
	const struct source_options so = {.files = files, .file_count = 1};
	const struct report_options ro = {.format = REPORT_JSON,
					  .width = 80,
					  .title = files[0],
					  .files = files,
					  .file_count = 1};
	struct frame frames[BATCH];
	struct err err;
	bool usage = false;
	struct source *source = source_open(&so, &usage, &err);
	struct engine_options eo = {.memory = MEMORY_DEFAULT};
	struct engine *engine;
	uint32_t n;

	if (!source) {
		fprintf(stderr, "upstack: %s\n", err.text);
		return usage ? 2 : 3;
	}
	eo.source = source;
	engine = engine_new(&eo, &err);
	if (!engine) {
		fprintf(stderr, "upstack: %s\n", err.text);
		return 3;
	}
	while ((n = source_read(source, frames, BATCH)) > 0)
		engine_feed(engine, frames, n);
	report_write(stdout, &ro, engine_finish(engine));
	engine_free(engine);
	source_close(source);
	return 0;
}
