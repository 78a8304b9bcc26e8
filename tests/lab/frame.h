/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * frame.h - a frame on its way through the lab, and the fields that rules ask
 * for.
 *
 * The lab reads headers with code of its own, so that a fault in the
 * dissectors cannot hide in the truth.
 */
#ifndef UPSTACK_TESTS_LAB_FRAME_H
#define UPSTACK_TESTS_LAB_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ETHERNET = 14, FRAME_MAX = 65536 + 64 };

enum tcp_bit { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

/* Where the layers begin and what they say; host order. */
struct view {
	uint8_t version;    /* 4, 6, or 0 for what is not IP */
	uint8_t protocol;   /* of the transport layer; 0 for a later fragment */
	uint8_t flags;	    /* enum tcp_bit */
	uint16_t transport; /* offset of the transport header in the frame */
	uint16_t payload;   /* offset of the TCP payload in the frame */
	uint32_t ip_bytes;  /* of the packet, with its header */
	uint32_t data;	    /* bytes of TCP payload */
	uint32_t seq, ack;
	uint16_t source_port, target_port;
	uint16_t ip_id;
};

/* What the kernel left undone: linux/virtio_net.h, in host order. */
struct offload {
	uint16_t segment; /* bytes of payload in each packet; 0: one packet */
	uint16_t checksum_start, checksum_offset; /* to be filled in, if 1 */
	bool checksum;
};

struct frame {
	uint32_t record; /* its line of the truth */
	bool up;	 /* from the client to the server */
	bool copy;	 /* made by the network */
	struct offload offload;
	struct view view;
	uint32_t length;
	uint8_t bytes[];
};

/* A frame with room for `length` bytes and a zeroed rest; ends the program
 * when there is no memory, as everything here does. */
struct frame *frame_new(uint32_t length);

/* A frame of its own with the same bytes. */
struct frame *frame_copy(const struct frame *from);

/* Read the headers again. */
void frame_look(struct frame *f);

/* Recompute the checksums of IPv4 and of TCP, UDP and ICMP. */
void frame_checksum(struct frame *f);

/* Finish a checksum that the kernel left to the card. */
void frame_finish_checksum(struct frame *f);

/* The addresses of the packet: `length` 4 or 16 bytes each. */
const uint8_t *frame_source(const struct frame *f);
const uint8_t *frame_target(const struct frame *f);
uint32_t frame_address_bytes(const struct frame *f);

/* The TCP option of this kind, or NULL; its length is in the second byte. */
uint8_t *frame_option(struct frame *f, uint8_t kind);

uint16_t get16(const uint8_t *at);
uint32_t get32(const uint8_t *at);
void put16(uint8_t *at, uint32_t value);
void put32(uint8_t *at, uint32_t value);

#endif
