/* SPDX-License-Identifier: BSD-3-Clause */
/* wire.c - packets written as hex in tests, and what cutting them must give. */
#include "unit/wire.h"

#include <stdlib.h>

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

struct wire_bytes wire_hex(const char *text)
{
	struct wire_bytes bytes = {.size = 0};
	int high = -1;

	for (; *text; text++) {
		int d = digit(*text);

		if (*text == '#') {
			while (text[1] && *text != '\n')
				text++;
			continue;
		}
		if (d < 0) {
			assert_true(*text == ' ' || *text == '\n');
		} else if (high < 0) {
			high = d;
		} else {
			assert_true(bytes.size < WIRE_MAX);
			bytes.at[bytes.size++] = (uint8_t)(high << 4 | d);
			high = -1;
		}
	}
	assert_int_equal(high, -1);
	return bytes;
}

void wire_dissect(struct packet *p, uint16_t link_type,
		  const struct wire_bytes *bytes, uint32_t kept, uint32_t sent)
{
	struct frame frame = {
		.number = 1,
		.data = bytes->at,
		.kept = kept,
		.sent = sent,
		.link_type = link_type,
	};

	memset(p, 0xa5, sizeof(*p));
	packet_dissect(p, &frame);
}

void wire_packet(struct packet *p, uint16_t link_type,
		 const struct wire_bytes *bytes)
{
	wire_dissect(p, link_type, bytes, bytes->size, bytes->size);
}

const struct layer *wire_layer(const struct packet *p, enum protocol proto)
{
	for (unsigned i = 0; i < p->layer_count; i++) {
		if (p->layers[i].proto == proto)
			return &p->layers[i];
	}
	return NULL;
}

void assert_addr(const struct addr *a, const char *want)
{
	char text[ADDR_TEXT];

	assert_string_equal(addr_text(a, text), want);
}

/* A frame in memory of exactly its size, so that a read past it is noticed. */
static void dissect_exact(struct packet *p, uint16_t link_type,
			  const struct wire_bytes *bytes, uint32_t kept,
			  uint32_t sent)
{
	uint8_t *exact = malloc(kept ? kept : 1);
	struct frame frame = {
		.number = 1,
		.data = exact,
		.kept = kept,
		.sent = sent,
		.link_type = link_type,
	};

	assert_non_null(exact);
	memcpy(exact, bytes->at, kept);
	memset(p, 0xa5, sizeof(*p));
	packet_dissect(p, &frame);
	free(exact);
}

void assert_every_prefix(uint16_t link_type, const struct wire_bytes *bytes,
			 enum protocol proto, uint32_t size)
{
	static struct packet p;
	const struct layer *layer;
	uint32_t start;

	wire_packet(&p, link_type, bytes);
	layer = wire_layer(&p, proto);
	assert_non_null(layer);
	assert_int_equal(layer->state, WIRE_WHOLE);
	start = layer->offset;
	for (uint32_t kept = start; kept < start + size; kept++) {
		dissect_exact(&p, link_type, bytes, kept, bytes->size);
		layer = wire_layer(&p, proto);
		assert_non_null(layer);
		assert_int_equal(layer->state, WIRE_TRUNCATED);
		assert_int_equal(p.state, WIRE_TRUNCATED);
		dissect_exact(&p, link_type, bytes, kept, kept);
		assert_true(p.state == WIRE_MALFORMED ||
			    !wire_layer(&p, proto));
	}
	for (uint32_t kept = start + size; kept < bytes->size; kept++) {
		dissect_exact(&p, link_type, bytes, kept, bytes->size);
		layer = wire_layer(&p, proto);
		assert_non_null(layer);
		assert_int_equal(layer->state, WIRE_WHOLE);
	}
}
