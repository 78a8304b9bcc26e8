/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * observation_tcp.h - the facts that the TCP trackers report; observation.h
 * says by which kinds, and is what to include.
 */
#ifndef UPSTACK_ANALYSIS_OBSERVATION_TCP_H
#define UPSTACK_ANALYSIS_OBSERVATION_TCP_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/flow.h"
#include "base/addr.h"
#include "dissectors/dissect.h"

struct tcp_syn_fact {
	struct flow flow;	/* client to server */
	uint32_t isn, tsval;
	uint16_t tries;		/* of this attempt, this one included */
	uint16_t window, mss;
	uint16_t ip_id;
	uint8_t ttl;
	uint64_t option_layout;
	bool has_ts, sack, wscale, on_live; /* on_live: the tuple is in use */
	bool options_cut;	/* by the capture: not all were read */
	int64_t first_ns;	/* of the attempt */
	uint64_t first_frame;
	struct mac mac_src, mac_dst;
};

struct tcp_synack_fact {
	struct flow flow;	/* client to server */
	uint16_t tries;
	uint16_t mss;
	bool answers_syn;	/* a SYN was seen */
	bool after_open;	/* repeated though the third packet passed */
	bool data_waits;	/* ..., and client data, not acknowledged */
	bool has_ts, sack, wscale, names_first_syn;
	uint32_t tsecr;		/* TSval of the SYN that it answers */
	uint8_t offered;	/* by the SYN: 1 SACK, 2 scale, 4 time stamps */
	uint8_t ttl;
	int64_t syn_ns;		/* of the SYN that it answers */
};

struct tcp_opened_fact {
	struct flow flow;	/* client to server */
	uint16_t syns, synacks;
	int64_t syn_ns, synack_ns, third_ns; /* first SYN; last SYN-ACK */
	int64_t first_synack_ns;
	uint64_t syn_frame, synack_frame;
	uint8_t client_ttl, server_ttl;
	bool syn_lost;		/* a repeated SYN was the one heard */
	bool synack_lost;	/* the first SYN had been heard */
	bool stale;		/* SYNs met an older connection: not lost */
};

enum tcp_outcome {
	TCP_COMPLETED, TCP_REFUSED, TCP_REJECTED, TCP_NO_ANSWER,
	TCP_SYN_RECEIVED, TCP_ACK_IGNORED, TCP_STALE_PEER,
	TCP_CLIENT_GAVE_UP, TCP_UNDECIDED
};

struct tcp_attempt_fact {
	struct flow flow;	/* client to server */
	uint8_t outcome;	/* enum tcp_outcome */
	uint16_t syns, synacks, third_acks;
	int64_t first_ns, last_syn_ns, synack_ns, end_ns;
	uint8_t client_ttl, server_ttl, icmp_type, icmp_code;
	struct addr reporter;	/* rejected: who sent the ICMP error */
	uint32_t isn;
	uint64_t frames[8];	/* telling ones, 0-ended */
	bool client_heard;	/* the client got packets from others */
};

enum tcp_stray { STRAY_SYNACK, STRAY_RST, STRAY_FIN, STRAY_SCAN };

struct tcp_stray_fact {
	struct flow flow;	/* as the packet went */
	uint8_t kind, flags, ttl;
};

/* What a segment was: findings-tcp section 1.  One row an event name. */
enum segment_class {
	SEG_RETRANSMISSION, /* `mechanism` says which */
	SEG_DUPLICATE_NETWORK, SEG_DUPLICATE_CAPTURE, SEG_OUT_OF_ORDER,
	SEG_GAP, SEG_CAPTURE_GAP, SEG_KEEP_ALIVE, SEG_KEEP_ALIVE_ACK,
	SEG_ZERO_WINDOW, SEG_ZERO_WINDOW_PROBE, SEG_ZERO_WINDOW_PROBE_ACK,
	SEG_WINDOW_FULL, SEG_WINDOW_UPDATE, SEG_DUP_ACK, SEG_DSACK,
	SEG_CHALLENGE_ACK, SEG_OUT_OF_WINDOW, SEG_DATA_AFTER_FIN,
	SEG_TFO_RESEND, SEG_PORT_REUSE, SEG_RESET, SEGMENT_CLASSES
};

