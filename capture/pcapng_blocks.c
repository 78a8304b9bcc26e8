/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pcapng_blocks.c - the blocks of pcapng that hold no packet
 * (draft-ietf-opsawg-pcapng): sections, interfaces and their statistics.
 */
#include "capture/pcapng.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"

enum {
	INTERFACE_LEAST = 20,
	STATISTICS_LEAST = 24,
	OFFSET_MOST_S = INT32_MAX,
	NANO_DIGITS = 9,
	NANOS_PER_S = 1000000000,
};

bool ng_option_next(struct ng_options *o)
{
	size_t padded;

	if (o->left < 4)
		return false;
	o->code = load_u16(o->at, o->swapped);
	o->length = load_u16(o->at + 2, o->swapped);
	padded = ((size_t)o->length + 3) & ~(size_t)3;
	if (o->code == 0 || padded > o->left - 4)
		return false;
	o->value = o->at + 4;
	o->at += 4 + padded;
	o->left -= 4 + padded;
	return true;
}

uint64_t ng_option_u64(const struct ng_options *o)
{
	return o->length < 8 ? UINT64_MAX : load_u64(o->value, o->swapped);
}

uint64_t ng_option_time(const struct ng_options *o)
{
	return (uint64_t)load_u32(o->value, o->swapped) << 32 |
	       load_u32(o->value + 4, o->swapped);
}

int64_t ng_time(const struct ng_interface *i, uint64_t units)
{
	unsigned __int128 wide = units;
	int64_t ns;

	if (i->binary)
		wide = wide * NANOS_PER_S >> i->shift;
	else if (i->divide != 1)
		wide /= i->divide;
	else
		wide *= i->multiply;
	ns = wide > (uint64_t)NG_TIME_MOST_NS ? NG_TIME_MOST_NS : (int64_t)wide;
	return ns + i->offset_s * NANOS_PER_S;
}

bool ng_byte_order(const uint8_t *section, bool *swapped)
{
	uint32_t mark = load_u32(section + 8, false);

	*swapped = mark == __builtin_bswap32(SECTION_MAGIC);
	return *swapped || mark == SECTION_MAGIC;
}

static struct ng_options options_at(const struct reader *r,
				    const uint8_t *block, uint32_t total,
				    uint32_t start)
{
	/* `start` counts from the block's first byte; the last four are its
	 * length again */
	return (struct ng_options){.at = block + start,
				   .left = total - 4 - start,
				   .swapped = r->pcapng.swapped};
}

/* Some writers count the NUL that ends a C string, or pad with more of them;
 * one inside the text belongs to it. */
static const char *text_in(const struct reader *r, const uint8_t *bytes,
			   size_t size)
{
	while (size > 0 && bytes[size - 1] == 0)
		size--;
	return ledger_text(r->ledger, bytes, size);
}

static const char *text_of(const struct reader *r, const struct ng_options *o)
{
	return text_in(r, o->value, o->length);
}

static const char *section_block(struct reader *r, const uint8_t *block,
				 uint32_t total, bool *fatal)
{
	struct pcapng_format *format = &r->pcapng;
	struct ng_options o;

	*fatal = true;
	if (total < SECTION_LEAST)
		return "its section header is too short";
	if (load_u16(block + 12, format->swapped) != 1)
		return "its section is of a version other than 1";
	*fatal = false;
	format->count = 0;
	format->os = format->hardware = format->application = "";
	o = options_at(r, block, total, 24);
	while (ng_option_next(&o)) {
		if (o.code == SHB_HARDWARE)
			format->hardware = text_of(r, &o);
		else if (o.code == SHB_OS)
			format->os = text_of(r, &o);
		else if (o.code == SHB_APPLICATION)
			format->application = text_of(r, &o);
		else if (o.code == OPTION_COMMENT)
			ledger_comment(r->ledger, r->name, 0, o.value,
				       o.length);
	}
	return NULL;
}

