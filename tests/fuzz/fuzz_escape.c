/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_escape.c - any bytes become harmless text that gives them back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t room = size * 4 + 1, most = size ? data[0] + 1u : 1;
	char *text = malloc(room), *part = malloc(most);
	uint8_t *back = malloc(size + 1);

	if (!text || !part || !back)
		abort();
	if (escape_bytes(data, size, text, room) != strlen(text) ||
	    !escape_is_harmless(text) ||
	    escape_undo(text, back, size + 1) != size ||
	    memcmp(back, data, size) != 0)
		abort();
	/* a small room holds a beginning of the same text */
	escape_bytes(data, size, part, most);
	if (strncmp(part, text, strlen(part)) != 0 || !escape_is_harmless(part))
		abort();
	free(back);
	free(part);
	free(text);
	return 0;
}
