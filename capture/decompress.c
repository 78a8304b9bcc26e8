/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * decompress.c - gzip (RFC 1952), zstd (RFC 8878), xz and lz4 frames.
 *
 * Each decoder writes straight into the stream's buffer and keeps no more than
 * its window: a bomb costs time, never memory.
 */
#include "capture/decompress.h"

#include <lz4frame.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum {
	INPUT = 256 << 10,
	WINDOW_LOG_MAX = 27,	  /* zstd's own limit: 128 MiB */
	XZ_BYTES_MAX = 128 << 20, /* xz -9 needs 65 MiB */
	GZIP_ONLY = 15 + 16,	  /* for inflateInit2 */
	FRAME_START = 8,
};

/* One step: take from `in`, write to `out`.  NULL, or what is wrong. */
struct codec {
	const char *name;
	bool (*open)(struct unpack *u);
	const char *(*step)(struct unpack *u, uint8_t *out, size_t room,
			    size_t *made);
	void (*close)(struct unpack *u);
};

struct unpack {
	const struct codec *codec;
	bool complete; /* the input so far is one or more whole members */
	size_t at, end;
	size_t hint; /* input that the decoder asks for next */
	char reason[128];
	union {
		z_stream gzip;
		ZSTD_DStream *zstd;
		lzma_stream xz;
		LZ4F_dctx *lz4;
	};
	uint8_t in[INPUT];
};

static bool gzip_open(struct unpack *u)
{
	return inflateInit2(&u->gzip, GZIP_ONLY) == Z_OK;
}

/* Several members may follow each other; anything else after one is padding,
 * which gzip(1) ignores too. */
static const char *gzip_step(struct unpack *u, uint8_t *out, size_t room,
			     size_t *made)
{
	z_stream *z = &u->gzip;
	int state;

	if (u->complete && u->at < u->end) {
		if (u->in[u->at] != 0x1f) {
			u->at = u->end;
			return NULL;
		}
		u->complete = false;
		inflateReset(z);
	}
	z->next_in = u->in + u->at;
	z->avail_in = (uInt)(u->end - u->at);
	z->next_out = out;
	z->avail_out = (uInt)room;
	state = inflate(z, Z_NO_FLUSH);
	u->at = u->end - z->avail_in;
	*made = room - z->avail_out;
	if (state == Z_STREAM_END)
		u->complete = true;
	else if (state != Z_OK && state != Z_BUF_ERROR)
		return z->msg ? z->msg : "not a deflate stream";
	return NULL;
}

static void gzip_close(struct unpack *u)
{
	inflateEnd(&u->gzip);
}

/* zstd and lz4 lose what one call has decoded when it ends in an error, so a
 * call is given a single block: what they ask for, or the start of a frame. */
static size_t one_block(const struct unpack *u)
{
	size_t left = u->end - u->at, want = u->hint ? u->hint : FRAME_START;

	return want < left ? want : left;
}

static bool zstd_open(struct unpack *u)
{
	u->zstd = ZSTD_createDStream();
	if (!u->zstd)
		return false;
	ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
	return true;
}

static const char *zstd_step(struct unpack *u, uint8_t *out, size_t room,
			     size_t *made)
{
	ZSTD_inBuffer in = {u->in, u->at + one_block(u), u->at};
	ZSTD_outBuffer o = {out, room, 0};
	size_t state = ZSTD_decompressStream(u->zstd, &o, &in);

	*made = o.pos;
	if (ZSTD_isError(state))
		return ZSTD_getErrorName(state);
	if (in.pos > u->at || o.pos > 0) {
		u->complete = state == 0;
		u->hint = state;
	}
	u->at = in.pos;
	return NULL;
}

static void zstd_close(struct unpack *u)
{
	ZSTD_freeDStream(u->zstd);
}

static bool xz_open(struct unpack *u)
{
	return lzma_stream_decoder(&u->xz, XZ_BYTES_MAX, 0) == LZMA_OK;
}

static const char *xz_reason(lzma_ret state)
{
	switch (state) {
	case LZMA_MEMLIMIT_ERROR:
		return "they need more than 128 MiB of memory";
	case LZMA_FORMAT_ERROR:
		return "something else follows them";
	case LZMA_OPTIONS_ERROR:
		return "unknown options";
	case LZMA_MEM_ERROR:
		return "no memory";
	default:
		return "their content is corrupt";
	}
}

