/* SPDX-License-Identifier: BSD-3-Clause */
/* limits.c - shares the memory limit out among the tables. */
#include "analysis/limits.h"

/* A table's entries: so many at the default limit, in proportion below and
 * above it, within bounds. */
static uint32_t share(size_t memory, uint32_t at_default, uint32_t least)
{
	double n = (double)at_default * (double)memory /
		   (double)MEMORY_DEFAULT;

	if (n > (double)at_default * 8)
		n = (double)at_default * 8;
	return n < least ? least : (uint32_t)n;
}

struct limits limits_for(size_t memory)
{
	size_t m = memory < MEMORY_MIN ? MEMORY_MIN : memory;

	return (struct limits){
		.memory = m,
		.connections = share(m, 400000, 8192),
		.attempts = share(m, 65536, 4096),
		.flows = share(m, 262144, 8192),
		.lanes = share(m, 131072, 16384),
		.links = 4096,
		.macs = share(m, 65536, 4096),
		.owners = share(m, 65536, 4096),
		.copies = share(m, 65536, 4096),
		.echoes = share(m, 65536, 4096),
		.exchanges = share(m, 65536, 4096),
		.neighbours = share(m, 16384, 2048),
		.leases = share(m, 16384, 1024),
		.datagrams = share(m, 8192, 1024),
		.services = 4096,
		.sources = 8192,
		.targets = 8192,
		.paths = share(m, 16384, 2048),
		.names = share(m, 32768, 2048),
	};
}
