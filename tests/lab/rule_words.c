/* SPDX-License-Identifier: BSD-3-Clause */
/* rule_words.c - a rule as a scenario writes it. */
#include "lab/rule_words.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/words.h"

static const struct {
	const char *word;
	enum action action;
	bool amount; /* a number follows */
} actions[] = {
	{"drop", DROP, false},
	{"delay", DELAY, true},
	{"stall", STALL, false},
	{"hold", HOLD, true},
	{"duplicate", DUPLICATE, true},
	{"corrupt", CORRUPT, false},
	{"ttl", TTL, true},
	{"strip", STRIP, true},
	{"older", OLDER, true},
	{"mark", MARK, false},
	{"window", WINDOW, true},
	{"reset", RESET, true},
	{"reset-back", RESET_BACK, true},
	{"too-big", TOO_BIG, true},
	{"unreachable", UNREACHABLE, true},
	{"exceeded", EXCEEDED, false},
};

static const struct {
	const char *word;
	enum kind kind;
} kinds[] = {
	{"data", IS_DATA}, {"syn", IS_SYN}, {"synack", IS_SYNACK},
	{"ack", IS_ACK},   {"fin", IS_FIN}, {"rst", IS_RST},
	{"tcp", IS_TCP},   {"udp", IS_UDP}, {"icmp", IS_ICMP},
	{"arp", IS_ARP},
};

static void read_action(struct rule *r, struct words *w)
{
	const char *word = words_next(w);

	snprintf(r->name, sizeof(r->name), "%s", word);
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (strcmp(word, actions[i].word) == 0) {
			r->action = actions[i].action;
			if (actions[i].amount)
				r->amount = (int64_t)words_quantity(w);
			return;
		}
	words_wrong(w, word);
}

static bool read_kind(struct rule *r, const char *word)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(word, kinds[i].word) == 0) {
			r->kinds |= kinds[i].kind;
			return true;
		}
	return false;
}

/* "3", "3-6" or "3-": which of the frames that meet the rest. */
static void read_range(struct rule *r, struct words *w)
{
	const char *word = words_next(w);
	char *end;

	r->first = r->last = (uint32_t)strtoul(word, &end, 10);
	if (*end == '-')
		r->last = end[1] ? (uint32_t)strtoul(end + 1, &end, 10)
				 : UINT32_MAX;
	if (!r->first || (*end && *end != '-'))
		words_wrong(w, word);
}

static void read_condition(struct rule *r, struct words *w, const char *word)
{
	if (strcmp(word, "nth") == 0)
		read_range(r, w);
	else if (strcmp(word, "chance") == 0)
		r->chance = words_quantity(w);
	else if (strcmp(word, "burst") == 0) {
		r->enter = words_quantity(w);
		r->leave = words_quantity(w);
	} else if (strcmp(word, "over") == 0)
		r->over = (uint32_t)words_quantity(w);
	else if (strcmp(word, "under") == 0)
		r->under = (uint32_t)words_quantity(w);
	else if (strcmp(word, "port") == 0)
		r->port = (uint16_t)words_quantity(w);
	else if (strcmp(word, "host") == 0) {
		const char *text = words_next(w);

		if (inet_pton(AF_INET, text, r->host) != 1)
			words_wrong(w, text);
	} else if (strcmp(word, "flow") == 0)
		r->flow = (uint32_t)words_quantity(w);
	else if (strcmp(word, "attempt") == 0)
		r->attempt = (uint32_t)words_quantity(w);
	else if (strcmp(word, "from") == 0)
		r->from_ns = (int64_t)words_quantity(w);
	else if (strcmp(word, "until") == 0)
		r->until_ns = (int64_t)words_quantity(w);
	else if (strcmp(word, "every") == 0)
		r->every = (uint32_t)words_quantity(w);
	else if (strcmp(word, "times") == 0)
		r->times = (uint32_t)words_quantity(w);
	else
		words_wrong(w, word);
}

struct rule rule_from_words(struct words *w)
{
	struct rule r = {.chance = 1};

	read_action(&r, w);
	while (words_more(w)) {
		const char *word = words_next(w);

		if (!read_kind(&r, word))
			read_condition(&r, w, word);
	}
	if (r.action == STALL && !r.until_ns)
		words_wrong(w, "stall without until");
	return r;
}
