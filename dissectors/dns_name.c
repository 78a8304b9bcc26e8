/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dns_name.c - the names of a DNS message, with their pointers.  RFC
 * 1035 4.1.4.
 *
 * A pointer must lead to before the piece that it ends, so a name has no loop;
 * a name of more than 255 bytes is wrong, so it has an end.
 */
#include "dissectors/dns_name.h"

#include "base/escape.h"
#include "base/text.h"

enum { POINTER = 0xc0, LABEL_MAX = 63, OFFSET_MASK = 0x3fff };

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static void malformed(struct cursor *in)
{
	in->state = WIRE_MALFORMED;
	in->kept = in->sent = 0;
}

static bool add_label(struct dns_name *name, const uint8_t *label, uint32_t n)
{
	if (name->size + 1 + n + 1 > DNS_NAME_BYTES)
		return false;
	name->bytes[name->size++] = (uint8_t)n;
	for (uint32_t i = 0; i < n; i++)
		name->bytes[name->size++] = lower(label[i]);
	return true;
}

/* The bytes of `message` from `offset` up to `end`, which is before it. */
static struct cursor piece_at(const struct cursor *message, uint32_t offset)
{
	struct cursor piece = *message;

	cursor_skip(&piece, offset);
	return piece;
}

/* Labels from `in` on, until the root or a pointer; false on failure.  A
 * pointer's target goes to `*target`, which is otherwise left alone. */
static bool read_piece(struct cursor *in, struct dns_name *name, bool *pointer,
		       uint32_t *target)
{
	*pointer = false;
	while (in->state == WIRE_WHOLE) {
		uint8_t n = cursor_u8(in);
		const uint8_t *label;

		if (n == 0)
			break;
		if (n >= POINTER) {
			*target = ((uint32_t)n << 8 | cursor_u8(in)) &
				  OFFSET_MASK;
			*pointer = true;
			break;
		}
		label = n <= LABEL_MAX ? cursor_take(in, n) : NULL;
		if (in->state != WIRE_WHOLE)
			break;
		if (!label || !add_label(name, label, n))
			malformed(in);
	}
	return in->state == WIRE_WHOLE;
}

void dns_name_read(const struct cursor *message, struct cursor *in,
		   struct dns_name *name)
{
	uint32_t start = (uint32_t)(in->at - message->at);
	uint32_t target = 0;
	bool pointer;

	name->size = 0;
	if (!read_piece(in, name, &pointer, &target)) {
		name->size = 0;
		return;
	}
	while (pointer) {
		struct cursor piece = piece_at(message, target);

		if (target >= start)
			malformed(&piece);
		start = target;
		if (!read_piece(&piece, name, &pointer, &target)) {
			name->size = 0;
			in->state = piece.state;
			in->kept = in->sent = 0;
			return;
		}
	}
	name->bytes[name->size++] = 0;
}

void dns_name_skip(struct cursor *in)
{
	while (in->state == WIRE_WHOLE) {
		uint8_t n = cursor_u8(in);

		if (n == 0)
			return;
		if (n >= POINTER) {
			cursor_skip(in, 1);
			return;
		}
		if (n > LABEL_MAX)
			malformed(in);
		else
			cursor_skip(in, n);
	}
}

/* Letters, digits, hyphen and underscore need no escape: nearly all names are
 * of them alone. */
static bool is_plain(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '_';
}

/* A plain name as text, which is never longer; false if it is not plain. */
static bool plain_text(const struct dns_name *name, char *out)
{
	uint32_t next = 0;

	for (uint32_t i = 0; i + 1 < name->size; i++) {
		uint8_t c = name->bytes[i];

		if (i == next) {
			next += 1u + c;
			c = '.';
		} else if (!is_plain(c)) {
			return false;
		}
		if (i > 0)
			*out++ = (char)c;
	}
	*out = '\0';
	return name->size > 1;
}

static void add_text(struct text *t, const uint8_t *label, uint32_t n)
{
	char escaped[LABEL_MAX * 4 + 1];
	uint32_t i = 0;

	while (i < n) {
		uint32_t run = 0;

		while (i + run < n && label[i + run] != '.')
			run++;
		escape_bytes(label + i, run, escaped, sizeof(escaped));
		text_add(t, "%s", escaped);
		i += run;
		if (i < n)
			text_add(t, "\\x2e");
		i++;
	}
}

void dns_name_text(const struct dns_name *name, char out[static DNS_TEXT])
{
	struct text t;
	uint32_t i = 0;

	if (plain_text(name, out))
		return;
	t = text_over(out, DNS_TEXT);
	while (i < name->size && name->bytes[i]) {
		if (i > 0)
			text_add(&t, ".");
		add_text(&t, name->bytes + i + 1, name->bytes[i]);
		i += 1u + name->bytes[i];
	}
	if (name->size && i == 0)
		text_add(&t, ".");
}
