/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_options.c - any bytes as a command line: a NUL ends a word. */
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "cli/options.h"

enum { WORDS_MOST = 96 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool right)
{
	if (!right)
		abort();
}

/* What was taken has to be what the rest of the program relies on. */
static void check(const struct options *o)
{
	must(o->file_count <= SOURCES_MAX && o->interface_count <= SOURCES_MAX);
	must(o->filter_word_count >= 0 && o->filter_word_count <= WORDS_MOST);
	must(o->memory >= MEMORY_MIN);
	must(o->fail_on >= -1 && o->fail_on <= CRITICAL);
	must(o->snaplen <= FRAME_MAX && o->buffer_kib <= INT32_MAX / 1024);
	if (options_is_question(o))
		return;
	must((o->file_count > 0) != (o->interface_count > 0));
	must(o->interface_count || !o->keep);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[] = "upstack", *text = malloc(size + 1);
	char *words[WORDS_MOST + 2];
	struct options o;
	struct err err;
	int count = 0;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	words[count++] = name;
	for (size_t at = 0; at < size && count <= WORDS_MOST;
	     at += strlen(text + at) + 1)
		words[count++] = text + at;
	words[count] = NULL;
	if (options_parse(&o, count, words, &err))
		check(&o);
	else
		must(err.text[0] && escape_is_harmless(err.text));
	free(text);
	return 0;
}
