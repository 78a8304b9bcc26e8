/* SPDX-License-Identifier: BSD-3-Clause */
/* report.c - the table of formats. */
#include "report/parts.h"

#include <errno.h>

#include "report/community.h"

/* jansson takes the key of its tables from /dev/urandom, and libcrypto reads
 * its configuration when it is first used. */
void report_prepare(void)
{
	const struct flow any = {.src = {.family = 4}, .dst = {.family = 4}};
	char text[COMMUNITY_TEXT];

	json_object_seed(0);
	community_of(&any, text);
}

typedef int write_fn(FILE *out, const struct report_options *o,
		     const struct diagnosis *d);

int report_write(FILE *out, const struct report_options *o,
		 const struct diagnosis *d)
{
	static write_fn *const writers[] = {
		[REPORT_TEXT] = text_write,
		[REPORT_JSON] = json_write,
		[REPORT_NDJSON] = ndjson_write,
	};

	int done;

	/* jansson passes over what it has no memory for: half a report must
	 * not look whole */
	errno = 0;
	done = writers[o->format](out, o, d);
	return errno == ENOMEM ? -1 : done;
}
