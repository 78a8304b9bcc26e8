/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * finding.h - one diagnosis: an id of the catalogue, its subject, its proof.
 *
 * Detectors raise findings; a finding is known by its id, its subject and its
 * reason, so raising it again widens the one that stands.  All text in a finding
 * is valid UTF-8 without control characters: what comes from the wire goes
 * through base/escape.h first.
 */
#ifndef UPSTACK_ANALYSIS_FINDING_H
#define UPSTACK_ANALYSIS_FINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/flow.h"
#include "analysis/limits.h"
#include "analysis/observation.h"
#include "base/addr.h"
#include "base/hash.h"
#include "base/arena.h"

enum layer_of {
	LAYER_CAPTURE, LAYER_PHYSICAL, LAYER_DATA_LINK, LAYER_NETWORK,
	LAYER_TRANSPORT, LAYER_APPLICATION, LAYERS
};

enum severity { INFO, NOTICE, WARNING, CRITICAL };

enum subject_kind {
	SUBJECT_CAPTURE, SUBJECT_LINK, SUBJECT_HOST, SUBJECT_SERVICE,
	SUBJECT_PATH, SUBJECT_FLOW, SUBJECT_NAME, SUBJECT_SEVERAL
};

/* What a finding relies on: the trust table lowers it where that is shaken. */
enum relies {
	RELIES_NOTHING = 0,
	RELIES_ABSENCE = 1,  /* "nobody answered" */
	RELIES_RATE = 2,     /* so many in a time */
	RELIES_CHECKSUM = 4,
	RELIES_SEQUENCE = 8, /* TCP sequence space without gaps */
	RELIES_OPENING = 16, /* how the connection was opened */
	RELIES_SIZE = 32,    /* packets are as large as on the wire */
	RELIES_DELAY = 64,   /* how long something took: round trips, waits */
	RELIES_EACH = 128,   /* a single frame that is missing makes it */
	RELIES_ERRORS = 256, /* "and no ICMP error came" */
	RELIES_PLAIN = 512,  /* packets between opening and end are seen */
};

/* One row of the catalogue.  It stands in the file that raises it. */
struct finding_def {
	const char *id;	       /* "arp.unanswered": never renamed, never reused */
	enum layer_of layer;
	enum severity most;    /* the highest that this finding can reach */
	enum subject_kind subject;
	unsigned relies;       /* enum relies */
	const char *title;     /* one line, without the subject */
	const char *advice[4]; /* what to look at or run next; NULL-ended */
};

/* Which fields count depends on the kind; the others are zero.
 *   flow     a:port_a > b:port_b, protocol
 *   host     a, or mac, or both (the claimed address and who)
 *   service  a, port_a, protocol
 *   path     a > b, port_b and protocol where it leads to a service
 *   link     link
 *   name     name, asked by a of b */
struct subject {
	enum subject_kind kind;
	struct addr a, b;
	uint16_t port_a, port_b;
	uint8_t protocol;
	struct mac mac, mac_b;
	uint32_t link;
	uint32_t count;		/* several: how many */
	char name[DNS_NAME_TEXT]; /* escaped */
};

enum { TITLE_TEXT = 160, SUMMARY_TEXT = 900, FILTER_TEXT = 400,
       REASON_TEXT = 32, KEY_TEXT = 120, CAUSES_MAX = 8, ADVICE_TEXT = 200,
       ADVICES_MAX = 5 };

/* On which stretch of its flow's path it happened, as seen from the capture
 * point. */
enum stretch { STRETCH_UNKNOWN, STRETCH_BEFORE, STRETCH_AFTER };

