/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * opening.h - what the rules about opening connections share.
 *
 * Whether a refused SYN is a fault depends on what else its source and its
 * service do: it may be one of a scan, a flood, a service that is down.  So one
 * detector (opening.c) counts services, sources and paths once, and the rules
 * beside it (flood_syn.c, scan_tcp.c, service_down.c, handshake_*.c) judge
 * from these counts.  A SYN touches its service, and the source's tables only
 * while the service is not busy: a spoofed flood costs one table entry a SYN.
 */
#ifndef UPSTACK_ANALYSIS_DETECT_OPENING_H
#define UPSTACK_ANALYSIS_DETECT_OPENING_H

#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"

enum {
	SECONDS = 64,	   /* of history, one bucket each */
	PANE_SECONDS = 10, /* of one judgement */
	PANES = 3,	   /* under way, before it, and the busiest */
	BUSY_MAX = 64,	   /* services that are looked at closely */
	BUSY_SYNS = 16,	   /* in ten seconds make a service busy */
	TOPS = 4,
	TOP_KEPT = 8,
	SAMPLES = 32,
	CLIENTS = 8,
	EARLY = 2, /* SYNs and samples before a service has a history */
};

/* The most frequent values of one field (Misra and Gries, 1982). */
struct top {
	uint32_t value[TOP_KEPT], count[TOP_KEPT];
};

enum top_kind { TOP_PRINT, TOP_ISN, TOP_ID, TOP_PORT };

/* Ten seconds of one service; what came later counts for its first SYN. */
struct pane {
	int64_t start_ns; /* 0: not in use */
	int64_t first_ns, last_ns;
	uint32_t attempts, synacks, opened, refused, client_reset, rejected;
	uint32_t sampled; /* of the attempts: those in `top` */
	uint32_t repeated, opened_repeated, data, no_mss, stepped;
	uint32_t last_isn; /* `stepped`: ISNs close to the one before */
	uint32_t second[PANE_SECONDS], quarter[PANE_SECONDS * 4];
	uint8_t registers[256]; /* HyperLogLog of the sources */
	struct top top[TOPS];
	uint64_t frames[EVIDENCE_MAX];
	uint8_t frame_count;
	bool older_served;  /* an older connection went on meanwhile */
	bool tried, judged; /* tried: looked at once, not named */
};

struct busy {
	struct service *owner; /* NULL: free */
	struct pane pane[PANES];
};

/* A client that failed at a service. */
struct failing {
	struct addr client;
	int64_t first_ns, last_ns;
	uint64_t frames[3];
	uint32_t attempts;
	uint8_t outcome;
};

struct service_key {
	struct addr addr;
	uint16_t port;
	uint8_t pad[2];
};

/* Most services get a SYN or two, and nobody fails there: what only the others
 * need stands in records of its own, made when it is needed. */
struct service {
	uint32_t syns, attempts, synacks, opened, samples;
	int64_t first_ns, last_opened_ns, last_synack_ns, last_syn_ns;
	int64_t down_ns;		    /* raised as down: since */
	int64_t flood_from_ns, flood_to_ns; /* 0: none */
	struct busy *busy;
	struct history *history;   /* NULL: no more than EARLY of each */
	struct failures *failures; /* NULL: none */
	int64_t early[EARLY];	   /* of the first attempts: the second */
	uint32_t early_us[EARLY];  /* the first samples */
	bool down_checked;
};

struct history {
	struct service *owner;
	int64_t second; /* the newest of `seconds`, since the epoch */
	uint32_t seconds[SECONDS];
	uint32_t sample_us[SAMPLES]; /* SYN to SYN-ACK */
};

struct failures {
	struct service *owner;
	uint8_t count;
	struct failing client[CLIENTS];
};

/* What was last heard of a host: a SYN-ACK, or the first answer. */
struct host {
	int64_t last_ns;
	uint16_t port;
	uint8_t ttl;
};

struct opening {
	struct table *services;	 /* service_key -> struct service */
	struct table *histories; /* service_key -> struct history */
	struct table *failures;	 /* service_key -> struct failures */
	struct busy busy[BUSY_MAX];
	struct table *pairs, *sweeps, *scanners; /* scan_tcp.c */
	int64_t tried_ns;			 /* the last SYN, for these */
	struct table *paths, *reached;		 /* handshake_failed.c */
	struct table *hosts;			 /* addr -> struct host */
	struct table *late;			 /* handshake_late.c */
	struct table *unheard;			 /* handshake_accept.c */
	struct table *overflows;
	int64_t next_slow_ns;
	uint64_t opened;	/* for `checked` */
	uint32_t took_us[1024]; /* a sample of opening times */
	uint64_t took_count;
	bool dirty;
	bool hot;     /* some source may be a scanner */
	bool failing; /* some service has failed several clients */
};

