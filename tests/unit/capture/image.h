/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * image.h - capture files made byte by byte in memory, right and wrong ones,
 * and what a source makes of them.
 */
#ifndef UPSTACK_TESTS_UNIT_CAPTURE_IMAGE_H
#define UPSTACK_TESTS_UNIT_CAPTURE_IMAGE_H

#include <stddef.h>

#include "capture/source.h"

enum { IMAGE_MAX = 20 << 20, SEEN_MAX = 8192 };

struct image {
	uint8_t *bytes; /* IMAGE_MAX of them */
	size_t size;
	bool swapped;	/* write the other byte order */
	size_t block;	/* where the open pcapng block begins */
	uint32_t count; /* packets so far: each has its number in its bytes */
	int fd;
	char path[32];
};

/* An empty image; image_free it. */
void image_init(struct image *m, bool swapped);
void image_free(struct image *m);

void image_u16(struct image *m, uint16_t v);
void image_u32(struct image *m, uint32_t v);
void image_u64(struct image *m, uint64_t v);
void image_raw(struct image *m, const void *bytes, size_t size);

/* Classic pcap: its header, and a record. */
void image_pcap(struct image *m, uint32_t magic, uint32_t link);
void image_record(struct image *m, uint32_t s, uint32_t fraction, uint32_t kept,
		  uint32_t sent);

/* pcapng: blocks, padded; options; the usual ones. */
void image_begin(struct image *m, uint32_t type);
void image_option(struct image *m, uint16_t code, const void *value,
		  uint16_t length);
void image_option_u64(struct image *m, uint16_t code, uint64_t value);
void image_end(struct image *m);
void image_section(struct image *m);
void image_interface(struct image *m, uint16_t link);
/* An enhanced packet block, left open for options. */
void image_packet(struct image *m, uint32_t interface, uint64_t units,
		  uint32_t kept, uint32_t sent);
/* The bytes of the next packet, padded to 4. */
void image_payload(struct image *m, uint32_t kept);

/* A path under which the first `size` bytes can be read as a file. */
const char *image_path(struct image *m, size_t size);

/* What a source gave.  The bytes of each frame have been compared with what
 * image_payload wrote, after its batch was whole. */
struct seen {
	struct source *source;
	uint32_t count;
	bool usage;
	struct err err;
	struct frame frames[SEEN_MAX];
	uint32_t tags[SEEN_MAX]; /* the number in the packet's bytes */
};

/* Open and read all of it, `most` frames at a time; false if it did not
 * open. */
bool see(struct seen *s, const struct source_options *options, uint32_t most);
bool see_image(struct seen *s, struct image *m);
bool see_bytes(struct seen *s, const void *bytes, size_t size);
void see_end(struct seen *s);

/* The troubles of a kind. */
uint32_t seen_fatal(const struct seen *s);
uint32_t seen_cut(const struct seen *s);

/* Whether a text has a part. */
bool says(const char *text, const char *part);

#endif
