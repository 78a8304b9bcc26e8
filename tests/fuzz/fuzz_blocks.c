/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_blocks.c - any bytes as the contents of pcapng blocks, whose lengths are
 * right: so that what is in them is reached.
 *
 * A section and an interface come first.  Then, again and again: a byte for the
 * type of a block, a byte for the size of its content in units of four, the
 * content.  The highest bit of the type leaves the block's last length wrong.
 */
#include <string.h>

#include "fuzz/reading.h"

enum { FILE_MOST = 1 << 18, EDGES = 12 };

static const uint32_t types[] = {
	0x0a0d0d0a,		      /* section */
	1,	    2, 3, 4, 5, 6, 7, /* interface .. enhanced packet .. IRIG */
	10,			      /* decryption secrets */
	0x0bad,			      /* a custom block */
	0x7fffffff,
};

enum { TYPES = sizeof(types) / sizeof(types[0]), SECTION = 0, INTERFACE = 1 };

struct image {
	size_t size;
	uint8_t *bytes; /* FILE_MOST */
};

static void put_u32(struct image *i, uint32_t v)
{
	memcpy(i->bytes + i->size, &v, sizeof(v));
	i->size += sizeof(v);
}

static void put_block(struct image *i, uint32_t type, const uint8_t *content,
		      uint32_t size, uint32_t wrong)
{
	if (i->size + EDGES + size > FILE_MOST)
		return;
	put_u32(i, type);
	put_u32(i, EDGES + size);
	memcpy(i->bytes + i->size, content, size);
	i->size += size;
	put_u32(i, EDGES + size + wrong);
}

static void put_head(struct image *i)
{
	static const uint8_t section[16] = {0x4d, 0x3c, 0x2b, 0x1a, 1,	  0,
					    0,	  0,	0xff, 0xff, 0xff, 0xff,
					    0xff, 0xff, 0xff, 0xff};
	static const uint8_t interface[8] = {1};

	put_block(i, types[SECTION], section, sizeof(section), 0);
	put_block(i, types[INTERFACE], interface, sizeof(interface), 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image image = {.bytes = malloc(FILE_MOST)};

	must(image.bytes != NULL);
	put_head(&image);
	while (size >= 2) {
		uint32_t want = data[1] * 4U, wrong = data[0] >> 7;
		uint32_t type = types[(data[0] & 127) % TYPES];

		data += 2;
		size -= 2;
		if (want > size)
			want = (uint32_t)size & ~3U;
		put_block(&image, type, data, want, wrong * 4);
		data += want;
		size -= want;
	}
	reading_all(image.bytes, image.size);
	free(image.bytes);
	return 0;
}
