/* SPDX-License-Identifier: BSD-3-Clause */
/* words.h - the words of one line, in turn. */
#ifndef UPSTACK_TESTS_LAB_WORDS_H
#define UPSTACK_TESTS_LAB_WORDS_H

#include <stdbool.h>
#include <stdint.h>

struct words {
	const char *path; /* for messages */
	uint32_t line;
	char *at;
};

/* Over `text`, which is written to; what follows a # is left out. */
struct words words_of(const char *path, uint32_t line, char *text);

bool words_more(struct words *w);

/* The next word, which stays in the line; ends the program at its end. */
const char *words_next(struct words *w);

/* The next word as a number with a unit. */
double words_quantity(struct words *w);

/* Whether `word` is one of those in `list`, apart by spaces. */
bool words_is(const char *word, const char *list);

/* Say where and end the program. */
_Noreturn void words_wrong(const struct words *w, const char *word);

#endif
