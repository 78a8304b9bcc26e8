/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * record.h - what passed the three vantage points, and the truth about it.
 *
 * client.pcap, middle.pcap and server.pcap are what a capture there would have
 * shown, ends.pcap what one of client and server together.  truth.jsonl has a line for each frame that was sent, copied or made:
 * where it was seen, and what became of it.
 */
#ifndef UPSTACK_TESTS_LAB_RECORD_H
#define UPSTACK_TESTS_LAB_RECORD_H

#include <stdbool.h>
#include <stdint.h>

struct frame;
struct record;

enum vantage { AT_CLIENT, AT_MIDDLE, AT_SERVER, VANTAGES };

/* Where a line of the truth comes from. */
struct origin {
	uint32_t copy_of; /* 0, or the frame that the network doubled */
	uint32_t part_of; /* 0, or the super-packet that was cut */
	bool forged;	  /* made here, by no kernel */
};

/* Files in `folder`, frames cut after `snaplen` bytes. */
struct record *record_open(const char *folder, uint32_t snaplen);

/* The captures are off, as before somebody starts them, or on. */
void record_pause(struct record *r, bool off);

/* A new line of the truth: sets f->record, counted from 1. */
void record_begin(struct record *r, struct frame *f, struct origin from);

/* The frame passes a vantage point now. */
void record_pass(struct record *r, const struct frame *f, enum vantage where);

/* What became of it.  A frame with no fate was still on its way at the end. */
void record_dropped(struct record *r, const struct frame *f, const char *by);
void record_delivered(struct record *r, const struct frame *f);
void record_damaged(struct record *r, const struct frame *f, const char *by);

/* The number of a flow, counted from 1 in the order of appearance; 0 for what
 * has no ports. */
uint32_t record_flow(struct record *r, const struct frame *f);

/* How often the bytes that begin this segment had been sent before. */
uint32_t record_sent_before(const struct record *r, const struct frame *f);

/* Write the truth and close everything. */
void record_close(struct record *r);

#endif
