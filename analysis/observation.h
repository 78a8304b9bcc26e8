/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * observation.h - one typed fact that a tracker saw.
 *
 * Observations are plain, self-contained structs passed by pointer, in frame
 * order.  A tracker reports what happened, never what it means; detectors
 * subscribe by kind.  Nothing in an observation outlives the call, except that
 * static strings may be kept.
 */
#ifndef UPSTACK_ANALYSIS_OBSERVATION_H
#define UPSTACK_ANALYSIS_OBSERVATION_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/flow.h"
#include "analysis/observation_link.h"
#include "base/addr.h"
#include "capture/source.h"
#include "dissectors/dissect.h"

enum observation_kind {
	/* admission and what betrays the capture */
	OBS_COPY,	  /* a frame that is a copy of an earlier one */
	OBS_CLOCK_STEP,	  /* time stamps ran backwards or jumped */
	OBS_MALFORMED,	  /* a header that contradicts itself */
	OBS_SAME_PACKET,  /* the same packet again, not a capture copy */
	OBS_OFFLOAD,	  /* a super-packet or an unfilled checksum */
	OBS_CHECKSUM,	  /* a wrong checksum that is not offload */
	/* link */
	OBS_LINK,	  /* live: what the system says of an interface */
	OBS_TALK,	  /* these stations exchange these addresses */
	OBS_ARP,
	OBS_ND,		  /* neighbour solicitation or advertisement */
	OBS_RA,		  /* router solicitation or advertisement */
	OBS_FHRP,
	OBS_DHCP,
	OBS_DHCP6,
	OBS_OSPF,	  /* a hello */
	OBS_BPDU,	  /* a message of a spanning tree */
	OBS_DEVICE,	  /* LLDP or CDP: what a device says of itself */
	OBS_LACP,
	OBS_EAPOL,
	OBS_GROUP_RATE,	  /* a second with very many broadcasts */
	/* network */
	OBS_ICMP_ERROR,
	OBS_REDIRECT,
	OBS_ECHO,	  /* an echo request, answered, or given up */
	OBS_FRAGMENTS,	  /* a fragmented datagram: complete or given up */
	OBS_MARTIAN,	  /* an address that cannot be on a wire */
	OBS_CONGESTION,	  /* a router marked packets CE, in numbers */
	OBS_PATH_MTU,	  /* what became of a "packet too big" */
	/* TCP: opening */
	OBS_TCP_SYN,	  /* a SYN, first or repeated */
	OBS_TCP_SYNACK,	  /* a SYN-ACK, first or repeated */
	OBS_TCP_OPENED,	  /* the third packet (or data) passed */
	OBS_TCP_ATTEMPT,  /* an attempt reached its one outcome */
	OBS_TCP_STRAY,	  /* SYN-ACK, RST, FIN without a known connection */
	/* TCP: in use */
	OBS_TCP_SEGMENT,  /* a segment that is not simply in order */
	OBS_TCP_PAUSE,	  /* data after a long pause of both ends */
	OBS_TCP_PACE,	  /* how fast a direction went, what it waited for */
	OBS_TCP_RESET,	  /* a RST on a connection */
	OBS_TCP_SIZE,	  /* a size was delivered, or sent again and again */
	OBS_TCP_ENDED,	  /* the connection in numbers: closed or given up */
	/* UDP */
	OBS_UDP_OPENED,	  /* first datagram of a flow */
	OBS_UDP_ANSWERED, /* its first datagram back */
	OBS_UDP_RATE,	  /* a second in which a host got very many */
	OBS_UDP_ENDED,	  /* the flow in numbers */
	OBS_MEDIA,	  /* a media stream that ended, in numbers */
	OBS_DNS,	  /* a question, answered or given up */
	OBSERVATIONS
};

enum copy_kind { COPY_EXACT, COPY_INTERFACE, COPY_TAG, COPY_HOP };

struct copy_fact {
	uint64_t of;	/* frame number of the first */
	uint8_t kind;	/* enum copy_kind */
	bool passed;	/* reached the trackers: it served as a proof */
};

