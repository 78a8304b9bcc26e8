/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * recording.h - a capture held in memory, to be changed and diagnosed again.
 */
#ifndef UPSTACK_TESTS_PROPERTY_RECORDING_H
#define UPSTACK_TESTS_PROPERTY_RECORDING_H

#include <jansson.h>

#include "analysis/engine.h"
#include "capture/source.h"

struct recording {
	uint32_t count;
	struct frame *frames; /* their bytes belong to the recording */
	json_t *expectation;  /* NAME.json beside it */
};

/* Read a capture whole; ends the program with a message if it cannot. */
struct recording recording_read(const char *path);
void recording_free(struct recording *r);

/* An engine of the least memory; ends the program if there is none. */
struct engine *recording_engine(void);

/* What an engine says about these frames.  The diagnosis belongs to `*engine`,
 * which the caller frees. */
const struct diagnosis *recording_diagnose(const struct frame *frames,
					   uint32_t count,
					   struct engine **engine);

/* Whether a key of the expectation (must, may, forbid) names the id. */
bool recording_names(const struct recording *r, const char *key,
		     const char *id);

/* Whether every finding of `a` that is `least` or graver, and not about the
 * capture itself, has its id found in `b` as well; says which has not.  `except`
 * names ids, by blanks, that may be missing; NULL: none. */
bool recording_within(const char *path, const char *how,
		      const struct diagnosis *a, const struct diagnosis *b,
		      enum severity least, const char *except);

/* The next of a row of numbers that looks random and is always the same. */
uint32_t recording_random(uint32_t *state);

/* Call `each` for every pcap of every family below `dir`, and print how many
 * there were and for how many it said no; whether it never did. */
bool recording_each(const char *dir,
		    bool (*each)(const char *path, struct recording *r));

/* The main() of a program that takes the folder and does just that. */
int recording_main(int argc, char **argv,
		   bool (*each)(const char *path, struct recording *r));

#endif
