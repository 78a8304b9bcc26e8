/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * options.c - the options are rows that carry their own help.
 *
 * The table is the only place that knows an option's letter, name, argument and
 * help; parsing and --help both read it.  Everything after the options is a
 * filter, as in tcpdump.
 */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

/* Take one argument; false: it is none of those that the row allows. */
typedef bool take_fn(struct options *o, const char *value);

struct option_row {
	char letter;	      /* 0: none */
	const char *name;     /* without the dashes; NULL: none */
	const char *argument; /* NULL: takes none */
	take_fn *take;
	const char *help;
};

/* The place of `value` among names, or -1. */
static int one_of(const char *value, const char *const *names, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(value, names[i]) == 0)
			return i;
	return -1;
}

static bool take_file(struct options *o, const char *value)
{
	if (o->file_count == SOURCES_MAX || !value[0])
		return false;
	o->files[o->file_count++] = value;
	return true;
}

static bool take_filter_file(struct options *o, const char *value)
{
	o->filter_file = value;
	return true;
}

static bool take_format(struct options *o, const char *value)
{
	static const char *const names[] = {"text", "json", "ndjson"};
	int i = one_of(value, names, 3);

	o->markdown = strcmp(value, "markdown") == 0;
	if (i >= 0)
		o->format = (enum report_format)i;
	return i >= 0 || o->markdown;
}

static bool take_events(struct options *o, const char *value)
{
	o->events = strcmp(value, "tcp") == 0;
	return o->events;
}

static bool take_memory(struct options *o, const char *value)
{
	char *end;
	unsigned long long n = strtoull(value, &end, 10);
	unsigned shift = 0;

	if (end == value || value[0] == '-' || n > SIZE_MAX >> 30)
		return false;
	if (*end == 'K' || *end == 'k')
		shift = 10, end++;
	else if (*end == 'M' || *end == 'm')
		shift = 20, end++;
	else if (*end == 'G' || *end == 'g')
		shift = 30, end++;
	o->memory = (size_t)n << shift;
	return *end == '\0' && o->memory >= MEMORY_MIN;
}

/* -1 if it is no severity. */
static int severity_of(const char *value)
{
	for (int i = INFO; i <= CRITICAL; i++)
		if (strcmp(value, severity_name((enum severity)i)) == 0)
			return i;
	return -1;
}

static bool take_fail_on(struct options *o, const char *value)
{
	o->fail_on = severity_of(value);
	return o->fail_on >= 0;
}

static bool take_least(struct options *o, const char *value)
{
	int i = severity_of(value);

	if (i >= 0)
		o->least = (enum severity)i;
	return i >= 0;
}

static bool take_only(struct options *o, const char *value)
{
	o->only = value;
	return true;
}

static bool take_quiet(struct options *o, const char *value)
{
	(void)value;
	o->quiet = true;
	return true;
}

static bool take_verbose(struct options *o, const char *value)
{
	(void)value;
	o->verbose = true;
	return true;
}

static bool take_color(struct options *o, const char *value)
{
	static const char *const names[] = {"auto", "always", "never"};
	int i = one_of(value, names, 3);

	if (i >= 0)
		o->color = (enum color_when)i;
	return i >= 0;
}

static bool take_explain(struct options *o, const char *value)
{
	o->explain = value;
	return true;
}

static bool take_list(struct options *o, const char *value)
{
	(void)value;
	o->list_findings = true;
	return true;
}

static bool take_version(struct options *o, const char *value)
{
	(void)value;
	o->version = true;
	return true;
}

static bool take_help(struct options *o, const char *value)
{
	(void)value;
	o->help = true;
	return true;
}

