/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * report.h - the door of report/: a diagnosis as text, JSON or NDJSON.
 */
#ifndef UPSTACK_REPORT_REPORT_H
#define UPSTACK_REPORT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/diagnosis.h"
#include "analysis/observation.h"

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_NDJSON };

/* The list of who makes network cards, if the system has one (report/vendor.c).
 * It is opened before files no longer can be. */
struct maker_list {
	const char *text;
	size_t size; /* 0: there is none */
};

void maker_list_open(struct maker_list *list);
void maker_list_close(struct maker_list *list);

struct report_options {
	enum report_format format;
	enum severity least; /* --min-severity: findings below are left out */
	bool quiet;	     /* -q: text has only the findings */
	bool verbose;	     /* -v: text has every finding's evidence */
	const struct maker_list *makers; /* NULL: none */
	bool inventory;	     /* --inventory: text lists what was learned */
	bool color;
	bool ascii;	   /* text: only ASCII, for terminals without UTF-8 */
	const char *only;  /* --only: findings of other ids are left out */
	unsigned width;	   /* columns of the text, at least 60 */
	const char *title; /* what was analysed, escaped: "office.pcap" */
	const char *const *files; /* escaped, file_count of them */
	uint32_t file_count;
	const char *const *errors; /* capture.errors, escaped */
	uint32_t error_count;
};

/* Once, before any report and while files can be opened. */
void report_prepare(void);

/* Write the whole report (NDJSON: the findings that were not written yet, and
 * the summary).  -1 if the output failed. */
int report_write(FILE *out, const struct report_options *o,
		 const struct diagnosis *d);

/* NDJSON, --events tcp: a line for each segment, now.  It keeps the names of
 * the latest flows, because a bulk transfer has 100 000 events of one flow. */
struct report_events;

struct report_events *report_events_new(FILE *out); /* NULL: no memory */
int report_event(struct report_events *w, const struct observation *segment);
void report_events_free(struct report_events *w);

/* NDJSON: one finding now.  `d` tells of links, and may be NULL. */
int report_finding(FILE *out, const struct diagnosis *d,
		   const struct finding *f);

/* Live: a finding at the moment when it is raised, on a line (NDJSON: the
 * finding as it stands; JSON: nothing).  1 if there was something to be shown,
 * 0, or -1 if the output failed. */
int report_alert(FILE *out, const struct report_options *o,
		 const struct finding *f);

/* --explain ID: the page of docs/findings; false if there is no such id. */
bool report_explain(FILE *out, const char *id, const struct report_options *o);

/* --list-findings: as text, JSON, NDJSON, or the Markdown of docs/findings.md.
 */
int report_catalogue(FILE *out, enum report_format format);
int report_catalogue_markdown(FILE *out);

#endif
