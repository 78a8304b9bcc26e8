/* SPDX-License-Identifier: BSD-3-Clause */
/* json_put.c - jansson's pieces, of a few bytes each, gathered for the stream.
 */
#include <string.h>

#include "report/parts.h"

struct gathered {
	FILE *out;
	size_t used;
	char bytes[16384];
};

static int flush(struct gathered *g)
{
	size_t used = g->used;

	g->used = 0;
	return fwrite(g->bytes, 1, used, g->out) == used ? 0 : -1;
}

static int gather(const char *piece, size_t size, void *context)
{
	struct gathered *g = context;

	if (size > sizeof(g->bytes) - g->used && flush(g) != 0)
		return -1;
	if (size > sizeof(g->bytes))
		return fwrite(piece, 1, size, g->out) == size ? 0 : -1;
	memcpy(g->bytes + g->used, piece, size);
	g->used += size;
	return 0;
}

int json_put(FILE *out, const json_t *j, size_t flags)
{
	struct gathered g;

	g.out = out;
	g.used = 0;
	return json_dump_callback(j, gather, &g, flags) == 0 ? flush(&g) : -1;
}
