/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_pace.h - how fast a direction goes, and what it waits for.
 *
 * Made for a direction that has sent some segments of data, or after a long
 * pause; most connections never have one.  Names as in tcp_connection.h: S
 * sends, R receives, rr is the time P-R-P, rs the time P-S-P.
 */
#ifndef UPSTACK_ANALYSIS_TRACK_TCP_PACE_H
#define UPSTACK_ANALYSIS_TRACK_TCP_PACE_H

#include <stddef.h>

#include "analysis/track/tcp_connection.h"

enum {
	PACE_FROM = 12, /* segments of data */
	PACE_SAMPLES =
		63, /* kept, in 512 bytes; then every second, and so on */
	PACE_MARKS = 16,
	PACE_RESTS = 16,
};

#define PACE_AT_ONCE_NS (3 * NS_PER_MS)
#define PACE_IDLE_NS	(50 * NS_PER_S) /* no middlebox forgets sooner */

/* A round trip, and the bytes that were out when it began. */
struct pace_sample {
	uint32_t us, flight;
};

/* A segment whose acknowledgement will be timed. */
struct pace_mark {
	uint64_t end;
	int64_t ns;
	uint32_t flight;
	bool rested; /* the first after a rest */
};

/* Round trips of one half of the path. */
struct pace_trips {
	uint16_t count, skip, stride;
	struct pace_sample at[PACE_SAMPLES];
};

_Static_assert(sizeof(struct pace_trips) <= 512, "a block of the pool");

/* A time in which S sent nothing, and the frames around it (low halves). */
struct pace_span {
	int64_t from_ns, to_ns;
	uint32_t frame[2];
};

/* A small segment alone, its acknowledgement, and what waited for that. */
struct pace_turn {
	int64_t sent_ns, acked_ns;
	uint64_t end, frame, ack_frame;
};

enum pace_bits {
	PACE_SHORT = 1,	      /* S's last segment was not a full one */
	PACE_ZERO_WINDOW = 2, /* R's window was closed since the last data */
	PACE_PEER_DATA = 4,   /* R sent data since */
	PACE_IDLE = 8,	      /* the last pause is not yet survived */
	PACE_TURN_SENT = 16,  /* of `turn`: a small segment is out alone; */
	PACE_TURN_ACKED = 32, /* or its acknowledgement was late */
	PACE_TURN = PACE_TURN_SENT | PACE_TURN_ACKED,
	PACE_LACKED = 64, /* since the last data R had a hole to be filled */
};

struct pace {
	/* The line of the cache that each packet touches. */
	_Alignas(64) int64_t data_ns; /* S last sent data */
	int64_t round_ns;	      /* a round trip began; 0: with data */
	int64_t ack_last_ns; /* of R's acknowledgements that took some */
	uint64_t mark_next;  /* the end of the first mark; without one it */
	uint64_t mark_last;  /* means nothing; of the last one, or 0 */
	uint32_t flight;     /* most that was out in this round trip */
	uint32_t peak;	     /* and since the last rest */
	uint32_t floor_us;   /* smallest round trip of the whole path */
	uint32_t ack_bytes;  /* see ack_first_ns */
	uint32_t data_frame; /* low half: the last data of S */
	uint8_t mark_first, marks;
	uint8_t stalled; /* this packet ends a stall: its reason, plus 1 */
	uint8_t bits;	 /* enum pace_bits */
	/* and what it touches now and then */
	uint64_t round_una, echo_una;
	int64_t rest_ns; /* all was acknowledged after much was out; 0: not */
	/* R's last acknowledgements that came as one: when, what (ack_bytes),
	 * and the one before them */
	int64_t ack_first_ns, ack_before_ns;
	uint32_t peak_most; /* out at any time */
	/* round trips: was the window used up? */
	uint32_t flight_most, window, rounds, full, ended_short;
	uint64_t full_bytes;
	int64_t full_ns;
	/* round trips in a row with as much in flight, and the most ever */
	uint32_t level_now, level_rounds, level, steady;
	/* pauses that an acknowledgement ended, and those that S chose */
	uint32_t waited, idled;
	/* round trips under load */
	struct pace_mark mark[PACE_MARKS]; /* a ring, rising */
	struct pace_trips *trips[2];	   /* 0: P-R-P, 1: P-S-P */
	uint32_t rest_us[PACE_RESTS];	   /* first trips after a rest */
	uint8_t rests;
	/* pauses of both ends: the last, its end; and the longest after which
	 * data passed */
	int64_t idle_ns, idle_at_ns, survived_ns;
	uint64_t idle_frames[2];
	/* small writes */
	struct pace_turn turn;
	uint32_t delayed, unheld; /* unheld: sent while a small one was out */
	int64_t delayed_ns, delayed_least_ns, delayed_most_ns;
	uint64_t delayed_frames[6];
	/* stalls */
	uint32_t stalls, stall_of[STALL_REASONS];
	int64_t stall_first_ns, stall_ns;
	uint64_t stall_frames[6];
	struct pace_span worst; /* the longest of them */
	/* the last, and the longest, together with those right before it: what
	 * a timer sends into a broken path is no progress */
	struct pace_span still_now, still;
};

_Static_assert(sizeof(struct pace) <= 1024, "a block of the pool");

_Static_assert(offsetof(struct pace, round_una) == 64, "a line");

/* Before anything of the packet is taken over: data of S. */
void pace_sent(struct step *k, struct pace *p);
/* The same: a packet of R with an acknowledgement. */
void pace_acked(struct step *k, struct pace *p, uint64_t ack);
/* The first data after a pause of S: of both ends? */
void pace_idle(struct step *k);

#define STALL_NS (200 * NS_PER_MS)

/* tcp_pace_stall.c: S sends again after it had sent nothing for STALL_NS */
void stall_check(struct step *k, struct pace *p);
/* What the segment that ended it was: sent again, or a late original. */
void stall_resent(struct step *k, struct pending *e);
void stall_late(struct step *k);

/* An echo that was timed: S answered R's packet after so long. */
void pace_echo(struct step *k, int64_t ns);

/* The pace of a side or NULL, and the same made where there was none. */
static inline struct pace *pace_at(const struct connection *c, unsigned side)
{
	return c->paces ? c->paces->of[side] : NULL;
}

struct pace *pace_of(struct tcp_tracker *t, struct connection *c,
		     unsigned side);
bool pace_is_delayed(int64_t ns); /* by a timer for acknowledgements */
uint32_t pace_mss(const struct side *s);
void pace_frame(uint64_t *frames, int room, uint64_t frame);
struct paces *paces_of(struct tcp_tracker *t, struct connection *c);
void paces_free(struct tcp_tracker *t, struct connection *c);

/* Tell what was found out, when the connection ends. */
void pace_tell(const struct connection *c, unsigned side, struct observer *out);

#endif
