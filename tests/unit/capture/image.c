/* SPDX-License-Identifier: BSD-3-Clause */
/* image.c - capture files made byte by byte, and what a source makes of them.
 */
#include "unit/capture/image.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void image_init(struct image *m, bool swapped)
{
	*m = (struct image){.swapped = swapped, .fd = -1};
	m->bytes = malloc(IMAGE_MAX);
	assert(m->bytes);
}

void image_free(struct image *m)
{
	free(m->bytes);
	if (m->fd >= 0)
		close(m->fd);
}

void image_raw(struct image *m, const void *bytes, size_t size)
{
	assert(m->size + size <= IMAGE_MAX);
	if (size > 0)
		memcpy(m->bytes + m->size, bytes, size);
	m->size += size;
}

void image_u16(struct image *m, uint16_t v)
{
	v = m->swapped ? __builtin_bswap16(v) : v;
	image_raw(m, &v, sizeof(v));
}

void image_u32(struct image *m, uint32_t v)
{
	v = m->swapped ? __builtin_bswap32(v) : v;
	image_raw(m, &v, sizeof(v));
}

void image_u64(struct image *m, uint64_t v)
{
	v = m->swapped ? __builtin_bswap64(v) : v;
	image_raw(m, &v, sizeof(v));
}

void image_pcap(struct image *m, uint32_t magic, uint32_t link)
{
	image_u32(m, magic);
	image_u16(m, 2);
	image_u16(m, 4);
	image_u64(m, 0);
	image_u32(m, 262144);
	image_u32(m, link);
}

static uint8_t pattern(uint32_t tag, uint32_t i)
{
	return i < 4 ? (uint8_t)(tag >> (8 * i)) : (uint8_t)(tag * 7 + i);
}

static void add_pattern(struct image *m, uint32_t size)
{
	assert(m->size + size <= IMAGE_MAX);
	for (uint32_t i = 0; i < size; i++)
		m->bytes[m->size++] = pattern(m->count, i);
	m->count++;
}

void image_record(struct image *m, uint32_t s, uint32_t fraction, uint32_t kept,
		  uint32_t sent)
{
	image_u32(m, s);
	image_u32(m, fraction);
	image_u32(m, kept);
	image_u32(m, sent);
	add_pattern(m, kept);
}

void image_begin(struct image *m, uint32_t type)
{
	m->block = m->size;
	image_u32(m, type);
	image_u32(m, 0);
}

static void pad(struct image *m)
{
	while ((m->size - m->block) % 4 != 0)
		m->bytes[m->size++] = 0;
}

void image_option(struct image *m, uint16_t code, const void *value,
		  uint16_t length)
{
	image_u16(m, code);
	image_u16(m, length);
	image_raw(m, value, length);
	pad(m);
}

void image_option_u64(struct image *m, uint16_t code, uint64_t value)
{
	image_u16(m, code);
	image_u16(m, 8);
	image_u64(m, value);
}

void image_end(struct image *m)
{
	size_t end;

	pad(m);
	end = m->size + 4;
	image_u32(m, (uint32_t)(end - m->block));
	m->size = m->block + 4;
	image_u32(m, (uint32_t)(end - m->block));
	m->size = end;
}

void image_section(struct image *m)
{
	image_begin(m, 0x0a0d0d0a);
	image_u32(m, 0x1a2b3c4d);
	image_u16(m, 1);
	image_u16(m, 0);
	image_u64(m, UINT64_MAX);
}

void image_interface(struct image *m, uint16_t link)
{
	image_begin(m, 1);
	image_u16(m, link);
	image_u16(m, 0);
	image_u32(m, 0);
}

void image_payload(struct image *m, uint32_t kept)
{
	add_pattern(m, kept);
	pad(m);
}

void image_packet(struct image *m, uint32_t interface, uint64_t units,
		  uint32_t kept, uint32_t sent)
{
	image_begin(m, 6);
	image_u32(m, interface);
	image_u32(m, (uint32_t)(units >> 32));
	image_u32(m, (uint32_t)units);
	image_u32(m, kept);
	image_u32(m, sent);
	image_payload(m, kept);
}

const char *image_path(struct image *m, size_t size)
{
	size_t done = 0;

	assert(size <= m->size);
	if (m->fd >= 0)
		close(m->fd);
	m->fd = memfd_create("capture", MFD_CLOEXEC);
	assert(m->fd >= 0);
	while (done < size) {
		ssize_t n = write(m->fd, m->bytes + done, size - done);

		assert(n > 0);
		done += (size_t)n;
	}
	snprintf(m->path, sizeof(m->path), "/proc/self/fd/%d", m->fd);
	return m->path;
}

/* The number in a frame's bytes, all of which must be what was written. */
static uint32_t tag_of(const struct frame *f)
{
	uint32_t tag = 0;

	if (f->kept < 4)
		return UINT32_MAX;
	for (uint32_t i = 0; i < 4; i++)
		tag |= (uint32_t)f->data[i] << (8 * i);
	for (uint32_t i = 0; i < f->kept; i++)
		if (f->data[i] != pattern(tag, i))
			return UINT32_MAX;
	return tag;
}

bool see(struct seen *s, const struct source_options *options, uint32_t most)
{
	struct frame frames[64];
	uint32_t n;

	s->count = 0;
	s->usage = false;
	s->err.text[0] = 0;
	s->source = source_open(options, &s->usage, &s->err);
	if (!s->source)
		return false;
	while ((n = source_read(s->source, frames, most)) > 0)
		for (uint32_t i = 0; i < n; i++) {
			assert(s->count < SEEN_MAX);
			s->frames[s->count] = frames[i];
			s->tags[s->count++] = tag_of(&frames[i]);
		}
	return true;
}

bool see_image(struct seen *s, struct image *m)
{
	const char *path = image_path(m, m->size);

	return see(s, &(struct source_options){.files = &path, .file_count = 1},
		   64);
}

bool see_bytes(struct seen *s, const void *bytes, size_t size)
{
	struct image m;
	bool opened;

	image_init(&m, false);
	image_raw(&m, bytes, size);
	opened = see_image(s, &m);
	image_free(&m);
	return opened;
}

void see_end(struct seen *s)
{
	source_close(s->source);
	s->source = NULL;
}

uint32_t seen_fatal(const struct seen *s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < source_troubles(s->source); i++)
		n += source_trouble_at(s->source, i)->fatal;
	return n;
}

uint32_t seen_cut(const struct seen *s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < source_troubles(s->source); i++)
		n += source_trouble_at(s->source, i)->cut_at_end;
	return n;
}

bool says(const char *text, const char *part)
{
	if (strstr(text, part))
		return true;
	fprintf(stderr, "\"%s\" does not say \"%s\"\n", text, part);
	return false;
}