struct clock_fact {
	int64_t before_ns, after_ns; /* as the file stamps them */
	uint32_t interface;
	bool jump;	/* more than a second back, or far ahead */
};

struct malformed_fact {
	uint8_t proto;	  /* enum protocol */
	const char *why;  /* static */
	uint32_t value;
	struct mac src;
};

/* Equal addresses, IP id and bytes, seen before with another TTL. */
struct same_packet_fact {
	struct addr src, dst;
	uint32_t id;
	uint8_t protocol, ttl, ttl_before;
	uint16_t sightings;	/* between these MACs, this one included */
	uint16_t all_sightings;	/* between any, within a second each */
	struct mac mac_src, mac_dst;
	bool same_macs;		/* seen before between the same two MACs:
				 * ttl_before is of that sighting */
	bool has_macs;
	uint64_t first_frame;
	int64_t first_ns;
};

struct offload_fact {
	struct mac src;
	struct addr from;
	uint32_t bytes;		/* of the packet; 0: by its checksum */
	bool checksum;		/* the pseudo-header's sum alone */
};

struct checksum_fact {
	struct mac src;
	struct flow flow;
	uint8_t proto;		/* PROTO_ipv4, PROTO_tcp, PROTO_udp, PROTO_icmp */
	/* at the end, for each MAC: how many were checked and wrong, of IPv4
	 * headers (PROTO_ipv4) or of what they carry (PROTO_none) */
	bool total;
	bool unfilled;		/* total: its sums are left to the card */
	uint32_t checked, wrong;
};

/* Reported when first seen, and at most once a second while it goes on.  The
 * last packet before a pause is reported late: its frame and time may lie up to
 * two seconds behind.  Inside a tunnel has_macs is false. */
struct talk_fact {
	struct mac src_mac, dst_mac; /* zero where the link has none */
	struct addr src, dst;
	bool has_macs;		/* both */
	uint32_t packets;	/* since the last report, this one included */
	uint8_t direction;	/* enum frame_direction */
	uint8_t ttl;
};

struct icmp_error_fact {
	struct addr reporter, asked; /* source and destination of the error */
	struct mac eth_src;
	uint8_t version, type, code, ttl;
	uint32_t mtu;
	struct quote quote;
	bool quoted_seen;	/* the quoted packet, or its flow, passed here */
	bool flow_alive;	/* the quoted flow had traffic both ways */
	uint8_t sent_ttl;	/* of that flow's packets here; 0: not known */
	uint64_t quoted_frame;	/* the quoted packet itself; 0: not known */
};

struct redirect_fact {
	struct addr reporter, host, destination, gateway;
	struct mac eth_src, eth_dst;
	struct quote quote;
};

/* Every request is SENT; later it becomes ANSWERED (perhaps late, after it was
 * UNANSWERED), REJECTED (an ICMP error quoted it) or, patience over, UNANSWERED.
 * PENDING, when the capture ends: undecided.  Requests to multicast and broadcast
 * are only SENT.  STRAY: a reply without request. */
enum echo_state {
	ECHO_SENT, ECHO_ANSWERED, ECHO_UNANSWERED, ECHO_STRAY, ECHO_REJECTED,
	ECHO_PENDING
};

struct echo_fact {
	uint8_t state;		/* enum echo_state */
	uint8_t version;	/* 4 or 6 */
	bool late;		/* ANSWERED, after it had been UNANSWERED */
	struct addr src, dst;	/* of the request */
	uint16_t id, seq;
	uint8_t ttl;		/* of the request; ANSWERED: of the reply */
	uint32_t bytes;		/* IP length of the request */
	bool df;
	int64_t sent_ns, rtt_ns; /* rtt: ANSWERED only */
	uint64_t request_frame;
};

