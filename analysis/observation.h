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
#include "analysis/observation_tcp.h"
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
	OBS_FCS,	  /* a frame check sequence that is wrong */
	/* link */
	OBS_LINK,	  /* live: what the system says of an interface */
	OBS_INTERFACE,	  /* what is known of an interface itself */
	OBS_ALONE,	  /* one station sends, and no other */
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
	OBS_TCP_CROWD,	  /* instead, a first SYN that is one of a crowd: for
			   * those who count */
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
	uint8_t direction;	/* enum frame_direction, of this sighting */
	uint16_t inbound;	/* of `sightings`: that came in */
	bool falls;		/* its TTL fell between these MACs before */
	bool cut;	/* the capture kept less than 64 bytes of it, and not
			 * all: others may only look the same */
	uint64_t first_frame;
	int64_t first_ns;
};

struct offload_fact {
	struct mac src;
	struct addr from;
	uint32_t bytes;		/* of the packet; 0: by its checksum */
	bool checksum;		/* the pseudo-header's sum alone */
	bool fresh;		/* no router lowered its TTL */
};

struct checksum_fact {
	struct mac src;
	struct flow flow;
	uint8_t proto;		/* PROTO_ipv4, PROTO_tcp, PROTO_udp, PROTO_icmp */
	uint32_t bytes;		/* of payload; TCP: of sequence space */
	/* at the end, for each MAC: how many were checked and wrong, of IPv4
	 * headers (PROTO_ipv4) or of what they carry (PROTO_none) */
	bool total;
	bool unfilled;		/* total: its sums are left to the card */
	uint32_t checked, wrong;
};

/* Of an interface, so far: the first wrong ones each, and all in the end. */
struct fcs_fact {
	uint32_t checked, wrong;
	struct mac src; /* of this frame, as it arrived */
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
	bool quoted_answer;	/* and its other end spoke first */
	bool never_sent;	/* it quotes bytes far from what was sent */
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
	bool forgotten;		/* for want of room: not decided */
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
	bool to_group;		/* of stations: no router passes it on */
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
	struct flow flow;	/* of the first packet quoted; IGNORED: of what
				 * is sent nevertheless */
	int64_t first_ns;	/* of the first notice */
	uint64_t big_frame, notice_frame, frames[4];
	bool peer_alive;
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
	bool outbound;		/* the host that captured sent it */
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
		struct fcs_fact fcs;
		struct source_link link; /* frame 0 */
		const struct source_interface *own; /* frame 0 */
		struct alone_fact alone;
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