/* ---- opening_service.c ---- */
bool services_open(struct opening *o, struct arena *home,
		   const struct limits *limits, struct hash_key key);
struct service *service_find(const struct opening *o, const struct addr *a,
			     uint16_t port);
/* As scan_expect and failed_expect: it is looked up soon. */
void service_expect(const struct opening *o, const struct flow *flow);
/* The service of a flow from a client, made where there is none. */
struct service *service_of(struct opening *o, const struct flow *flow);
/* The same if it is the one that was used last; else NULL. */
struct service *service_latest(const struct opening *o,
			       const struct flow *flow);
const struct service_key *service_name(const struct opening *o,
				       const struct service *s);
void service_syn(struct opening *o, struct service *s,
		 const struct observation *ob);
/* Whether the ten seconds up to now had so many SYNs. */
bool service_rate_is(const struct service *s, int64_t now_ns, uint32_t least);
/* From SYN to SYN-ACK; and the median of these, 0 if there are too few. */
void service_sample(struct opening *o, struct service *s, uint32_t us);
uint32_t service_median_us(const struct service *s);
void pane_frame(struct pane *p, uint64_t frame);
/* The pane that the first SYN at this time belongs to, or NULL. */
struct pane *service_pane(const struct service *s, int64_t first_ns);
uint32_t top_share(const struct top *t, uint32_t *count_of_5_percent,
		   uint32_t total);
uint32_t pane_sources(const struct pane *p);
bool service_flooded(const struct service *s, int64_t ns);

/* ---- flood_syn.c ---- */
void flood_syn_clock(struct opening *o, const struct detector_context *c);
void flood_syn_finish(struct opening *o, const struct detector_context *c);

/* ---- scan_tcp.c ---- */
bool scan_open(struct opening *o, struct arena *home,
	       const struct limits *limits, struct hash_key key);
void scan_expect(const struct opening *o, const struct flow *f);
void scan_syn(struct opening *o, const struct observation *ob);
void scan_synack(struct opening *o, const struct observation *ob);
void scan_attempt(struct opening *o, const struct observation *ob);
void scan_opened(struct opening *o, const struct observation *ob);
void scan_ended(struct opening *o, const struct observation *ob);
void scan_stray(struct opening *o, const struct observation *ob);
void scan_clock(struct opening *o, const struct detector_context *c);
/* Whether this source was found to scan. */
bool scan_source(const struct opening *o, const struct addr *source);

/* ---- service_down.c ---- */
void down_attempt(struct opening *o, const struct observation *ob);
void down_clock(struct opening *o, const struct detector_context *c);

/* ---- handshake_failed.c ---- */
bool failed_open(struct opening *o, struct arena *home,
		 const struct limits *limits, struct hash_key key);
void failed_attempt(struct opening *o, const struct observation *ob,
		    const struct detector_context *c);
void failed_expect(const struct opening *o, const struct flow *f);
void failed_opened(struct opening *o, const struct observation *ob);
void failed_clock(struct opening *o, const struct detector_context *c);
void failed_finish(struct opening *o, const struct detector_context *c);

/* ---- handshake_late.c ---- */
bool late_open(struct opening *o, struct arena *home,
	       const struct limits *limits, struct hash_key key);
/* `s` is the service of the connection, NULL if it has no record. */
void late_opened(struct opening *o, struct service *s,
		 const struct observation *ob);
void late_attempt(struct opening *o, const struct observation *ob,
		  const struct detector_context *c);
/* A connection whose third packet was lost, and that worked afterwards. */
void late_third(struct opening *o, const struct flow *flow, int64_t first_ns,
		int64_t last_ns, const uint64_t *frames, int count);
void late_clock(struct opening *o, const struct detector_context *c);

/* ---- handshake_accept.c ---- */
bool accept_open(struct opening *o, struct arena *home,
		 const struct limits *limits, struct hash_key key);
void accept_synack(struct opening *o, const struct observation *ob);
void accept_attempt(struct opening *o, const struct observation *ob);
void accept_ended(struct opening *o, const struct observation *ob,
		  const struct detector_context *c);
void accept_clock(struct opening *o, const struct detector_context *c);

extern const struct finding_def syn_flood_def, flash_crowd_def, port_scan_def,
	host_sweep_def, service_down_def, no_answer_def, refused_def,
	rejected_def, syn_received_def, retried_def, slow_def, stale_peer_def,
	ack_ignored_def, listen_overflow_def, dead_after_open_def;

#endif
