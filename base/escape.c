/* SPDX-License-Identifier: BSD-3-Clause */
/* escape.c - bytes from the wire as text that harms no terminal. */
#include "base/escape.h"

#include <stdint.h>
#include <string.h>

/* The length of the UTF-8 character at `b`, and its code point; 0 if it is
 * none (RFC 3629: no overlong forms, no surrogates, at most 10FFFF). */
static size_t utf8_char(const uint8_t *b, size_t left, uint32_t *code)
{
	static const struct {
		uint8_t mask, lead, more;
		uint32_t least;
	} forms[] = {
		{0x80, 0x00, 0, 0},
		{0xe0, 0xc0, 1, 0x80},
		{0xf0, 0xe0, 2, 0x800},
		{0xf8, 0xf0, 3, 0x10000},
	};

	for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
		size_t more = forms[f].more;

		if ((b[0] & forms[f].mask) != forms[f].lead)
			continue;
		if (left <= more)
			return 0;
		*code = b[0] & (uint8_t)~forms[f].mask;
		for (size_t i = 1; i <= more; i++) {
			if ((b[i] & 0xc0) != 0x80)
				return 0;
			*code = *code << 6 | (b[i] & 0x3f);
		}
		if (*code < forms[f].least || *code > 0x10ffff ||
		    (*code >= 0xd800 && *code <= 0xdfff))
			return 0;
		return more + 1;
	}
	return 0;
}

/* Controls, and characters that are not seen or that turn the text around. */
static bool is_harmful(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x00, 0x1f},	      {0x7f, 0x9f},	  {0xad, 0xad},
		{0x34f, 0x34f},	      {0x61c, 0x61c},	  {0x115f, 0x1160},
		{0x17b4, 0x17b5},     {0x180b, 0x180f},	  {0x200b, 0x200f},
		{0x2028, 0x202e},     {0x2060, 0x206f},	  {0x3164, 0x3164},
		{0xfe00, 0xfe0f},     {0xfeff, 0xfeff},	  {0xffa0, 0xffa0},
		{0xfff0, 0xfffd},     {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
		{0xe000, 0xf8ff},     {0xf0000, 0x10ffff},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return (code & 0xfffe) == 0xfffe;
}

/* Append a piece if it fits whole; once one did not, nothing more is. */
static void append(char *out, size_t room, size_t *used, size_t *fit,
		   const char *piece, size_t size)
{
	if (*fit == *used && *used + size < room) {
		memcpy(out + *used, piece, size);
		*fit += size;
	}
	*used += size;
}

size_t escape_bytes(const void *bytes, size_t size, char *out, size_t room)
{
	static const char hex[] = "0123456789abcdef";
	const uint8_t *b = bytes;
	size_t used = 0, fit = 0;

	for (size_t i = 0; i < size;) {
		uint32_t code = 0;
		size_t n = utf8_char(b + i, size - i, &code);

		if (n && code == '\\') {
			append(out, room, &used, &fit, "\\\\", 2);
		} else if (n && !is_harmful(code)) {
			append(out, room, &used, &fit, (const char *)b + i, n);
		} else {
			n = n ? n : 1;
			for (size_t k = 0; k < n; k++) {
				char piece[4] = {'\\', 'x', hex[b[i + k] >> 4],
						 hex[b[i + k] & 15]};

				append(out, room, &used, &fit, piece, 4);
			}
		}
		i += n;
	}
	out[fit] = '\0';
	return used;
}

const char *escape_string(const char *s, char *out, size_t room)
{
	escape_bytes(s, strlen(s), out, room);
	return out;
}

/* What follows the printable ASCII at the start: nearly all there is. */
static const char *after_ascii(const char *text)
{
	while (*text >= ' ' && *text < 0x7f)
		text++;
	return text;
}

bool escape_is_harmless(const char *text)
{
	size_t left;

	text = after_ascii(text);
	left = strlen(text);
	while (left) {
		uint32_t code = 0;
		size_t n = utf8_char((const uint8_t *)text, left, &code);

		if (!n || is_harmful(code))
			return false;
		text += n;
		left -= n;
	}
	return true;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t escape_undo(const char *text, void *out, size_t room)
{
	uint8_t *b = out;
	size_t used = 0;

	while (*text) {
		int high, low;

		if (used == room)
			return (size_t)-1;
		if (text[0] != '\\') {
			b[used++] = (uint8_t)*text++;
		} else if (text[1] == '\\') {
			b[used++] = '\\';
			text += 2;
		} else {
			if (text[1] != 'x' || (high = hex_value(text[2])) < 0 ||
			    (low = hex_value(text[3])) < 0)
				return (size_t)-1;
			b[used++] = (uint8_t)(high << 4 | low);
			text += 4;
		}
	}
	return used;
}
