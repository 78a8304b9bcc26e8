/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dns_lookup.h - what the rules about DNS share: lookups, and who fails whom.
 *
 * A lookup is one client's wish to know one thing (name and type), over all
 * servers, ports and transports that it tries; it ends with an answer or 10 s
 * after the last try.  What goes wrong in lookups is tallied per client and
 * server, and told when the capture ends.
 */
#ifndef UPSTACK_ANALYSIS_DETECT_DNS_LOOKUP_H
#define UPSTACK_ANALYSIS_DETECT_DNS_LOOKUP_H

#include "analysis/detector.h"
#include "analysis/name_store.h"
#include "base/when.h"

#define DNS_PATIENCE_NS (5 * NS_PER_S)	/* findings-app section 0 */
#define DNS_LOOKUP_NS	(10 * NS_PER_S) /* a lookup is over */
#define DNS_SLOW_NS	NS_PER_S
#define DNS_SLUGGISH_NS (300 * NS_PER_MS)
/* Nobody waits so long: what comes then is no answer to this, or the clock of
 * the capture was set meanwhile. */
#define DNS_FORGOT_NS (30 * NS_PER_S)

enum {
	DNS_TRIES = 8,
	DNS_RTTS = 64,
	DNS_FEW = 4,
	DNS_NAMES = 3,
	DNS_FRAMES = 8,
	DNS_RECENT = 64,
	DNS_DENIED = 256
};

enum {
	RCODE_OK = 0,
	RCODE_SERVFAIL = 2,
	RCODE_NXDOMAIN = 3,
	RCODE_REFUSED = 5
};

enum {
	TYPE_A = 1,
	TYPE_PTR = 12,
	TYPE_AAAA = 28,
	TYPE_AXFR = 252,
	TYPE_ANY = 255,
	CLASS_CHAOS = 3
};

/* One question sent to one server. */
struct dns_try {
	struct addr server;
	int64_t ns, answer_ns; /* answer_ns 0: none yet */
	uint64_t frame, answer_frame;
	uint16_t port, edns_size;
	uint8_t rcode;
	int16_t extended;
	bool tcp, truncated, icmp, recursion_available, authoritative;
};

/* Key: struct dns_wish. */
struct dns_lookup {
	int64_t first_ns, last_ns;
	struct dns_try *try; /* `only`, or an entry of `retries` */
	uint16_t tries;	     /* all, also those not kept */
	uint8_t kept;
	bool recursion_desired, cd;
	struct near_name name;
	struct dns_try only;
};

/* What a client wants to know. */
struct dns_wish {
	struct addr client;
	uint16_t qtype, qclass;
	uint64_t name_hash;
};

struct dns_question {
	struct dns_wish wish;
	const char *name;
};

/* What one client met at one server, of one kind. */
struct dns_tally {
	uint32_t count;	  /* lookups */
	uint32_t excused; /* of those, the ones that got an answer later */
	uint8_t names;	  /* kept; count may be larger */
	bool more_names;
	char name[DNS_NAMES][DNS_NAME_TEXT];
	int64_t first_ns, last_ns, worst_ns;
	uint64_t frame[DNS_FRAMES];
	uint8_t frames;
	int16_t extended; /* RFC 8914, of the last; -1 none */
	bool icmp, smaller_worked, dnssec;
	bool repeated; /* a question was sent again, unanswered */
};

enum dns_problem { DNS_SILENT, DNS_SERVFAIL, DNS_LATE, DNS_CUT, DNS_PROBLEMS };

struct dns_pair_key {
	struct addr client, server;
};

struct dns_tally_key {
	struct dns_pair_key pair;
	uint32_t problem; /* enum dns_problem */
};

struct dns_pair {
	struct dns_tally *tally[DNS_PROBLEMS]; /* NULL: all was well */
	uint32_t asked, answered, slow, sluggish, too_late;
	uint8_t rtts;
	bool tcp_spoke;	    /* the server sent something over TCP */
	int64_t last_ok_ns; /* a lookup ended well */
	int64_t *rtt;	    /* of the first answers: `few`, or of `rtts` */
	int64_t few[DNS_FEW];
};

/* One server, over all clients. */
struct dns_server {
	uint64_t asked, answered;
	int64_t first_ns, last_asked_ns, last_answer_ns, silent_since_ns;
	uint32_t silent_tries; /* since the last answer */
	uint32_t silent_names; /* different ones, at least */
	uint32_t passed_over;  /* lookups left unanswered, others not */
	uint64_t last_name_hash[2];
	uint64_t last_answer_frame;
	uint64_t frame[DNS_FRAMES]; /* unanswered tries since the last answer */
	uint8_t frames;
	bool icmp_own;		      /* its own port unreachable */
	struct dns_refusals *refused; /* NULL: it never did */
};

/* What a server refused. */
struct dns_refusals {
	uint32_t count, users; /* users: with RD */
	bool recursive;	       /* it says that it recurses */
	int16_t extended;
	struct addr client;
	char name[DNS_NAME_TEXT];
	int64_t first_ns, last_ns;
	uint64_t frame[4];
};

