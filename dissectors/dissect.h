/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dissect.h - the door of dissectors/: a frame in, its layers out.
 *
 * Dissection is stateless.  It decodes eagerly up to the transport header and
 * the control protocols (ARP, ICMP, ND); what lies deeper stays a cursor, and
 * is decoded by a parser of its own (dns.h, dhcp.h) when a tracker wants it.
 */
#ifndef UPSTACK_DISSECTORS_DISSECT_H
#define UPSTACK_DISSECTORS_DISSECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/cursor.h"
#include "capture/source.h"
#include "dissectors/list.h"

enum { LAYERS_MAX = 16, VLANS_MAX = 4, SACK_MAX = 4 };

/* Link layer: Ethernet, cooked, PPP, loopback. */
struct link_header {
	struct mac src, dst;
	bool has_src, has_dst;
	uint16_t ethertype;	/* 0: none, or a length (802.3) */
	uint16_t length;	/* 802.3 length field, 0 otherwise */
	uint8_t packet_type;	/* cooked: 0 to us .. 4 from us; else 255 */
	uint32_t ifindex;	/* SLL2 only, never a local name */
};

struct vlan_header {
	uint16_t vid; /* 0..4095 */
	uint8_t priority;
	uint16_t ethertype;
};

/* IEEE 802.2 and SNAP. */
struct llc_header {
	uint8_t dsap, ssap, control;
	uint32_t oui;		/* SNAP only */
	uint16_t ethertype;	/* SNAP's protocol id, 0 without SNAP */
};

struct arp_header { /* RFC 826, Ethernet and IPv4 */
	uint16_t operation; /* 1 request, 2 reply */
	struct mac sender_mac, target_mac;
	struct addr sender, target;
};

/* Both versions of IP.  RFC 791, RFC 8200. */
struct ip_header {
	struct addr src, dst;
	uint8_t version;	/* 4 or 6 */
	uint8_t protocol;	/* of the payload, after extension headers */
	uint8_t ttl;		/* or hop limit */
	uint8_t tos;		/* DSCP and ECN */
	bool df, more;		/* more: MF, or M of the fragment header */
	bool fragment;		/* offset != 0 or more (atomic ones are not) */
	bool checksum_bad;	/* IPv4 header, and the field is not zero */
	bool checksum_zero;	/* the field is zero: left to the card */
	bool length_zero;	/* total length 0: offload */
	bool jumbo, router_alert;
	bool source_routed;	/* the final destination is another one */
	uint32_t id;		/* IPv4 identification, IPv6 fragment id */
	uint32_t fragment_offset; /* bytes */
	uint32_t header_len;	/* bytes, options and extension headers too */
	uint32_t total_len;	/* bytes as declared (or taken from the frame) */
};

/* The packet that an ICMP error quotes; as much of it as is there. */
struct quote {
	bool present;		/* at least a whole IP header */
	bool has_ports;		/* first 8 bytes of TCP, UDP, SCTP or echo */
	struct addr src, dst;
	uint8_t protocol, ttl;
	bool df, fragment;
	uint32_t id, fragment_offset;
	uint32_t total_len;	/* as the quoted header declares it */
	uint16_t src_port, dst_port; /* echo: identifier, sequence */
	uint32_t seq;		/* TCP */
};

/* ICMP and ICMPv6 (RFC 792, 4443, 4861); the layer's proto tells which. */
struct icmp_header {
	uint8_t type, code;
	bool is_error;		/* quotes a packet */
	bool checksum_bad;	/* whole and wrong */
	uint16_t checksum;
	uint16_t echo_id, echo_seq;
	uint32_t mtu;		/* frag needed, packet too big */
	struct addr gateway;	/* redirect: where to send instead */
	struct addr target;	/* ND: target; redirect: destination; MLD: group */
	struct quote quote;
	/* Neighbour discovery */
	bool has_lladdr;	/* source or target link-layer option */
	struct mac lladdr;
	bool router, solicited, override; /* NA flags */
	bool has_nonce;
	uint64_t nonce;
	struct {		/* router advertisement */
		uint16_t lifetime_s;
		uint8_t hop_limit, flags;
		uint32_t mtu;	/* 0: none */
		uint8_t prefixes; /* how many follow, at most 4 kept */
		struct {
			struct addr prefix;
			uint8_t bits;
			bool on_link, autonomous;
			uint32_t valid_s, preferred_s;
		} prefix[4];
		uint8_t resolvers;
		struct addr resolver[3]; /* RDNSS */
		uint8_t routes; /* how many more specific ones, RFC 4191 */
	} ra;
};

struct udp_header {
	uint16_t src_port, dst_port;
	uint16_t length, checksum;
};

enum tcp_flag {
	TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16,
	TCP_URG = 32, TCP_ECE = 64, TCP_CWR = 128
};

