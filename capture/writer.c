/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * writer.c - writes pcapng (draft-ietf-opsawg-pcapng): sections, interfaces,
 * enhanced packets, and statistics at the end.
 *
 * A file is whole after every flush but for its statistics, so that a run that
 * is killed leaves one that can be read.
 */
#include "capture/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/text.h"
#include "capture/pcapng.h"

enum { ROOM = 256 * 1024, HEAD = 64, TEXT_BYTES = 256, BLOCK_ROOM = 4096 };

struct writer {
	const struct source *source;
	int fd; /* -1: no file */
	uint64_t bytes;
	int64_t began_ns; /* time of its first frame */
	size_t used;
	uint8_t room[ROOM];
};

/* A block that holds no packet, being put together; its texts are short. */
struct block {
	uint8_t bytes[BLOCK_ROOM];
	uint32_t used;
};

static void add(struct block *b, const void *bytes, uint32_t size)
{
	if (size > BLOCK_ROOM - b->used)
		return;
	memcpy(b->bytes + b->used, bytes, size);
	b->used += size;
}

static void add_u32(struct block *b, uint32_t v)
{
	add(b, &v, sizeof(v));
}

static void add_option(struct block *b, uint16_t code, const void *value,
		       uint16_t size)
{
	static const uint8_t zeros[4];

	if (b->used + 12U + size > BLOCK_ROOM)
		return;
	add(b, &code, sizeof(code));
	add(b, &size, sizeof(size));
	add(b, value, size);
	add(b, zeros, -size & 3U);
}

/* Texts of a source are escaped; a file has the bytes themselves. */
static void add_text(struct block *b, uint16_t code, const char *text)
{
	char raw[TEXT_BYTES];
	size_t size = escape_undo(text, raw, sizeof(raw));

	if (text[0] && size != (size_t)-1)
		add_option(b, code, raw, (uint16_t)size);
}

static void add_u64(struct block *b, uint16_t code, uint64_t v)
{
	if (v != UINT64_MAX)
		add_option(b, code, &v, sizeof(v));
}

static void add_time(struct block *b, uint16_t code, int64_t ns)
{
	uint32_t halves[2] = {(uint32_t)((uint64_t)ns >> 32), (uint32_t)ns};

	if (ns > 0)
		add_option(b, code, halves, sizeof(halves));
}

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

static int abandon(struct writer *w)
{
	int why = errno;

	close(w->fd);
	w->fd = -1;
	errno = why;
	return -1;
}

int writer_flush(struct writer *w)
{
	size_t size = w->used;

	if (w->fd < 0)
		return 0;
	w->used = 0;
	return write_all(w->fd, w->room, size) == 0 ? 0 : abandon(w);
}

static int put(struct writer *w, const void *bytes, size_t size)
{
	if (size > ROOM - w->used && writer_flush(w) != 0)
		return -1;
	w->bytes += size;
	if (size > ROOM)
		return write_all(w->fd, bytes, size) == 0 ? 0 : abandon(w);
	memcpy(w->room + w->used, bytes, size);
	w->used += size;
	return 0;
}

/* The block's length stands behind its type, and at its end. */
static int put_block(struct writer *w, struct block *b)
{
	uint32_t total;

	add_u32(b, 0); /* the end of the options */
	total = b->used + 4;
	memcpy(b->bytes + 4, &total, sizeof(total));
	add_u32(b, total);
	return put(w, b->bytes, b->used);
}

static struct block block_of(uint32_t type)
{
	struct block b = {.used = 0};

	add_u32(&b, type);
	add_u32(&b, 0);
	return b;
}

static int put_section(struct writer *w)
{
	static const uint16_t version[2] = {1, 0};
	static const int64_t unknown_size = -1;
	struct block b = block_of(BLOCK_SECTION);

	add_u32(&b, SECTION_MAGIC);
	add(&b, version, sizeof(version));
	add(&b, &unknown_size, sizeof(unknown_size));
	if (source_interfaces(w->source))
		add_text(&b, SHB_OS, source_interface(w->source, 0)->os);
	add_text(&b, SHB_APPLICATION, "upstack " UPSTACK_VERSION);
	return put_block(w, &b);
}

/* IPv4: the address and its mask; IPv6: the length of its prefix. */
static void add_address(struct block *b, const struct source_address *a)
{
	uint8_t value[17];

	memcpy(value, a->addr.bytes, 16);
	if (a->addr.family == 4) {
		for (unsigned i = 0; i < 4; i++) {
			unsigned left = a->bits > i * 8 ? a->bits - i * 8 : 0;

			value[4 + i] = (uint8_t)(0xff00u >>
						 (left < 8 ? left : 8));
		}
		add_option(b, IF_IPV4, value, 8);
		return;
	}
	value[16] = a->bits;
	add_option(b, IF_IPV6, value, 17);
}

