/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * file_pcap.c - reads classic pcap (draft-ietf-opsawg-pcap): a header of 24
 * bytes, then records of a 16-byte header and a packet.
 *
 * The time per packet is what matters here: records are parsed where they lie
 * in the stream's buffer, and nothing is copied.
 */
#include <inttypes.h>
#include <stdio.h>

#include "capture/reader.h"

enum {
	FILE_HEADER = 24,
	RECORD_HEADER = 16,
	MICROS_PER_S = 1000000,
	NANOS_PER_S = 1000000000,
	FCS_PRESENT = 0x04000000, /* in the field of the link type */
};

static const uint32_t magic_micros = 0xa1b2c3d4, magic_nanos = 0xa1b23c4d;

/* Relatives of the format with other record headers. */
static const struct {
	uint32_t magic;
	const char *name;
} refused[] = {
	{0xa1b2cd34, "Alexey Kuznetzov's modified pcap"},
	{0xa1e2cb12, "the Navtel pcap"},
	{0xa1b234cd, "Riverbed's patched pcap"},
	{0x1c0001ac, "the IXIA lcap pcap"},
	{0x1c0001ab, "the IXIA lcap pcap"},
};

static int refuse_relative(const struct reader *r, uint32_t magic,
			   struct err *err)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (magic != refused[i].magic &&
		    __builtin_bswap32(magic) != refused[i].magic)
			continue;
		return err_set(err,
			       "%s is in %s format (magic %08" PRIx32
			       "), whose records differ; convert it with "
			       "'editcap -F pcap'",
			       r->name, refused[i].name, refused[i].magic);
	}
	return 1;
}

/* Old versions wrote the two lengths of a record in the other order; see
 * libpcap's sf-pcap.c. */
static int check_version(struct reader *r, uint16_t major, uint16_t minor,
			 struct err *err)
{
	if (major == 543) {
		r->pcap.lengths_swapped = true;
		return 0;
	}
	if (major != 2 || minor > 4)
		return err_set(err,
			       "%s is a pcap file of version %u.%u; only "
			       "versions up to 2.4 are known",
			       r->name, major, minor);
	r->pcap.lengths_swapped = minor < 3;
	r->pcap.lengths_unsure = minor == 3;
	return 0;
}

static int note_interface(struct reader *r, uint32_t snaplen, struct err *err)
{
	struct source_interface *i =
		ledger_interface(r->ledger, &r->pcap.interface);

	if (!i)
		return err_set(err, "%s: too many interfaces", r->name);
	i->file = r->name;
	i->link_type = r->pcap.link_type;
	i->link_name = link_name(i->link_type);
	i->snaplen = snaplen;
	return 0;
}

/* Clocks of some writers put more than a second into the fraction: that is
 * data, carried over into the seconds. */
static void note_clock(struct reader *r, uint32_t fraction)
{
	r->pcap.noted_clock = true;
	ledger_trouble(
		r->ledger, TROUBLE_TIME, r->name, stream_offset(&r->stream),
		"%s: packet %" PRIu64 " at byte %" PRIu64
		" has a time stamp with a fraction of %" PRIu32
		" %s, more than a second",
		r->name, r->packets + 1, stream_offset(&r->stream), fraction,
		r->pcap.unit_ns == 1 ? "nanoseconds" : "microseconds");
}

static void note_length(struct reader *r, uint32_t kept, uint32_t sent)
{
	r->pcap.noted_length = true;
	ledger_trouble(
		r->ledger, TROUBLE_NOTE, r->name, stream_offset(&r->stream),
		"%s: packet %" PRIu64 " at byte %" PRIu64 " says that %" PRIu32
		" of its %" PRIu32
		" bytes were captured; all are taken as sent",
		r->name, r->packets + 1, stream_offset(&r->stream), kept, sent);
}

static uint32_t end_of_damage(struct reader *r, uint32_t kept)
{
	ledger_trouble(r->ledger, TROUBLE_FATAL, r->name,
		       stream_offset(&r->stream),
		       "%s: packet %" PRIu64 " at byte %" PRIu64
		       " cannot be read: it claims %" PRIu32
		       " captured bytes, more than %d; nothing after it can "
		       "be found",
		       r->name, r->packets + 1, stream_offset(&r->stream), kept,
		       FRAME_MAX);
	r->ledger->unreadable++;
	r->ended = true;
	return 0;
}

/* What the buffer holds is not a whole record, or not an ordinary one. */
static uint32_t stop_at(struct reader *r, uint32_t kept)
{
	if (stream_left(&r->stream) >= RECORD_HEADER && kept > FRAME_MAX)
		return end_of_damage(r, kept);
	if (r->stream.ended) {
		r->ledger->unreadable += stream_left(&r->stream) > 0;
		reader_end(r, "record");
	}
	return 0;
}

