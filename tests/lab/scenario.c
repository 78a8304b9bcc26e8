/* SPDX-License-Identifier: BSD-3-Clause */
/* scenario.c - reads a scenario: one statement a line, words apart by spaces.
 */
#include "lab/scenario.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/fail.h"
#include "lab/quantity.h"
#include "lab/rule_words.h"
#include "lab/words.h"

enum { FILE_MAX_BYTES = 16384 };

static void read_path(struct scenario *s, struct words *w)
{
	const char *kind = words_next(w);

	s->plan.routed = strcmp(kind, "routed") == 0;
	if (!s->plan.routed && strcmp(kind, "lan") != 0)
		words_wrong(w, kind);
}

static void read_ipv6(struct scenario *s, struct words *w)
{
	(void)w;
	s->plan.v6 = true;
}

static void read_offload(struct scenario *s, struct words *w)
{
	(void)w;
	s->plan.offload = true;
}

static void read_mtu(struct scenario *s, struct words *w)
{
	s->plan.mtu = (uint32_t)words_quantity(w);
}

static void read_seed(struct scenario *s, struct words *w)
{
	s->seed = (uint64_t)words_quantity(w);
}

static void read_snap(struct scenario *s, struct words *w)
{
	s->snaplen = (uint32_t)words_quantity(w);
}

static void read_until(struct scenario *s, struct words *w)
{
	s->until_ns = (int64_t)words_quantity(w);
}

static void read_capture(struct scenario *s, struct words *w)
{
	s->capture_ns = (int64_t)words_quantity(w);
}

static void read_linger(struct scenario *s, struct words *w)
{
	s->linger_ns = (int64_t)words_quantity(w);
}

static void read_sysctl(struct scenario *s, struct words *w)
{
	const char *who = words_next(w);
	const char *name = words_next(w), *value = words_next(w);

	for (int side = 0; side < SIDES; side++) {
		const char *only = side ? "client" : "server";

		if (strcmp(who, only) == 0)
			continue;
		if (s->sysctls == SYSCTLS_MAX)
			words_wrong(w, "too many");
		s->sysctl[s->sysctls++] =
			(struct sysctl){(enum side)side, name, value};
	}
}

/* "up", "down.client", "both": calls back for each pipe that is meant. */
static bool means(const char *where, int up, int side, bool every_side)
{
	size_t size = strcspn(where, ".");
	const char *which = where[size] ? where + size + 1 : "server";

	if (strncmp(where, "both", size) != 0 &&
	    strncmp(where, up ? "up" : "down", size) != 0)
		return false;
	if (every_side && !where[size])
		return true;
	return strcmp(which, side ? "server" : "client") == 0;
}

static void check_place(const struct words *w, const char *where)
{
	static const char *const places[] = {
		"up",	       "up.client",   "up.server",
		"down",	       "both",	      "both.client",
		"both.server", "down.client", "down.server"};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (strcmp(where, places[i]) == 0)
			return;
	words_wrong(w, where);
}

/* A delay without a side is that of the whole way: half on each side. */
static void set_pipe(struct pipe_spec *p, const char *what, double value,
		     bool half)
{
	if (strcmp(what, "delay") == 0)
		p->delay_ns = (int64_t)(half ? value / 2 : value);
	else if (strcmp(what, "jitter") == 0)
		p->jitter_ns = (int64_t)(half ? value / 2 : value);
	else if (strcmp(what, "rate") == 0)
		p->rate_bps = (uint64_t)value;
	else
		p->queue_bytes = (uint32_t)value;
}

static void read_pipe(struct scenario *s, struct words *w)
{
	const char *where = words_next(w), *what;
	bool whole = !strchr(where, '.');

	check_place(w, where);
	while (words_more(w)) {
		what = words_next(w);
		if (!words_is(what, "delay jitter rate queue"))
			words_wrong(w, what);
		double value = words_quantity(w);
		bool both = words_is(what, "delay jitter");

		for (int up = 0; up < 2; up++)
			for (int side = 0; side < SIDES; side++)
				if (means(where, up, side, both))
					set_pipe(&s->pipe[up][side], what,
						 value, whole);
	}
}

static void read_rule(struct scenario *s, struct words *w)
{
	const char *where = words_next(w);
	struct rule rule;

	check_place(w, where);
	rule = rule_from_words(w);
	for (int up = 0; up < 2; up++)
		for (int side = 0; side < SIDES; side++) {
			struct pipe_spec *p = &s->pipe[up][side];

			if (!means(where, up, side, false))
				continue;
			if (p->rules == RULES_MAX)
				words_wrong(w, "too many rules");
			p->rule[p->rules++] = rule;
		}
}

