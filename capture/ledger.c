/* SPDX-License-Identifier: BSD-3-Clause */
/* ledger.c - interfaces, trouble and comments of a source. */
#include "capture/ledger.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

int ledger_open(struct ledger *l)
{
	l->home = arena_new(LEDGER_BYTES);
	return l->home ? 0 : -1;
}

void ledger_close(struct ledger *l)
{
	free(l->interfaces);
	arena_free(l->home);
}

const char *ledger_text(struct ledger *l, const void *bytes, size_t size)
{
	char text[TEXT_MAX];
	const char *kept;

	if (size == 0)
		return "";
	escape_bytes(bytes, size, text, sizeof(text));
	kept = arena_strdup(l->home, text);
	return kept ? kept : "";
}

static bool make_room(struct ledger *l)
{
	uint32_t room =
		l->interface_room ? l->interface_room * 2 : INTERFACES_FIRST;
	struct source_interface **bigger;

	if (l->interface_count < l->interface_room)
		return true;
	if (l->interface_count >= INTERFACES_MAX)
		return false;
	bigger = realloc(l->interfaces,
			 room * sizeof(struct source_interface *));
	if (!bigger)
		return false;
	l->interfaces = bigger;
	l->interface_room = room;
	return true;
}

struct source_interface *ledger_interface(struct ledger *l, uint32_t *index)
{
	struct source_interface *i;

	if (l->interface_count >= INTERFACES_MAX || !make_room(l))
		return NULL;
	i = arena_alloc(l->home, sizeof(*i));
	if (!i)
		return NULL;
	*i = (struct source_interface){
		.file = "",
		.name = "",
		.description = "",
		.filter = "",
		.os = "",
		.hardware = "",
		.application = "",
		.comment = "",
		.link_name = "",
		.received = UINT64_MAX,
		.dropped_interface = UINT64_MAX,
		.dropped_os = UINT64_MAX,
		.filter_accepted = UINT64_MAX,
		.delivered = UINT64_MAX,
		.dropped_packets = UINT64_MAX,
	};
	*index = l->interface_count;
	l->interfaces[l->interface_count++] = i;
	return i;
}

void ledger_trouble(struct ledger *l, enum trouble_kind kind, const char *file,
		    uint64_t offset, const char *format, ...)
{
	char text[ERR_TEXT];
	const char *kept = "Something in this file could not be read";
	struct source_trouble *t;
	va_list args;

	/* The last place sums up the rest, and is fatal if one of them is. */
	if (l->trouble_count == TROUBLES_MAX) {
		t = &l->troubles[TROUBLES_MAX - 1];
		t->fatal |= kind == TROUBLE_FATAL;
		t->text = "More damage like this was met and is not listed";
		return;
	}
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	t = &l->troubles[l->trouble_count++];
	t->file = file;
	t->frame = l->last_frame;
	t->offset = offset;
	t->text = arena_strdup(l->home, text);
	if (!t->text)
		t->text = kept;
	t->fatal = kind == TROUBLE_FATAL;
	t->cut_at_end = kind == TROUBLE_CUT;
	t->time = kind == TROUBLE_TIME;
}

void ledger_comment(struct ledger *l, const char *file, uint64_t frame,
		    const void *bytes, size_t size)
{
	if (l->comment_count == COMMENTS_MAX || size == 0)
		return;
	l->comments[l->comment_count++] = (struct source_comment){
		.file = file,
		.frame = frame,
		.text = ledger_text(l, bytes, size),
	};
}

/* Where it stands; `addresses` if it does not. */
static uint32_t address_at(const struct source_interface *i,
			   const struct addr *a)
{
	uint32_t n = 0;

	while (n < i->addresses && !addr_equal(&i->address[n].addr, a))
		n++;
	return n;
}

bool ledger_address(struct ledger *l, struct source_interface *i,
		    const struct source_address *a)
{
	uint32_t n = address_at(i, &a->addr);

	if (!i->address)
		i->address =
			arena_alloc(l->home, SOURCE_ADDRESSES * sizeof(*a));
	if (!i->address || n == SOURCE_ADDRESSES ||
	    (n < i->addresses && i->address[n].bits == a->bits))
		return false;
	i->address[n] = *a;
	i->addresses += n == i->addresses;
	return true;
}

bool ledger_address_gone(struct source_interface *i, const struct addr *a)
{
	uint32_t n = address_at(i, a);

	if (n == i->addresses)
		return false;
	i->addresses--;
	memmove(&i->address[n], &i->address[n + 1],
		(i->addresses - n) * sizeof(i->address[0]));
	return true;
}

bool ledger_gateway(struct ledger *l, struct source_interface *i,
		    const struct addr *a)
{
	if (!i->gateway)
		i->gateway = arena_alloc(l->home, SOURCE_GATEWAYS * sizeof(*a));
	if (!i->gateway || i->gateways == SOURCE_GATEWAYS)
		return false;
	for (uint32_t n = 0; n < i->gateways; n++)
		if (addr_equal(&i->gateway[n], a))
			return false;
	i->gateway[i->gateways++] = *a;
	return true;
}
