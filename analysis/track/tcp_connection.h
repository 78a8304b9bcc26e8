/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_connection.h - what is remembered of a TCP connection.
 *
 * Shared by the tcp_*.c files of this room and nobody else.  The record is what
 * an in-order flow needs; what was sent is a ring of transmissions beside it,
 * given back when all is acknowledged and old; a `trouble` is made when
 * something is out of order.
 *
 * Sequence numbers are 64 bit: the number in the packet is their low half, the
 * high half is found by the signed distance from `nxt`.  A direction is named
 * by its sender; in it S sends, R receives, P is where the capture was taken,
 * rr is the time P-R-P and rs the time P-S-P.
 */
#ifndef UPSTACK_ANALYSIS_TRACK_TCP_CONNECTION_H
#define UPSTACK_ANALYSIS_TRACK_TCP_CONNECTION_H

#include "analysis/track/attempt.h"
#include "analysis/track/tcp_pool.h"
#include "base/hint.h"
#include "base/when.h"

#define SEQ_ORIGIN (1ULL << 32) /* so that numbers below the first stay > 0 */
#define SEQ_NEAR   (1ULL << 30)

enum {
	SENT_MOST = 256,       /* transmissions remembered */
	SENT_MOST_BUSY = 3276, /* when more than BUSY_BYTES are out: 128 KiB */
	BUSY_BYTES = 1 << 20,
	HOLES_MOST = 64,
	PENDING_MOST = 512, /* events of a direction that wait */
	SACKS_MOST = 32,
	IDS_KEPT = 256, /* as many as ids_at counts */
	NEWS_KEPT = 16,
	KEEP_NS = 1000000000, /* times three: of what was acknowledged */
	TTL_OWN = 64, /* above it are stacks whose IP IDs count for the whole
		       * host */
};

/* One transmission of a range of bytes, as it passed P. */
struct sent {
	uint64_t start;
	int64_t time_ns;
	uint32_t bytes;	  /* of sequence space */
	uint32_t frame;	  /* low half, see frame_near */
	uint32_t tsval;	  /* where there is none, the rest of its header */
	uint32_t news_us; /* its delivery became known so long after, plus 1 */
	uint16_t id;	  /* 0: says nothing */
	uint8_t tries;	  /* 0: the first */
	uint8_t flags;	  /* enum sent_flag */
	uint32_t sum;	  /* of its first bytes; 0: not known */
};

enum sent_flag {
	SENT_RESENT = 1,
	SENT_FIN = 2,
	SENT_COPY = 4,
	SENT_LATE = 8,
	SENT_SHOWN = 16,   /* at the second point as well: tcp_passage.c */
	SENT_MISSING = 32, /* there, and sent again */
	SENT_ASIDE = 64,   /* seen at the second point alone */
};

/* What it was, not where it passed. */
enum { SENT_KINDS = SENT_RESENT | SENT_FIN | SENT_COPY | SENT_LATE };

struct sent_ring {
	uint32_t room, first, count;
	struct sent at[];
};

struct range {
	uint64_t start, end;
};

/* Bytes that did not pass, and the first segment seen beyond them. */
struct hole {
	struct range range;
	int64_t time_ns;  /* of the segment beyond */
	int64_t below_ns; /* of the segment just below; 0: not known */
	int64_t acked_ns; /* acknowledged although it never passed */
	uint64_t frame;
	uint32_t tsval;
	uint16_t id;
	bool by_empty; /* seen by a bare ACK of S */
};

enum episode { CALM, FAST_RECOVERY, LOSS_RECOVERY };

/* An event that waits for later evidence. */
struct pending {
	struct pending *next;	   /* in the order of frames, all connections */
	struct pending *next_here; /* of this side, newest first */
	struct pending *newer_here;
	struct pending *next_open, **open_at; /* in trouble.open, if there */
	struct connection *c;
	uint8_t side;
	uint8_t stall; /* that it ended: enum stall_reason, plus 1 */
	bool done, began_at_una, acked, acks_lost;
	bool charged;	  /* a D-SACK is its */
	bool overtaken;	  /* by a later resend */
	bool followed;	  /* at two points: tcp_passage.c */
	bool shown;	  /* it, or one after it, at the second */
	uint8_t passed;	  /* what it replaces: enum passed */
	uint16_t missing; /* transmissions that it replaces, at the second */
	uint64_t start, end;
	uint32_t tsval, ack;
	int64_t time_ns, deadline_ns;
	int64_t acked_ns; /* first covered by an acknowledgement; 0: not yet */
	uint32_t link;
	uint32_t acks_missing; /* of R, when it was sent */
	uint64_t frame;
	struct tcp_segment_fact fact;
};

