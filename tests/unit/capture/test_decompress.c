/* SPDX-License-Identifier: BSD-3-Clause */
/* test_decompress.c - captures in gzip, zstd, xz and lz4, whole and not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "unit/capture/image.h"

enum { MICROS = 0xa1b2c3d4, PACKETS = 3000, ROOM = 40 << 20 };

static struct seen seen;
static uint8_t packed[ROOM];

static size_t pack_gzip(const uint8_t *in, size_t size, uint8_t *out)
{
	z_stream z = {.next_in = (uint8_t *)(uintptr_t)in,
		      .avail_in = (uInt)size,
		      .next_out = out,
		      .avail_out = ROOM / 2};

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, 0), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}

static size_t pack_zstd(const uint8_t *in, size_t size, uint8_t *out)
{
	ZSTD_CCtx *z = ZSTD_createCCtx();
	size_t made;

	ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
	made = ZSTD_compress2(z, out, ROOM / 2, in, size);
	ZSTD_freeCCtx(z);
	assert_false(ZSTD_isError(made));
	return made;
}

static size_t pack_xz(const uint8_t *in, size_t size, uint8_t *out)
{
	size_t made = 0;

	assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, in,
						 size, out, &made, ROOM / 2),
			 LZMA_OK);
	return made;
}

static size_t pack_lz4(const uint8_t *in, size_t size, uint8_t *out)
{
	const LZ4F_preferences_t with_checks = {
		.frameInfo = {.contentChecksumFlag =
				      LZ4F_contentChecksumEnabled}};
	size_t made = LZ4F_compressFrame(out, ROOM / 2, in, size, &with_checks);

	assert_false(LZ4F_isError(made));
	return made;
}

static const struct {
	const char *name;
	size_t (*pack)(const uint8_t *in, size_t size, uint8_t *out);
} formats[] = {
	{"gzip", pack_gzip},
	{"zstd", pack_zstd},
	{"xz", pack_xz},
	{"lz4", pack_lz4},
};

enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

static void start(struct image *m, uint32_t packets)
{
	image_init(m, false);
	image_pcap(m, MICROS, 1);
	for (uint32_t i = 0; i < packets; i++)
		image_record(m, i, 0, 60 + i % 500, 1500);
}

static void reads_every_format(void **state)
{
	struct image m;

	(void)state;
	start(&m, PACKETS);
	for (int i = 0; i < FORMATS; i++) {
		size_t size = formats[i].pack(m.bytes, m.size, packed);

		assert_true(see_bytes(&seen, packed, size));
		assert_int_equal(seen.count, PACKETS);
		for (uint32_t j = 0; j < PACKETS; j++)
			assert_int_equal(seen.tags[j], j);
		assert_int_equal(source_troubles(seen.source), 0);
		assert_int_equal(source_bytes_read(seen.source), size);
		see_end(&seen);
	}
	image_free(&m);
}

static void reads_several_members(void **state)
{
	const size_t half = 100001;
	struct image m;

	(void)state;
	start(&m, PACKETS);
	for (int i = 0; i < FORMATS; i++) {
		size_t size = formats[i].pack(m.bytes, half, packed);

		size += formats[i].pack(m.bytes + half, m.size - half,
					packed + size);
		assert_true(see_bytes(&seen, packed, size));
		assert_int_equal(seen.count, PACKETS);
		assert_int_equal(source_troubles(seen.source), 0);
		see_end(&seen);
	}
	image_free(&m);
}

/* Cut anywhere: never a failure, and said unless nothing is missing. */
static void is_cut_at_every_byte(void **state)
{
	struct image m;

	(void)state;
	start(&m, 5);
	for (int i = 0; i < FORMATS; i++) {
		size_t size = formats[i].pack(m.bytes, m.size, packed);

		for (size_t n = 1; n < size; n++) {
			if (!see_bytes(&seen, packed, n)) {
				see_end(&seen);
				continue;
			}
			assert_int_equal(seen_fatal(&seen), 0);
			assert_int_equal(seen_cut(&seen), 1);
			assert_in_range(seen.count, 0, 5);
			see_end(&seen);
		}
	}
	image_free(&m);
}

static void keeps_what_came_before_damage(void **state)
{
	struct image m;

	(void)state;
	start(&m, PACKETS);
	for (int i = 0; i < FORMATS; i++) {
		size_t size = formats[i].pack(m.bytes, m.size, packed);

		/* what the checks at the end are for */
		memset(packed + size - 4, 0x5a, 4);
		assert_true(see_bytes(&seen, packed, size));
		assert_in_range(seen.count, 1000, PACKETS);
		assert_int_equal(seen_fatal(&seen), 1);
		assert_true(says(source_trouble_at(seen.source, 0)->text,
				 formats[i].name));
		see_end(&seen);
		memset(packed + size / 2, 0x5a, 40);
		if (see_bytes(&seen, packed, size))
			assert_int_equal(seen_fatal(&seen), 1);
		see_end(&seen);
	}
	image_free(&m);
}

static void says_when_it_holds_no_capture(void **state)
{
	(void)state;
	for (int i = 0; i < FORMATS; i++) {
		const uint8_t text[] = "shopping list: milk, bread";
		size_t size = formats[i].pack(text, sizeof(text) - 1, packed);

		assert_false(see_bytes(&seen, packed, size));
		assert_true(says(seen.err.text, "no capture"));
		size = formats[i].pack(text, 0, packed);
		assert_false(see_bytes(&seen, packed, size));
		assert_true(says(seen.err.text, "empty"));
	}
}

/* 16 MiB of zeros in a few kilobytes are empty packets: read in one buffer. */
static void a_bomb_costs_time_only(void **state)
{
	struct image m;
	struct frame frames[64];
	const char *path;
	uint64_t count = 0;
	uint32_t n;

	(void)state;
	image_init(&m, false);
	image_pcap(&m, MICROS, 1);
	memset(m.bytes + m.size, 0, 16 << 20);
	m.size += 16 << 20;
	for (int i = 0; i < FORMATS; i++) {
		size_t size = formats[i].pack(m.bytes, m.size, packed);
		struct image bomb;
		struct source_options options = {.files = &path,
						 .file_count = 1};

		image_init(&bomb, false);
		image_raw(&bomb, packed, size);
		path = image_path(&bomb, size);
		seen.source = source_open(&options, &seen.usage, &seen.err);
		assert_non_null(seen.source);
		for (count = 0; (n = source_read(seen.source, frames, 64)) > 0;)
			count += n;
		assert_int_equal(count, (16 << 20) / 16);
		see_end(&seen);
		image_free(&bomb);
	}
	image_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_format),
		cmocka_unit_test(reads_several_members),
		cmocka_unit_test(is_cut_at_every_byte),
		cmocka_unit_test(keeps_what_came_before_damage),
		cmocka_unit_test(says_when_it_holds_no_capture),
		cmocka_unit_test(a_bomb_costs_time_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
