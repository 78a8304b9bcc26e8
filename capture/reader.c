/* SPDX-License-Identifier: BSD-3-Clause */
/* reader.c - finds out what a file is, and says so if it is no capture. */
#include "capture/reader.h"

#include <inttypes.h>
#include <pcap/pcap.h>

#include "base/escape.h"

/* Files that people take for captures, by their first bytes. */
static const struct {
	const char *bytes;
	uint8_t size;
	const char *what;
} strangers[] = {
	{"snoop\0\0\0", 8, "a Solaris snoop file: convert it with editcap"},
	{"TRSNIFF data    \x1a", 17,
	 "a Network General Sniffer file: convert it with editcap"},
	{"XCP\0", 4, "a NetXRay file: convert it with editcap"},
	{"RTSS", 4,
	 "a Microsoft Network Monitor 1 file: convert it with "
	 "editcap"},
	{"GMBU", 4,
	 "a Microsoft Network Monitor 2 file: convert it with "
	 "editcap"},
	{"\x7fPKT", 4, "a WildPackets file: convert it with editcap"},
	{"\x7f"
	 "ELF",
	 4, "a program"},
	{"PK\x03\x04", 4, "a zip archive: take the capture out of it"},
	{"BZh", 3, "compressed by bzip2: decompress it with bunzip2"},
	{"7z\xbc\xaf\x27\x1c", 6, "a 7z archive: take the capture out of it"},
	{"Rar!", 4, "a rar archive: take the capture out of it"},
	{"%PDF", 4, "a PDF document"},
	{"\xd0\xcf\x11\xe0", 4, "an Office document"},
	{"version https://git-lfs", 23,
	 "a Git LFS pointer: fetch the file with 'git lfs pull'"},
	{"<!DOCTYPE", 9, "an HTML page, not the capture behind it"},
	{"<html", 5, "an HTML page, not the capture behind it"},
	{"<?xml", 5, "an XML text"},
};

static bool all_text(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((bytes[i] < 32 && (bytes[i] < 9 || bytes[i] > 13)) ||
		    bytes[i] > 126)
			return false;
	return true;
}

static int no_capture(const struct reader *r, struct err *err)
{
	const uint8_t *p = stream_at(&r->stream);
	size_t size = stream_left(&r->stream);

	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
		if (size >= strangers[i].size &&
		    memcmp(p, strangers[i].bytes, strangers[i].size) == 0)
			return err_set(err, "%s is no capture but %s", r->name,
				       strangers[i].what);
	if (all_text(p, size < 64 ? size : 64))
		return err_set(
			err,
			"%s is no capture but text; pcap and pcapng can "
			"be read (a hex dump: convert it with text2pcap)",
			r->name);
	return err_set(err,
		       "%s is no capture: it begins with the bytes %02x %02x "
		       "%02x %02x; pcap and pcapng can be read, also "
		       "compressed by gzip, zstd, xz or lz4",
		       r->name, p[0], size > 1 ? p[1] : 0, size > 2 ? p[2] : 0,
		       size > 3 ? p[3] : 0);
}

static int nothing_there(const struct reader *r, struct err *err)
{
	const struct stream *s = &r->stream;

	if (s->broken)
		return err_set(err, "%s cannot be read: %s", r->name,
			       s->problem);
	if (s->cut)
		return err_set(err, "%s cannot be read: %s", r->name,
			       s->problem);
	return err_set(err,
		       "%s is empty: it has no bytes at all, not even the "
		       "header of a capture",
		       r->name);
}

int reader_open(struct reader *r, const char *path, struct ledger *ledger,
		struct err *err)
{
	const bool input = strcmp(path, "-") == 0;
	int known;

	*r = (struct reader){.ledger = ledger, .stream = {.fd = -1}};
	r->name = input ? "standard input"
			: ledger_text(ledger, path, strlen(path));
	if (stream_open(&r->stream, path, r->name, err) != 0)
		return -1;
	if (!stream_need(&r->stream, 1))
		return nothing_there(r, err);
	stream_need(&r->stream, 32);
	known = file_pcap_open(r, err);
	if (known == 1)
		known = file_pcapng_open(r, err);
	return known == 1 ? no_capture(r, err) : known;
}

void reader_close(struct reader *r)
{
	if (r->close)
		r->close(r);
	stream_close(&r->stream);
}

void reader_end(struct reader *r, const char *what)
{
	const struct stream *s = &r->stream;
	size_t left = stream_left(s);

	r->ended = true;
	if (s->broken)
		ledger_trouble(
			r->ledger, TROUBLE_FATAL, r->name, stream_offset(s),
			"%s cannot be read after packet %" PRIu64
			" (byte %" PRIu64 "): %s",
			r->name, r->packets, stream_offset(s), s->problem);
	else if (left > 0 || s->cut)
		ledger_trouble(r->ledger, TROUBLE_CUT, r->name,
			       stream_offset(s),
			       "%s ends inside a %s, after packet %" PRIu64
			       ", at byte %" PRIu64 "%s%s",
			       r->name, what, r->packets, stream_offset(s),
			       s->cut ? ": " : "", s->problem);
}

/* Where the number in a file is not libpcap's own, on Linux. */
static const struct {
	uint16_t link_type;
	int dlt;
} renumbered[] = {
	{100, DLT_ATM_RFC1483}, {101, DLT_RAW},	   {102, DLT_SLIP_BSDOS},
	{103, DLT_PPP_BSDOS},	{104, DLT_C_HDLC}, {106, DLT_ATM_CLIP},
	{107, DLT_FRELAY},	{108, DLT_LOOP},   {109, DLT_ENC},
};

int link_dlt(uint16_t link_type)
{
	for (size_t i = 0; i < sizeof(renumbered) / sizeof(renumbered[0]); i++)
		if (renumbered[i].link_type == link_type)
			return renumbered[i].dlt;
	return link_type;
}

const char *link_name(uint16_t link_type)
{
	const char *name = pcap_datalink_val_to_name(link_dlt(link_type));

	return name ? name : "";
}
