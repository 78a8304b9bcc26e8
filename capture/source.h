/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * source.h - the door of capture/: where frames come from.
 *
 * A source is one or several capture files (merged by time), a pipe, or one or
 * several interfaces.  It lends frames in batches; it knows nothing of
 * protocols.
 */
#ifndef UPSTACK_CAPTURE_SOURCE_H
#define UPSTACK_CAPTURE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

enum frame_direction { FRAME_UNKNOWN, FRAME_INBOUND, FRAME_OUTBOUND };

/* One captured frame.  `data` is borrowed until the next source_read. */
struct frame {
	uint64_t number; /* from 1, as Wireshark counts */
	int64_t time_ns; /* since 1970-01-01 UTC */
	const uint8_t *data;
	uint32_t kept;	    /* bytes captured, at most FRAME_MAX */
	uint32_t sent;	    /* bytes on the wire, >= kept, without the FCS */
	uint32_t interface; /* index for source_interface */
	uint16_t link_type; /* LINKTYPE_ of the file formats */
	uint8_t direction;  /* enum frame_direction, from epb_flags or SLL */
	uint8_t fcs; /* bytes of FCS that the capture kept after `sent` */
};

enum {
	FRAME_MAX = 262144,   /* libpcap's MAXIMUM_SNAPLEN */
	BLOCK_MAX = 16 << 20, /* a larger pcapng block is damage */
	INTERFACES_MAX = 65535,
	SOURCES_MAX = 64,
};

/* An address that an interface has, and how long its prefix is. */
struct source_address {
	struct addr addr;
	uint8_t bits;
};

/* Kept of an interface. */
enum { SOURCE_ADDRESSES = 16, SOURCE_GATEWAYS = 8 };

/* What a file says about one of its interfaces.  Texts are escaped UTF-8 and
 * belong to the source; "" where the file says nothing. */
struct source_interface {
	const char *file, *name, *description, *filter, *os;
	const char *hardware, *application, *comment;
	uint16_t link_type;
	const char *link_name; /* "EN10MB", by libpcap; "" if it knows none */
	uint32_t snaplen;      /* 0: no limit */
	/* counters of interface statistics and packet options, if the file
	 * has them; UINT64_MAX where it does not */
	uint64_t received, dropped_interface, dropped_os, filter_accepted;
	uint64_t delivered, dropped_packets; /* sum of epb_dropcount */
	struct mac mac;	  /* its own; zero where it is not known */
	struct source_address *address; /* its own; of a file, at its start */
	struct addr *gateway; /* that its system's routes lead over */
	uint32_t addresses, gateways;
	int64_t ended_ns; /* until when it was listened on; 0: not known */
	bool live;	  /* it is listened on now */
};

enum link_duplex { LINK_DUPLEX_UNKNOWN, LINK_DUPLEX_HALF, LINK_DUPLEX_FULL };

/* What the system says of an interface that is listened on; counters since the
 * start, and only those that grow when something is broken. */
struct source_link {
	uint32_t interface; /* index for source_interface */
	int64_t time_ns;
	bool present;	  /* false: it vanished */
	bool up, carrier; /* set up by the administrator; a signal */
	bool dormant;	  /* up, and waiting for leave (802.1X) */
	bool renamed;	  /* to `name`, a moment ago */
	bool returned;	  /* it had vanished: listened on again */
	char name[64];	  /* as it is called now, escaped */
	uint32_t mtu, carrier_downs;
	uint32_t speed_mbps; /* of a card; 0: not known */
	uint8_t duplex;	     /* enum link_duplex */
	uint64_t received, sent; /* packets */
	uint64_t errors_received, errors_sent, missed, collisions;
	/* its addresses or gateways are others now; NULL: as they were */
	const struct source_interface *own;
};

/* Damage or an oddity met while reading, in order of appearance. */
struct source_trouble {
	const char *file; /* escaped */
	uint64_t frame;	  /* the last good frame before it, in output order */
	uint64_t offset;  /* byte in the (uncompressed) file */
	const char *text; /* one sentence */
	bool fatal;	  /* something could not be read: exit status 3 */
	bool cut_at_end;  /* only the last record is short: exit status 0 */
	bool time;	  /* a time stamp that cannot be; it was mended */
};

/* What somebody wrote into a pcapng file: to a packet, or (frame 0) to the
 * file.  Texts are escaped UTF-8; a source keeps the first 200. */
struct source_comment {
	const char *file; /* escaped */
	uint64_t frame;	  /* its number in its own file */
	const char *text;
};

/* Listen on interfaces. */
struct source_live {
	const char *const *interfaces; /* "any": all of them */
	uint32_t interface_count;      /* 1..SOURCES_MAX */
	uint32_t snaplen;	       /* bytes of a packet; 0: all */
	uint32_t buffer_kib;	       /* of each ring; 0: as many as suit */
	bool promiscuous;
	int wake_fd; /* end a wait when this can be read; -1: none */
};

struct source_options {
	const char *const *files; /* "-" is standard input */
	uint32_t file_count;	  /* 1..SOURCES_MAX */
	const char *filter;	  /* a BPF expression, NULL or "": everything */
	const struct source_live *live; /* then no files; NULL: files */
};

struct source;

/* Open all files.  NULL with `err` filled if one cannot be opened at all, is no
 * capture, or the filter does not compile (`*usage` is then true). */
struct source *source_open(const struct source_options *options, bool *usage,
			   struct err *err);

/* Lend up to `most` frames (1..64) in time order; 0 at the end.  Damage ends
 * one file, not the others; see source_trouble_at.  Live: 0 also when nothing
 * came for a tenth of a second. */
uint32_t source_read(struct source *s, struct frame *frames, uint32_t most);

/* Live: renew the counters of the interfaces, and ask how they are; about once
 * a second. */
void source_look(struct source *s);

/* Live: the next thing that the system says of an interface; false: none. */
bool source_link_next(struct source *s, struct source_link *out);

/* For how long after the last frame the interfaces were listened on, as far as
 * files say so; 0: not known. */
int64_t source_quiet_ns(const struct source *s);

uint32_t source_interfaces(const struct source *s);
const struct source_interface *source_interface(const struct source *s,
						uint32_t index);

uint32_t source_troubles(const struct source *s);
const struct source_trouble *source_trouble_at(const struct source *s,
					       uint32_t index);

uint32_t source_comments(const struct source *s);
const struct source_comment *source_comment_at(const struct source *s,
					       uint32_t index);

/* Bytes read so far of the files, and their size in all (0: not known). */
uint64_t source_bytes_read(const struct source *s);
uint64_t source_bytes_total(const struct source *s);

/* Frames that the filter left out. */
uint64_t source_filtered(const struct source *s);

/* What whoever captured counted as dropped on one interface. */
uint64_t source_dropped(const struct source_interface *i);

/* Packets that there were and that source_read did not lend. */
struct source_account {
	uint64_t filtered;    /* left out by the filter */
	uint64_t unreadable;  /* a record that is cut or damaged */
	uint64_t dropped;     /* source_dropped of all interfaces */
	uint64_t left_behind; /* live: in the kernel's buffer, or fetched */
};

void source_account(const struct source *s, struct source_account *out);

void source_close(struct source *s);

#endif
