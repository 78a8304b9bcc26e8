/* SPDX-License-Identifier: BSD-3-Clause */
/* report.c - the table of formats. */
#include "report/parts.h"

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

	return writers[o->format](out, o, d);
}