struct finding {
	const struct finding_def *def;
	struct subject subject;
	enum severity severity;	    /* set by the rule, at most def->most */
	enum confidence confidence;
	char title[TITLE_TEXT];	    /* with the subject; "" = def->title */
	char summary[SUMMARY_TEXT]; /* sentences: what, who, how much, when */
	char reason[REASON_TEXT];   /* the sub-case of the id, or "" */
	char filter[FILTER_TEXT];   /* display filter; "" = from the subject */
	char advice[ADVICES_MAX][ADVICE_TEXT]; /* "" = def->advice */
	bool has_flow;		    /* `flow` is the one it is about */
	struct flow flow;
	enum stretch stretch;
	struct addr asker; /* who was not answered, where nothing above tells */
	struct mac asker_mac;
	/* bytes of an IP packet that passes and that does not, where it is about
	 * sizes; 0: none is known */
	uint32_t size_passes, size_fails;
	uint64_t count;
	double share; /* where `count` is a part of all such: which; else 0 */
	int64_t first_ns, last_ns;
	uint64_t frames[EVIDENCE_MAX]; /* rising, the most telling ones */
	uint8_t frame_count;
	char key[KEY_TEXT]; /* of id, subject and reason: unique, always the same */
	/* the rest belongs to diagnose/ */
	const struct finding *caused_by[CAUSES_MAX];
	uint8_t cause_count;
	uint32_t folded;	    /* how many findings name this one as cause */
	bool withheld;		    /* not shown: trust, or absorbed by another */
	const struct finding *summed_in; /* not shown: one of "20 more hosts" */
	bool announced;		    /* live: already shown, */
	enum severity announced_severity; /* and as what */
};

struct findings;

struct findings *findings_new(struct arena *home, struct hash_key key);

/* The finding of this id, subject and reason ("" for none): a new one with
 * severity def->most, confidence CERTAIN, count 0 and the given times, or the
 * one that stands, its times widened.  NULL only if memory ran out.  It belongs
 * to the findings and stays where it is. */
struct finding *finding_raise(struct findings *all,
			      const struct finding_def *def,
			      const struct subject *subject,
			      const char *reason, int64_t first_ns,
			      int64_t last_ns);

/* Add a frame to the evidence; 0 and repeats are ignored.  When full, the frame
 * is dropped: add the most telling ones first. */
void finding_frame(struct finding *f, uint64_t frame);

/* Fill a text field as printf does. */
void finding_title(struct finding *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void finding_summary(struct finding *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Append to the summary. */
void finding_add(struct finding *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void finding_filter(struct finding *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Add a line of advice in place of the definition's. */
void finding_advise(struct finding *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The finding that stands under this id, subject and reason, or NULL. */
struct finding *finding_find(const struct findings *all,
			     const struct finding_def *def,
			     const struct subject *subject, const char *reason);

/* All findings in the order in which they were raised. */
uint32_t findings_count(const struct findings *all);
struct finding *finding_at(const struct findings *all, uint32_t index);

/* Not kept, for want of room (FINDINGS_PER_ID), of this id. */
uint64_t findings_dropped(const struct findings *all,
			  const struct finding_def *def);

/* Subjects in one line each. */
struct subject subject_flow(const struct flow *f);
struct subject subject_host(const struct addr *a);
struct subject subject_mac(const struct mac *m);
struct subject subject_service(const struct addr *a, uint16_t port,
			       uint8_t protocol);
struct subject subject_path(const struct addr *from, const struct addr *to);
struct subject subject_path_to(const struct addr *from, const struct addr *to,
			       uint16_t port, uint8_t protocol);
struct subject subject_link(uint32_t link);
struct subject subject_capture(void);
struct subject subject_name(const char *name, const struct addr *client,
			    const struct addr *server);

/* The finding's two ends: who asked or sent, and whom; family 0 where its
 * subject (and flow) do not name one.  A service or host is a `to`. */
struct ends {
	struct addr from, to;
	uint16_t port;	  /* of `to`; 0: none */
	uint8_t protocol; /* 0: any */
};
struct ends finding_ends(const struct finding *f);

const char *severity_name(enum severity s);	/* "critical" */
const char *confidence_name(enum confidence c); /* "likely" */
const char *layer_name(enum layer_of l);	/* "data_link" */
const char *layer_title(enum layer_of l);	/* "data link" */
const char *subject_kind_name(enum subject_kind k);

#endif
