/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cursor.h - reads big-endian fields out of bytes that nobody trusts.
 *
 * A cursor knows two ends: where the capture stopped, and where the sender
 * said that the data stops.  A read past the first makes the state
 * WIRE_TRUNCATED (our view was short), one past the second WIRE_MALFORMED
 * (they were wrong).  The first failure sticks, and every later read gives
 * zero, so a parser is a straight line with one check at its end.  A loop that
 * is driven by a count from the wire must also test `state`.
 */
#ifndef UPSTACK_BASE_CURSOR_H
#define UPSTACK_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/hint.h"

enum wire { WIRE_WHOLE, WIRE_TRUNCATED, WIRE_MALFORMED };

struct cursor {
	const uint8_t *at; /* borrowed; valid as long as the frame is */
	uint32_t kept;	   /* bytes from here that the capture holds */
	uint32_t sent;	   /* bytes from here that the sender declared */
	uint8_t state;	   /* enum wire */
	bool open_end;	   /* `sent` is not known for sure: see below */
};

/* A cursor over `kept` bytes of which the sender declared `sent`. */
static inline struct cursor cursor_over(const void *bytes, uint32_t kept,
					uint32_t sent)
{
	struct cursor c = {bytes, kept < sent ? kept : sent, sent, WIRE_WHOLE,
			   false};

	return c;
}

/* For what may rightly end early (a fragment, the packet that an ICMP error
 * quotes, an offloaded length): being short is then truncated, not malformed. */
static inline void cursor_open_end(struct cursor *c)
{
	c->open_end = true;
}

/* Remember why a read of `n` bytes failed; the first reason stays. */
static inline void cursor_fail(struct cursor *c, uint32_t n)
{
	if (c->state == WIRE_WHOLE)
		c->state = n > c->sent && !c->open_end ? WIRE_MALFORMED
						       : WIRE_TRUNCATED;
	c->at += c->kept;
	c->sent = 0;
	c->kept = 0;
}

/* Whether `n` bytes can be read; if not the cursor has failed. */
static inline bool cursor_has(struct cursor *c, uint32_t n)
{
	if (LIKELY(n <= c->kept && c->state == WIRE_WHOLE))
		return true;
	cursor_fail(c, n);
	return false;
}

static inline void cursor_step(struct cursor *c, uint32_t n)
{
	c->at += n;
	c->kept -= n;
	c->sent -= n;
}

/* Step over `n` bytes. */
static inline void cursor_skip(struct cursor *c, uint32_t n)
{
	if (cursor_has(c, n))
		cursor_step(c, n);
}

/* The next `n` bytes, or NULL; the cursor steps over them. */
static inline const uint8_t *cursor_take(struct cursor *c, uint32_t n)
{
	const uint8_t *bytes = c->at;

	if (!cursor_has(c, n))
		return NULL;
	cursor_step(c, n);
	return bytes;
}

/* Copy the next `n` bytes to `out`, zeros if they are not there. */
static inline void cursor_copy(struct cursor *c, void *out, uint32_t n)
{
	const uint8_t *bytes = cursor_take(c, n);

	if (bytes)
		memcpy(out, bytes, n);
	else
		memset(out, 0, n);
}

static inline uint16_t load_be16(const uint8_t *b)
{
	uint16_t v;

	memcpy(&v, b, sizeof(v));
	return __builtin_bswap16(v);
}

static inline uint32_t load_be32(const uint8_t *b)
{
	uint32_t v;

	memcpy(&v, b, sizeof(v));
	return __builtin_bswap32(v);
}

static inline uint8_t cursor_u8(struct cursor *c)
{
	const uint8_t *b = cursor_take(c, 1);

	return b ? b[0] : 0;
}

static inline uint16_t cursor_u16(struct cursor *c)
{
	const uint8_t *b = cursor_take(c, 2);

	return b ? load_be16(b) : 0;
}

static inline uint32_t cursor_u32(struct cursor *c)
{
	const uint8_t *b = cursor_take(c, 4);

	return b ? load_be32(b) : 0;
}

static inline uint64_t cursor_u64(struct cursor *c)
{
	uint64_t high = cursor_u32(c);

	return high << 32 | cursor_u32(c);
}

/* The next `n` bytes as a cursor of their own, stepped over here.  The part
 * may be cut by the capture: it is then short itself, and this cursor has
 * nothing left; it may not be longer than what the sender declared. */
static inline struct cursor cursor_sub(struct cursor *c, uint32_t n)
{
	struct cursor part = {c->at, 0, 0, c->state, c->open_end};
	uint32_t kept = n < c->kept ? n : c->kept;

	if (c->state != WIRE_WHOLE)
		return part;
	if (n > c->sent && !c->open_end) {
		cursor_fail(c, n);
		part.state = c->state;
		return part;
	}
	part.kept = kept;
	part.sent = n;
	c->at += kept;
	c->kept -= kept;
	c->sent = n < c->sent ? c->sent - n : 0;
	return part;
}

/* As cursor_sub, but for what is of no use in part: if the capture does not
 * hold all of it, both cursors have failed. */
static inline struct cursor cursor_part(struct cursor *c, uint32_t n)
{
	struct cursor part = {cursor_take(c, n), n, n, WIRE_WHOLE, false};

	if (!part.at) {
		part.at = c->at;
		part.kept = part.sent = 0;
		part.state = c->state;
	}
	return part;
}

#endif