/* Whom the last questions went to: an ICMP error quotes only ports. */
struct dns_recent {
	struct dns_wish wish;
	struct addr server;
	uint16_t port;
};

struct dns_watch {
	struct table *lookups;	/* dns_wish -> dns_lookup, while it lasts */
	struct table *retries;	/* dns_wish -> struct dns_try[DNS_TRIES] */
	struct table *names;	/* long ones of `lookups` */
	struct table *pairs;	/* dns_pair_key -> dns_pair */
	struct table *rtts;	/* dns_pair_key -> int64_t[DNS_RTTS] */
	struct table *tallies;	/* dns_tally_key -> dns_tally, of `pairs` */
	struct table *servers;	/* struct addr -> dns_server */
	struct table *refusals; /* struct addr -> dns_refusals, of `servers` */
	struct dns_pair *last_pair;	/* the newest: likely the next, too */
	struct dns_server *last_server; /* the same */
	struct table *absent;		/* dns_wish -> struct dns_absent */
	struct table *cached;		/* dns_wish -> struct dns_repeat */
	struct table *repeated;		/* hash -> name, of those asked again */
	struct hash_key key;
	struct dns_recent recent[DNS_RECENT];
	uint32_t recent_at;
	/* when a client, or one that shares its place, was last told that a
	 * name does not exist */
	int64_t denied_ns[DNS_DENIED];
	uint64_t lookups_answered, exchanges;
	int64_t rtt[DNS_RTTS]; /* a sample for the median */
	uint32_t rtt_seen;
	uint32_t search_steps;
	struct addr search_client;
	uint64_t search_frame;
	int64_t search_first_ns, search_last_ns;
};

/* A name that a client was told does not exist. */
struct dns_absent {
	uint32_t count;
	int64_t first_ns, last_ns;
	uint64_t frame[4];
	struct addr server;
	bool excused;	/* a search step, or another type exists */
	bool near_ok;	/* the client learnt something within two seconds */
	bool has_forms; /* some other begins with this one and a dot */
	char name[DNS_NAME_TEXT];
};

/* The same question again although the answer still held. */
struct dns_repeat {
	int64_t until_ns, waited_ns, first_ns, last_ns;
	uint64_t hash;
	uint32_t asked, in_time, ttl_s;
	uint64_t frame[4];
};

/* dns_pair.c */
bool dns_pairs_open(struct dns_watch *s, struct arena *home,
		    struct hash_key key);
struct dns_pair *dns_pair_of(struct dns_watch *s, const struct addr *client,
			     const struct addr *server);
void dns_pair_rtt(struct dns_watch *s, struct dns_pair *pair, int64_t rtt);
struct dns_server *dns_server_of(struct dns_watch *s, const struct addr *a);
/* An address of no one server. */
bool dns_asks_all(const struct addr *server);
/* What goes wrong between two; NULL if there is no room. */
struct dns_tally *dns_tally_of(struct dns_watch *s, const struct addr *client,
			       const struct addr *server,
			       enum dns_problem problem);
void dns_tally_add(struct dns_tally *t, const struct dns_question *q,
		   int64_t ns, const uint64_t *frames, uint8_t count);
void dns_name_copy(char to[static DNS_NAME_TEXT], const char *name);
int64_t dns_median(const int64_t *values, uint32_t count);
/* "a.example", "a.example, b.example and 3 more" */
void dns_names_text(const struct dns_tally *t, char *out, size_t size);
/* The subject: the name where there is only one. */
struct subject dns_subject(const struct dns_tally *t,
			   const struct dns_pair_key *k);

/* dns_silence.c: dns.no_answer, dns.server_down */
extern const struct finding_def dns_no_answer_def, dns_server_down_def;
void dns_silence_ended(struct dns_watch *s, const struct dns_question *q,
		       const struct dns_lookup *l, int64_t now_ns);
void dns_silence_tell(struct dns_watch *s, const struct detector_context *c);

/* dns_rcode.c: dns.servfail, dns.refused, dns.nxdomain */
extern const struct finding_def dns_servfail_def, dns_refused_def,
	dns_nxdomain_def;
void dns_rcode_ended(struct dns_watch *s, const struct dns_question *q,
		     const struct dns_lookup *l);
void dns_rcode_tell(struct dns_watch *s, const struct detector_context *c);

/* dns_answer.c: dns.slow, dns.truncated, dns.conflicting_answers,
 * dns.not_cached */
extern const struct finding_def dns_slow_def, dns_truncated_def,
	dns_conflicting_def, dns_not_cached_def;
void dns_answer_observe(struct dns_watch *s, const struct observation *o,
			const struct dns_question *q,
			const struct detector_context *c);
void dns_answer_ended(struct dns_watch *s, const struct dns_question *q,
		      const struct dns_lookup *l);
void dns_answer_tell(struct dns_watch *s, const struct detector_context *c);

#endif
