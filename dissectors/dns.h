/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dns.h - a DNS message, parsed when a tracker wants it: also mDNS (port 5353)
 * and LLMNR (5355), which have the same form; the caller knows the port.
 */
#ifndef UPSTACK_DISSECTORS_DNS_H
#define UPSTACK_DISSECTORS_DNS_H

#include "dissectors/dissect.h"

enum {
	DNS_PORT = 53,
	MDNS_PORT = 5353,
	LLMNR_PORT = 5355,
	DNS_TEXT = 256,	       /* room for a name as text */
	DNS_ADDRESSES = 6,     /* kept of a message */
	DNS_RECORDS_MAX = 512, /* looked at of a message */
};

enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_DNAME = 39,
	DNS_OPT = 41,
	DNS_RRSIG = 46,
};

/* Names are lower case, escaped, without the final dot ("." for the root); a
 * dot inside of a label is \x2e. */
struct dns_message {
	uint8_t state;	 /* enum wire; what was read before the end is kept */
	const char *bad; /* malformed: a static phrase */
	bool has_header, has_question; /* as far as it could be read */
	uint16_t id;
	uint8_t opcode; /* 0 query */
	uint16_t rcode; /* 12 bits with EDNS */
	bool response, authoritative, truncated;
	bool recursion_desired, recursion_available, ad, cd;
	uint16_t questions, answers, authorities, additionals; /* declared */
	uint16_t qtype, qclass; /* of the first question */
	char name[DNS_TEXT];	/* first question's, else first answer's */
	bool has_edns, dnssec_ok;
	uint16_t edns_size;
	int32_t extended;  /* RFC 8914 info code, the first; -1: none */
	uint8_t addresses; /* A and AAAA of the answers, kept below */
	struct addr address[DNS_ADDRESSES];
	char cname[DNS_TEXT];	 /* target of the last CNAME, "" if none */
	uint32_t ttl_s;		 /* smallest of the answers, 0 without any */
	uint64_t answers_hash;	 /* of the RDATA set, without order and TTL;
				  * 0 without answers */
	bool soa;		 /* an SOA in the authority section: a denial */
	uint32_t negative_ttl_s; /* from it (RFC 2308 5) */
};

/* Parse a whole message. */
void dns_parse(struct dns_message *m, struct cursor in);

/* The next message in the bytes of a TCP stream, stepped over (RFC 1035
 * 4.2.2); of one that goes on in later segments, what is here.  False if there
 * is not even its length. */
bool dns_tcp_next(struct cursor *stream, struct cursor *message);

#endif
