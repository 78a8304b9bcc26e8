/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * file_pcapng.c - reads pcapng (draft-ietf-opsawg-pcapng): blocks with their
 * length at both ends.
 *
 * A block whose lengths agree can be stepped over even if its content is
 * damaged; where they do not agree nothing after it can be found.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "capture/pcapng.h"

enum {
	PACKET_LEAST = 32, /* and its options begin after the packet */
	SIMPLE_PACKET_LEAST = 16,
	DROPS_UNKNOWN = 0xffff, /* in an old packet block */
};

enum block { BLOCK_WHOLE, BLOCK_SHORT, BLOCK_DAMAGED };

static bool length_possible(uint32_t total)
{
	return total >= BLOCK_EDGES && total <= BLOCK_MAX && total % 4 == 0;
}

/* Check the block at the reader's place before anything in it is believed. */
static enum block look_at_block(struct reader *r, const uint8_t *p, size_t left,
				uint32_t *type, uint32_t *total)
{
	bool swapped = r->pcapng.swapped;

	*type = *total = 0;
	if (left < BLOCK_EDGES)
		return BLOCK_SHORT;
	*type = load_u32(p, swapped);
	if (*type == BLOCK_SECTION && !ng_byte_order(p, &swapped))
		return BLOCK_DAMAGED;
	*total = load_u32(p + 4, swapped);
	if (!length_possible(*total))
		return BLOCK_DAMAGED;
	if (left < *total)
		return BLOCK_SHORT;
	if (load_u32(p + *total - 4, swapped) != *total)
		return BLOCK_DAMAGED;
	r->pcapng.swapped = swapped;
	return BLOCK_WHOLE;
}

static bool holds_packet(uint32_t type)
{
	return type == BLOCK_PACKET || type == BLOCK_SIMPLE_PACKET ||
	       type == BLOCK_OLD_PACKET;
}

static void note_clock(struct reader *r)
{
	if (r->pcapng.noted_clock)
		return;
	r->pcapng.noted_clock = true;
	ledger_trouble(r->ledger, TROUBLE_TIME, r->name,
		       stream_offset(&r->stream),
		       "%s: a packet after packet %" PRIu64
		       " has a time stamp before 1970 or after 2116",
		       r->name, r->packets);
}

static int64_t time_of(struct reader *r, const struct ng_interface *i,
		       uint64_t units)
{
	int64_t ns = ng_time(i, units);

	if (ns >= 0 && ns < NG_TIME_MOST_NS)
		return ns;
	note_clock(r);
	return ns < 0 ? 0 : NG_TIME_MOST_NS;
}

static void add_drops(struct reader *r, const struct ng_interface *i,
		      uint64_t drops)
{
	uint64_t *sum = &r->ledger->interfaces[i->index]->dropped_packets;

	if (*sum == UINT64_MAX)
		*sum = 0;
	*sum = drops > UINT64_MAX - 1 - *sum ? UINT64_MAX - 1 : *sum + drops;
}

/* Flags and counters that stand after a packet; returns the bytes of FCS. */
static uint32_t packet_options(struct reader *r, const struct ng_interface *i,
			       struct ng_options *o, struct frame *f)
{
	static const uint8_t directions[4] = {FRAME_UNKNOWN, FRAME_INBOUND,
					      FRAME_OUTBOUND, FRAME_UNKNOWN};
	uint32_t fcs = i->fcs, flags;

	while (ng_option_next(o)) {
		if (o->code == EPB_FLAGS && o->length >= 4) {
			flags = load_u32(o->value, o->swapped);
			f->direction = directions[flags & 3];
			if (flags >> 5 & 15)
				fcs = flags >> 5 & 15;
		} else if (o->code == EPB_DROPPED && o->length >= 8) {
			add_drops(r, i, ng_option_u64(o));
		} else if (o->code == OPTION_COMMENT) {
			ledger_comment(r->ledger, r->name, r->packets + 1,
				       o->value, o->length);
		}
	}
	return fcs;
}

/* Enhanced packet block, and its old form, whose fields stand in the same
 * places but for the first. */
