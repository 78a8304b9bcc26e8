/* SPDX-License-Identifier: BSD-3-Clause */
/* craft_link.c - what devices tell each other on a link, as whole frames. */
#include "cases/craft_link.h"

#include <stdlib.h>
#include <string.h>

enum {
	FRAME = 128,
	LEAST = 60,
	HEADER = 14,
	CISCO_TREE = 0x010b,
	CDP = 0x2000
};

struct frame {
	uint8_t at[FRAME];
	size_t size;
};

static void put(struct frame *f, const void *bytes, size_t size)
{
	memcpy(f->at + f->size, bytes, size);
	f->size += size;
}

static void put_u8(struct frame *f, unsigned v)
{
	f->at[f->size++] = (uint8_t)v;
}

static void put_u16(struct frame *f, unsigned v)
{
	put_u8(f, v >> 8);
	put_u8(f, v);
}

static void put_mac(struct frame *f, const char *mac)
{
	for (int i = 0; i < 6; i++)
		put_u8(f, (unsigned)strtoul(mac + 3 * (size_t)i, NULL, 16));
}

static void begin(struct frame *f, const char *to, const char *from,
		  unsigned type)
{
	memset(f, 0, sizeof(*f));
	put_mac(f, to);
	put_mac(f, from);
	put_u16(f, type);
}

/* As it goes over a wire: padded, and with its length where it has one. */
static void send(struct craft *c, struct frame *f, bool length)
{
	if (length) {
		size_t at = f->at[12] == 0x81 ? HEADER + 2 : HEADER - 2;

		f->at[at + 1] = (uint8_t)(f->size - at - 2);
	}
	if (f->size < LEAST)
		f->size = LEAST;
	craft_frame(c, f->at, f->size, f->size);
}

static void put_snap(struct frame *f, unsigned id)
{
	put(f, "\xaa\xaa\x03\x00\x00\x0c", 6);
	put_u16(f, id);
}

void craft_bpdu(struct craft *c, const struct craft_bpdu *b)
{
	struct frame f;

	begin(&f, b->vlan ? "01:00:0c:cc:cc:cd" : "01:80:c2:00:00:00", b->from,
	      0);
	if (b->tag) {
		f.size -= 2;
		put_u16(&f, 0x8100);
		put_u16(&f, b->tag);
		put_u16(&f, 0);
	}
	if (b->vlan)
		put_snap(&f, CISCO_TREE);
	else
		put(&f, "\x42\x42\x03", 3);
	put_u16(&f, 0);
	put_u8(&f, b->version);
	put_u8(&f, b->type);
	put_u8(&f, b->flags);
	put_u16(&f, b->root_priority);
	put_mac(&f, b->root);
	put(&f, "\0\0\0\x04", 4);
	put_u16(&f, b->priority);
	put_mac(&f, b->bridge ? b->bridge : b->from);
	put(&f, "\x80\x01\0\0\x14\0\x02\0\x0f\0", 10);
	if (b->vlan || b->version)
		put_u8(&f, 0);
	if (b->vlan) {
		put(&f, "\0\0\0\x02", 4);
		put_u16(&f, b->vlan);
	}
	send(c, &f, true);
}

static void put_field(struct frame *f, unsigned type, const void *value,
		      size_t size)
{
	put_u16(f, type);
	put_u16(f, (unsigned)size + 4);
	put(f, value, size);
}

void craft_cdp(struct craft *c, const char *from, const char *id,
	       const char *port, uint16_t native, uint8_t duplex)
{
	const uint8_t vlan[2] = {(uint8_t)(native >> 8), (uint8_t)native};
	struct frame f;

	begin(&f, "01:00:0c:cc:cc:cc", from, 0);
	put_snap(&f, CDP);
	put(&f, "\x02\xb4\0\0", 4);
	put_field(&f, 1, id, strlen(id));
	put_field(&f, 3, port, strlen(port));
	put_field(&f, 10, vlan, 2);
	put_field(&f, 11, &duplex, 1);
	send(c, &f, true);
}

void craft_eapol(struct craft *c, const char *from, const char *to,
		 uint8_t type, uint8_t code, uint8_t id, uint8_t method)
{
	const unsigned size = type ? 0 : method ? 5 : 4;
	struct frame f;

	begin(&f, to ? to : "01:80:c2:00:00:03", from, 0x888e);
	put_u8(&f, 2);
	put_u8(&f, type);
	put_u16(&f, size);
	if (size) {
		put_u8(&f, code);
		put_u8(&f, id);
		put_u16(&f, size);
	}
	if (method)
		put_u8(&f, method);
	send(c, &f, false);
}
