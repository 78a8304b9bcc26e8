/* SPDX-License-Identifier: BSD-3-Clause */
/* main.c - picks what was asked for, and the exit status. */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <string.h>

#include "base/escape.h"
#include "cli/interfaces.h"
#include "cli/run.h"
#include "cli/sandbox.h"
#include "cli/terminal.h"

/* What asks about upstack itself. */
static int print_and_leave(const struct options *o)
{
	const struct report_options ro = terminal_options(o);
	char id[160];

	if (o->list_interfaces)
		return interfaces_list(stdout);
	if (o->test_sandbox)
		return sandbox_test(stdout) ? EXIT_FINE : EXIT_FOUND;
	if (o->help) {
		options_help(stdout);
	} else if (o->version) {
		printf("upstack %s\n", UPSTACK_VERSION);
	} else if (o->list_findings && o->markdown) {
		report_catalogue_markdown(stdout);
	} else if (o->list_findings) {
		report_catalogue(stdout, o->format);
	} else if (!report_explain(stdout, o->explain, &ro)) {
		escape_string(o->explain, id, sizeof(id));
		fprintf(stderr,
			"upstack: there is no finding \"%s\": see upstack "
			"--list-findings\n",
			id);
		return EXIT_USAGE;
	}
	return EXIT_FINE;
}

/* A full disk is often noticed only when the last bytes are written. */
static int finish_output(int status)
{
	if (!ferror(stdout) && fflush(stdout) == 0 && !ferror(stdout) &&
	    fclose(stdout) == 0)
		return status;
	if (status == EXIT_OUTPUT) /* it has been said */
		return status;
	fprintf(stderr, "upstack: the output could not be written: %s\n",
		strerror(errno));
	return EXIT_OUTPUT;
}

int main(int argc, char **argv)
{
	struct options o;
	struct err err;
	int status;

	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	if (!options_parse(&o, argc, argv, &err)) {
		fprintf(stderr, "upstack: %s\n", err.text);
		return EXIT_USAGE;
	}
	if (options_is_question(&o))
		status = print_and_leave(&o);
	else
		status = run(&o);
	return finish_output(status);
}