static const struct option_row rows[] = {
	{'r', "read", "FILE", take_file,
	 "read this capture (pcap or pcapng, may be compressed; - is standard "
	 "input); give it several times to merge captures by time"},
	{'F', NULL, "FILE", take_filter_file,
	 "read the filter expression from this file"},
	{0, "format", "text|json|ndjson", take_format,
	 "what to print (text); docs/output.md describes json and ndjson"},
	{0, "events", "tcp", take_events,
	 "with ndjson: also a line for each TCP segment out of the ordinary"},
	{0, "min-severity", "SEVERITY", take_least,
	 "leave out findings below info, notice, warning or critical"},
	{0, "only", "ID", take_only, "show only findings of this id"},
	{0, "fail-on", "SEVERITY", take_fail_on,
	 "exit with status 1 when a finding reaches this severity"},
	{'q', "quiet", NULL, take_quiet, "print only the findings"},
	{'v', "verbose", NULL, take_verbose, "print everything that is known"},
	{0, "color", "auto|always|never", take_color,
	 "colour the text (auto: on a terminal, unless NO_COLOR is set)"},
	{0, "memory", "SIZE", take_memory,
	 "use at most this much, as 64M or 2G (512M; at least 32M)"},
	{0, "explain", "ID", take_explain,
	 "explain a finding: what it means, how it is decided, what to do"},
	{0, "list-findings", NULL, take_list,
	 "list every finding there is (also with --format json, ndjson or "
	 "markdown)"},
	{0, "version", NULL, take_version, "print the version"},
	{'h', "help", NULL, take_help, "print this help"},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static const struct option_row *row_of_letter(char letter)
{
	for (int i = 0; i < ROWS; i++)
		if (rows[i].letter == letter)
			return &rows[i];
	return NULL;
}

/* The row of "name" or "name=value". */
static const struct option_row *row_of_name(const char *name)
{
	size_t n = strcspn(name, "=");

	for (int i = 0; i < ROWS; i++)
		if (rows[i].name && strlen(rows[i].name) == n &&
		    strncmp(rows[i].name, name, n) == 0)
			return &rows[i];
	return NULL;
}

/* A word of the command line, as it may be printed. */
static bool complain(struct err *err, const char *format, const char *word,
		     const char *more)
{
	char safe[160];

	escape_string(word, safe, sizeof(safe));
	err_set(err, format, safe, more);
	return false;
}

static bool take(struct options *o, const struct option_row *row,
		 const char *word, const char *value, struct err *err)
{
	if (row->argument && !value)
		return complain(err, "%s needs a value: %s", word,
				row->argument);
	if (!row->argument && value)
		return complain(err, "%s takes no value%s", word, "");
	if (row->take(o, value))
		return true;
	return complain(err, "\"%s\" is no value here: it takes %s", value,
			row->argument);
}

/* "--name", "--name=value" or "--name value"; moves `i` past a value. */
static bool parse_long(struct options *o, char **argv, int *i, struct err *err)
{
	const char *word = argv[*i], *equals = strchr(word, '=');
	const struct option_row *row = row_of_name(word + 2);
	const char *value = equals ? equals + 1 : NULL;

	if (!row)
		return complain(err, "there is no option %s%s", word,
				": see upstack --help");
	if (row->argument && !value && argv[*i + 1])
		value = argv[++*i];
	return take(o, row, word, value, err);
}

/* "-q", "-qv", "-rFILE" or "-r FILE"; moves `i` past a value. */
static bool parse_short(struct options *o, char **argv, int *i, struct err *err)
{
	const char *word = argv[*i];

	for (const char *c = word + 1; *c; c++) {
		const struct option_row *row = row_of_letter(*c);
		const char *value = NULL;

		if (!row)
			return complain(err, "there is no option %s%s", word,
					": see upstack --help");
		if (row->argument && c[1])
			value = c + 1;
		else if (row->argument && argv[*i + 1])
			value = argv[++*i];
		if (!take(o, row, word, value, err))
			return false;
		if (row->argument)
			return true;
	}
	return true;
}

static bool check(const struct options *o, struct err *err)
{
	if (o->markdown && !o->list_findings) {
		err_set(err, "markdown goes with --list-findings only");
		return false;
	}
	if (o->help || o->version || o->explain || o->list_findings)
		return true;
	if (!o->file_count) {
		err_set(err, "there is nothing to read: give a capture with "
			     "-r FILE, or see upstack --help");
		return false;
	}
	if (o->events && o->format != REPORT_NDJSON) {
		err_set(err, "--events goes with --format ndjson only");
		return false;
	}
	if (o->filter_file && o->filter_word_count) {
		err_set(err, "there are two filters: give either -F FILE or "
			     "the words of a filter");
		return false;
	}
	return true;
}

bool options_parse(struct options *o, int argc, char **argv, struct err *err)
{
	int i = 1;

	*o = (struct options){.memory = MEMORY_DEFAULT, .fail_on = -1};
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		bool ok;

		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		ok = argv[i][1] == '-' ? parse_long(o, argv, &i, err)
				       : parse_short(o, argv, &i, err);
		if (!ok)
			return false;
	}
	o->filter_words = argv + i;
	o->filter_word_count = argc - i;
	return check(o, err);
}

/* Wrap a row's help behind its names. */
static void help_text(FILE *out, const char *text, int column)
{
	enum { WIDTH = 79, INDENT = 30 };
	int at = column;

	if (at > INDENT - 2) {
		fputc('\n', out);
		at = 0;
	}
	fprintf(out, "%*s", INDENT - at, "");
	at = INDENT;
	while (*text) {
		int n = (int)strcspn(text, " ");

		if (at > INDENT && at + 1 + n > WIDTH) {
			fprintf(out, "\n%*s", INDENT, "");
			at = INDENT;
		}
		at += fprintf(out, "%s%.*s", at > INDENT ? " " : "", n, text);
		text += n + (text[n] == ' ');
	}
	fputc('\n', out);
}

void options_help(FILE *out)
{
	fputs("upstack reads a packet capture and says what is wrong, at which "
	      "layer,\nwhat caused it, and which packets prove it.\n\n"
	      "  upstack -r FILE [options] [filter]\n\n"
	      "A filter is one of tcpdump's: host 192.0.2.1 and tcp port "
	      "443\n\n",
	      out);
	for (int i = 0; i < ROWS; i++) {
		const struct option_row *row = &rows[i];
		char letter[8] = "    ";
		int at;

		if (row->letter)
			snprintf(letter, sizeof(letter), "-%c%s", row->letter,
				 row->name ? ", " : "");
		at = fprintf(out, "  %s%s%s%s%s", letter, row->name ? "--" : "",
			     row->name ? row->name : "",
			     row->argument ? " " : "",
			     row->argument ? row->argument : "");
		help_text(out, row->help, at);
	}
	fputs("\nExit status: 0 analysed, whatever was found; 1 a finding "
	      "reached --fail-on;\n2 wrong usage or filter; 3 the input could "
	      "not be read, or not all of it;\n4 the output could not be "
	      "written.\n",
	      out);
}