/* RFC 9293, options of RFC 7323, 2018, 2883, 7413, 8684. */
struct tcp_header {
	uint16_t src_port, dst_port;
	uint32_t seq, ack;
	uint16_t window;	/* as in the header, unscaled */
	uint8_t flags;		/* enum tcp_flag */
	uint8_t header_len;	/* bytes, 20..60 */
	uint16_t checksum, urgent;
	uint32_t payload_len;	/* bytes that the sender declared */
	uint8_t sack_count;	/* 0..SACK_MAX */
	bool has_ts, has_mss, has_wscale, sack_permitted;
	bool has_tfo, has_mptcp, has_md5;
	uint8_t wscale;		/* 0..14 as sent */
	bool sack_cut;		/* more blocks were sent than the capture kept */
	uint16_t mss;
	uint32_t tsval, tsecr;
	struct {
		uint32_t start, end;
	} sack[SACK_MAX];
	uint64_t option_layout;	/* kinds in order, 4 bits each (kinds > 14 are
				 * 15), first in the low bits: a fingerprint */
};

struct igmp_header { /* RFC 2236, RFC 3376 */
	uint8_t type, max_response;
	struct addr group;	/* version 3 report: of its first record */
	uint16_t records;	/* version 3 report */
};

/* VRRP, HSRP, CARP, GLBP: one advertisement (RFC 9568, RFC 2281). */
enum fhrp_kind { FHRP_VRRP = 1, FHRP_HSRP, FHRP_CARP, FHRP_GLBP };

struct fhrp_header {
	uint8_t kind, version;
	uint16_t group;
	uint8_t priority;	/* CARP: the advertised skew, lower is better */
	bool active;		/* speaks as master or active */
	bool resigns;		/* gives the role up (VRRP: priority 0) */
	uint8_t address_count;	/* kept, at most 4 */
	struct addr address[4];
};

struct tunnel_header { /* GRE, ERSPAN, VXLAN, GENEVE, MPLS, PPPoE, PPP */
	uint32_t id;	      /* key, VNI, label, session */
	uint16_t ethertype;   /* of what is carried; PPP: its protocol */
	uint8_t code;	      /* PPPoE: 0 session, else of the discovery */
};

struct layer {
	uint8_t proto;	 /* enum protocol */
	uint8_t state;	 /* enum wire */
	uint32_t offset; /* of its first byte in the frame */
	uint32_t bad_value;
	const char *bad; /* malformed: a static phrase, "length below 8" */
	union {
		struct link_header link;
		struct vlan_header vlan;
		struct llc_header llc;
		struct arp_header arp;
		struct ip_header ip;
		struct icmp_header *icmp; /* in the packet */
		struct udp_header udp;
		struct tcp_header tcp;
		struct igmp_header igmp;
		struct fhrp_header fhrp;
		struct tunnel_header tunnel;
	} as;
};

/* A dissected frame.  Valid until its batch is done. */
struct packet {
	struct frame frame;
	uint32_t link;		/* id of (interface, VLAN stack), by the engine */
	uint8_t layer_count;	/* 0: link type not understood */
	uint8_t vlan_count;	/* kept in vlan[], outermost first; a tag with
				 * VID 0 is none, tags in a tunnel neither */
	uint16_t vlan[VLANS_MAX];
	uint8_t tunnels;	/* IP-in-IP, GRE, VXLAN ... passed on the way */
	uint8_t state;		/* enum wire: the worst of its layers */
	bool link_unknown;	/* no dissector for the link type */
	uint8_t twin;		/* by admission: this very packet passed just
				 * before, and the capture is suspected, not yet
				 * convicted, of copying: 1 + enum copy_kind; 0:
				 * no.  Not one more packet of its flow */
	bool crowd;		/* by the engine: one of very many SYNs to one
				 * service (analysis/track/crowd.h) */
	struct lane *lane;	/* by the engine (analysis/lane.h); NULL: none */
	/* NULL where there is none, or where its receiver could not use it.
	 * All are the innermost, and what a tunnel carries hides what carried
	 * it; only `outer_ip` is the outermost.  `eth`: a link layer that has
	 * MAC addresses (Ethernet, cooked).  A layer may be here although its
	 * options are cut or malformed: see its state. */
	const struct layer *eth, *arp, *ip, *outer_ip, *icmp, *udp, *tcp, *fhrp;
	struct cursor payload;	/* behind the last layer */
	struct layer layers[LAYERS_MAX];
	/* Nothing follows ICMP, so one is enough; it is far larger than the
	 * rest, and a batch of packets should fit in the first cache. */
	struct icmp_header icmp_header;
};

/* Dissect a frame into `p`, all of which is overwritten except unused layers. */
void packet_dissect(struct packet *p, const struct frame *frame);

/* "ipv4": the name of a protocol. */
const char *protocol_name(enum protocol proto);

/* Whether there is a dissector for the LINKTYPE_. */
bool link_type_known(uint16_t link_type);

#endif
