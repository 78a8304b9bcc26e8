/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * connections.h - the largest connections in numbers, as `ss -tin` prints them.
 *
 * Kept only when somebody asks for it.  Of all connections so many are kept as
 * were asked for, the first in the order asked for; all are counted by state.
 */
#ifndef UPSTACK_ANALYSIS_CONNECTIONS_H
#define UPSTACK_ANALYSIS_CONNECTIONS_H

#include "analysis/observation.h"
#include "base/arena.h"

enum connection_order { BY_BYTES, BY_RESENT, BY_RTT, BY_DURATION, ORDERS };

/* What holds a transfer back: findings-tcp 3.2, as far as the packets tell. */
enum pace_limit {
	LIMIT_UNKNOWN,
	LIMIT_APPLICATION, /* flights end short, and then nothing is out */
	LIMIT_WINDOW,	   /* of the receiver */
	LIMIT_LOSS,
	LIMIT_QUEUE,	  /* round trips grow with the load */
	LIMIT_BUFFER,	  /* of the sender */
	LIMIT_SLOW_START, /* it ended while it still doubled */
	PACE_LIMITS
};

struct connection_side {
	uint64_t bytes, state_frame; /* the last packet, which proves it */
	uint32_t data_segments, resent, resent_kind[MECHANISMS], window;
	uint8_t state; /* enum tcp_state */
	uint8_t limit; /* enum pace_limit */
	/* What is in flight at most, and what would be with 100 Mbit/s, or (in
	 * slow start) to send all at once; 0: not known. */
	uint64_t limit_bytes, needed_bytes;
};

struct connection_row {
	struct flow flow; /* client to server */
	struct connection_side side[2];
	int64_t first_ns, last_ns;
	uint64_t first_frame, last_frame;
	int64_t rtt_min_ns, rtt_median_ns; /* 0: not known */
	bool opened, at_end; /* its SYN was seen; still open at the end */
};

struct connections {
	enum connection_order order;
	uint32_t most, count; /* rows wanted, rows kept */
	uint64_t total;
	uint64_t by_state[2][TCPS_CLOSED + 1]; /* client, server */
	struct connection_row *rows;
	struct tcp_pace_fact pace[2]; /* of the connection that ends next */
	bool has_pace[2];
};

/* Room for `most` rows in `home`; NULL if there is none. */
struct connections *connections_new(struct arena *home, uint32_t most,
				    enum connection_order order);

/* OBS_TCP_PACE, OBS_TCP_ENDED and OBS_TCP_ATTEMPT; the others are ignored. */
void connections_observe(struct connections *c, const struct observation *o);

/* Bring the rows into their order. */
void connections_sort(struct connections *c);

const char *tcp_state_name(uint8_t state);  /* "ESTAB" */
const char *pace_limit_name(uint8_t limit); /* "receiver_window"; NULL */

#endif
