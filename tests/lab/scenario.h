/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * scenario.h - one .scn file: the path, what befalls its frames, who talks.
 *
 * README.md describes the form.
 */
#ifndef UPSTACK_TESTS_LAB_SCENARIO_H
#define UPSTACK_TESTS_LAB_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "lab/forge.h"
#include "lab/link.h"
#include "lab/tap.h"

enum {
	WORDS_MAX = 40,
	STEPS_MAX = 40,
	STEP_WORDS = 6,
	PEERS_MAX = 16,
	FLOODS_MAX = 8,
	SYSCTLS_MAX = 32,
	COPIES_MAX = 600,
};

struct step {
	const char *word[STEP_WORDS]; /* verb, then arguments; NULL-ended */
};

struct peer {
	enum side side;
	uint32_t copies;
	int64_t at_ns;	  /* when it begins */
	int64_t apart_ns; /* each copy so much after the one before */
	struct step step[STEPS_MAX];
	uint32_t steps;
};

struct sysctl {
	enum side side;
	const char *name, *value;
};

struct scenario {
	struct plan plan;
	struct pipe_spec pipe[2][SIDES]; /* down, up */
	struct flood flood[FLOODS_MAX];
	uint32_t floods;
	struct peer peer[PEERS_MAX];
	uint32_t peers;
	struct sysctl sysctl[SYSCTLS_MAX];
	uint32_t sysctls;
	uint64_t seed;
	uint32_t snaplen;
	int64_t capture_ns; /* the captures begin */
	int64_t until_ns;   /* it ends at the latest */
	int64_t linger_ns;  /* after the last client has ended */
	char *text;	    /* the file: words point into it */
};

/* Read the file; ends the program with file and line where it is wrong. */
struct scenario *scenario_read(const char *path);
void scenario_free(struct scenario *s);

#endif
