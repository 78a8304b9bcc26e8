/* SPDX-License-Identifier: BSD-3-Clause */
/* run.c - one run over captures: a source, an engine, a report. */
#include "cli/run.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/engine.h"
#include "base/escape.h"
#include "cli/filter_file.h"
#include "cli/progress.h"
#include "cli/terminal.h"

enum { NAME_TEXT = 1024 };

/* What lives as long as the run. */
struct run {
	const struct options *options;
	struct source *source;
	struct engine *engine;
	struct report_events *events;
	struct progress progress;
	char *filter;
	bool output_failed;
	char name[SOURCES_MAX][NAME_TEXT]; /* escaped */
	const char *names[SOURCES_MAX];
	char title[NAME_TEXT];
};

/* The file without its folders, or how many there are. */
static void name_files(struct run *r)
{
	const struct options *o = r->options;
	const char *slash;

	for (uint32_t i = 0; i < o->file_count; i++) {
		escape_string(o->files[i], r->name[i], NAME_TEXT);
		r->names[i] = r->name[i];
	}
	slash = strrchr(r->name[0], '/');
	if (strcmp(r->name[0], "-") == 0)
		snprintf(r->title, NAME_TEXT, "standard input");
	else
		snprintf(r->title, NAME_TEXT, "%s",
			 slash && slash[1] ? slash + 1 : r->name[0]);
	if (o->file_count > 1)
		snprintf(r->title, NAME_TEXT, "%u captures", o->file_count);
}

static struct report_options report_options_of(const struct run *r)
{
	const struct options *o = r->options;

	struct report_options ro = terminal_options(o);

	ro.format = o->format;
	ro.least = o->least;
	ro.only = o->only;
	ro.quiet = o->quiet;
	ro.verbose = o->verbose;
	ro.title = r->title;
	ro.files = r->names;
	ro.file_count = o->file_count;
	return ro;
}

static void hear_segment(void *context, const struct observation *o)
{
	struct run *r = context;

	if (report_event(r->events, o) < 0)
		r->output_failed = true;
}

static struct engine *open_engine(struct run *r, struct err *err)
{
	const struct engine_listener listener = {.context = r,
						 .segment = hear_segment};
	struct engine_options eo = {.memory = r->options->memory,
				    .source = r->source};

	if (r->options->events) {
		r->events = report_events_new(stdout);
		if (!r->events) {
			err_set(err, "not enough memory to start");
			return NULL;
		}
		eo.listener = &listener;
	}
	return engine_new(&eo, err);
}

static void read_all(struct run *r)
{
	struct frame frames[BATCH];
	uint32_t n;

	progress_start(&r->progress);
	while (!r->output_failed &&
	       (n = source_read(r->source, frames, BATCH)) > 0) {
		engine_feed(r->engine, frames, n);
		progress_show(&r->progress, r->source);
	}
	progress_erase(&r->progress);
}

/* What was met while reading, on standard error; true: something is missing. */
static bool tell_troubles(const struct source *s)
{
	bool fatal = false;

	for (uint32_t i = 0; i < source_troubles(s); i++) {
		const struct source_trouble *t = source_trouble_at(s, i);

		fatal |= t->fatal;
		if (strstr(t->text, t->file))
			fprintf(stderr, "upstack: %s\n", t->text);
		else
			fprintf(stderr, "upstack: %s: %s\n", t->file, t->text);
	}
	return fatal;
}

static bool reaches(const struct diagnosis *d, int severity)
{
	for (uint32_t i = 0; severity >= 0 && i < d->finding_count; i++)
		if ((int)d->findings[i]->severity >= severity)
			return true;
	return false;
}

/* Report what an engine has seen; `trouble` is why it has seen nothing. */
static int report(struct run *r, const char *trouble)
{
	struct report_options ro = report_options_of(r);
	const struct diagnosis *d = engine_finish(r->engine);
	bool damaged = trouble != NULL;

	ro.errors = &trouble;
	ro.error_count = trouble ? 1 : 0;
	if (r->source)
		damaged |= tell_troubles(r->source);
	if (r->output_failed || report_write(stdout, &ro, d) < 0)
		return EXIT_OUTPUT;
	if (damaged)
		return EXIT_INPUT;
	return reaches(d, r->options->fail_on) ? EXIT_FOUND : EXIT_FINE;
}

static int run_source(struct run *r)
{
	const struct options *o = r->options;
	const struct source_options so = {.files = o->files,
					  .file_count = o->file_count,
					  .filter = r->filter};
	struct err err, no_engine;
	bool usage = false;

	r->source = source_open(&so, &usage, &err);
	if (!r->source)
		fprintf(stderr, "upstack: %s\n", err.text);
	if (usage)
		return EXIT_USAGE;
	r->engine = open_engine(r, &no_engine);
	if (!r->engine) {
		fprintf(stderr, "upstack: %s\n", no_engine.text);
		return EXIT_INPUT;
	}
	if (!r->source)
		return report(r, err.text);
	read_all(r);
	return report(r, NULL);
}

int run(const struct options *o)
{
	struct run *r = calloc(1, sizeof(*r));
	struct err err;
	int status = EXIT_USAGE;

	if (!r) {
		fprintf(stderr, "upstack: not enough memory to start\n");
		return EXIT_INPUT;
	}
	r->options = o;
	name_files(r);
	r->filter = filter_of(o, &err);
	if (r->filter)
		status = run_source(r);
	else
		fprintf(stderr, "upstack: %s\n", err.text);
	engine_free(r->engine);
	source_close(r->source);
	report_events_free(r->events);
	free(r->filter);
	free(r);
	return status;
}