struct fragments_fact {
	struct addr src, dst;
	uint32_t id;
	uint8_t protocol, ttl;
	uint16_t count;		/* fragments seen */
	uint32_t bytes;		/* datagram payload when complete, else seen */
	uint32_t first_bytes, largest_bytes; /* payload of fragments */
	bool complete, has_first, has_last, overlap, differs, tiny_first;
	bool df, decided;	/* decided: patience over, not the file's end */
	const char *tiny_why;	/* static, or NULL */
	struct mac eth_src;
	int64_t first_ns;
	uint64_t frames[4];	/* first ones, 0-ended; overlaps: the two */
};

/* RFC 1122 3.2.1.3: what must never be in the header of a packet on a wire.
 * Reported for the first packet, and at most once a second while it goes on. */
struct martian_fact {
	struct addr src, dst;
	struct mac eth_src;
	bool has_mac, bad_src;	/* else the destination is */
	uint8_t ttl;
	const char *why;	/* static: "a loopback address" */
	uint64_t packets;	/* so far */
};

/* RFC 3168.  Reported about once a second while marks come. */
struct congestion_fact {
	struct flow flow;
	uint64_t marked, capable; /* CE, and ECT without CE, so far */
	int64_t first_ns;
	uint64_t frames[4];	  /* first marked ones, 0-ended */
};

enum path_mtu_state { PATH_OBEYED, PATH_IGNORED };

/* After a frag-needed or packet-too-big (track/notice.c). */
struct path_mtu_fact {
	uint8_t state;		/* enum path_mtu_state */
	struct addr src, dst, reporter; /* the path, as it was quoted */
	uint32_t mtu;		/* smallest told that can be right */
	uint32_t big;		/* IP length that was too big */
	uint32_t later;		/* IP length of what was sent afterwards */
	uint16_t notices, tries; /* IGNORED: how many above the MTU */
	struct flow flow;	/* of the first packet quoted */
	int64_t first_ns;	/* of the first notice */
	uint64_t big_frame, notice_frame, frames[4];
	bool peer_alive;
};

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
	bool has_ts, sack, wscale, names_first_syn;
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
	bool spurious;		/* had arrived: event ...retransmission.spurious */
	bool conflict;		/* other bytes than the first copy had */
	uint64_t seq;		/* relative to the ISN or the first seen */
	uint32_t bytes;
	uint64_t original_frame, trigger_frame; /* 0: none */
	int64_t gap_ns;		/* since the last transmission, or hole's age */
	uint16_t tries;
	bool pending;		/* to be settled later: not sent to detectors */
};

enum stall_reason {
	STALL_UNDECIDED, STALL_EVERYWHERE, STALL_ZERO_WINDOW,
	STALL_SMALL_WINDOW, STALL_ACK_LOSS, STALL_PATH_DELAY, STALL_PMTU,
	STALL_DOUBLE_LOSS, STALL_TAIL_LOSS, STALL_TOO_FEW_ACKS,
	STALL_WINDOW_LOST, STALL_DELAYED_ACK, STALL_PEER_LOST, STALL_REASONS
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
};

/* One direction of a connection, when it ends: only of those that sent some
 * segments of data or paused for long.  findings-tcp 3.1, 3.2. */
struct tcp_pace_fact {
	struct flow flow;	/* as the data went */
	bool from_client, syn_seen, reset;
	uint16_t mss;
	uint8_t wscale, peer_wscale; /* 255: none or not known */
	int64_t first_ns, last_ns, rtt_ns;
	uint64_t bytes;
	/* round trips with data out, and of them those that filled the window */
	uint32_t rounds, full, window, flight;
	uint32_t ended_short; /* rounds after whose short end nothing was out */
	uint64_t full_bytes;
	int64_t full_ns;
	struct tcp_trips trips[2];
	/* small writes that waited for a delayed acknowledgement */
	uint32_t delayed;
	int64_t delayed_ns, delayed_spread_ns; /* in all; longest - shortest */
	uint64_t delayed_frames[6]; /* 0-ended */
	/* times when the sender stood still */
	uint32_t stalls, stall_of[STALL_REASONS];
	int64_t stall_first_ns, stall_ns, stall_worst_ns;
	uint64_t stall_frames[6];
	/* pauses of both ends: one after which nothing passed (0: none), the
	 * frames around it, and the longest after which data passed */
	int64_t idle_ns, idle_end_ns, survived_ns;
	uint64_t idle_frames[2];
	uint32_t unanswered;	/* resends at the end, and when the next is due */
	int64_t due_ns;
	uint64_t last_frame;
};

