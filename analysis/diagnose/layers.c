/* SPDX-License-Identifier: BSD-3-Clause */
/* layers.c - a verdict for each layer, with its reason. */
#include "analysis/diagnose/diagnose.h"

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = {"not_seen", "works", "degraded",
					    "broken"};

	return names[v];
}

void diagnose_layers(struct diagnosis *d)
{
	(void)d;
}
