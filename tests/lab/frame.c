/* SPDX-License-Identifier: BSD-3-Clause */
/* frame.c - the headers of a frame in the lab, and their checksums. */
#include "lab/frame.h"

#include <stdlib.h>
#include <string.h>

#include "lab/fail.h"

uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

struct frame *frame_new(uint32_t length)
{
	struct frame *f = calloc(1, sizeof(*f) + length);

	if (!f)
		fail("no memory for a frame");
	f->length = length;
	return f;
}

struct frame *frame_copy(const struct frame *from)
{
	struct frame *f = frame_new(from->length);

	memcpy(f, from, sizeof(*f) + from->length);
	return f;
}

static void look_tcp(struct frame *f)
{
	struct view *v = &f->view;
	const uint8_t *tcp = f->bytes + v->transport;
	uint32_t end = ETHERNET + v->ip_bytes;

	v->seq = get32(tcp + 4);
	v->ack = get32(tcp + 8);
	v->flags = tcp[13];
	v->payload = (uint16_t)(v->transport + (tcp[12] >> 4) * 4);
	v->data = end > v->payload ? end - v->payload : 0;
}

static bool look_ip(struct frame *f)
{
	const uint8_t *ip = f->bytes + ETHERNET;
	uint16_t type = get16(f->bytes + 12);

	if (type == 0x0800 && f->length >= ETHERNET + 20) {
		f->view.version = 4;
		f->view.ip_bytes = get16(ip + 2);
		f->view.ip_id = get16(ip + 4);
		f->view.transport = (uint16_t)(ETHERNET + (ip[0] & 15) * 4);
		f->view.protocol = get16(ip + 6) & 0x1fff ? 0 : ip[9];
	} else if (type == 0x86dd && f->length >= ETHERNET + 40) {
		f->view.version = 6;
		f->view.ip_bytes = 40u + get16(ip + 4);
		f->view.transport = ETHERNET + 40;
		f->view.protocol = ip[6];
	}
	return f->view.version != 0;
}

void frame_look(struct frame *f)
{
	struct view *v = &f->view;

	memset(v, 0, sizeof(*v));
	if (f->length < ETHERNET || !look_ip(f))
		return;
	if (v->protocol == 6 && f->length >= v->transport + 20u)
		look_tcp(f);
	if ((v->protocol == 6 || v->protocol == 17) &&
	    f->length >= v->transport + 8u) {
		v->source_port = get16(f->bytes + v->transport);
		v->target_port = get16(f->bytes + v->transport + 2);
	}
}

uint32_t frame_address_bytes(const struct frame *f)
{
	return f->view.version == 4 ? 4 : 16;
}

const uint8_t *frame_source(const struct frame *f)
{
	return f->bytes + ETHERNET + (f->view.version == 4 ? 12 : 8);
}

const uint8_t *frame_target(const struct frame *f)
{
	return frame_source(f) + frame_address_bytes(f);
}

/* RFC 1071, over what may be odd; `sum` is carried in. */
static uint32_t add_up(uint32_t sum, const uint8_t *at, uint32_t n)
{
	for (; n > 1; n -= 2, at += 2)
		sum += get16(at);
	return n ? sum + (uint32_t)(at[0] << 8) : sum;
}

static uint16_t folded(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}

static uint8_t *checksum_at(struct frame *f)
{
	uint8_t *transport = f->bytes + f->view.transport;

	switch (f->view.protocol) {
	case 6:
		return transport + 16;
	case 17:
		return transport + 6;
	case 1:
	case 58:
		return transport + 2;
	default:
		return NULL;
	}
}

void frame_checksum(struct frame *f)
{
	uint8_t *ip = f->bytes + ETHERNET, *at;
	uint32_t bytes, sum = 0;

	if (f->view.version == 4) {
		put16(ip + 10, 0);
		put16(ip + 10, folded(add_up(0, ip, (ip[0] & 15) * 4u)));
	}
	at = f->view.version ? checksum_at(f) : NULL;
	if (!at || at + 2 > f->bytes + f->length)
		return;
	bytes = ETHERNET + f->view.ip_bytes - f->view.transport;
	if (f->view.protocol != 1)
		sum = add_up(f->view.protocol + bytes, frame_source(f),
			     2 * frame_address_bytes(f));
	put16(at, 0);
	put16(at, folded(add_up(sum, f->bytes + f->view.transport, bytes)));
}

void frame_finish_checksum(struct frame *f)
{
	const struct offload *o = &f->offload;
	uint32_t at = (uint32_t)o->checksum_start + o->checksum_offset;

	/* The field holds the sum of the pseudo-header. */
	if (o->checksum && at + 2 <= f->length)
		put16(f->bytes + at,
		      folded(add_up(0, f->bytes + o->checksum_start,
				    f->length - o->checksum_start)));
	f->offload.checksum = false;
}

uint8_t *frame_option(struct frame *f, uint8_t kind)
{
	uint8_t *at = f->bytes + f->view.transport + 20;
	uint8_t *end = f->bytes + f->view.payload;

	if (f->view.protocol != 6 || f->view.payload > f->length)
		return NULL;
	while (at < end && *at != 0) {
		if (*at == 1) {
			at++;
			continue;
		}
		if (at + 1 >= end || at[1] < 2 || at + at[1] > end)
			return NULL;
		if (*at == kind)
			return at;
		at += at[1];
	}
	return NULL;
}
