/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * reader.h - reads the frames of one file; what file_pcap.c and file_pcapng.c
 * offer and source.c and merge.c use.
 */
#ifndef UPSTACK_CAPTURE_READER_H
#define UPSTACK_CAPTURE_READER_H

#include <string.h>

#include "capture/ledger.h"
#include "capture/stream.h"

enum { LINK_RAW = 101, LINK_SLL = 113, LINK_SLL2 = 276 };

/* What classic pcap says once for the whole file. */
struct pcap_format {
	bool swapped;	      /* the other byte order */
	bool lengths_swapped; /* the two lengths stand the other way round */
	bool lengths_unsure; /* version 2.3: the smaller one is what was kept */
	bool noted_clock, noted_length;
	uint8_t fcs; /* bytes at the end of each frame */
	uint16_t link_type;
	uint32_t interface; /* in the ledger */
	uint32_t unit_ns;   /* of the fraction of a time stamp */
};

/* An interface of the current pcapng section. */
struct ng_interface {
	uint32_t index;	  /* in the ledger */
	uint32_t snaplen; /* 0: no limit */
	uint16_t link_type;
	uint8_t fcs;
	bool binary; /* time units are 2^-shift s */
	uint8_t shift;
	uint64_t multiply; /* nanoseconds in a unit, or */
	uint64_t divide;   /* units in a nanosecond */
	int64_t offset_s;
};

struct pcapng_format {
	bool swapped;
	bool noted_clock;
	struct ng_interface *interfaces; /* of the current section */
	uint32_t count, room;
	const char *os, *hardware, *application; /* of the section */
};

struct reader {
	struct stream stream;
	const char *name; /* escaped */
	struct ledger *ledger;
	bool ended;
	uint64_t packets; /* frames read so far */
	int64_t last_ns;  /* time of the last one */
	/* Up to `most` frames out of what the stream's buffer holds.  0: call
	 * stream_fill and try again, unless `ended`.  With `most` 0 it stops
	 * before the first packet. */
	uint32_t (*read)(struct reader *r, struct frame *frames, uint32_t most);
	void (*close)(struct reader *r);
	struct pcap_format pcap;
	struct pcapng_format pcapng;
};

/* Recognise the format and read its header; -1 with `err` filled. */
int reader_open(struct reader *r, const char *path, struct ledger *ledger,
		struct err *err);
void reader_close(struct reader *r);

/* Called with the stream at the file's first byte.  1: not this format. */
int file_pcap_open(struct reader *r, struct err *err);
int file_pcapng_open(struct reader *r, struct err *err);

/* The file is over: say why if it does not end after a whole record. */
void reader_end(struct reader *r, const char *what);

/* Name and number of a link type, as libpcap writes them; "" if it knows
 * none.  The number is the one that libpcap uses inside a program. */
const char *link_name(uint16_t link_type);
int link_dlt(uint16_t link_type);

/* Link types 12 and 14 are what old systems wrote for 101, raw IP. */
static inline uint16_t link_plain(uint32_t link_type)
{
	uint16_t link = (uint16_t)link_type;

	return link == 12 || link == 14 ? LINK_RAW : link;
}

static inline uint32_t load_u32(const uint8_t *b, bool swapped)
{
	uint32_t v;

	memcpy(&v, b, sizeof(v));
	return swapped ? __builtin_bswap32(v) : v;
}

static inline uint16_t load_u16(const uint8_t *b, bool swapped)
{
	uint16_t v;

	memcpy(&v, b, sizeof(v));
	return swapped ? __builtin_bswap16(v) : v;
}

static inline uint64_t load_u64(const uint8_t *b, bool swapped)
{
	uint64_t v;

	memcpy(&v, b, sizeof(v));
	return swapped ? __builtin_bswap64(v) : v;
}

/* Which way a frame of Linux's "any" device went: its header says so. */
static inline uint8_t cooked_direction(const struct frame *f)
{
	uint8_t type;

	if (f->kept < 16)
		return FRAME_UNKNOWN;
	type = f->link_type == LINK_SLL ? f->data[1] : f->data[10];
	if (type == 4)
		return FRAME_OUTBOUND;
	return type < 3 ? FRAME_INBOUND : FRAME_UNKNOWN;
}

/* Take `fcs` bytes off the end of a frame that carries them. */
static inline void frame_strip_fcs(struct frame *f, uint32_t fcs)
{
	if (fcs == 0 || f->sent < fcs)
		return;
	f->sent -= fcs;
	if (f->kept > f->sent) {
		f->fcs = (uint8_t)(f->kept - f->sent);
		f->kept = f->sent;
	}
}

#endif
