/* SPDX-License-Identifier: BSD-3-Clause */
/* recording.c - a capture held in memory, to be changed and diagnosed again. */
#include "property/recording.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char *path, const char *why)
{
	fprintf(stderr, "%s: %s\n", path, why);
	exit(1);
}

static void append(struct recording *r, const struct frame *f)
{
	struct frame *frames =
		realloc(r->frames, (r->count + 1) * sizeof(*frames));
	/* behind them stands the FCS, where the capture has it */
	uint32_t size = f->kept + f->fcs;
	uint8_t *bytes = malloc(size + 1);

	if (!frames || !bytes)
		die("recording", "no memory");
	memcpy(bytes, f->data, size);
	r->frames = frames;
	frames[r->count] = *f;
	frames[r->count++].data = bytes;
}

struct recording recording_read(const char *path)
{
	const struct source_options options = {.files = &path, .file_count = 1};
	struct recording r = {0};
	struct frame batch[BATCH];
	struct err err;
	char sheet[4096];
	bool usage;
	uint32_t n;
	struct source *s = source_open(&options, &usage, &err);

	if (!s)
		die(path, err.text);
	while ((n = source_read(s, batch, BATCH)) > 0)
		for (uint32_t i = 0; i < n; i++)
			append(&r, &batch[i]);
	source_close(s);
	snprintf(sheet, sizeof(sheet), "%.*s.json",
		 (int)(strrchr(path, '.') - path), path);
	r.expectation = json_load_file(sheet, 0, NULL);
	if (!r.expectation)
		die(sheet, "no expectation");
	return r;
}

void recording_free(struct recording *r)
{
	for (uint32_t i = 0; i < r->count; i++)
		free((void *)(uintptr_t)r->frames[i].data);
	free(r->frames);
	json_decref(r->expectation);
}

struct engine *recording_engine(void)
{
	const struct engine_options options = {.memory = MEMORY_MIN};
	struct err err;
	struct engine *e = engine_new(&options, &err);

	if (!e)
		die("engine", err.text);
	return e;
}

const struct diagnosis *recording_diagnose(const struct frame *frames,
					   uint32_t count,
					   struct engine **engine)
{
	*engine = recording_engine();
	for (uint32_t i = 0; i < count; i += READ)
		engine_feed(*engine, frames + i,
			    count - i < READ ? count - i : READ);
	return engine_finish(*engine);
}

/* Whether a list of ids ("a|b": either) has this one. */
static bool listed(const char *list, const char *id)
{
	size_t n = strlen(id);

	for (const char *at = list; (at = strstr(at, id)); at += n)
		if ((at == list || at[-1] == '|') &&
		    (at[n] == '|' || at[n] == '\0'))
			return true;
	return false;
}

bool recording_names(const struct recording *r, const char *key, const char *id)
{
	json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(r->expectation, key), i, entry)
	{
		const char *name = json_is_string(entry)
					   ? json_string_value(entry)
					   : json_string_value(json_object_get(
						     entry, "id"));

		if (name && listed(name, id))
			return true;
	}
	return false;
}

static bool found(const struct diagnosis *d, const char *id)
{
	for (uint32_t i = 0; i < d->finding_count; i++)
		if (strcmp(d->findings[i]->def->id, id) == 0)
			return true;
	return false;
}

static bool is_word(const char *list, const char *id)
{
	size_t n = strlen(id);

	for (const char *at = list; at && (at = strstr(at, id)); at += n)
		if ((at == list || at[-1] == ' ') &&
		    (at[n] == ' ' || at[n] == '\0'))
			return true;
	return false;
}

bool recording_within(const char *path, const char *how,
		      const struct diagnosis *a, const struct diagnosis *b,
		      enum severity least, const char *except)
{
	bool same = true;

	for (uint32_t i = 0; i < a->finding_count; i++) {
		const struct finding *f = a->findings[i];

		if (f->severity < least || f->def->layer == LAYER_CAPTURE ||
		    found(b, f->def->id) || is_word(except, f->def->id))
			continue;
		fprintf(stderr, "%s: %s: %s: %s\n", path, how, f->def->id,
			f->title);
		same = false;
	}
	return same;
}

uint32_t recording_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

bool recording_each(const char *dir,
		    bool (*each)(const char *path, struct recording *r))
{
	char pattern[4096];
	glob_t found;
	size_t failed = 0;

	snprintf(pattern, sizeof(pattern), "%s/*/*.pcap", dir);
	if (glob(pattern, 0, NULL, &found) != 0)
		die(pattern, "no captures");
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct recording r = recording_read(found.gl_pathv[i]);

		failed += !each(found.gl_pathv[i], &r);
		recording_free(&r);
	}
	printf("%zu captures, %zu failed\n", found.gl_pathc, failed);
	globfree(&found);
	return failed == 0;
}

int recording_main(int argc, char **argv,
		   bool (*each)(const char *path, struct recording *r))
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s PCAPS\n", argv[0]);
		return 2;
	}
	return recording_each(argv[1], each) ? 0 : 1;
}
