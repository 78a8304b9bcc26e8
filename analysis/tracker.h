/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tracker.h - per conversation: packets in, observations out.
 */
#ifndef UPSTACK_ANALYSIS_TRACKER_H
#define UPSTACK_ANALYSIS_TRACKER_H

#include "analysis/checks.h"
#include "analysis/limits.h"
#include "analysis/observation.h"
#include "base/arena.h"
#include "base/hash.h"

/* Takes observations, in order, and hands them to who subscribed. */
struct observer;

/* A zeroed observation of this kind, stamped with the packet's frame, time and
 * link (`p` may be NULL: fill them in).  It is the observer's scratch: fill it
 * and call observe_end before the next observe_begin. */
struct observation *observe_begin(struct observer *out,
				  enum observation_kind kind,
				  const struct packet *p);
void observe_end(struct observer *out);

/* Whether anybody wants this kind: skip the work if not. */
bool observer_wants(const struct observer *out, enum observation_kind kind);

/* What a tracker may use when it opens. */
struct tracker_home {
	struct arena *arena;
	const struct limits *limits;
	struct hash_key key;
	bool events; /* --events tcp: also report what no detector needs */
};

/* What a packet is to the trackers: its innermost transport, or none of these;
 * and a fragment is a fragment besides. */
enum packet_kind {
	KIND_TCP = 1,
	KIND_UDP = 2,
	KIND_ICMP = 4,
	KIND_OTHER = 8,
	KIND_FRAGMENT = 16,
	KINDS = 32, /* all combinations */
};

struct tracker {
	const char *name; /* "arp" */
	uint8_t takes; /* enum packet_kind, any of them; 0: every packet */
	void *(*open)(const struct tracker_home *home); /* NULL: no memory */
	/* Asked once of each lane: whether its packets can ever matter here,
	 * by what they all have in common (stations, addresses, ports, TTL);
	 * NULL: they may. */
	bool (*concerns)(const struct packet *p);
	/* One packet that is not a copy. */
	void (*packet)(void *self, const struct packet *p,
		       struct observer *out);
	/* One packet that is left out, and what it is a copy of; may be
	 * NULL. */
	void (*copy)(void *self, const struct packet *p,
		     const struct copy_fact *copy);
	/* About ten times a second of the capture's time; may be NULL. */
	void (*clock)(void *self, int64_t now_ns, struct observer *out);
	/* The capture ended: report what is still open; may be NULL. */
	void (*finish)(void *self, int64_t now_ns, struct observer *out);
	/* Report tables that overflowed; may be NULL. */
	void (*limits)(void *self, struct checks *out);
	/* Prefetch what `packet` will touch; may be NULL. */
	void (*prefetch)(void *self, const struct packet *p);
	/* Also wants the packets that are suspected to be copies (p->twin):
	 * they tell of places, and are not sent twice. */
	bool twins;
	/* Also wants each SYN of a crowd (p->crowd), not only a sample. */
	bool crowds;
	/* Whether this is such a SYN, and none of the sample; may be NULL. */
	bool (*is_crowd)(void *self, const struct packet *p);
	/* Free what is not in the arena; may be NULL. */
	void (*close)(void *self);
};

/* Every tracker, NULL-ended, in the order in which they see a packet;
 * analysis/trackers.c is the list. */
extern const struct tracker *const trackers[];

#endif