struct tcp_reset_fact {
	struct flow flow;	/* as the RST went */
	bool with_ack, from_client, after_fin, bytes_out, in_window, exact;
	bool peer_went_on;	/* the named sender sent on afterwards */
	uint8_t ttl, ttl_usual;	/* of that host on this flow */
	uint32_t id;
	uint8_t form;		/* findings-tcp 3.3: 0 other, 1 abort, 2 no socket */
	bool request_open;	/* the server had not begun its answer */
	int64_t quiet_ns;	/* since this side's last packet */
	int64_t pause_ns;	/* of both ends before the data that it
				 * answers, if that was long */
	uint32_t packets;	/* of this side before */
	int score;		/* injected, points */
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
	uint32_t capture_gaps, dup_acks, zero_windows, keep_alives;
	uint32_t keep_alives_unanswered, acks_missing, checksum_bad;
	uint32_t ack_moves;	/* how often its acknowledgement number rose */
	uint64_t capture_gap_bytes;
	int64_t zero_window_ns, stall_ns, reorder_max_ns;
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
	uint64_t resent_frames[8], reordered_frames[4]; /* 0-ended */
	uint64_t spurious_frames[4], keep_alive_frames[4], zero_frames[4];
	uint32_t spurious_rtos; /* needless, and by the timer */
	uint32_t zero_probes_end; /* of the window closed at the end */
	int64_t zero_at_end_ns; /* how long it has been closed; 0: open */
};

enum tcp_state {
	TCPS_NONE, TCPS_SYN_SENT, TCPS_SYN_RECV, TCPS_ESTAB, TCPS_FIN_WAIT_1,
	TCPS_FIN_WAIT_2, TCPS_CLOSE_WAIT, TCPS_LAST_ACK, TCPS_CLOSING,
	TCPS_TIME_WAIT, TCPS_CLOSED
};

struct tcp_ended_fact {
	struct flow flow;	/* client to server */
	struct tcp_side side[2]; /* 0: what the client sent, 1: the server */
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
};

enum { UDP_HEAD = 16 };

struct udp_fact {
	struct flow flow;	/* first datagram's way */
	uint64_t packets[2], bytes[2]; /* as the first went, and back */
	int64_t first_ns, last_ns;
	uint32_t first_bytes;	/* payload of the first */
	uint32_t same_length;	/* as the first, before any answer */
	bool growing_gaps;	/* between these */
	bool rtp;		/* looks like a media stream */
	bool group;		/* to multicast or broadcast */
	uint8_t ttl;
	uint8_t head_len, head[UDP_HEAD]; /* first bytes of the first */
	uint64_t frames[4];	/* first ones, 0-ended */
	struct mac mac_src, mac_dst;
};

/* One second of one host that got at least UDP_RATE_LEAST datagrams in it. */
enum { UDP_RATE_LEAST = 500 };

struct udp_rate_fact {
	struct addr target, source; /* source: of the busiest flow */
	uint16_t source_port, port; /* of the busiest flow */
	uint32_t packets, back;	    /* to the target, and from it */
	uint64_t bytes;
	uint32_t flows;		    /* that began in this second */
	uint32_t busiest;	    /* of one flow that got nothing back */
	uint32_t media;		    /* of streams and tunnels */
	int64_t from_ns, to_ns;
	uint64_t frames[4];	    /* 0-ended */
};

enum { MEDIA_GAPS = 4 };

/* How far a stream may stray from its time stamps (RFC 3550 A.8). */
#define MEDIA_JITTER_NS 30e6

