/* SPDX-License-Identifier: BSD-3-Clause */
/* filter_file.c - the capture filter, from words or from a file. */
#include "cli/filter_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

enum { FILTER_MAX = 64 * 1024 };

static char *from_words(const struct options *o, struct err *err)
{
	size_t size = 1;
	char *text, *at;

	for (int i = 0; i < o->filter_word_count; i++)
		size += strlen(o->filter_words[i]) + 1;
	text = at = malloc(size);
	if (!text) {
		err_set(err, "not enough memory to start");
		return NULL;
	}
	*at = '\0';
	for (int i = 0; i < o->filter_word_count; i++) {
		if (i)
			*at++ = ' ';
		at = stpcpy(at, o->filter_words[i]);
	}
	return text;
}

static char *from_file(const char *path, struct err *err)
{
	char name[160], *text = calloc(1, FILTER_MAX + 1);
	FILE *in = text ? fopen(path, "r") : NULL;
	size_t n = in ? fread(text, 1, FILTER_MAX + 1, in) : 0;
	bool failed = !in || ferror(in);
	int why = errno;

	if (in)
		fclose(in);
	escape_string(path, name, sizeof(name));
	if (failed)
		err_set(err, "the filter in %s cannot be read: %s", name,
			strerror(why));
	else if (n > FILTER_MAX)
		err_set(err, "the filter in %s is longer than %d bytes", name,
			FILTER_MAX);
	else if (memchr(text, '\0', n))
		err_set(err,
			"%s is no text: -F takes a file with a filter, -r "
			"a capture",
			name);
	else
		return text;
	free(text);
	return NULL;
}

char *filter_of(const struct options *o, struct err *err)
{
	return o->filter_file ? from_file(o->filter_file, err)
			      : from_words(o, err);
}
