/* SPDX-License-Identifier: BSD-3-Clause */
/* quantity.c - numbers with units. */
#include "lab/quantity.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	double factor;
} units[] = {
	{"", 1},       {"us", 1e3},   {"ms", 1e6}, {"s", 1e9},
	{"kbit", 1e3}, {"mbit", 1e6}, {"k", 1e3},  {"m", 1e6},
};

bool quantity(const char *text, double *out)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || value < 0)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (strcmp(end, units[i].name) == 0) {
			*out = value * units[i].factor;
			return true;
		}
	return false;
}