enum tcp_mechanism {
	RESENT_NONE, RESENT_FAST, RESENT_SACK, RESENT_RACK, RESENT_TLP,
	RESENT_RTO, RESENT_RTO_RECOVERY, RESENT_LOST_AGAIN, RESENT_PMTU,
	RESENT_SYN, RESENT_SYNACK, RESENT_FIN, MECHANISMS
};

enum decided_by {
	BY_UNDECIDED, BY_IP_ID, BY_TIMESTAMP, BY_CAUSALITY, BY_DSACK, BY_TIME
};

enum lost_where {
	LOST_UNKNOWN, LOST_BEFORE, LOST_AFTER, LOST_CAPTURE, LOST_NONE
};

enum confidence { POSSIBLE, LIKELY, CERTAIN };

struct tcp_segment_fact {
	struct flow flow;	/* as the segment went */
	bool from_client;
	uint8_t class;		/* enum segment_class */
	uint8_t mechanism;	/* enum tcp_mechanism */
	uint8_t decided_by, lost, confidence;
	bool conflict;		/* its bytes differ from those sent before */
	bool spurious;		/* had arrived: event ...retransmission.spurious */
	uint64_t seq;		/* relative to the ISN or the first seen */
	uint32_t bytes;
	uint64_t original_frame, trigger_frame; /* 0: none */
	int64_t gap_ns;		/* since the last transmission, or hole's age */
	uint16_t tries;
	bool pending;		/* to be settled later: not sent to detectors */
};

enum stall_reason {
	STALL_UNDECIDED, STALL_ZERO_WINDOW, STALL_SMALL_WINDOW,
	STALL_DOUBLE_LOSS, STALL_TAIL_LOSS, STALL_TOO_FEW_ACKS,
	STALL_WINDOW_LOST, STALL_PATH_DELAY, STALL_ACK_LOSS, STALL_DELAYED_ACK,
	STALL_PMTU, STALL_REASONS
};

struct tcp_pause_fact {
	struct flow flow;	/* client to server */
	int64_t pause_ns;
};

/* Round trips of one half of the path: 0: P-R-P, 1: P-S-P. */
struct tcp_trips {
	uint32_t count;
	uint32_t low_us;      /* of twenty the fastest but one */
	uint32_t loaded_us;   /* of ten with much in flight the slowest but one */
	int32_t correlation;  /* of trip and flight by rank, in thousandths */
	uint32_t before_us, after_us; /* a rise without load: medians; or 0 */
	uint32_t rests, back; /* rests after load, and those after which the
			       * round trip was back */
};

/* One direction of a connection, when it ends: only of those that sent some
 * segments of data or paused for long.  findings-tcp 3.1, 3.2. */
struct tcp_pace_fact {
	struct flow flow;	/* as the data went */
	bool from_client, syn_seen, reset;
	uint16_t mss;
	uint8_t wscale, peer_wscale; /* 255: none or not known */
	int64_t first_ns, last_ns, rtt_ns;
	int64_t floor_ns; /* the quickest round trip of all; 0: not known */
	uint64_t bytes;
	/* round trips with data out, and of them those that filled the window */
	uint32_t rounds, full, window, flight;
	uint32_t ended_short; /* rounds after whose short end nothing was out */
	uint64_t full_bytes;
	int64_t full_ns;
	/* what was in flight, to a segment, in so many round trips in a row */
	uint32_t level, steady;
	uint32_t waited, idled;	/* pauses: an acknowledgement ended them, or S */
	uint32_t peer_window;	/* at the end; 0 if the scale is not known */
	uint32_t resent;	/* and not needlessly */
	struct tcp_trips trips[2];
	/* small writes that waited for a delayed acknowledgement */
	uint32_t delayed;
	uint32_t unheld; /* and such as did not wait for any */
	int64_t delayed_ns, delayed_spread_ns; /* in all; longest - shortest */
	uint64_t delayed_frames[6]; /* 0-ended */
	/* times when the sender stood still */
	uint32_t stalls, stall_of[STALL_REASONS];
	int64_t stall_first_ns, stall_last_ns, stall_ns, stall_worst_ns;
	uint64_t stall_frames[6], worst_frames[2];
	/* the longest without progress: only a timer sent meanwhile, if at all */
	int64_t still_from_ns, still_to_ns;
	uint64_t still_frames[2];
	/* pauses of both ends: one after which nothing passed (0: none), the
	 * frames around it, and the longest after which data passed */
	int64_t idle_ns, idle_end_ns, survived_ns;
	uint64_t idle_frames[2];
	uint32_t unanswered;	/* resends at the end, and when the next is due */
	int64_t due_ns;
	uint64_t last_frame;
};

