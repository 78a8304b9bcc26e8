/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_filter.c - any text as a filter, over any frame: a byte for the link
 * type, the text, a NUL, the frame.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(const char *expression, uint16_t link_type,
		const uint8_t *bytes, size_t size, struct ledger *l)
{
	struct frame f = {.number = 1,
			  .data = bytes,
			  .kept = (uint32_t)size,
			  .sent = (uint32_t)size,
			  .link_type = link_type};
	struct filter *filter;
	struct err err;

	filter = filter_new(expression, l, &err);
	if (!filter)
		return;
	if (filter_run(filter, &f, 1) > 1)
		abort();
	filter_free(filter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t link_types[] = {1, 101, 113, 276, 0, 9, 105, 127};
	const uint8_t *end = size > 1 ? memchr(data + 1, 0, size - 1) : NULL;
	struct source_interface *i;
	struct ledger *l;
	uint32_t index;

	if (!end || end - data > 256)
		return 0;
	l = calloc(1, sizeof(*l));
	if (!l || ledger_open(l) != 0)
		abort();
	i = ledger_interface(l, &index);
	i->link_type = link_types[data[0] % 8];
	run((const char *)data + 1, i->link_type, end + 1,
	    size - (size_t)(end + 1 - data), l);
	ledger_close(l);
	free(l);
	return 0;
}
