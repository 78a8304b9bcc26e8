/* SPDX-License-Identifier: BSD-3-Clause */
/* words.c - a line of a scenario, word by word. */
#include "lab/words.h"

#include <string.h>

#include "lab/fail.h"
#include "lab/quantity.h"

#define BLANKS " \t\r\n"

struct words words_of(const char *path, uint32_t line, char *text)
{
	text[strcspn(text, "#")] = '\0';
	return (struct words){path, line, text};
}

bool words_more(struct words *w)
{
	w->at += strspn(w->at, BLANKS);
	return *w->at != '\0';
}

const char *words_next(struct words *w)
{
	char *word;

	if (!words_more(w))
		words_wrong(w, "something is missing at the end");
	word = w->at;
	w->at += strcspn(w->at, BLANKS);
	if (*w->at)
		*w->at++ = '\0';
	return word;
}

double words_quantity(struct words *w)
{
	const char *word = words_next(w);
	double value;

	if (!quantity(word, &value))
		words_wrong(w, word);
	return value;
}

bool words_is(const char *word, const char *list)
{
	size_t size = strlen(word);

	for (const char *at = list; *at; at += strspn(at, " ")) {
		size_t next = strcspn(at, " ");

		if (next == size && memcmp(at, word, size) == 0)
			return true;
		at += next;
	}
	return false;
}

_Noreturn void words_wrong(const struct words *w, const char *word)
{
	fail("%s:%u: not understood: %s", w->path, w->line, word);
}
