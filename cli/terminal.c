/* SPDX-License-Identifier: BSD-3-Clause */
/* terminal.c - what the terminal can show. */
#include "cli/terminal.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH_DEFAULT = 80, WIDTH_LEAST = 60, WIDTH_MOST = 120 };

static unsigned width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) ||
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return WIDTH_DEFAULT;
	if (size.ws_col < WIDTH_LEAST)
		return WIDTH_LEAST;
	return size.ws_col > WIDTH_MOST ? WIDTH_MOST : size.ws_col;
}

static bool wants_color(const struct options *o)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (o->color != COLOR_AUTO)
		return o->color == COLOR_ALWAYS;
	return isatty(STDOUT_FILENO) && !(no_color && no_color[0]) &&
	       !(term && strcmp(term, "dumb") == 0);
}

struct report_options terminal_options(const struct options *o)
{
	return (struct report_options){
		.color = wants_color(o),
		.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
		.width = width(),
	};
}
