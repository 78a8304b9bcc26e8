/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * options.c - the options are rows that carry their own help.
 *
 * The table is the only place that knows an option's letter, name, argument and
 * help; parsing and --help both read it.  Everything after the options is a
 * filter, as in tcpdump.
 */
#include "cli/options.h"

#include <stddef.h>
#include <string.h>

#include "base/escape.h"
#include "cli/option_values.h"

struct option_row {
	char letter;	      /* 0: none */
	const char *name;     /* without the dashes; NULL: none */
	const char *argument; /* NULL: takes none, and sets a bool */
	take_fn *take;	      /* NULL: set the field at `place` */
	size_t place;	      /* in struct options, of a bool or a text */
	const char *help;     /* NULL: not for everybody */
};

#define AT(field) NULL, offsetof(struct options, field)

static const struct option_row rows[] = {
	{'r', "read", "FILE", take_file, 0,
	 "read this capture (pcap or pcapng, may be compressed; - is standard "
	 "input); give it several times to merge captures by time"},
	{'i', "interface", "NAME", take_interface, 0,
	 "listen on this interface until Ctrl-C (any: on all); can be given "
	 "several times"},
	{'D', "list-interfaces", NULL, AT(list_interfaces),
	 "list the interfaces that can be listened on"},
	{'F', NULL, "FILE", AT(filter_file),
	 "read the filter expression from this file"},
	{'c', "count", "PACKETS", take_count, 0, "stop after so many packets"},
	{0, "duration", "TIME", take_duration, 0,
	 "listen for so long: 90s, 15m, 12h"},
	{'p', "no-promiscuous", NULL, AT(no_promiscuous),
	 "listen only to what is meant for this host"},
	{'s', "snapshot-length", "BYTES", take_snaplen, 0,
	 "keep only the first bytes of each packet (0: all)"},
	{'B', "buffer-size", "KIB", take_buffer, 0,
	 "size of the kernel's buffer for each interface (16384)"},
	{'w', "write", "FILE", AT(keep),
	 "also keep what is listened to, as pcapng"},
	{'C', NULL, "MEGABYTES", take_keep_megabytes, 0,
	 "with -w: go on in a new file after so many million bytes"},
	{'G', NULL, "SECONDS", take_keep_seconds, 0,
	 "with -w: go on in a new file after so long; its name may have the "
	 "fields of strftime"},
	{'W', NULL, "FILES", take_keep_files, 0,
	 "with -C: use so many files in turn; with -G: end after so many"},
	{'o', "output", "FILE", AT(output),
	 "write the report to this file, which is old or new and never half"},
	{0, "every", "TIME", take_every, 0,
	 "listening: also a report so far, each time this has passed"},
	{0, "format", "text|json|ndjson", take_format, 0,
	 "what to print (text); docs/output.md describes json and ndjson"},
	{0, "events", "tcp", take_events, 0,
	 "with ndjson: also a line for each TCP segment out of the ordinary"},
	{0, "connections", NULL, AT(connections),
	 "also the largest TCP connections in numbers, as ss -tin has them"},
	{0, "sort", "bytes|resent|rtt|duration", take_order, 0,
	 "with --connections: what counts as large (bytes)"},
	{0, "top", "N", take_top, 0, "with --connections: so many (20)"},
	{0, "min-severity", "SEVERITY", take_least, 0,
	 "leave out findings below info, notice, warning or critical"},
	{0, "only", "ID", AT(only), "show only findings of this id"},
	{0, "fail-on", "SEVERITY", take_fail_on, 0,
	 "exit with status 1 when a finding reaches this severity"},
	{'q', "quiet", NULL, AT(quiet), "print only the findings"},
	{'v', "verbose", NULL, AT(verbose), "print everything that is known"},
	{0, "inventory", NULL, AT(inventory),
	 "list what was learned: neighbours, gateways, services, pings ..."},
	{0, "color", "auto|always|never", take_color, 0,
	 "colour the text (auto: on a terminal, unless NO_COLOR is set)"},
	{0, "memory", "SIZE", take_memory, 0,
	 "use at most this much, as 64M or 2G (512M; at least 32M)"},
	{'Z', "user", "USER", AT(user),
	 "started as root: go on as this user (nobody)"},
	{0, "no-sandbox", NULL, AT(no_sandbox),
	 "keep all privileges, and do not restrict system calls"},
	{0, "self-test-sandbox", NULL, AT(test_sandbox), NULL},
	{0, "explain", "ID", AT(explain),
	 "explain a finding: what it means, how it is decided, what to do"},
	{0, "list-findings", NULL, AT(list_findings),
	 "list every finding there is (also with --format json, ndjson or "
	 "markdown)"},
	{0, "version", NULL, AT(version), "print the version"},
	{'h', "help", NULL, AT(help), "print this help"},
};