/* What a direction needs once something in it was not simply in order. */
struct trouble {
	struct tcp_side counts; /* what is counted here ends up there */
	struct hole *hole;	/* rising */
	struct range *sack;	/* rising, above una */
	struct pending *pending, *oldest; /* at most PENDING_MOST */
	struct pending *open; /* of them, what no acknowledgement covers yet */
	uint16_t holes, hole_room, sacks, sack_room, waiting;
	uint8_t episode;      /* enum episode */
	uint8_t rtos;	      /* in a row, of one range */
	uint16_t resends_out; /* resent ranges not yet acknowledged */
	int64_t resends_ns;   /* when the first of them was sent */
	uint32_t dupacks;
	uint32_t rr_last_us; /* of what was sent once, the latest */
	uint32_t doubled;    /* D-SACKs of what was sent once, as P saw it */
	uint64_t recovery_point;
	int64_t news_ns[NEWS_KEPT]; /* when ACK news passed, a ring */
	uint32_t news_tsval[NEWS_KEPT];
	uint8_t news_at;
	int64_t last_trouble_ns;
	int64_t frag_ns; /* a frag-needed for this direction, or what shows
			  * that there was one */
	uint32_t frag_mtu;
	/* the range sent again and again */
	uint64_t again_start;
	uint32_t again_count;
	int64_t again_first_ns, again_last_ns, again_gap_ns;
	/* this side's own window, closed */
	int64_t zero_ns;       /* since when; 0: open */
	bool zero_felt;	       /* the peer has more to send */
	uint32_t zero_probes;  /* since then */
	int64_t keep_alive_ns; /* unanswered since; 0: answered */
	int64_t challenged_ns; /* R must answer something by a bare ACK */
	int64_t asked_ns;      /* S last sent what R so answers */
	bool copied;	       /* the network doubled a segment before P */
	bool syn_data;	       /* was in the SYN, and was not acknowledged */
	int64_t paws_ns;       /* data of an old time stamp passed; 0: none */
	uint64_t paws_frame;
};

/* The first RST of a connection, until it is told. */
struct reset {
	uint64_t frame;
	int64_t time_ns;
	uint32_t seq;
	uint8_t side;
	bool told;
	struct tcp_reset_fact fact;
};

/* Requests that the server was slow to answer. */
struct waits {
	int64_t worst_ns;
	uint64_t frames[2]; /* of the worst: request, answer */
	uint16_t count;
	uint16_t unasked; /* as often the server spoke on its own, so late */
};

/* How far a transmission that was lost had come. */
enum passed { PASSED_UNKNOWN, PASSED_FIRST, PASSED_BOTH };

/* A direction that is captured at two points of its path: tcp_passage.c. */
struct passage {
	struct tcp_passage told;
	uint32_t from;	 /* the frame from which on the second shows it */
	uint32_t before; /* segments of data until then */
	uint32_t aside;	 /* the last frame, if it is from the second alone */
	bool has_aside;
};

/* What a connection waits for, once there is something to tell. */
struct paces {
	struct pace *of[2]; /* by side: tcp_pace.h; may be NULL */
	struct waits waits;
	struct passage *passage[2]; /* by side; NULL: one point shows it */
};

enum side_bits {
	SIDE_SEEN = 1,	/* nxt means something */
	SIDE_ACKED = 2, /* una was told by the peer */
	SIDE_FIN = 4,
	SIDE_FIN_ACKED = 8,
	SIDE_RST = 16,
	SIDE_MIDSTREAM = 32, /* its ISN is not known */
	SIDE_TS = 64,
	SIDE_SUPER = 128,
};

/* One direction.  The first line of the cache is what a packet of the peer
 * touches too. */
struct side {
	_Alignas(64) uint64_t nxt; /* highest sequence number shown */
	uint64_t una;		   /* highest acknowledgement of the peer */
	int64_t last_ns;	   /* of its last packet */
	int64_t mark_ns;    /* a segment whose ACK will be timed; 0: none */
	int64_t ts_mark_ns; /* a TSval whose echo will be timed; -1: the next
			     * may be, 0: none */
	struct trouble *trouble;
	uint32_t mark_end, ts_mark;
	uint32_t largest_window;
	uint16_t window; /* as in the header */
	uint8_t wscale;	 /* or SCALE_NONE, SCALE_UNKNOWN */
	uint8_t bits;
	struct sent_ring *sent;
	uint64_t bytes;	    /* payload, once each */
	uint32_t first_seq; /* the ISN, or the first number seen */
	uint32_t rr_now_us, rr_before_us; /* smallest, of 10 s each */
	uint32_t rr_smooth_us, rr_since_s;
	uint32_t packets, data_segments;
	uint32_t last_frame, tsval;
	uint16_t max_id, mss;
	uint8_t ack_moves;    /* and no more than it holds */
	uint8_t df : 1;	      /* its last packet had it */
	uint8_t half_ttl : 7; /* of its SYN or SYN-ACK; 0: not known */
	uint8_t ttl;
	uint8_t id_near, id_far, id_steps; /* steps in 1..64, in 1..1024 */
	uint8_t ts_back; /* falls of TSval over new data, of ... */
	uint8_t id_ones; /* of the steps, those of exactly 1 */
};

