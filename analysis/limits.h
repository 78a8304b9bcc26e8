/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * limits.h - how much a run may remember.  One --memory limit feeds all tables;
 * a table that is full forgets its least useful entry and says so.
 */
#ifndef UPSTACK_ANALYSIS_LIMITS_H
#define UPSTACK_ANALYSIS_LIMITS_H

#include <stddef.h>
#include <stdint.h>

#define MEMORY_DEFAULT ((size_t)512 << 20)
#define MEMORY_MIN ((size_t)32 << 20)
/* Of them: what a run needs besides what it remembers (code, buffers, the
 * report that is being written). */
#define MEMORY_PROGRAM ((size_t)12 << 20)
/* And what it found has room of its own, one in so many bytes: when all else is
 * full there must be something to say so with. */
#define MEMORY_SAID 8

enum {
	BATCH = 16,		 /* frames that go through the house together */
	READ = 128,		 /* that are read, and put in order, together */
	EVIDENCE_MAX = 16,	 /* frame numbers kept for a finding */
	FINDINGS_PER_ID = 1024,  /* kept; SUBJECTS_SHOWN of them are told apart */
	SUBJECTS_SHOWN = 20,
};

/* Entries of each table, worked out once from the memory limit. */
struct limits {
	size_t memory;		/* bytes, all in all */
	uint32_t connections;	/* TCP connections that carry state */
	uint32_t attempts;	/* half-open attempts */
	uint32_t flows;		/* UDP and other flows */
	uint32_t lanes;		/* directions whose look-ups are noted */
	uint32_t links;		/* (interface, VLAN stack) */
	uint32_t macs, owners, copies, echoes, exchanges;
	uint32_t neighbours;	/* ARP and ND questions */
	uint32_t leases;	/* DHCP transactions */
	uint32_t datagrams;	/* fragmented datagrams under way */
	uint32_t services, sources, targets; /* floods and scans */
	uint32_t paths;		/* path MTU */
	uint32_t names;		/* DNS lookups */
};

/* The limits for `memory` bytes (at least MEMORY_MIN). */
struct limits limits_for(size_t memory);

#endif