/* An RTP stream (track/media.c). */
struct media_fact {
	struct flow flow;
	uint32_t ssrc;
	uint8_t type;		/* of payload, RFC 3551 */
	uint32_t received, missing;
	uint32_t late;		/* of the missing: came 100 ms after their place */
	uint32_t bursts, longest; /* gaps, and packets in the longest */
	uint32_t clock_hz;	/* of the time stamps; 0: not known */
	bool measured;		/* that clock, by the time stamps' slope */
	int64_t first_ns, last_ns;
	int64_t jitter_ns;	/* worst */
	int64_t uneven_ns, uneven_at_ns; /* longest time above MEDIA_JITTER_NS */
	uint64_t first_frame, uneven_frame, gap_frame[MEDIA_GAPS];
};

enum dns_state { DNS_ASKED, DNS_ANSWERED, DNS_UNANSWERED, DNS_STRAY };

enum { DNS_NAME_TEXT = 256, DNS_ANSWERS = 6 };

/* One question, or one message that answers it. */
struct dns_fact {
	uint8_t state;		/* enum dns_state; STRAY: answer, no question */
	struct flow flow;	/* client to server */
	bool tcp, recursion_desired, recursion_available, truncated, cd;
	bool authoritative;
	uint16_t id, qtype, qclass;
	uint8_t rcode;		/* with the EDNS bits cut to 8 */
	int16_t extended;	/* RFC 8914 code, -1: none */
	uint16_t edns_size;	/* of the question; 0: no EDNS */
	uint16_t copies;	/* how often the question was sent */
	uint16_t responses;	/* how often it was answered, this one too */
	bool differs;		/* not the first response, nor the same data */
	uint8_t first_ip_ttl;	/* differs: of the first response's packet */
	uint16_t answer_count;
	uint8_t addresses;	/* A and AAAA kept below, CNAMEs followed */
	struct addr address[DNS_ANSWERS];
	uint32_t ttl_s;		/* smallest of the answers */
	uint64_t answers_hash;	/* of the RDATA set, without order and TTL */
	int64_t asked_ns, answered_ns;
	uint64_t question_frame;
	uint8_t ip_ttl;
	bool icmp_refused;	/* a port unreachable answered the question */
	char name[DNS_NAME_TEXT]; /* lower case, escaped, no final dot */
};

struct observation {
	enum observation_kind kind;
	uint32_t link;
	uint32_t interface;	/* of the link; set where a packet is told of */
	uint16_t vlan;		/* its outermost tag; 0: none */
	uint64_t frame;
	int64_t time_ns;
	union {
		struct copy_fact copy;
		struct clock_fact clock;
		struct malformed_fact malformed;
		struct same_packet_fact same_packet;
		struct offload_fact offload;
		struct checksum_fact checksum;
		struct source_link link; /* frame 0 */
		struct talk_fact talk;
		struct arp_fact arp;
		struct nd_fact nd;
		struct ra_fact ra;
		struct fhrp_fact fhrp;
		struct dhcp_fact dhcp;
		struct dhcp6_fact dhcp6;
		struct ospf_fact ospf;
		struct bpdu_fact bpdu;
		struct device_fact device;
		struct lacp_fact lacp;
		struct eapol_fact eapol;
		struct group_rate_fact group_rate;
		struct icmp_error_fact icmp_error;
		struct redirect_fact redirect;
		struct echo_fact echo;
		struct fragments_fact fragments;
		struct martian_fact martian;
		struct congestion_fact congestion;
		struct path_mtu_fact path_mtu;
		struct tcp_syn_fact syn;
		struct tcp_synack_fact synack;
		struct tcp_opened_fact opened;
		struct tcp_attempt_fact attempt;
		struct tcp_stray_fact stray;
		struct tcp_segment_fact segment;
		struct tcp_pause_fact pause;
		struct tcp_pace_fact pace;
		struct tcp_reset_fact reset;
		struct tcp_size_fact size;
		struct tcp_ended_fact ended;
		struct udp_fact udp;
		struct udp_rate_fact udp_rate;
		struct media_fact media;
		struct dns_fact dns;
	} as;
};

#endif