_Static_assert(sizeof(struct side) == 128, "a side is two lines");

enum connection_bits {
	CONN_SYN_SEEN = 1,
	CONN_OPENED = 2,
	CONN_SACK = 4,
	CONN_BESIDE = 8,     /* an attempt stands beside it */
	CONN_FRAGMENTS = 16, /* parts of it are in fragments */
	CONN_TWICE = 32,     /* copies at another point: tcp_passage.c */
	CONN_CLOSED = 64,
	CONN_USED = 128, /* the record is in use */
};

/* A line, the sides, and a line that few packets touch: a packet whose lane
 * knows its connection asks for no key. */
struct connection {
	_Alignas(64) union {
		uint32_t serial; /* of one in use: never 0, never again */
		uint32_t next_free;
	};
	uint32_t link;
	uint32_t request_frame; /* low half; 0: none since the server spoke */
	uint8_t client;		/* which side */
	uint8_t bits;
	uint8_t synacks;
	uint8_t first_fin : 2; /* the side that closed first, plus 1 */
	uint8_t syns_open : 4; /* SYNs that had no SYN-ACK when it opened */
	uint8_t ecn : 1;
	struct paces *paces; /* NULL: nothing to be followed yet */
	int64_t request_ns;  /* tcp_wait.c; below 0: the server spoke, then */
	int64_t first_ns;
	struct reset *reset; /* NULL: no side has SIDE_RST */
	uint32_t ts_first[2];
	uint32_t ts_first_us[2]; /* after first_ns, plus 1; 0: not known */
	struct side side[2];	 /* 0: the lower address sends */
	uint64_t key[5];	 /* lower address, higher address,
				  * ports, family */
	uint64_t first_frame;
	int64_t fin_ns[2]; /* by side: its first FIN passed; 0: none */
};

_Static_assert(sizeof(struct connection) == 384, "six lines");

struct tcp_table;

/* One packet of a connection on its way. */
struct step {
	struct tcp_tracker *t;
	const struct packet *p;
	const struct ip_header *ip;
	const struct tcp_header *tcp;
	struct observer *out;
	struct connection *c;
	struct side *s, *r; /* the sender's direction, and the other */
	int64_t now_ns;
	uint64_t start, end; /* of its sequence space */
	uint8_t dir;	     /* which side sends */
	bool is_its;	     /* `c` was found, and it is no matter of a SYN */
};

/* Whose packet a frame is. */
struct tcp_name {
	uint64_t frame, hash, key[5];
	struct connection *guess; /* look whether it is it; NULL: none */
	uint32_t serial; /* of the guess; 0: `hash` and `key` are filled in */
	uint8_t dir;
	bool data, answer;
};

struct tcp_tracker {
	struct tcp_table *table;
	struct attempts *attempts;
	struct tcp_pool pool;
	struct pending *first, *last; /* FIFO */
	bool events;
	uint32_t sweep_at;
	struct tcp_name ahead[BATCH]; /* by prefetch, for packet */
	uint32_t ahead_count, ahead_at, ahead_found;
	uint32_t crowd;		/* SYNs of crowds, so far */
	uint16_t ids[IDS_KEPT]; /* of the last that are no SYNs, a ring */
	uint8_t ids_at;
};

/* A number near `near` whose low half is `low`. */
static inline uint64_t seq_near(uint64_t near, uint32_t low)
{
	return near + (uint64_t)(int64_t)(int32_t)(low - (uint32_t)near);
}

static inline uint64_t frame_near(uint64_t now, uint32_t low)
{
	return now - (uint64_t)(int32_t)((uint32_t)now - low);
}

/* The same, where the frame is one of the connection that `first` began: it may
 * stand a little before it. */
static inline uint64_t frame_since(uint64_t first, uint32_t low)
{
	uint64_t from = first - READ;

	return from + (uint32_t)(low - (uint32_t)from);
}