static const char *packet_block(struct reader *r, const uint8_t *p,
				uint32_t total, bool old, struct frame *f)
{
	const struct pcapng_format *format = &r->pcapng;
	const bool swapped = format->swapped;
	const struct ng_interface *i;
	struct ng_options o = {.swapped = swapped};
	uint32_t id, room, padded, fcs;

	if (total < PACKET_LEAST)
		return "its block is too short";
	room = total - PACKET_LEAST;
	id = old ? load_u16(p + 8, swapped) : load_u32(p + 8, swapped);
	f->kept = load_u32(p + 20, swapped);
	f->sent = load_u32(p + 24, swapped);
	if (id >= format->count)
		return "its interface is not described";
	if (f->kept > room)
		return "it claims more bytes than its block holds";
	if (f->kept > FRAME_MAX)
		return "it claims more than 262144 captured bytes";
	i = &format->interfaces[id];
	f->data = p + 28;
	f->interface = i->index;
	f->link_type = i->link_type;
	f->time_ns = time_of(r, i,
			     (uint64_t)load_u32(p + 12, swapped) << 32 |
				     load_u32(p + 16, swapped));
	if (f->link_type == LINK_SLL || f->link_type == LINK_SLL2)
		f->direction = cooked_direction(f);
	if (old && load_u16(p + 10, swapped) != DROPS_UNKNOWN)
		add_drops(r, i, load_u16(p + 10, swapped));
	if (f->sent < f->kept)
		f->sent = f->kept;
	fcs = i->fcs;
	padded = (f->kept + 3) & ~3U;
	if (room > padded) {
		o.at = f->data + padded;
		o.left = room - padded;
		fcs = packet_options(r, i, &o, f);
	}
	frame_strip_fcs(f, fcs);
	return NULL;
}

/* A simple packet block has no time: it gets that of the packet before it, so
 * that no clock is disturbed. */
static const char *simple_block(struct reader *r, const uint8_t *p,
				uint32_t total, struct frame *f)
{
	const struct ng_interface *i = r->pcapng.interfaces;
	uint32_t room;

	if (total < SIMPLE_PACKET_LEAST)
		return "its block is too short";
	if (r->pcapng.count == 0)
		return "its interface is not described";
	room = total - SIMPLE_PACKET_LEAST;
	f->sent = load_u32(p + 8, r->pcapng.swapped);
	f->kept = f->sent < room ? f->sent : room;
	if (i->snaplen && f->kept > i->snaplen)
		f->kept = i->snaplen;
	if (f->kept > FRAME_MAX)
		return "it holds more than 262144 captured bytes";
	f->data = p + 12;
	f->interface = i->index;
	f->link_type = i->link_type;
	f->time_ns = r->last_ns;
	if (f->link_type == LINK_SLL || f->link_type == LINK_SLL2)
		f->direction = cooked_direction(f);
	frame_strip_fcs(f, i->fcs);
	return NULL;
}

static const char *any_packet(struct reader *r, uint32_t type, const uint8_t *p,
			      uint32_t total, struct frame *f)
{
	const char *wrong;

	f->direction = FRAME_UNKNOWN;
	f->fcs = 0;
	if (type == BLOCK_SIMPLE_PACKET)
		wrong = simple_block(r, p, total, f);
	else
		wrong = packet_block(r, p, total, type == BLOCK_OLD_PACKET, f);
	if (wrong)
		return wrong;
	f->number = ++r->packets;
	r->last_ns = f->time_ns;
	return NULL;
}

static void damaged_block(struct reader *r, uint32_t total)
{
	uint64_t offset = stream_offset(&r->stream);

	if (length_possible(total))
		ledger_trouble(r->ledger, TROUBLE_FATAL, r->name, offset,
			       "%s: the block after packet %" PRIu64
			       " at byte %" PRIu64
			       " cannot be read: its lengths at both ends do "
			       "not agree, so nothing after it can be found",
			       r->name, r->packets, offset);
	else
		ledger_trouble(r->ledger, TROUBLE_FATAL, r->name, offset,
			       "%s: the block after packet %" PRIu64
			       " at byte %" PRIu64
			       " cannot be read: its length of %" PRIu32
			       " bytes is impossible, so nothing after it can "
			       "be found",
			       r->name, r->packets, offset, total);
	r->ended = true;
}

