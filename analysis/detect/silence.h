/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * silence.h - a neighbour is asked for again and again, and nobody answers.
 *
 * ARP and neighbour discovery ask differently and fail alike: the rule stands
 * here once, and each of them brings its words.
 */
#ifndef UPSTACK_ANALYSIS_DETECT_SILENCE_H
#define UPSTACK_ANALYSIS_DETECT_SILENCE_H

#include "analysis/detect/askers.h"
#include "analysis/detector.h"

/* What differs between ARP and neighbour discovery. */
struct silence_words {
	const struct finding_def *unanswered, *gateway;
	const char *table_name, *askers_name;
	const char *protocol;	  /* "ARP" */
	const char *gateway_word; /* "gateway" */
	const char *filter;	  /* display filter with one %s, the address */
	const char *advise_host[2], *advise_gateway[2]; /* with one %s */
	uint32_t scan_targets;
};

struct silence {
	const struct silence_words *words;
	struct table *waits, *answered;
	struct askers askers;
	uint64_t neighbours, asked; /* neighbours: that answered */
	uint64_t scans_kept_quiet;
	int64_t next_ns;
	int64_t unsettled_until_ns; /* after a clock jump */
};

/* Who asks for what. */
struct silence_try {
	uint32_t link;
	struct addr target, asker;
	struct mac asker_mac;
	bool unicast;
	int64_t ns;
	uint64_t frame;
};

/* False: no memory. */
bool silence_open(struct silence *s, const struct silence_words *words,
		  struct arena *home, const struct limits *limits,
		  struct hash_key key);

void silence_asked(struct silence *s, const struct silence_try *t);

/* `target` gave a sign of itself on its link (a claim, by whatever message);
 * `asker_mac` is whom it answers, or NULL. */
void silence_claimed(struct silence *s, uint32_t link,
		     const struct addr *target, const struct mac *asker_mac,
		     int64_t ns, uint64_t frame,
		     const struct detector_context *c);

/* The address is about to be given away by DHCP: silence is good. */
void silence_forget(struct silence *s, uint32_t link,
		    const struct addr *target);

/* The clock jumped: what is pending will not be decided. */
void silence_unsettle(struct silence *s);

void silence_clock(struct silence *s, const struct detector_context *c);
void silence_finish(struct silence *s, const struct detector_context *c);
void silence_checked(const struct silence *s, struct checks *out);
void silence_limits(const struct silence *s, struct checks *out);

#endif