static inline uint64_t side_base(const struct side *s)
{
	return SEQ_ORIGIN + s->first_seq;
}

static inline bool tcp_key_equal(const uint64_t a[5], const uint64_t b[5])
{
	return !((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]) |
		 (a[4] ^ b[4]));
}

static inline bool side_has(const struct side *s, unsigned bit)
{
	return s->bits & bit;
}

/* The scale is in the SYN only. */
static inline bool window_known(const struct side *s)
{
	return s->wscale != SCALE_UNKNOWN;
}

/* The window that this side offers, in bytes, if that is known. */
static inline uint32_t side_window(const struct side *s)
{
	return (uint32_t)s->window << (s->wscale < 15 ? s->wscale : 0);
}

/* tcp_flow.c: begin, name and end connections */
struct connection *flow_open(struct tcp_tracker *t, const struct packet *p,
			     const struct tcp_name *n,
			     const struct handshake *h, struct observer *out);
struct flow flow_name(const struct connection *c, unsigned side);
void flow_end(struct tcp_tracker *t, struct connection *c, bool evicted,
	      bool at_end, struct observer *out);
/* Give back what an idle connection does not need. */
void flow_rest(struct tcp_tracker *t, struct connection *c, int64_t now_ns);

/* tcp_trouble.c */
struct trouble *trouble_of(struct tcp_tracker *t, struct side *s);
void trouble_free(struct tcp_tracker *t, struct side *s);
struct hole *hole_add(struct tcp_tracker *t, struct trouble *b,
		      const struct hole *h);
struct hole *hole_at(struct trouble *b, uint64_t seq);
/* It may have been filled before the capture began. */
bool hole_is_older(const struct side *s, const struct hole *h);
void hole_cut(struct tcp_tracker *t, struct trouble *b, uint64_t start,
	      uint64_t end);
void sack_add(struct tcp_tracker *t, struct trouble *b, uint64_t start,
	      uint64_t end);
void sack_forget(struct trouble *b, uint64_t una);
bool sack_covers(const struct trouble *b, uint64_t start, uint64_t end);
uint64_t sack_above(const struct trouble *b, uint64_t seq);

/* tcp_sent.c */
/* Of new bytes, if not changed after; NULL: there is no room. */
struct sent *sent_add(struct step *k, uint64_t start, uint64_t end);
/* The last transmission with any byte of the range; NULL: none known.  One
 * that holds `start` is preferred. */
struct sent *sent_last(const struct side *s, uint64_t start, uint64_t end);
struct sent *sent_by_id(const struct side *s, uint16_t id, uint64_t start,
			uint64_t end);
struct sent *sent_by_tsval(const struct side *s, uint32_t tsval, uint64_t start,
			   uint64_t end);
/* What stands for the time stamp in a packet that has none: a copy has the
 * same. */
uint32_t sent_stamp(const struct step *k);
struct sent *sent_below(const struct side *s, uint64_t seq);
/* Its first transmission, on time or late; NULL: none passed. */
struct sent *sent_first(const struct side *s, uint64_t seq);
/* The first to pass of what begins there or beyond; NULL: none. */
struct sent *sent_beyond(const struct side *s, uint64_t seq);
/* The last with this byte that was sent before the packet; NULL: none. */
struct sent *sent_before(const struct step *k, uint64_t seq);
/* News of the delivery of all that lies in the range. */
void sent_delivered(struct side *s, uint64_t start, uint64_t end,
		    int64_t now_ns);
/* Of what was sent again only; whether that is now known of all of it. */
bool sent_again_delivered(struct side *s, uint64_t start, uint64_t end,
			  int64_t now_ns);
void sent_free(struct tcp_tracker *t, struct side *s);
/* Of the place where the next one goes. */
void sent_prefetch(const struct side *s);
static inline struct sent *sent_at(struct sent_ring *r, uint32_t i)
{
	uint32_t n = r->first + i;

	return &r->at[n < r->room ? n : n - r->room];
}

/* tcp_evidence.c */
void ts_begin(struct connection *c, unsigned side, uint32_t tsval,
	      int64_t now_ns);
