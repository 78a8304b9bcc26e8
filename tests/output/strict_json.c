/* SPDX-License-Identifier: BSD-3-Clause */
/* strict_json.c - whether standard input is one JSON document by jansson, and
 * nothing behind it. */
#include <jansson.h>

int main(void)
{
	json_error_t error;
	json_t *j = json_loadf(stdin, JSON_REJECT_DUPLICATES, &error);

	if (!j)
		fprintf(stderr, "line %d: %s\n", error.line, error.text);
	json_decref(j);
	return j ? 0 : 1;
}