/* Lengths in the order of the current version. */
static void order_lengths(const struct pcap_format *format, uint32_t *kept,
			  uint32_t *sent)
{
	uint32_t swap = *kept;

	if (format->lengths_swapped ||
	    (format->lengths_unsure && *kept > *sent)) {
		*kept = *sent;
		*sent = swap;
	}
}

/* An odd record: written down once.  False: the frames before it go first, so
 * that the trouble stands at its place. */
static bool note_odd(struct reader *r, uint32_t n, uint32_t fraction,
		     uint32_t kept, uint32_t sent)
{
	const struct pcap_format *format = &r->pcap;
	uint32_t second = format->unit_ns == 1 ? NANOS_PER_S : MICROS_PER_S;
	bool clock = fraction >= second && !format->noted_clock;
	bool length = kept > sent && !format->noted_length;

	if (!clock && !length)
		return true;
	if (n > 0)
		return false;
	if (clock)
		note_clock(r, fraction);
	if (length)
		note_length(r, kept, sent);
	return true;
}

static uint32_t pcap_read(struct reader *r, struct frame *frames, uint32_t most)
{
	const struct pcap_format format = r->pcap;
	const uint32_t second =
		format.unit_ns == 1 ? NANOS_PER_S : MICROS_PER_S;
	const bool cooked =
		format.link_type == LINK_SLL || format.link_type == LINK_SLL2;
	const uint8_t *p = stream_at(&r->stream);
	size_t left = stream_left(&r->stream);
	uint32_t n = 0, kept = 0, sent, fraction;

	while (n < most && left >= RECORD_HEADER) {
		struct frame *f = &frames[n];

		fraction = load_u32(p + 4, format.swapped);
		kept = load_u32(p + 8, format.swapped);
		sent = load_u32(p + 12, format.swapped);
		if (format.lengths_swapped || format.lengths_unsure)
			order_lengths(&format, &kept, &sent);
		if (kept > FRAME_MAX || left - RECORD_HEADER < kept)
			break;
		if ((fraction >= second || kept > sent) &&
		    !note_odd(r, n, fraction, kept, sent))
			break;
		f->number = ++r->packets;
		f->time_ns =
			(int64_t)load_u32(p, format.swapped) * NANOS_PER_S +
			(int64_t)fraction * format.unit_ns;
		f->data = p + RECORD_HEADER;
		f->kept = kept;
		f->sent = sent < kept ? kept : sent;
		f->interface = format.interface;
		f->link_type = format.link_type;
		f->direction = FRAME_UNKNOWN;
		f->fcs = 0;
		if (format.fcs)
			frame_strip_fcs(f, format.fcs);
		if (cooked)
			f->direction = cooked_direction(f);
		p += RECORD_HEADER + kept;
		left -= RECORD_HEADER + kept;
		n++;
	}
	r->stream.at = r->stream.end - left;
	return n > 0 || most == 0 ? n : stop_at(r, kept);
}

int file_pcap_open(struct reader *r, struct err *err)
{
	struct pcap_format *format = &r->pcap;
	const uint8_t *p = stream_at(&r->stream);
	uint32_t magic, link, snaplen;

	if (stream_left(&r->stream) < 4)
		return 1;
	magic = load_u32(p, false);
	format->swapped = magic == __builtin_bswap32(magic_micros) ||
			  magic == __builtin_bswap32(magic_nanos);
	magic = load_u32(p, format->swapped);
	if (magic != magic_micros && magic != magic_nanos)
		return refuse_relative(r, magic, err);
	if (!stream_need(&r->stream, FILE_HEADER))
		return err_set(err,
			       "%s ends inside the header of a pcap file: it "
			       "has %zu of %d bytes",
			       r->name, stream_left(&r->stream), FILE_HEADER);
	p = stream_at(&r->stream);
	if (check_version(r, load_u16(p + 4, format->swapped),
			  load_u16(p + 6, format->swapped), err) != 0)
		return -1;
	snaplen = load_u32(p + 16, format->swapped);
	link = load_u32(p + 20, format->swapped);
	format->unit_ns = magic == magic_nanos ? 1 : 1000;
	format->link_type = link_plain(link);
	/* The length is in words of 16 bits. */
	if (link & FCS_PRESENT)
		format->fcs = (uint8_t)((link >> 28) * 2);
	r->stream.at += FILE_HEADER;
	r->read = pcap_read;
	return note_interface(r, snaplen, err);
}