enum id_mode { ID_NONE, ID_HOST, ID_PER_CONN };
enum id_mode id_mode(const struct side *s);
bool id_counts(const struct side *s); /* they tell an order */
void id_note(struct side *s, const struct step *k);
/* 1: a is newer, -1: older, 0: nothing is known. */
int id_order(const struct side *s, uint16_t a, uint16_t b);
bool ts_usable(const struct side *s);
/* Whether its ID or its time stamp proves that this packet was sent later. */
bool sent_after(const struct step *k, const struct sent *e);
bool ts_tie_counts(const struct step *k);
void rtt_sample(struct side *s, int64_t ns, int64_t now_ns, bool smooth);
int64_t side_rr(const struct side *s);	      /* smallest; 0: unknown */
int64_t path_rtt(const struct connection *c); /* smallest; 0: unknown */
uint32_t path_rtt_us(const struct connection *c);
bool triggered(const struct step *k, uint64_t start, int64_t sent_ns);
/* The echo in this packet proves that S made it before it heard any of the news
 * that passed since, the first of which is known. */
bool unheard(const struct step *k, int64_t since_ns);
bool one_way(const struct step *k);

/* tcp_segment.c: the sequence space of a packet */
void segment_take(struct step *k);

/* tcp_classify.c: bytes at or below what was shown before */
void classify_old(struct step *k, uint64_t start, uint64_t end);

/* tcp_ack.c: the acknowledgement of a packet */
void ack_take(struct step *k);

/* tcp_mechanism.c */
enum tcp_mechanism mechanism_of(struct step *k, uint64_t start, uint64_t end,
				const struct sent *last, int64_t gap_ns,
				bool trig);
/* Of a resend that a later one overtook: it changes nothing any more. */
enum tcp_mechanism mechanism_overtaken(const struct step *k,
				       const struct sent *last);
void mechanism_acked(struct side *s);

/* tcp_bytes.c: of the first bytes of the packet from `start` on; 0: not known,
 * as where nobody reads events.  And whether a transmission before had others.
 */
uint32_t bytes_sum(const struct step *k, uint64_t start);
bool bytes_differ(const struct step *k, const struct sent *before);

/* tcp_event.c: events, at once or when settled */
struct tcp_segment_fact *event_begin(struct step *k, struct observation **o,
				     unsigned side, enum segment_class class);
void event_simple(struct step *k, unsigned side, enum segment_class class,
		  uint64_t start, uint32_t bytes);
struct pending *event_pend(struct step *k, uint64_t start, uint64_t end);
/* No acknowledgement will be asked about it any more. */
void event_covered(struct pending *e);
void event_flush(struct tcp_tracker *t, int64_t now_ns, struct observer *out);
void event_flush_side(struct tcp_tracker *t, struct connection *c,
		      unsigned side, struct observer *out);

/* tcp_spurious.c */
void spurious_mark(struct pending *e, enum decided_by by);
void spurious_dsack(struct step *k, struct side *d, uint64_t start,
		    uint64_t end);
void spurious_acked(struct step *k, struct side *d, uint64_t before);

/* tcp_special.c */
bool special_take(struct step *k); /* keep-alive or probe: nothing else */
/* New data of S that begins at its nxt: after the FIN, up to the window's edge,
 * or what the SYN had carried in vain. */
void special_new(struct step *k, uint64_t end);
/* S sent what R answers by a challenge ACK (RFC 5961). */
void special_challenge(struct step *k);
/* Data of S bears an older time stamp than what was sent before it. */
void special_old_stamp(struct step *k);
/* A bare ACK without news that answers a keep-alive, or challenges. */
bool special_answer(struct step *k);
void special_window(struct step *k, uint16_t before);

/* tcp_passage.c: the copies at another point of the path */
void passage_shown(struct tcp_tracker *t, struct connection *c, unsigned dir,
		   const struct packet *p, uint64_t of);
void passage_doubled(struct step *k, struct sent *last);
/* A packet is about to be taken; it may come from the second point. */
void passage_comes(const struct step *k);
/* The packet sends `last` again; what became of it is asked of `e`. */
void passage_resent(struct step *k, struct pending *e, const struct sent *last);
void passage_settled(const struct pending *e);
/* What there is to tell; NULL: nothing. */
const struct tcp_passage *passage_told(const struct connection *c,
				       unsigned side);
static inline struct passage *passage_at(const struct connection *c,
					 unsigned side)
{
	return c->paces ? c->paces->passage[side] : NULL;
}

/* tcp_pace_stall.c: what a resend that ended a stall proved to be */
void stall_settled(const struct pending *e);

/* tcp_wait.c: how long the server takes to begin its answer */
void wait_data(struct step *k);
/* Whether something was lost on this side since. */
bool wait_troubled(const struct side *s, int64_t ns);

/* tcp_reset.c */
void reset_take(struct step *k);
void reset_end(struct tcp_tracker *t, struct connection *c,
	       struct observer *out);
/* S goes on after a RST in its name. */
void reset_after(struct step *k);

#endif
