/* SPDX-License-Identifier: BSD-3-Clause */
/* told.c - which findings were told already, while interfaces are listened on.
 */
#include "cli/told.h"

#include <string.h>

#include "base/hash.h"

struct told_one told_of(const struct finding *f)
{
	/* nothing of the wire chooses where this is stored */
	static const struct hash_key key;

	return (struct told_one){hash_bytes(f->key, strlen(f->key), key),
				 f->severity};
}

static uint32_t count_of(const struct told *t, const struct finding_def *def)
{
	for (int i = 0; i < TOLD_IDS && t->id[i].def; i++)
		if (t->id[i].def == def)
			return t->id[i].count;
	return 0;
}

bool told_wants(const struct told *t, const struct finding *f, bool all)
{
	const struct told_one one = told_of(f);

	if (t->count == TOLD_MOST)
		return false;
	for (uint32_t i = 0; i < t->count; i++)
		if (t->one[i].key == one.key)
			return t->one[i].severity < one.severity;
	return all || count_of(t, f->def) < TOLD_OF_AN_ID;
}

void told_add(struct told *t, const struct told_one *one,
	      const struct finding_def *def)
{
	for (uint32_t i = 0; i < t->count; i++)
		if (t->one[i].key == one->key) {
			t->one[i].severity = one->severity;
			return;
		}
	if (t->count < TOLD_MOST)
		t->one[t->count++] = *one;
	for (int i = 0; i < TOLD_IDS; i++) {
		if (t->id[i].def && t->id[i].def != def)
			continue;
		t->id[i].def = def;
		t->id[i].count++;
		return;
	}
}
