/* SPDX-License-Identifier: BSD-3-Clause */
/* run.c - one run: a source, an engine, a report. */
#include "cli/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/escape.h"
#include "cli/filter_file.h"
#include "cli/session.h"
#include "cli/signals.h"
#include "cli/terminal.h"

static int complain(const struct err *err, int status)
{
	fprintf(stderr, "upstack: %s\n", err->text);
	return status;
}

/* The file without its folders, or how many there are. */
static void name_files(struct session *r)
{
	const struct options *o = r->options;
	const char *slash;

	for (uint32_t i = 0; i < o->file_count; i++) {
		escape_string(o->files[i], r->name[i], SESSION_NAME);
		r->names[i] = r->name[i];
	}
	slash = strrchr(r->name[0], '/');
	if (strcmp(r->name[0], "-") == 0)
		snprintf(r->title, SESSION_NAME, "standard input");
	else
		snprintf(r->title, SESSION_NAME, "%s",
			 slash && slash[1] ? slash + 1 : r->name[0]);
	if (o->file_count > 1)
		snprintf(r->title, SESSION_NAME, "%u captures", o->file_count);
	if (o->interface_count > 1)
		snprintf(r->title, SESSION_NAME, "%u interfaces",
			 o->interface_count);
	else if (o->interface_count)
		escape_string(o->interfaces[0], r->title, SESSION_NAME);
}

struct report_options session_report_options(const struct session *r)
{
	const struct options *o = r->options;
	struct report_options ro = terminal_options(o);

	ro.format = o->format;
	ro.least = o->least;
	ro.only = o->only;
	ro.quiet = o->quiet;
	ro.verbose = o->verbose;
	ro.inventory = o->inventory;
	ro.makers = &r->makers;
	ro.title = r->title;
	ro.files = r->names;
	ro.file_count = o->file_count;
	return ro;
}

void session_output_failed(struct session *r)
{
	if (!r->output_failed)
		fprintf(stderr,
			"upstack: the output could not be written: %s\n",
			strerror(errno));
	r->output_failed = true;
}

static void hear_segment(void *context, const struct observation *o)
{
	struct session *r = context;

	if (r->mute)
		return;
	if (report_event(r->events, o) < 0)
		session_output_failed(r);
	r->alerts_waiting = true;
}

static void hear_finding(void *context, const struct finding *f)
{
	struct session *r = context;
	const struct report_options ro = session_report_options(r);
	const struct told_one one = told_of(f);
	int shown;

	if (r->mute || !told_wants(&r->told, f, ro.format == REPORT_NDJSON))
		return;
	shown = report_alert(r->report, &ro, f);
	if (shown < 0)
		session_output_failed(r);
	if (shown <= 0)
		return;
	told_add(&r->told, &one, f->def);
	r->alerts_waiting = true;
}

static uint32_t connections_wanted(const struct session *r)
{
	enum { USUAL = 20 };

	if (!r->options->connections)
		return 0;
	return r->options->top ? r->options->top : USUAL;
}

static int open_engine(struct session *r, struct err *err)
{
	struct engine_listener listener = {.context = r};
	const struct engine_options eo = {.memory = r->options->memory,
					  .listener = &listener,
					  .connections = connections_wanted(r),
					  .order = r->options->order,
					  .source = r->source};

	if (r->options->events) {
		r->events = report_events_new(r->report);
		if (!r->events)
			return err_set(err, "not enough memory to start");
		listener.segment = hear_segment;
	}
	if (r->options->interface_count)
		listener.finding = hear_finding;
	r->engine = engine_new(&eo, err);
	return r->engine ? 0 : -1;
}

