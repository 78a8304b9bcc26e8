/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * name_store.h - host names kept beside records that go by the name's hash.
 *
 * Nearly every name is short and stands in the record itself; a long one goes
 * to a table, which holds as many as there are records: a record that is still
 * there has its name, too.
 */
#ifndef UPSTACK_ANALYSIS_NAME_STORE_H
#define UPSTACK_ANALYSIS_NAME_STORE_H

#include <string.h>

#include "analysis/observation.h"
#include "base/table.h"

enum { NAME_NEAR = 40 };

/* A name's place in a record. */
struct near_name {
	char text[NAME_NEAR - 1];
	bool elsewhere; /* it is long */
};

/* The table of long names, by hash; NULL if there is no room. */
static inline struct table *name_store_new(struct arena *home, uint32_t records,
					   struct hash_key key)
{
	const struct table_spec spec = {"long names", sizeof(uint64_t),
					DNS_NAME_TEXT, records};

	return table_new(home, &spec, key);
}

static inline void name_keep(struct table *store, struct near_name *near,
			     const char *name, uint64_t hash)
{
	size_t size = strnlen(name, DNS_NAME_TEXT - 1) + 1;
	char *text = near->text;

	near->elsewhere = size > sizeof(near->text);
	if (near->elsewhere)
		text = table_add(store, &hash, NULL);
	if (text) {
		memcpy(text, name, size - 1);
		text[size - 1] = '\0';
	}
}

/* Valid until the next name_keep. */
static inline const char *name_kept(const struct table *store,
				    const struct near_name *near, uint64_t hash)
{
	const char *text = near->text;

	if (near->elsewhere)
		text = table_find(store, &hash);
	return text ? text : "";
}

#endif
