/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * askers.h - for how many different addresses a station asks, and how many of
 * them answer: what tells a scanner from a busy neighbour.
 */
#ifndef UPSTACK_ANALYSIS_DETECT_ASKERS_H
#define UPSTACK_ANALYSIS_DETECT_ASKERS_H

#include "analysis/detect/frames.h"
#include "analysis/limits.h"
#include "base/arena.h"
#include "base/table.h"

enum { ASKED_MAX = 256, ASKED_FEW = 4 };

/* What was asked for so long ago had the time to answer. */
#define ASKERS_PATIENCE_NS (2LL * 1000000000)

/* The key of `by_mac`. */
struct asker_key {
	uint32_t link;
	struct mac mac;
	uint8_t pad[2];
};

/* One address that was asked for; the oldest makes room. */
struct asked {
	uint64_t target; /* hash of the address */
	int64_t first_ns, last_ns;
	uint32_t tries;
	bool answered;
};

struct asker_state {
	uint32_t link;
	struct addr from; /* the address it asks with */
	int64_t first_ns, last_ns;
	uint64_t requests, targets; /* targets: different ones in turn */
	uint64_t answered;
	uint64_t settled;  /* of the targets: asked for long ago */
	uint64_t settling; /* at `settles_ns` they have been */
	int64_t settles_ns;
	int64_t scan_from_ns, scan_to_ns; /* of the window, 0: none */
	uint32_t most;			  /* different targets in one window */
	struct frame_list frames;	  /* of new targets */
	struct asked *asked;		  /* `few`, or an entry of `many` */
	uint32_t next;
	struct asked few[ASKED_FEW];
};

struct askers {
	struct table *by_mac;
	struct table *many; /* asker_key -> struct asked[ASKED_MAX] */
	struct hash_key key;
	uint32_t scan_targets; /* so many in the window are a scan */
};

/* The window in which targets are counted. */
#define ASKERS_WINDOW_NS (10LL * 1000000000)

/* False: no memory. */
bool askers_open(struct askers *a, const char *name, uint32_t scan_targets,
		 struct arena *home, const struct limits *limits,
		 struct hash_key key);

/* `mac` asks for `target` now; NULL if there is no room. */
struct asker_state *askers_note(struct askers *a, uint32_t link,
				const struct mac *mac, const struct addr *from,
				const struct addr *target, int64_t ns,
				uint64_t frame);

/* `target` answered this asker. */
void askers_answered(struct askers *a, uint32_t link, const struct mac *mac,
		     const struct addr *target);

const struct asker_state *askers_find(const struct askers *a, uint32_t link,
				      const struct mac *mac);

/* Different targets asked in the window before `ns`. */
uint32_t asker_recent(const struct asker_state *s, int64_t ns);

/* Of the targets that answered, or that it asked for a while ago: how many
 * there are, and how many never answered.  Of one who asks so fast that all of
 * the targets that are remembered are new, the sums tell. */
uint64_t asker_decided(const struct asker_state *s, int64_t ns,
		       uint64_t *unanswered);

/* Whether it once asked for so many in one window that it is a scan, and half
 * of them did not answer. */
bool asker_scans(const struct askers *a, const struct asker_state *s);

#endif
