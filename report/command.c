/* SPDX-License-Identifier: BSD-3-Clause */
/* command.c - where in a line of advice a command stands. */
#include "report/command.h"

#include <stdbool.h>
#include <string.h>

/* What the lines of advice call. */
static const char *const programs[] = {
	"arp",	      "arping",
	"dig",	      "ethtool",
	"ip",	      "iw",
	"journalctl", "mtr",
	"nc",	      "ndisc6",
	"nft",	      "nstat",
	"ping",	      "rdisc6",
	"reordercap", "show",
	"ss",	      "sysctl",
	"tc",	      "tcpdump",
	"tracepath",  "traceroute",
	"editcap",    "mergecap",
	"resolvectl", "tcptraceroute",
};

static bool is_program(const char *word)
{
	size_t size = strcspn(word, " ");

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (strlen(programs[i]) == size && word[size] == ' ' &&
		    strncmp(word, programs[i], size) == 0)
			return true;
	return false;
}

/* After "on the server: ", "; " and a wide gap. */
static bool may_begin(const char *advice, size_t at)
{
	if (at == 0 || advice[at] == '(')
		return true;
	return at > 1 && advice[at - 1] == ' ' &&
	       strchr(" :;", advice[at - 2]) != NULL;
}

/* The words after it that speak of it are no part of it. */
static bool ends(const char *at)
{
	return strncmp(at, "  ", 2) == 0 || strncmp(at, " (", 2) == 0 ||
	       strncmp(at, ", ", 2) == 0 || *at == ';' || *at == ')';
}

size_t command_size(const char *advice, size_t at)
{
	bool quoted = false;
	size_t size = advice[at] == '(';

	if (!may_begin(advice, at) || !is_program(advice + at + size))
		return 0;
	while (advice[at + size]) {
		if (advice[at + size] == '\'')
			quoted = !quoted;
		if (!quoted && ends(advice + at + size))
			break;
		size++;
	}
	/* what is said after it stays with it: "...;" */
	while (advice[at + size] && advice[at + size] != ' ')
		size++;
	return size;
}
