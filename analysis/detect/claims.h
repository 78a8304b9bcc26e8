/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * claims.h - which MACs say that an address is theirs, when, and to whom.
 *
 * ARP and neighbour discovery make the same claims in other words.  Three rules
 * judge them: two stations at one address (claims_conflict.c), a station that
 * takes over what another holds (claims_spoofing.c), and a sender that goes on
 * using the MAC of before (claims_stale.c).
 */
#ifndef UPSTACK_ANALYSIS_DETECT_CLAIMS_H
#define UPSTACK_ANALYSIS_DETECT_CLAIMS_H

#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"

enum { RIVALS = 4, TOLD_MAX = 4, UNASKED_KEPT = 3, HISTORY = 3 };

/* What differs between ARP and neighbour discovery. */
struct claims_words {
	const struct finding_def *conflict, *spoofing,
		*stale; /* stale or NULL */
	const char *table_name;
	const char *filter;	  /* with one %s, the address */
	const char *advise_probe; /* with one %s, the address */
	enum severity averted;
	bool nd;
};

/* One station that claims an address. */
struct rival {
	struct mac mac;
	int64_t first_ns, last_ns;
	uint32_t claims, unasked, unasked_unicast;
	int64_t unasked_ns[UNASKED_KEPT]; /* the last ones, in turn */
	struct frame_list frames, unasked_frames;
	bool broadcast;
	struct addr told[TOLD_MAX], told_unasked[TOLD_MAX];
	uint8_t tolds, tolds_unasked;
	bool sends_ip; /* packets with this source */
	uint64_t ip_frame;
	uint64_t asks_frame;	/* asks for the address it claims */
	uint64_t forward_frame; /* passed on what was sent to it */
	int64_t sent_ns;	/* last packet of the address from here */
	/* packets for the address that went here after another took it over */
	uint32_t stray_packets;
	int64_t stray_first_ns, stray_last_ns;
	struct addr stray_from;
	struct frame_list stray_frames;
	/* packets for the address that went here, since its last packet back */
	uint32_t unreturned;
	struct frame_list unreturned_frames;
};

struct claim_event {
	uint32_t link;
	struct addr addr, told; /* told: family 0 where it is for all */
	struct mac mac;
	bool broadcast;
	bool asked;	   /* answers a question of whom it is told */
	uint64_t question; /* its frame */
	bool unasked;	   /* a reply or announcement that nobody asked for; the
			    * claim that stands in a question is neither */
	int64_t ns;
	uint64_t frame;
};

struct claimed_key {
	uint32_t link;
	struct addr addr;
};

struct claimed {
	uint8_t rivals;
	struct rival *rival; /* `only`, or an entry of `rivals` */
	struct rival only;
	/* the last changes of hands: who claimed, oldest first */
	uint8_t turns;
	struct {
		struct mac mac;
		int64_t ns;
		uint64_t frame;
	} turn[HISTORY];
	/* the last answer to a question */
	struct {
		struct mac mac;
		struct addr told;
		int64_t ns;
		uint64_t frame, question;
		bool alone; /* nobody else answered it so far */
	} answer;
	/* the last probe of the address before it is taken */
	struct {
		struct mac mac;
		int64_t ns;
		uint64_t frame, nonce;
	} probe;
	bool conflict, spoofed, stale;
};

struct claims {
	const struct claims_words *words;
	struct table *by_addr; /* claimed_key -> claimed */
	struct table *rivals;  /* claimed_key -> struct rival[RIVALS] */
	uint32_t disputed;     /* addresses with unasked rivals */
	uint32_t forwards;
};

/* How far apart claims are still one dispute. */
#define CLAIMS_WINDOW_NS (60 * NS_PER_S)

/* False: no memory. */
bool claims_open(struct claims *s, const struct claims_words *words,
		 struct arena *home, const struct limits *limits,
		 struct hash_key key);

void claims_note(struct claims *s, const struct claim_event *e,
		 const struct detector_context *c);

/* `mac` probes whether the address is free, by broadcast. */
void claims_probed(struct claims *s, uint32_t link, const struct addr *a,
		   const struct mac *mac, uint64_t nonce, int64_t ns,
		   uint64_t frame, const struct detector_context *c);

/* `mac` asks for the address under another address of its own. */
void claims_asked(struct claims *s, uint32_t link, const struct addr *a,
		  const struct mac *mac, int64_t ns, uint64_t frame,
		  const struct detector_context *c);

/* OBS_TALK and OBS_SAME_PACKET. */
void claims_talk(struct claims *s, const struct observation *o,
		 const struct detector_context *c);
void claims_forwarded(struct claims *s, const struct observation *o,
		      const struct detector_context *c);

void claims_checked(const struct claims *s, struct checks *out);
void claims_limits(const struct claims *s, struct checks *out);

/* The rules.  `r` is the one whose claim is new. */
void conflict_judge(struct claims *s, const struct claimed_key *key,
		    struct claimed *x, const struct claim_event *e,
		    const struct detector_context *c);
void conflict_probe(struct claims *s, const struct claimed_key *key,
		    struct claimed *x, const struct mac *mac, int64_t ns,
		    uint64_t frame, const struct detector_context *c);
void conflict_still_sends(struct claims *s, const struct claimed_key *key,
			  struct claimed *x, const struct rival *r, int64_t ns,
			  uint64_t frame, const struct detector_context *c);
void conflict_withdraw(struct claims *s, const struct claimed_key *key,
		       const struct detector_context *c);
void spoofing_judge(struct claims *s, const struct claimed_key *key,
		    struct claimed *x, struct rival *m, int64_t ns,
		    const struct detector_context *c);
void stale_judge(struct claims *s, const struct claimed_key *key,
		 struct claimed *x, struct rival *old,
		 const struct detector_context *c);

/* The rival with this MAC, or NULL. */
struct rival *claimed_rival(struct claimed *x, const struct mac *mac);
struct claimed *claims_find(const struct claims *s, uint32_t link,
			    const struct addr *a);

#endif