/* Streams may follow each other, with zeros between them. */
static const char *xz_step(struct unpack *u, uint8_t *out, size_t room,
			   size_t *made)
{
	lzma_stream *x = &u->xz;
	lzma_ret state;

	if (u->complete) {
		while (u->at < u->end && u->in[u->at] == 0)
			u->at++;
		if (u->at == u->end)
			return NULL;
		u->complete = false;
		if (!xz_open(u))
			return "no memory";
	}
	x->next_in = u->in + u->at;
	x->avail_in = u->end - u->at;
	x->next_out = out;
	x->avail_out = room;
	state = lzma_code(x, LZMA_RUN);
	u->at = u->end - x->avail_in;
	*made = room - x->avail_out;
	if (state == LZMA_STREAM_END)
		u->complete = true;
	else if (state != LZMA_OK && state != LZMA_BUF_ERROR)
		return xz_reason(state);
	return NULL;
}

static void xz_close(struct unpack *u)
{
	lzma_end(&u->xz);
}

static bool lz4_open(struct unpack *u)
{
	return !LZ4F_isError(
		LZ4F_createDecompressionContext(&u->lz4, LZ4F_VERSION));
}

static const char *lz4_step(struct unpack *u, uint8_t *out, size_t room,
			    size_t *made)
{
	size_t used = one_block(u), state;

	*made = room;
	state = LZ4F_decompress(u->lz4, out, made, u->in + u->at, &used, NULL);
	if (LZ4F_isError(state)) {
		*made = 0;
		return LZ4F_getErrorName(state);
	}
	if (used > 0 || *made > 0) {
		u->complete = state == 0;
		u->hint = state;
	}
	u->at += used;
	return NULL;
}

static void lz4_close(struct unpack *u)
{
	LZ4F_freeDecompressionContext(u->lz4);
}

static const struct codec gzip = {"gzip", gzip_open, gzip_step, gzip_close};
static const struct codec zstd = {"zstd", zstd_open, zstd_step, zstd_close};
static const struct codec xz = {"xz", xz_open, xz_step, xz_close};
static const struct codec lz4 = {"lz4", lz4_open, lz4_step, lz4_close};

static const struct {
	const struct codec *codec;
	uint8_t size;
	uint8_t magic[UNPACK_MAGIC];
} known[] = {
	{&gzip, 2, {0x1f, 0x8b}},
	{&zstd, 4, {0x28, 0xb5, 0x2f, 0xfd}},
	{&zstd, 4, {0x50, 0x2a, 0x4d, 0x18}}, /* pzstd: a skippable frame */
	{&xz, 6, {0xfd, '7', 'z', 'X', 'Z', 0}},
	{&lz4, 4, {0x04, 0x22, 0x4d, 0x18}},
};

static const struct codec *find(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (size >= known[i].size &&
		    memcmp(bytes, known[i].magic, known[i].size) == 0)
			return known[i].codec;
	return NULL;
}

const char *unpack_known(const uint8_t *bytes, size_t size)
{
	const struct codec *codec = find(bytes, size);

	return codec ? codec->name : NULL;
}

struct unpack *unpack_new(const uint8_t *bytes, size_t size)
{
	const struct codec *codec = find(bytes, size);
	struct unpack *u = codec ? calloc(1, sizeof(*u)) : NULL;

	if (!u)
		return NULL;
	u->codec = codec;
	if (codec->open(u))
		return u;
	free(u);
	return NULL;
}

uint8_t *unpack_input(struct unpack *u, size_t *room)
{
	memmove(u->in, u->in + u->at, u->end - u->at);
	u->end -= u->at;
	u->at = 0;
	*room = INPUT - u->end;
	return u->in + u->end;
}

void unpack_came(struct unpack *u, size_t bytes)
{
	u->end += bytes;
}

enum unpack_state unpack_run(struct unpack *u, uint8_t *out, size_t room,
			     size_t *made)
{
	const char *wrong;
	size_t before;

	do {
		before = u->at;
		*made = 0;
		wrong = u->codec->step(u, out, room, made);
		if (wrong) {
			snprintf(u->reason, sizeof(u->reason),
				 "the %s data are damaged (%s)", u->codec->name,
				 wrong);
			return UNPACK_BROKEN;
		}
	} while (*made == 0 && u->at > before);
	return UNPACK_MORE;
}

bool unpack_complete(const struct unpack *u)
{
	return u->complete && u->at == u->end;
}

const char *unpack_name(const struct unpack *u)
{
	return u->codec->name;
}

const char *unpack_reason(const struct unpack *u)
{
	return u->reason;
}

void unpack_free(struct unpack *u)
{
	if (!u)
		return;
	u->codec->close(u);
	free(u);
}
