/* SPDX-License-Identifier: BSD-3-Clause */
/* told.h - which findings were told already, while interfaces are listened on.
 */
#ifndef UPSTACK_CLI_TOLD_H
#define UPSTACK_CLI_TOLD_H

#include "analysis/finding.h"

enum { TOLD_MOST = 1024, TOLD_IDS = 256, TOLD_OF_AN_ID = 5 };

/* A finding is known by a hash of its key; it is told again when it is worse
 * than it was. */
struct told_one {
	uint64_t key;
	enum severity severity;
};

struct told {
	uint32_t count;
	struct told_one one[TOLD_MOST];
	struct {
		const struct finding_def *def;
		uint32_t count;
	} id[TOLD_IDS];
};

/* What a child found, handed to its parent; the definitions are at the same
 * place in both. */
enum { TOLD_BATCH = 64 };

struct told_batch {
	uint32_t count;
	struct told_one one[TOLD_BATCH];
	const struct finding_def *def[TOLD_BATCH];
};

struct told_one told_of(const struct finding *f);

/* Whether it is to be told: not told yet, and not one of very many.  `all`:
 * many of one id are told, too. */
bool told_wants(const struct told *t, const struct finding *f, bool all);

/* It has been told. */
void told_add(struct told *t, const struct told_one *one,
	      const struct finding_def *def);

#endif