/* What a path that is far away is measured by, bytes a second: 100 Mbit/s. */
#define TARGET_RATE 12500000

/* What is asked of a pace in more than one place: analysis/pace.c. */
bool pace_fills_window(const struct tcp_pace_fact *p);
bool pace_fills_buffer(const struct tcp_pace_fact *p);
bool pace_in_slow_start(const struct tcp_pace_fact *p);
bool trips_grow_with_load(const struct tcp_trips *t);

/* What speaks for a stranger as the sender of a RST. */
enum reset_sign {
	SIGN_WENT_ON = 1,   /* whose name it bears sends on afterwards */
	SIGN_TTL = 2,	    /* unlike its other packets */
	SIGN_SOON = 4,	    /* before its cause could have arrived */
	SIGN_ID = 8,	    /* out of the series of IP IDs */
	SIGN_WINDOW = 16,   /* in the window, not the number that is next */
	SIGN_MANY = 32,	    /* several numbers within a millisecond */
	SIGN_STAMP = 64,    /* no time stamp where they are used */
	SIGN_FRAGMENT = 128 /* DF unlike its other packets */
};

/* Points of these signs in all. */
int reset_points(uint8_t signs);

struct tcp_reset_fact {
	struct flow flow;	/* as the RST went */
	bool with_ack, from_client, after_fin, bytes_out, in_window, exact;
	uint8_t ttl, ttl_usual;	/* of that host on this flow */
	uint32_t id;
	uint8_t form;		/* findings-tcp 3.3: 0 other, 1 abort, 2 no socket */
	bool request_open;	/* the server had not begun its answer */
	int64_t quiet_ns;	/* since this side's last packet */
	int64_t pause_ns;	/* of both ends before the data that it
				 * answers, if that was long */
	uint32_t packets;	/* of this side before */
	bool to_syn;		/* it answers a SYN, and so did the server */
	uint8_t signs;		/* that it was injected: enum reset_sign */
	uint64_t cause_frame;
};

/* Path MTU facts of one direction of a connection, by track/sizes.c (the TCP
 * tracker need not report them).  Sent when large segments were sent again three
 * times over a second and never arrived; again when more becomes known. */
struct tcp_size_fact {
	struct flow flow;
	uint32_t passed;	/* largest IP length known to be delivered */
	uint32_t failed;	/* IP length of what is sent again in vain; at
				 * the receiver: what the MSS allows, or 0 */
	uint16_t tries;
	int64_t first_ns;
	bool pieces_passed;	/* the same bytes came through in smaller pieces */
	bool smaller_passed;	/* later, smaller ones were acked meanwhile */
	bool peer_alive;	/* the peer said something since */
	bool hole;		/* seen at the receiver: never came at all */
	bool df;
	bool cleared;		/* that size arrived after all: it was loss */
	uint64_t frames[6];	/* telling ones, 0-ended */
};

