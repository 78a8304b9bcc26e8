/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * observation_link.h - the facts of observation.h that are about a link: who is
 * there, and what stations and devices tell each other on it.
 */
#ifndef UPSTACK_ANALYSIS_OBSERVATION_LINK_H
#define UPSTACK_ANALYSIS_OBSERVATION_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "dissectors/bpdu.h"
#include "dissectors/dissect.h"
#include "dissectors/eapol.h"
#include "dissectors/lacp.h"
#include "dissectors/lldp.h"
#include "dissectors/ospf.h"

struct arp_fact {
	uint16_t operation;
	struct mac sender_mac, target_mac, eth_src, eth_dst;
	struct addr sender, target;
	uint32_t frame_bytes; /* on the wire */
	uint8_t direction;
	bool asked;	   /* a reply to an open request of its target */
	uint64_t question; /* that request's frame, else 0 */
};

struct nd_fact {
	uint8_t type; /* 135 solicitation, 136 advertisement */
	struct addr src, dst, target;
	struct mac eth_src, eth_dst, lladdr;
	bool has_lladdr, router, solicited, override, has_nonce;
	uint64_t nonce;
	uint8_t direction;
	bool asked;	   /* answers an open solicitation of `dst` */
	uint64_t question; /* that solicitation's frame, else 0 */
};

struct ra_fact {
	bool advertisement; /* else a solicitation */
	struct addr src, dst;
	struct mac eth_src;
	struct icmp_header icmp;
};

struct fhrp_fact {
	struct fhrp_header header;
	struct addr src;
	struct mac eth_src;
};

/* A DHCPv4 message (RFC 2131); 0 and empty where it has no such field. */
struct dhcp_fact {
	uint8_t type;	  /* 1 DISCOVER .. 8 INFORM; 0: cut before it */
	bool from_client; /* op 1 */
	uint32_t xid;
	struct mac client, eth_src, eth_dst;
	struct addr src, dst, ciaddr, yiaddr, giaddr;
	struct addr server_id, requested, mask, router[2], resolver[3];
	uint32_t lease_s;
	bool broadcast; /* the client wants a broadcast answer */
	uint8_t hops;
	char host_name[64]; /* escaped */
};

/* A DHCPv6 message (RFC 8415) between a client and a server or relay of its
 * link. */
struct dhcp6_fact {
	uint8_t type;		/* 1 SOLICIT .. 11 INFORMATION-REQUEST */
	bool from_client;
	uint16_t status;	/* 0: success */
	uint32_t xid, valid_s;
	struct mac client, eth_src, eth_dst;
	struct addr src, dst, address, resolver;
	uint64_t server;	/* stands for its identifier; 0: none named */
};

/* A hello of OSPF, of a router on this link. */
struct ospf_fact {
	struct ospf_hello hello;
	struct addr src;
	struct mac eth_src;
};

/* What devices tell each other on a link (track/control.c). */
struct bpdu_fact {
	struct bpdu message;
	struct mac eth_src;
};

struct device_fact {
	struct device device;
	struct mac eth_src;
};

struct lacp_fact {
	struct lacp message;
	struct mac eth_src;
};

struct eapol_fact {
	struct eapol message;
	struct mac eth_src, eth_dst;
};

/* One station of an interface, since it has been the only one that sends
 * (track/alone.c).  Reported at its questions, from the tenth frame and second
 * on, at most once a second; and when that is over. */
struct alone_fact {
	struct mac mac;
	int64_t since_ns;
	bool whole;	   /* no other has ever sent here */
	bool over;	   /* this frame is another's */
	bool answers;	   /* what it sends tells that it hears others */
	bool unicast;	   /* it sent to one station */
	int64_t sends_ns;  /* an IP packet to one, last; 0: none */
	int64_t probes_ns; /* a question to one, last; 0: none */
	bool dhcp, solicits; /* it asks for a lease, for a router */
	uint32_t frames, asks;
	uint32_t targets;  /* neighbours and services that it asks for */
	bool content;	   /* it asked for one only once */
	struct mac other;  /* whose frame came before; zero: none */
	uint64_t other_frame;
	uint64_t frame[4]; /* questions, first ones; 0-ended */
};

/* One second of a link with at least GROUP_RATE_LEAST frames that every station
 * has to take: broadcast, and multicast that stays on the link. */
enum { GROUP_RATE_LEAST = 500, GROUP_SENDERS = 3 };

struct group_sender {
	struct mac mac;
	uint32_t frames;
};

struct group_rate_fact {
	int64_t from_ns;
	uint32_t frames, broadcast;
	uint64_t bytes;
	struct group_sender sender[GROUP_SENDERS]; /* the busiest, at most so
						    * many frames each */
	uint64_t frame[4];			   /* first ones, 0-ended */
};

#endif