static void read_flood(struct scenario *s, struct words *w)
{
	struct flood *f = &s->flood[s->floods];
	const char *way = words_next(w), *what = words_next(w);

	if (s->floods++ == FLOODS_MAX)
		words_wrong(w, "too many floods");
	f->up = strcmp(way, "up") == 0;
	f->synack = strcmp(what, "synack") == 0;
	while (words_more(w)) {
		what = words_next(w);
		if (strcmp(what, "one-source") == 0)
			f->one_source = true;
		else if (strcmp(what, "port") == 0)
			f->port = (uint16_t)words_quantity(w);
		else if (strcmp(what, "count") == 0)
			f->count = (uint32_t)words_quantity(w);
		else if (strcmp(what, "from") == 0)
			f->from_ns = (int64_t)words_quantity(w);
		else if (strcmp(what, "every") == 0)
			f->every_ns = (int64_t)words_quantity(w);
		else
			words_wrong(w, what);
	}
}

/* Steps are apart by a word ";". */
static void read_steps(struct peer *p, struct words *w)
{
	while (words_more(w)) {
		struct step *step = &p->step[p->steps];
		uint32_t n = 0;

		if (p->steps++ == STEPS_MAX)
			words_wrong(w, "too many steps");
		while (words_more(w)) {
			const char *word = words_next(w);

			if (strcmp(word, ";") == 0)
				break;
			if (n + 1 == STEP_WORDS)
				words_wrong(w, word);
			step->word[n++] = word;
		}
	}
}

static void read_peer(struct scenario *s, struct words *w, enum side side)
{
	struct peer *p = &s->peer[s->peers];
	const char *word;

	if (s->peers++ == PEERS_MAX)
		words_wrong(w, "too many peers");
	p->side = side;
	p->copies = 1;
	while (strcmp(word = words_next(w), ":") != 0)
		if (strcmp(word, "copies") == 0)
			p->copies = (uint32_t)words_quantity(w);
		else if (strcmp(word, "at") == 0)
			p->at_ns = (int64_t)words_quantity(w);
		else if (strcmp(word, "apart") == 0)
			p->apart_ns = (int64_t)words_quantity(w);
		else
			words_wrong(w, word);
	if (p->copies > COPIES_MAX)
		words_wrong(w, "too many copies");
	read_steps(p, w);
}

static void read_client(struct scenario *s, struct words *w)
{
	read_peer(s, w, CLIENT_SIDE);
}

static void read_server(struct scenario *s, struct words *w)
{
	read_peer(s, w, SERVER_SIDE);
}

static const struct {
	const char *word;
	void (*read)(struct scenario *, struct words *); /* NULL: for run */
} statements[] = {
	{"path", read_path},
	{"ipv6", read_ipv6},
	{"offload", read_offload},
	{"mtu", read_mtu},
	{"seed", read_seed},
	{"snap", read_snap},
	{"until", read_until},
	{"linger", read_linger},
	{"capture-from", read_capture},
	{"sysctl", read_sysctl},
	{"pipe", read_pipe},
	{"rule", read_rule},
	{"flood", read_flood},
	{"client", read_client},
	{"server", read_server},
	{"what", NULL},
	{"family", NULL},
	{"judge", NULL},
	{"must", NULL},
	{"may", NULL},
	{"forbid", NULL},
	{"max_other", NULL},
	{"quick", NULL},
	{"truth", NULL},
	{"count", NULL},
};

static void read_statement(struct scenario *s, struct words *w)
{
	const char *word = words_next(w);

	for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++)
		if (strcmp(word, statements[i].word) == 0) {
			if (!statements[i].read)
				return;
			statements[i].read(s, w);
			if (words_more(w))
				words_wrong(w, words_next(w));
			return;
		}
	words_wrong(w, word);
}

/* The whole file, ended by a NUL; the words of the scenario stay in it. */
static char *read_text(const char *path)
{
	char *text = calloc(1, FILE_MAX_BYTES + 1);
	FILE *in = fopen(path, "r");

	if (!text || !in)
		fail("%s: %s", path, strerror(errno));
	if (fread(text, 1, FILE_MAX_BYTES, in) == FILE_MAX_BYTES)
		fail("%s: too long", path);
	fclose(in);
	return text;
}

struct scenario *scenario_read(const char *path)
{
	struct scenario *s = calloc(1, sizeof(*s));
	char *line, *rest;

	if (!s)
		fail("no memory");
	s->text = rest = read_text(path);
	s->plan = (struct plan){.routed = true, .mtu = 1500};
	s->seed = 1;
	s->until_ns = 20000000000;
	s->linger_ns = 300000000;
	for (uint32_t n = 1; (line = strsep(&rest, "\n")); n++) {
		struct words w = words_of(path, n, line);

		if (words_more(&w))
			read_statement(s, &w);
	}
	if (!s->snaplen) /* all headers with all TCP options */
		s->snaplen = s->plan.v6 ? 116 : 96;
	return s;
}

void scenario_free(struct scenario *s)
{
	free(s->text);
	free(s);
}