static void read_all(struct session *r)
{
	const uint64_t most =
		r->options->count ? r->options->count : UINT64_MAX;
	struct frame frames[READ];
	uint64_t packets = 0;

	progress_start(&r->progress);
	while (!r->output_failed && packets < most) {
		uint64_t left = most - packets;
		uint32_t n = source_read(r->source, frames,
					 left < READ ? (uint32_t)left : READ);

		if (n == 0)
			break;
		packets += n;
		engine_feed(r->engine, frames, n);
		progress_show(&r->progress, r->source);
	}
	if (packets < most)
		engine_quiet(r->engine, source_quiet_ns(r->source));
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

/* The report, whole or not at all. */
static void write_report(struct session *r, const struct report_options *ro,
			 const struct diagnosis *d)
{
	bool live = r->options->interface_count > 0;
	FILE *out = live ? output_begin(&r->output) : r->report;

	if (!out) {
		session_output_failed(r);
	} else if (r->output_failed || report_write(out, ro, d) < 0) {
		session_output_failed(r);
		output_abandon(&r->output, out);
	} else if (output_end(&r->output, out) != 0) {
		session_output_failed(r);
	}
}

/* Report what an engine has seen; `trouble` is why it has seen nothing. */
static int report(struct session *r)
{
	struct report_options ro = session_report_options(r);
	const struct diagnosis *d = engine_finish(r->engine);
	bool damaged = r->trouble != NULL;

	ro.errors = &r->trouble;
	ro.error_count = r->trouble ? 1 : 0;
	if (r->source)
		damaged |= tell_troubles(r->source);
	write_report(r, &ro, d);
	if (!keep_close(r->keep))
		r->output_failed = true;
	r->keep = NULL;
	if (r->output_failed)
		return EXIT_OUTPUT;
	if (damaged)
		return EXIT_INPUT;
	return reaches(d, r->options->fail_on) ? EXIT_FOUND : EXIT_FINE;
}

/* Files that cannot be opened make a report without packets; an interface is
 * not there, and that is all. */
static int open_source(struct session *r, struct err *err)
{
	const struct options *o = r->options;
	const struct source_live live = {
		.interfaces = o->interfaces,
		.interface_count = o->interface_count,
		.snaplen = o->snaplen,
		.buffer_kib = o->buffer_kib,
		.promiscuous = !o->no_promiscuous,
		.wake_fd = r->signal_fd,
	};
	const struct source_options so = {.files = o->files,
					  .file_count = o->file_count,
					  .filter = r->filter,
					  .live = o->interface_count ? &live
								     : NULL};
	bool usage = false;

	r->source = source_open(&so, &usage, err);
	if (r->source)
		return EXIT_FINE;
	complain(err, 0);
	r->trouble = err->text;
	if (usage)
		return EXIT_USAGE;
	return o->interface_count ? EXIT_INPUT : EXIT_FINE;
}

/* Everything that has to be opened with the privileges that we came with. */
static int open_all(struct session *r, struct err *err)
{
	const struct options *o = r->options;
	struct err other;
	int status;

	if (o->interface_count && (r->signal_fd = signals_open()) < 0)
		return complain(err_set(err, "signals cannot be read") ? err
								       : err,
				EXIT_INPUT);
	status = open_source(r, err);
	if (status != EXIT_FINE)
		return status;
	if (output_open(&r->output, o->output, &other) != 0)
		return complain(&other, EXIT_OUTPUT);
	if (o->keep && !(r->keep = keep_open(o, r->source, &other)))
		return complain(&other, EXIT_OUTPUT);
	return EXIT_FINE;
}

/* Give up what is not needed any more. */
static int enter_sandbox(struct session *r)
{
	const struct options *o = r->options;
	struct sandbox *s = &r->sandbox;
	struct err err;

	s->live = o->interface_count > 0;
	s->folders[0] = r->output.folder.fd;
	s->folders[1] = keep_folder(r->keep);
	tzset(); /* names of -G: the time zone is read now */
	report_prepare();
	maker_list_open(&r->makers);
	if (!o->no_sandbox && (sandbox_user(s, o->user, &err) != 0 ||
			       sandbox_enter(s, &err) != 0))
		return complain(&err, EXIT_INPUT);
	if (o->verbose)
		sandbox_tell(s, stderr);
	if (o->output && !r->output.special &&
	    !folder_is_writable(&r->output.folder, o->output, &err))
		return complain(&err, EXIT_OUTPUT);
	if (r->keep && !keep_can_go_on(r->keep, &err))
		return complain(&err, EXIT_OUTPUT);
	return EXIT_FINE;
}

/* Live, alerts go to standard output and each report is begun when it is made;
 * of a file there is one report, and it is begun now. */
static int open_report(struct session *r)
{
	r->report = stdout;
	if (r->options->interface_count)
		return EXIT_FINE;
	r->report = output_begin(&r->output);
	if (r->report)
		return EXIT_FINE;
	session_output_failed(r);
	return EXIT_OUTPUT;
}

static int run_session(struct session *r)
{
	struct err err, no_engine;
	int status = open_all(r, &err);

	if (status == EXIT_FINE)
		status = enter_sandbox(r);
	if (status == EXIT_FINE)
		status = open_report(r);
	if (status != EXIT_FINE)
		return status;
	if (open_engine(r, &no_engine) != 0)
		return complain(&no_engine, EXIT_INPUT);
	if (r->options->interface_count)
		listen_all(r);
	else if (r->source)
		read_all(r);
	return report(r);
}

static void close_session(struct session *r)
{
	engine_free(r->engine);
	keep_close(r->keep);
	source_close(r->source);
	report_events_free(r->events);
	output_close(&r->output);
	signals_close(r->signal_fd);
	maker_list_close(&r->makers);
	free(r->filter);
	free(r);
}

int run(const struct options *o)
{
	struct session *r = calloc(1, sizeof(*r));
	struct err err;
	int status = EXIT_USAGE;

	if (!r) {
		fprintf(stderr, "upstack: not enough memory to start\n");
		return EXIT_INPUT;
	}
	r->options = o;
	r->signal_fd = r->output.folder.fd = -1;
	name_files(r);
	r->filter = filter_of(o, &err);
	if (r->filter)
		status = run_session(r);
	else
		complain(&err, EXIT_USAGE);
	close_session(r);
	return status;
}