/* One direction of a connection in numbers. */
struct tcp_side {
	uint64_t packets, bytes, acked_bytes; /* bytes of payload, once each */
	uint32_t data_segments, resent, resent_kind[MECHANISMS], spurious;
	uint32_t lost_before, lost_after, out_of_order, network_copies;
	uint32_t doubtful;	/* resent without SACK: missing or not */
	uint32_t capture_gaps, dup_acks, zero_windows, keep_alives;
	uint32_t keep_alives_unanswered;
	uint32_t ack_moves;	/* how often its acknowledgement number rose */
	uint64_t capture_gap_bytes;
	int64_t zero_window_ns, reorder_max_ns;
	int64_t rr_min_ns, rr_median_ns; /* 0: not known */
	int64_t worst_rto_ns;	/* longest wait that a timer ended */
	uint32_t reorder_max_segments;
	uint32_t unanswered_resends; /* of one range, at the end */
	int64_t unanswered_ns;	     /* how long that went on */
	uint8_t state;		/* as ss prints it: enum tcp_state */
	uint8_t ttl;
	uint16_t mss;
	uint32_t window;	/* that it offered last, in bytes */
	uint8_t wscale;		/* 255: not known */
	bool fin, fin_acked, reset, sack, timestamps, ecn, super_packets;
	int64_t fin_ns, last_ns;
	uint64_t fin_frame, last_frame, worst_frame, gap_frame;
	/* 0-ended; resent: neither of an opening nor of what was too big */
	uint64_t resent_frames[8], reordered_frames[4];
	uint64_t spurious_frames[4], keep_alive_frames[4], zero_frames[4];
	uint32_t spurious_rtos; /* needless, and by the timer */
	uint32_t acks_missing; /* of its acknowledgements, by their IP IDs */
	uint32_t paws_drops; /* its data of an old time stamp, not taken */
	uint32_t hidden; /* resent, and only IP IDs tell it */
	uint64_t ack_frames[4], paws_frames[4]; /* 0-ended */
	uint32_t zero_probes_end; /* of the window closed at the end */
	int64_t zero_at_end_ns; /* how long it has been closed; 0: open */
};

/* Where a packet was captured: what of it differs from place to place. */
struct capture_point {
	uint32_t interface;
	uint32_t ifindex;     /* SLL2; 0: none */
	uint16_t vlan;	      /* outermost; 0: none */
	uint8_t ttl;
	uint8_t packet_type;  /* cooked; 255: none */
	struct mac src, dst;  /* zero where the link has none */
};

enum { PASSAGES = 4 };

/* One direction that was captured at two points of its path, since the second
 * showed it first (track/tcp_passage.c). */
struct tcp_passage {
	struct capture_point first, second;
	uint32_t segments;	/* of data that passed the first */
	uint32_t shown;		/* and the second */
	uint32_t missing;	/* at the second, and lost: sent again */
	uint32_t aside;		/* seen at the second alone; not in `segments` */
	/* resends of what was lost: it passed the first alone, or both */
	uint32_t between, beyond;
	uint64_t frames[PASSAGES][2]; /* lost between, and sent again */
	bool mixed;		/* what is sent again comes from elsewhere */
};

enum tcp_state {
	TCPS_NONE, TCPS_SYN_SENT, TCPS_SYN_RECV, TCPS_ESTAB, TCPS_FIN_WAIT_1,
	TCPS_FIN_WAIT_2, TCPS_CLOSE_WAIT, TCPS_LAST_ACK, TCPS_CLOSING,
	TCPS_TIME_WAIT, TCPS_CLOSED
};

struct tcp_ended_fact {
	struct flow flow;	/* client to server */
	struct tcp_side side[2]; /* 0: what the client sent, 1: the server */
	/* of each side; NULL: nothing is known to be lost between or
	 * after two points */
	const struct tcp_passage *passage[2];
	bool syn_seen, opened, one_way, midstream;
	bool evicted, at_end;	/* at_end: still open when the capture ended */
	int64_t first_ns, last_ns;
	uint64_t first_frame, last_frame;
	bool first_data_unanswered; /* nothing beyond the SYN was ever acked */
	uint32_t first_data_tries, first_data_bytes;
	int64_t first_data_ns;	/* how long it was tried */
	int64_t server_wait_ns;	/* request acked .. first answer byte, worst */
	uint32_t server_waits;	/* how many were slow by the RTT's measure */
	uint64_t wait_frames[2]; /* of the worst: request and answer */
	int64_t asked_ns;	/* a last request without an answer; 0: none */
	uint64_t asked_frame;
	uint32_t never_came;	/* bytes of an answer of which its end shows that
				 * it was sent, and nothing came */
};

#endif
