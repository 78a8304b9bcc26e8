/* SPDX-License-Identifier: BSD-3-Clause */
/* page.c - words on lines of limited width, in colour where that is wanted. */
#include "report/page.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "report/command.h"

enum { WIDE_GAP = 3 }; /* between commands that share a line */

/* The bytes of the UTF-8 character at `s`, which is valid and not empty. */
static size_t char_size(const char *s)
{
	unsigned char c = (unsigned char)*s;

	if (c < 0xc0)
		return 1;
	return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

static uint32_t char_code(const char *s, size_t size)
{
	static const uint8_t lead[] = {0x7f, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t code = (unsigned char)s[0] & lead[size];

	for (size_t i = 1; i < size; i++)
		code = code << 6 | ((unsigned char)s[i] & 0x3f);
	return code;
}

/* wcwidth depends on the locale; a report must not. */
static unsigned code_columns(uint32_t code)
{
	static const struct {
		uint32_t first, last;
		unsigned columns;
	} ranges[] = {
		{0x0300, 0x036f, 0},   {0x0483, 0x0489, 0},
		{0x0591, 0x05bd, 0},   {0x064b, 0x065f, 0},
		{0x1ab0, 0x1aff, 0},   {0x1dc0, 0x1dff, 0},
		{0x20d0, 0x20ff, 0},   {0xfe20, 0xfe2f, 0},
		{0x2e80, 0x303e, 2},   {0x3041, 0xa4cf, 2},
		{0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2},
		{0xfe30, 0xfe6f, 2},   {0xff00, 0xff60, 2},
		{0xffe0, 0xffe6, 2},   {0x1f300, 0x1faff, 2},
		{0x20000, 0x3fffd, 2},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return ranges[i].columns;
	return 1;
}

/* Columns of one character: without UTF-8 each byte of it becomes \xNN. */
static unsigned char_columns(const struct page *p, const char *s, size_t size)
{
	if (size == 1)
		return 1;
	if (p->ascii)
		return 4 * (unsigned)size;
	return code_columns(char_code(s, size));
}

unsigned page_columns(const struct page *p, const char *text)
{
	unsigned columns = 0;

	while (*text) {
		size_t n = char_size(text);

		columns += char_columns(p, text, n);
		text += n;
	}
	return columns;
}

/* `size` bytes of harmless text. */
static void put_bytes(struct page *p, const char *text, size_t size)
{
	for (size_t i = 0; i < size;) {
		size_t n = char_size(text + i);

		p->column += char_columns(p, text + i, n);
		if (n == 1 || !p->ascii)
			fwrite(text + i, 1, n, p->out);
		for (size_t k = 0; n > 1 && p->ascii && k < n; k++)
			fprintf(p->out, "\\x%02x", (unsigned char)text[i + k]);
		i += n;
	}
}

/* The text itself if it is harmless, else a copy that is, which `*freed` has to
 * be freed for. */
static const char *harmless(const char *text, char **freed)
{
	size_t room = strlen(text) * 4 + 1;

	*freed = NULL;
	if (escape_is_harmless(text))
		return text;
	*freed = malloc(room);
	return *freed ? escape_string(text, *freed, room) : "";
}

void page_put(struct page *p, const char *text)
{
	char *freed;

	text = harmless(text, &freed);
	put_bytes(p, text, strlen(text));
	free(freed);
}

void page_styled(struct page *p, enum style style, const char *text)
{
	static const char *const codes[] = {
		"",	      "\033[1m",  "\033[2m", "\033[1;31m",
		"\033[1;33m", "\033[32m", "\033[36m"};
	bool dressed = p->color && style != PLAIN;

	if (dressed)
		fputs(codes[style], p->out);
	page_put(p, text);
	if (dressed)
		fputs("\033[0m", p->out);
}

void page_newline(struct page *p)
{
	fputc('\n', p->out);
	p->column = 0;
}

void page_to(struct page *p, unsigned column)
{
	if (p->column > column)
		page_newline(p);
	fprintf(p->out, "%*s", (int)(column - p->column), "");
	p->column = column;
}

/* One word, on the next line if it does not fit on this one. */
static void put_word(struct page *p, const char *word, size_t size,
		     unsigned columns, unsigned gap, unsigned indent,
		     unsigned width)
{
	bool begins = p->column <= indent;

	if (!begins && p->column + gap + columns > width) {
		page_newline(p);
		begins = true;
	}
	if (begins)
		page_to(p, indent);
	else
		page_to(p, p->column + gap);
	put_bytes(p, word, size);
}

/* What must not be broken from `at` on: a word, or a whole command. */
static size_t piece_size(const char *text, size_t at, bool advice)
{
	size_t size = advice ? command_size(text, at) : 0;

	return size ? size : strcspn(text + at, " ");
}

static void put_pieces(struct page *p, const char *text, unsigned indent,
		       unsigned width, bool advice)
{
	char *freed;
	size_t at = 0;

	text = harmless(text, &freed);
	while (text[at]) {
		unsigned columns = 0, spaces = (unsigned)strspn(text + at, " ");
		unsigned gap = spaces >= WIDE_GAP ? WIDE_GAP : 1;
		size_t size = piece_size(text, at += spaces, advice);

		for (size_t i = 0; i < size;) {
			size_t n = char_size(text + at + i);

			columns += char_columns(p, text + at + i, n);
			i += n;
		}
		if (size)
			put_word(p, text + at, size, columns, gap, indent,
				 width);
		at += size;
	}
	free(freed);
}

void page_words(struct page *p, const char *text, unsigned indent,
		unsigned width)
{
	put_pieces(p, text, indent, width ? width : p->width, false);
}

void page_advice(struct page *p, const char *text, unsigned indent)
{
	put_pieces(p, text, indent, p->width, true);
}

size_t page_fit(const struct page *p, const char *text, unsigned columns)
{
	size_t at = 0, space = 0;
	unsigned used = 0;

	while (text[at]) {
		size_t n = char_size(text + at);

		used += char_columns(p, text + at, n);
		if (text[at] == ' ')
			space = at;
		if (used > columns)
			return space ? space : at;
		at += n;
	}
	return at;
}

const char *page_dot(const struct page *p)
{
	return p->ascii ? "-" : "\u00b7";
}

const char *page_ellipsis(const struct page *p)
{
	return p->ascii ? "..." : "\u2026";
}
