/* SPDX-License-Identifier: BSD-3-Clause */
/* wire_out.h - packets of made-up hosts, with right checksums, into a pcap. */
#ifndef UPSTACK_TESTS_BENCH_WIRE_OUT_H
#define UPSTACK_TESTS_BENCH_WIRE_OUT_H

#include <stdbool.h>
#include <stdint.h>

/* Hosts are numbers; these stand for addresses of their own. */
enum {
	FLOOD_CLIENT = 0x02000000,	 /* and more: 198.18.0.0/15 */
	FLOOD_VICTIM = 0x01ffffff,	 /* 203.0.113.80 */
	FLOOD_SOURCE = (int)0x80000000u, /* or'ed: anywhere from 16.0.0.0 */
};

enum {
	TCP_FIN = 1,
	TCP_SYN = 2,
	TCP_RST = 4,
	TCP_PSH = 8,
	TCP_ACK = 16,
};

/* Who talks: the client is 0, the server 1. */
struct ends {
	uint32_t host[2];
	uint16_t port[2];
	bool v6;
};

struct segment {
	int from;
	uint8_t flags;
	uint32_t seq, ack, size;
	bool opening; /* the first data of the conversation that way */
	uint8_t fill; /* what the data consists of; 0: anything */
};

enum { WIRE_MOST = 2048 };

struct wire_out;

/* NULL if the file cannot be made. */
struct wire_out *wire_out_open(const char *path, uint32_t snaplen);

/* Nanoseconds after the start, for the packets that follow. */
void wire_time(struct wire_out *w, uint64_t ns);

void wire_tcp(struct wire_out *w, const struct ends *ends,
	      const struct segment *s);

/* A datagram of `size` bytes; or a DNS question, or the answer to it. */
void wire_udp(struct wire_out *w, const struct ends *ends, int from,
	      uint32_t size, bool dns);

/* A frame as it stands, at most WIRE_MOST bytes. */
void wire_frame(struct wire_out *w, const uint8_t *frame, uint32_t size);

/* The checksum of the Internet over `size` bytes; `sum` is what else goes into
 * it (the pseudo header). */
uint16_t wire_checksum(const uint8_t *bytes, uint32_t size, uint32_t sum);

/* -1 if not all could be written. */
int wire_out_close(struct wire_out *w);

#endif