/* The unit of time stamps as a factor to nanoseconds: 10^-n s, or 2^-n s. */
static void set_resolution(struct ng_interface *i, uint8_t resolution)
{
	uint32_t digits = resolution & 0x7f;

	i->multiply = 1;
	i->divide = 1;
	i->binary = (resolution & 0x80) != 0;
	i->shift = (uint8_t)digits;
	if (i->binary)
		return;
	for (; digits < NANO_DIGITS; digits++)
		i->multiply *= 10;
	/* from 10^-28 s on every time stamp is zero */
	for (; digits > NANO_DIGITS && i->divide <= UINT64_MAX / 10; digits--)
		i->divide *= 10;
	if (digits > NANO_DIGITS)
		i->divide = UINT64_MAX;
}

static void set_offset(struct ng_interface *i, uint64_t offset)
{
	int64_t seconds = (int64_t)offset;

	if (seconds > OFFSET_MOST_S)
		seconds = OFFSET_MOST_S;
	if (seconds < -OFFSET_MOST_S)
		seconds = -OFFSET_MOST_S;
	i->offset_s = seconds;
}

/* Writers disagree whether the length is in bytes or in bits. */
static uint8_t fcs_bytes(uint8_t length)
{
	return length > 8 ? length / 8 : length;
}

/* A mask with a hole in it is none. */
static void address_option(struct reader *r, const struct ng_options *o,
			   struct source_interface *s)
{
	struct source_address a = {.bits = 0};
	uint32_t mask;

	if (o->code == IF_IPV4 && o->length >= 8) {
		a.addr = addr_v4(o->value);
		mask = load_be32(o->value + 4);
		if (~mask & (~mask + 1))
			return;
		a.bits = (uint8_t)__builtin_popcount(mask);
	} else if (o->code == IF_IPV6 && o->length >= 17) {
		a.addr = addr_v6(o->value);
		a.bits = o->value[16];
	}
	if (a.bits && a.bits <= (o->code == IF_IPV4 ? 32 : 128))
		ledger_address(r->ledger, s, &a);
}

static bool addr_read(struct addr *a, const char *word)
{
	uint8_t bytes[16];

	if (inet_pton(AF_INET, word, bytes) == 1)
		*a = addr_v4(bytes);
	else if (inet_pton(AF_INET6, word, bytes) == 1)
		*a = addr_v6(bytes);
	else
		return false;
	return true;
}

/* A comment of our own writer has the gateways. */
static void gateways_option(struct reader *r, const struct ng_options *o,
			    struct source_interface *s)
{
	const size_t head = sizeof(NG_GATEWAYS) - 1;
	char words[TEXT_MAX], *rest = words;
	struct addr a;

	if (o->length <= head || o->length >= sizeof(words) ||
	    memcmp(o->value, NG_GATEWAYS, head) != 0)
		return;
	memcpy(words, o->value + head, o->length - head);
	words[o->length - head] = '\0';
	for (const char *word; (word = strsep(&rest, " "));)
		if (addr_read(&a, word))
			ledger_gateway(r->ledger, s, &a);
}

static void interface_option(struct reader *r, const struct ng_options *o,
			     struct ng_interface *i, struct source_interface *s)
{
	switch (o->code) {
	case OPTION_COMMENT:
		s->comment = text_of(r, o);
		gateways_option(r, o, s);
		break;
	case IF_NAME:
		s->name = text_of(r, o);
		break;
	case IF_DESCRIPTION:
		s->description = text_of(r, o);
		break;
	case IF_OS:
		s->os = text_of(r, o);
		break;
	case IF_HARDWARE:
		s->hardware = text_of(r, o);
		break;
	case IF_IPV4:
	case IF_IPV6:
		address_option(r, o, s);
		break;
	case IF_MAC:
		if (o->length >= sizeof(s->mac))
			memcpy(&s->mac, o->value, sizeof(s->mac));
		break;
	case IF_FILTER:
		/* 0: the text that was compiled; else a program */
		if (o->length > 1 && o->value[0] == 0)
			s->filter = text_in(r, o->value + 1, o->length - 1U);
		break;
	case IF_TIME_RESOLUTION:
		if (o->length >= 1)
			set_resolution(i, o->value[0]);
		break;
	case IF_TIME_OFFSET:
		if (o->length >= 8)
			set_offset(i, ng_option_u64(o));
		break;
	case IF_FCS_LENGTH:
		if (o->length >= 1)
			i->fcs = fcs_bytes(o->value[0]);
		break;
	}
}