/* The content of a block is wrong but its length is not: go on after it. */
static void bad_content(struct reader *r, uint32_t type, const char *wrong,
			bool fatal)
{
	uint64_t offset = stream_offset(&r->stream);

	r->ledger->unreadable += holds_packet(type);
	if (holds_packet(type))
		ledger_trouble(r->ledger, TROUBLE_FATAL, r->name, offset,
			       "%s: the packet after packet %" PRIu64
			       " at byte %" PRIu64 " cannot be read: %s",
			       r->name, r->packets, offset, wrong);
	else
		ledger_trouble(r->ledger, TROUBLE_FATAL, r->name, offset,
			       "%s cannot be read at byte %" PRIu64
			       ", after packet %" PRIu64 ": %s",
			       r->name, offset, r->packets, wrong);
	r->ended = fatal;
}

/* Trouble is written down only when no frames are under way, so that it
 * stands behind the right one: with frames in hand the block is met again. */
static uint32_t pcapng_read(struct reader *r, struct frame *frames,
			    uint32_t most)
{
	struct stream *s = &r->stream;
	uint32_t n = 0, type, total;

	while (!r->ended && (n < most || most == 0)) {
		const uint8_t *p = stream_at(s);
		enum block state =
			look_at_block(r, p, stream_left(s), &type, &total);
		const char *wrong;
		bool fatal = false;

		if (state != BLOCK_WHOLE) {
			if (n == 0 && state == BLOCK_DAMAGED)
				damaged_block(r, total);
			else if (n == 0 && s->ended)
				reader_end(r, "block");
			if (r->ended)
				r->ledger->unreadable += holds_packet(type);
			break;
		}
		if (holds_packet(type)) {
			if (most == 0)
				break;
			wrong = any_packet(r, type, p, total, &frames[n]);
			if (!wrong)
				n++;
		} else {
			wrong = ng_block(r, p, total, &fatal);
		}
		if (wrong && n > 0)
			break;
		if (wrong)
			bad_content(r, type, wrong, fatal);
		s->at += total;
	}
	return n;
}

static void pcapng_close(struct reader *r)
{
	free(r->pcapng.interfaces);
}

/* Read on until an interface is known, so that a filter can be compiled for
 * it; the blocks before it hold no packets. */
static void read_first_interface(struct reader *r)
{
	struct stream *s = &r->stream;
	uint32_t type, total;

	for (;;) {
		pcapng_read(r, NULL, 0);
		if (r->ended || s->ended || r->pcapng.count > 0)
			break;
		if (look_at_block(r, stream_at(s), stream_left(s), &type,
				  &total) == BLOCK_WHOLE)
			break; /* a packet without an interface */
		stream_fill(s);
	}
}

int file_pcapng_open(struct reader *r, struct err *err)
{
	struct stream *s = &r->stream;
	struct pcapng_format *format = &r->pcapng;
	uint32_t type, total;
	enum block state;
	const char *wrong;
	bool fatal;

	if (stream_left(s) < 4 ||
	    load_u32(stream_at(s), false) != BLOCK_SECTION)
		return 1;
	format->os = format->hardware = format->application = "";
	do {
		state = look_at_block(r, stream_at(s), stream_left(s), &type,
				      &total);
		if (state == BLOCK_SHORT)
			stream_fill(s);
	} while (state == BLOCK_SHORT && !s->ended);
	if (state == BLOCK_SHORT)
		state = look_at_block(r, stream_at(s), stream_left(s), &type,
				      &total);
	if (state == BLOCK_SHORT)
		return err_set(err,
			       "%s ends inside the header of a pcapng file: it "
			       "has %zu bytes",
			       r->name, stream_left(s));
	if (state == BLOCK_DAMAGED)
		return err_set(err,
			       "%s begins like a pcapng file, but its first "
			       "block is damaged",
			       r->name);
	wrong = ng_block(r, stream_at(s), total, &fatal);
	if (wrong)
		return err_set(err, "%s is a pcapng file, but %s", r->name,
			       wrong);
	s->at += total;
	r->read = pcapng_read;
	r->close = pcapng_close;
	read_first_interface(r);
	return 0;
}