static void add_gateways(struct block *b, const struct source_interface *i)
{
	char words[TEXT_BYTES * 2], one[ADDR_TEXT];
	struct text t = text_over(words, sizeof(words));

	text_add(&t, NG_GATEWAYS);
	for (uint32_t n = 0; n < i->gateways; n++)
		text_add(&t, "%s%s", n ? " " : "",
			 addr_text(&i->gateway[n], one));
	if (i->gateways)
		add_option(b, OPTION_COMMENT, words, (uint16_t)strlen(words));
}

static int put_interface(struct writer *w, const struct source_interface *i)
{
	static const uint8_t nanoseconds = 9;
	char filter[TEXT_BYTES] = {0}; /* 0: the text that was compiled */
	uint32_t link_type = i->link_type;
	struct block b = block_of(BLOCK_INTERFACE);
	size_t size;

	add_u32(&b, link_type);
	add_u32(&b, i->snaplen);
	add_text(&b, IF_NAME, i->name);
	add_text(&b, IF_DESCRIPTION, i->description);
	for (uint32_t n = 0; n < i->addresses; n++)
		add_address(&b, &i->address[n]);
	add_gateways(&b, i);
	if (!mac_is_zero(&i->mac))
		add_option(&b, IF_MAC, &i->mac, sizeof(i->mac));
	add_option(&b, IF_TIME_RESOLUTION, &nanoseconds, 1);
	size = escape_undo(i->filter, filter + 1, sizeof(filter) - 1);
	if (i->filter[0] && size != (size_t)-1)
		add_option(&b, IF_FILTER, filter, (uint16_t)(size + 1));
	add_text(&b, IF_OS, i->os);
	return put_block(w, &b);
}

int writer_begin(struct writer *w, int fd)
{
	w->fd = fd;
	w->bytes = w->used = 0;
	w->began_ns = 0;
	if (put_section(w) != 0)
		return -1;
	for (uint32_t i = 0; i < source_interfaces(w->source); i++)
		if (put_interface(w, source_interface(w->source, i)) != 0)
			return -1;
	return writer_flush(w);
}

/* The direction stands in the frame itself where it is cooked. */
static bool has_flags(const struct frame *f)
{
	return f->direction != FRAME_UNKNOWN && f->link_type != LINK_SLL &&
	       f->link_type != LINK_SLL2;
}

static int put_frame(struct writer *w, const struct frame *f)
{
	static const uint8_t zeros[4];
	const uint64_t ns = (uint64_t)f->time_ns;
	uint32_t pad = -f->kept & 3U, flags = has_flags(f);
	uint32_t total = 32 + f->kept + pad + (flags ? 12 : 0);
	const uint32_t head[] = {BLOCK_PACKET, total,	f->interface, ns >> 32,
				 (uint32_t)ns, f->kept, f->sent};
	/* epb_flags: 1 inbound, 2 outbound; then the end of the options */
	const uint32_t tail[] = {EPB_FLAGS | 4 << 16,
				 f->direction == FRAME_INBOUND ? 1 : 2, 0,
				 total};
	size_t skip = flags ? 0 : 3;

	if (!w->began_ns)
		w->began_ns = f->time_ns;
	if (put(w, head, sizeof(head)) != 0 || put(w, f->data, f->kept) != 0 ||
	    put(w, zeros, pad) != 0)
		return -1;
	return put(w, tail + skip, sizeof(tail) - skip * sizeof(tail[0]));
}

int writer_add(struct writer *w, const struct frame *frames, uint32_t count)
{
	for (uint32_t i = 0; i < count && w->fd >= 0; i++)
		if (put_frame(w, &frames[i]) != 0)
			return -1;
	return 0;
}

static int put_statistics(struct writer *w, uint32_t index)
{
	const struct source_interface *i = source_interface(w->source, index);
	struct block b = block_of(BLOCK_STATISTICS);
	uint64_t end = (uint64_t)i->ended_ns;

	add_u32(&b, index);
	add_u32(&b, (uint32_t)(end >> 32));
	add_u32(&b, (uint32_t)end);
	add_time(&b, ISB_START, w->began_ns);
	add_time(&b, ISB_END, i->ended_ns);
	add_u64(&b, ISB_RECEIVED, i->received);
	add_u64(&b, ISB_DROPPED, i->dropped_interface);
	add_u64(&b, ISB_OS_DROPPED, i->dropped_os);
	return put_block(w, &b);
}

int writer_end(struct writer *w)
{
	int fd = w->fd;

	if (fd < 0)
		return 0;
	for (uint32_t i = 0; i < source_interfaces(w->source); i++)
		if (put_statistics(w, i) != 0)
			return -1;
	if (writer_flush(w) != 0)
		return -1;
	w->fd = -1;
	return close(fd);
}

uint64_t writer_bytes(const struct writer *w)
{
	return w->bytes;
}

struct writer *writer_new(const struct source *s)
{
	struct writer *w = malloc(sizeof(*w));

	if (!w)
		return NULL;
	w->source = s;
	w->fd = -1;
	return w;
}

void writer_free(struct writer *w)
{
	if (w && w->fd >= 0)
		close(w->fd);
	free(w);
}
