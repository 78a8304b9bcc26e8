/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * probes.h - recognises traceroutes: what they provoke is no fault.
 *
 * A part of knowledge, so that every detector can ask.  Three rising TTLs from
 * at most 3 on, of one pair within a minute, or errors of three routers for one
 * pair, or such TTLs to the UDP ports that traceroute and tracepath use (two,
 * or one that ran out; where the capture lacks the probes, two that are quoted
 * with different ports).
 */
#ifndef UPSTACK_ANALYSIS_PROBES_H
#define UPSTACK_ANALYSIS_PROBES_H

#include "analysis/limits.h"
#include "analysis/observation.h"
#include "base/arena.h"
#include "base/hash.h"

enum { HOPS_MAX = 32 };

struct hop {
	struct addr reporter; /* family 0: silent */
	int64_t probe_ns, rtt_ns;
	uint64_t probe_frame, answer_frame;
	bool is_dst;
};

struct traceroute {
	struct addr src, dst;
	uint32_t link;
	uint8_t protocol; /* of the probes */
	bool recognized;
	uint8_t highest, rising, lowest; /* TTLs */
	uint8_t reporters;		 /* of short TTLs that ran out */
	struct addr reporter[3];
	bool known_ports;
	uint16_t quoted_port; /* of a probe that is not in the capture */
	uint32_t probes;
	uint8_t reached; /* TTL whose probe the destination answered; 0: none */
	int64_t first_ns, last_ns;
	uint64_t first_frame, last_frame;
	struct hop hop[HOPS_MAX + 1]; /* by TTL */
};

struct probes;

struct probes *probes_new(struct arena *home, const struct limits *limits,
			  struct hash_key key);
void probes_observe(struct probes *p, const struct observation *o);

/* Report the table, if it overflowed. */
struct checks;
void probes_limits(const struct probes *p, struct checks *out);

/* The traceroute from `src` to `dst` around that time, or NULL. */
const struct traceroute *probes_find(const struct probes *p,
				     const struct addr *src,
				     const struct addr *dst, int64_t ns);

/* Every traceroute recognised, oldest first; NULL at the end. */
const struct traceroute *probes_next(const struct probes *p,
				     const struct traceroute *after);

#endif
