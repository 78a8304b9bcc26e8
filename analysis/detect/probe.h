/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * probe.h - what one source tried: ports of a host, or hosts on a port.
 */
#ifndef UPSTACK_ANALYSIS_DETECT_PROBE_H
#define UPSTACK_ANALYSIS_DETECT_PROBE_H

#include "analysis/detector.h"

enum { PROBE_BITS = 1024, PROBE_FEW = 7, PROBE_SHOWN = 8 };

/* Which numbers were seen; beyond half of the bits a count is a guess.  Nearly
 * all see a few and no more: these stand beside their count, and `word` means
 * nothing before there are PROBE_FEW. */
struct bits {
	uint16_t set;
	uint16_t few[PROBE_FEW];
	uint64_t word[PROBE_BITS / 64];
};

bool bits_add(struct bits *b, uint32_t n); /* true: it was not there */

/* What a source did to one host (pair), or on one port (sweep). */
struct probe {
	int64_t last_ns, first_ns, window_ns, hot_ns; /* hot: limit reached */
	uint16_t tried; /* all.set again, where a full table looks at it */
	uint32_t refused, rejected, half_opened, attempts, repeats, answered;
	uint32_t opened, without_data, left_open; /* SYN-ACK sent again */
	uint8_t open_count, frame_count;
	bool found;
	struct bits window, all; /* ports or hosts of the window, and of all */
	struct bits odd;	 /* with a scan's flags, or half-opened */
	struct {
		struct addr addr;
		uint16_t port;
	} open[PROBE_SHOWN];
	uint64_t frames[EVIDENCE_MAX];
};

struct pair_key {
	struct addr source, target;
};

struct sweep_key {
	struct addr source;
	uint16_t port, pad;
};

struct pair_key pair_key(const struct flow *f);
struct sweep_key sweep_key(const struct flow *f);

/* A number for a host; the same in every run. */
uint32_t host_number(const struct addr *a);

/* One more port or host.  A window that is over begins again; what was found
 * harmless for ten minutes is forgotten. */
void probe_try(struct probe *p, const struct observation *ob, uint32_t number,
	       int64_t window_ns, uint16_t limit);

/* For table_on_full: single tries that were not refused must not push out
 * others, the less the more these tried of late.  The context is the time. */
uint32_t probe_worth(const void *now_ns, const void *probe);

/* This port of this host answered. */
void probe_answered(struct probe *p, const struct flow *f);

/* "23", or "about 4000" where the bits no longer tell. */
const char *probe_many(const struct probe *p, char *out, size_t size);

/* " Answered: 22, 80." */
void probe_say_open(struct finding *g, const struct probe *p, bool hosts);

#endif
