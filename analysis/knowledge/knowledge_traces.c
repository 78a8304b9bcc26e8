/* SPDX-License-Identifier: BSD-3-Clause */
/* knowledge_traces.c - whether packets were the probes of a traceroute. */
#include "analysis/knowledge/knowledge_tables.h"

bool known_traceroute(const struct knowledge *k, const struct addr *src,
		      const struct addr *dst, int64_t ns)
{
	return probes_find(k->probes, src, dst, ns) != NULL;
}

const struct probes *known_probes(const struct knowledge *k)
{
	return k->probes;
}