#undef AT

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

static bool set(struct options *o, const struct option_row *row,
		const char *value)
{
	char *place = (char *)o + row->place;

	if (row->take)
		return row->take(o, value);
	if (row->argument)
		memcpy(place, &value, sizeof(value));
	else
		*(bool *)place = true;
	return true;
}

static bool take(struct options *o, const struct option_row *row,
		 const char *word, const char *value, struct err *err)
{
	if (row->argument && !value)
		return complain(err, "%s needs a value: %s", word,
				row->argument);
	if (!row->argument && value)
		return complain(err, "%s takes no value%s", word, "");
	if (set(o, row, value))
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

static bool check_keep(const struct options *o, struct err *err)
{
	bool turns = o->keep_megabytes || o->keep_seconds;

	if (!o->keep && (turns || o->keep_files))
		err_set(err, "-C, -G and -W go with -w only");
	else if (o->keep && !o->interface_count)
		err_set(err, "-w goes with -i only: what is read from a file "
			     "is kept already");
	else if (o->keep_files && !turns)
		err_set(err, "-W goes with -C or -G only");
	else if (o->keep && strcmp(o->keep, "-") == 0 && turns)
		err_set(err, "standard output is no file to be changed: -C "
			     "and -G need -w FILE");
	else if (o->keep && strcmp(o->keep, "-") == 0 && !o->output)
		err_set(err, "the packets and the report cannot both go to "
			     "standard output: add -o FILE");
	else
		return true;
	return false;
}

static bool check_source(const struct options *o, struct err *err)
{
	bool live = o->interface_count > 0;

	if (!o->file_count && !live)
		err_set(err, "there is nothing to read: give a capture with "
			     "-r FILE or an interface with -i NAME, or see "
			     "upstack --help");
	else if (o->file_count && live)
		err_set(err, "there are files and interfaces: give either -r "
			     "or -i");
	else if (!live && (o->duration_s || o->every_s))
		err_set(err, "--duration and --every go with -i only");
	else if (o->events && o->format != REPORT_NDJSON)
		err_set(err, "--events goes with --format ndjson only");
	else if (o->filter_file && o->filter_word_count)
		err_set(err, "there are two filters: give either -F FILE or "
			     "the words of a filter");
	else
		return true;
	return false;
}

static bool check(const struct options *o, struct err *err)
{
	if (o->markdown && !o->list_findings) {
		err_set(err, "markdown goes with --list-findings only");
		return false;
	}
	if (options_is_question(o))
		return true;
	return check_source(o, err) && check_keep(o, err);
}

bool options_is_question(const struct options *o)
{
	return o->help || o->version || o->explain || o->list_findings ||
	       o->list_interfaces || o->test_sandbox;
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
	      "  upstack -r FILE [options] [filter]\n"
	      "  upstack -i INTERFACE [options] [filter]\n\n"
	      "A filter is one of tcpdump's: host 192.0.2.1 and tcp port "
	      "443\n\n",
	      out);
	for (int i = 0; i < ROWS; i++) {
		const struct option_row *row = &rows[i];
		char letter[8] = "    ";
		int at;

		if (!row->help)
			continue;

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
