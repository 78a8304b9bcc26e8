/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * split.c - a capture in two files, given together, is one capture.
 *
 *   split PCAPS
 *
 * The first half of the frames goes to one file and the rest to another, as
 * tcpdump -C does; the files are named in the wrong order too.  What is found
 * is the same, with the same frames.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/when.h"
#include "property/recording.h"

/* A file of the classic format with nanoseconds. */
static void write_file(const char *path, const struct frame *frames,
		       uint32_t count)
{
	const uint32_t head[6] = {0xa1b23c4d, 2 | 4 << 16,
				  0,	      0,
				  262144,     count ? frames[0].link_type : 1};
	FILE *out = fopen(path, "wb");

	if (!out)
		abort();
	fwrite(head, sizeof(head), 1, out);
	for (uint32_t i = 0; i < count; i++) {
		const struct frame *f = &frames[i];
		const uint32_t record[4] = {(uint32_t)(f->time_ns / NS_PER_S),
					    (uint32_t)(f->time_ns % NS_PER_S),
					    f->kept, f->sent};

		fwrite(record, sizeof(record), 1, out);
		fwrite(f->data, f->kept, 1, out);
	}
	if (fclose(out) != 0)
		abort();
}

static struct engine *diagnose(const char *const *files, uint32_t count,
			       const struct diagnosis **out)
{
	const struct source_options options = {.files = files,
					       .file_count = count};
	struct engine_options eo = {.memory = MEMORY_MIN};
	struct frame batch[BATCH];
	struct engine *e;
	struct err err;
	bool usage;
	uint32_t n;
	struct source *s = source_open(&options, &usage, &err);

	eo.source = s;
	e = s ? engine_new(&eo, &err) : NULL;
	if (!e)
		abort();
	while ((n = source_read(s, batch, BATCH)) > 0)
		engine_feed(e, batch, n);
	*out = engine_finish(e);
	source_close(s);
	return e;
}

/* The same findings in the same order, proved by the same frames. */
static bool equal(const char *path, const struct diagnosis *a,
		  const struct diagnosis *b)
{
	for (uint32_t i = 0; i < a->finding_count || i < b->finding_count;
	     i++) {
		const struct finding *f =
			i < a->finding_count ? a->findings[i] : NULL;
		const struct finding *g =
			i < b->finding_count ? b->findings[i] : NULL;

		if (f && g && f->def == g->def && f->severity == g->severity &&
		    f->confidence == g->confidence && f->count == g->count &&
		    f->frame_count == g->frame_count &&
		    memcmp(f->frames, g->frames,
			   f->frame_count * sizeof(f->frames[0])) == 0)
			continue;
		fprintf(stderr, "%s: split in two, not \"%s\" but \"%s\"\n",
			path, f ? f->title : "", g ? g->title : "");
		return false;
	}
	return true;
}

static bool is_in_order(const struct recording *r)
{
	for (uint32_t i = 1; i < r->count; i++)
		if (r->frames[i].time_ns < r->frames[i - 1].time_ns ||
		    r->frames[i].link_type != r->frames[0].link_type ||
		    r->frames[i].interface != r->frames[0].interface)
			return false;
	return r->count > 1 && r->frames[0].time_ns >= 0;
}

static bool each(const char *path, struct recording *r)
{
	char names[3][64] = {"", "", ""};
	const char *whole_file[1] = {names[0]};
	const char *both[2] = {names[2], names[1]};
	const struct diagnosis *whole, *parts;
	uint32_t half = r->count / 2;
	struct engine *a, *b;
	bool ok;

	if (!is_in_order(r) ||
	    r->frames[half].time_ns == r->frames[half - 1].time_ns)
		return true;
	for (int i = 0; i < 3; i++)
		snprintf(names[i], sizeof(names[i]), "split-%d-%d.pcap",
			 getpid(), i);
	write_file(names[0], r->frames, r->count);
	write_file(names[1], r->frames, half);
	write_file(names[2], r->frames + half, r->count - half);
	a = diagnose(whole_file, 1, &whole);
	b = diagnose(both, 2, &parts);
	ok = equal(path, whole, parts);
	engine_free(a);
	engine_free(b);
	for (int i = 0; i < 3; i++)
		unlink(names[i]);
	return ok;
}

int main(int argc, char **argv)
{
	return recording_main(argc, argv, each);
}
