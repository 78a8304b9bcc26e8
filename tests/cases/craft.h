/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craft.h - writes small captures, packet by packet, with libnet.
 *
 * A case is a function that is handed an open capture and tells a story: who
 * sends what when.  The same story always gives the same bytes.  The table at
 * the end of each family's file names its cases; make_cases writes them to
 * pcaps/FAMILY/NAME.pcap.  What is expected of each stands beside it, by hand,
 * in pcaps/FAMILY/NAME.json.
 */
#ifndef UPSTACK_TESTS_CASES_CRAFT_H
#define UPSTACK_TESTS_CASES_CRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct craft;

/* A station: "52:54:00:00:00:01", "192.0.2.1" or "2001:db8::1". */
struct station {
	const char *mac, *ip;
	uint8_t ttl;  /* 0: 64 */
	uint16_t id;  /* IP ID of its last packet: each packet takes the next */
	bool id_zero; /* always sends ID 0 */
};

struct craft_case {
	const char *family, *name;
	void (*make)(struct craft *c);
	uint16_t link_type; /* 0: Ethernet; 113: frames are cooked */
	uint32_t snaplen;   /* 0: all bytes are kept */
	uint32_t cut_bytes; /* taken off the end of the file */
	bool pcapng;	    /* with an interface statistics block: */
	uint64_t dropped, received; /* isb_ifdrop, isb_ifrecv */
	uint64_t accepted; /* isb_filteraccept; 0: not told */
	const char *filter; /* if_filter; NULL: not told */
	const char *interface[2]; /* their names; NULL: none */
	bool fcs;	    /* each frame ends with its check sequence */
};

/* Time: of the next frame, in microseconds after the start of the capture
 * (2026-11-24 06:23:13 UTC).  Frames do not move it. */
void craft_at(struct craft *c, int64_t us);
void craft_wait(struct craft *c, int64_t us);
int64_t craft_now(const struct craft *c);

/* From now on: a VLAN tag (0: none), frames padded to 60 bytes or not (they
 * are not at first). */
void craft_vlan(struct craft *c, uint16_t vid);
void craft_pad(struct craft *c, bool on);

/* From now on, in pcapng: at which interface (0 or 1), and whether the frames came
 * in there or went out. */
enum craft_way { CRAFT_UNKNOWN, CRAFT_IN, CRAFT_OUT };
void craft_place(struct craft *c, uint8_t interface, enum craft_way way);

/* From now on, where a case keeps check sequences: frames are damaged or not. */
void craft_damage(struct craft *c, bool on);

/* From now on frames had so many bytes more on the wire. */
void craft_longer(struct craft *c, uint32_t bytes);

/* A whole frame as it is; `sent` may be larger than `size`: a cut frame. */
void craft_frame(struct craft *c, const void *bytes, size_t size, size_t sent);

/* The frame written last, as its bytes; its IP part where it has one. */
const uint8_t *craft_last(const struct craft *c, size_t *size);
const uint8_t *craft_last_ip(const struct craft *c, size_t *size);

/* The frame written last once more, now: with another TTL and MACs where `ttl`
 * is not 0 (checksum mended) - a copy, or the same packet further on. */
void craft_again(struct craft *c, uint8_t ttl, const char *src_mac,
		 const char *dst_mac);

/* ARP: operation 1 or 2; `target_mac` NULL is zeros; `to_mac` NULL broadcast. */
void craft_arp(struct craft *c, uint16_t operation, const struct station *from,
	       const char *target_mac, const char *target_ip,
	       const char *to_mac);

struct craft_tcp {
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint8_t flags;	   /* enum tcp_flag of dissect.h; 0: ACK */
	uint16_t window;   /* 0: 64240, unless zero_window */
	bool zero_window;
	uint32_t len;	   /* bytes of payload, made from the sequence number */
	const void *data;  /* or these; `len` of them */
	uint16_t mss;	   /* 0: no option; the same below */
	int wscale;	   /* -1 or 0: none; else the shift */
	bool sack_ok;
	uint32_t tsval, tsecr;
	uint32_t sack[6];  /* pairs, 0-ended */
	uint8_t ttl;	   /* 0: the station's */
	int id;		   /* 0: the station's next; -1: 0 */
	bool fragmentable; /* DF not set */
	uint8_t tos;
	bool bad_checksum;
};

void craft_tcp(struct craft *c, struct station *from, struct station *to,
	       const struct craft_tcp *t);

void craft_udp(struct craft *c, struct station *from, struct station *to,
	       uint16_t sport, uint16_t dport, const void *data, size_t size);

/* ICMP or ICMPv6, by the family of `from`; `rest` is the second word. */
void craft_icmp(struct craft *c, struct station *from, struct station *to,
		uint8_t type, uint8_t code, uint32_t rest, const void *data,
		size_t size);

/* An ICMP error about the frame written last (quotes its IP header and 8
 * bytes; ICMPv6: up to 1232 bytes).  Call it right after that frame. */
void craft_icmp_error(struct craft *c, struct station *reporter,
		      struct station *to, uint8_t type, uint8_t code,
		      uint32_t rest);

/* An echo request (reply: type 0 or 129) with `size` bytes of data. */
void craft_echo(struct craft *c, struct station *from, struct station *to,
		bool reply, uint16_t id, uint16_t seq, size_t size);

struct craft_ip {
	uint8_t protocol, ttl, tos; /* ttl 0: the station's */
	uint16_t id;		    /* 0: the station's next */
	bool df, more;
	uint16_t offset;	    /* bytes, a multiple of 8 */
	bool bad_checksum;
};

/* Any IPv4 or IPv6 packet (IPv6: fragments get their header). */
void craft_ip(struct craft *c, struct station *from, struct station *to,
	      const struct craft_ip *ip, const void *payload, size_t size);

/* A DNS message (question, and with `answer` an A record), over UDP. */
struct craft_dns {
	uint16_t id;
	const char *name;
	uint16_t type;	    /* 0: A */
	bool response, truncated, no_recursion;
	uint8_t rcode;
	const char *answer; /* IPv4 address or NULL */
	const char *also;   /* a second one, or NULL */
	uint32_t ttl;
	uint16_t sport;	    /* the client's port */
};

void craft_dns(struct craft *c, struct station *from, struct station *to,
	       const struct craft_dns *d);

/* The tables of all families, NULL-ended, each ended by a case without name. */
extern const struct craft_case *const craft_families[];

#endif