static struct ng_interface *add_interface(struct pcapng_format *format)
{
	uint32_t room = format->room ? format->room * 2 : INTERFACES_FIRST;
	struct ng_interface *bigger;

	if (format->count < format->room)
		return &format->interfaces[format->count++];
	bigger = realloc(format->interfaces, room * sizeof(*bigger));
	if (!bigger)
		return NULL;
	format->interfaces = bigger;
	format->room = room;
	return &format->interfaces[format->count++];
}

static const char *interface_block(struct reader *r, const uint8_t *block,
				   uint32_t total, bool *fatal)
{
	struct pcapng_format *format = &r->pcapng;
	uint32_t index;
	struct source_interface *s;
	struct ng_interface *i;
	struct ng_options o;

	if (total < INTERFACE_LEAST)
		return "its interface description is too short";
	s = ledger_interface(r->ledger, &index);
	i = s ? add_interface(format) : NULL;
	if (!i) {
		*fatal = true;
		return "it describes too many interfaces";
	}
	*i = (struct ng_interface){.index = index};
	i->link_type = link_plain(load_u16(block + 8, format->swapped));
	i->snaplen = load_u32(block + 12, format->swapped);
	set_resolution(i, 6);
	s->file = r->name;
	s->link_type = i->link_type;
	s->link_name = link_name(i->link_type);
	s->snaplen = i->snaplen;
	s->os = format->os;
	s->hardware = format->hardware;
	s->application = format->application;
	o = options_at(r, block, total, 16);
	while (ng_option_next(&o))
		interface_option(r, &o, i, s);
	return NULL;
}

/* Counters run from the start of the capture: the last block is right. */
static const char *statistics_block(struct reader *r, const uint8_t *block,
				    uint32_t total, bool *fatal)
{
	const struct pcapng_format *format = &r->pcapng;
	const struct ng_interface *i;
	struct source_interface *s;
	struct ng_options o;
	uint32_t id;

	(void)fatal;
	if (total < STATISTICS_LEAST)
		return "its interface statistics are too short";
	id = load_u32(block + 8, format->swapped);
	if (id >= format->count)
		return "it has statistics of an interface that it does not "
		       "describe";
	i = &format->interfaces[id];
	s = r->ledger->interfaces[i->index];
	o = options_at(r, block, total, 20);
	while (ng_option_next(&o)) {
		if (o.code == ISB_END && o.length >= 8)
			s->ended_ns = ng_time(i, ng_option_time(&o));
		else if (o.code == ISB_RECEIVED)
			s->received = ng_option_u64(&o);
		else if (o.code == ISB_DROPPED)
			s->dropped_interface = ng_option_u64(&o);
		else if (o.code == ISB_FILTER_ACCEPTED)
			s->filter_accepted = ng_option_u64(&o);
		else if (o.code == ISB_OS_DROPPED)
			s->dropped_os = ng_option_u64(&o);
		else if (o.code == ISB_DELIVERED)
			s->delivered = ng_option_u64(&o);
		else if (o.code == OPTION_COMMENT)
			ledger_comment(r->ledger, r->name, 0, o.value,
				       o.length);
	}
	return NULL;
}

const char *ng_block(struct reader *r, const uint8_t *block, uint32_t total,
		     bool *fatal)
{
	*fatal = false;
	switch (load_u32(block, r->pcapng.swapped)) {
	case BLOCK_SECTION:
		return section_block(r, block, total, fatal);
	case BLOCK_INTERFACE:
		return interface_block(r, block, total, fatal);
	case BLOCK_STATISTICS:
		return statistics_block(r, block, total, fatal);
	default: /* names, secrets, custom blocks: nothing that we need */
		return NULL;
	}
}
