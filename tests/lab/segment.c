/* SPDX-License-Identifier: BSD-3-Clause */
/* segment.c - TCP segmentation as a card does it. */
#include "lab/segment.h"

#include <string.h>

#include "lab/frame.h"

uint32_t segment_count(const struct frame *super)
{
	uint32_t size = super->offload.segment;

	if (!size || super->view.data <= size)
		return 1;
	return (super->view.data + size - 1) / size;
}

struct frame *segment_cut(const struct frame *super, uint32_t n)
{
	const struct view *v = &super->view;
	uint32_t size = super->offload.segment, begin = n * size;
	uint32_t bytes = v->data - begin < size ? v->data - begin : size;
	struct frame *f = frame_new(v->payload + bytes);
	uint8_t *ip = f->bytes + ETHERNET, *tcp = f->bytes + v->transport;

	memcpy(f->bytes, super->bytes, v->payload);
	memcpy(f->bytes + v->payload, super->bytes + v->payload + begin, bytes);
	if (v->version == 4) {
		put16(ip + 2, f->length - ETHERNET);
		put16(ip + 4, v->ip_id + n);
	} else {
		put16(ip + 4, f->length - ETHERNET - 40);
	}
	put32(tcp + 4, v->seq + begin);
	if (n + 1 < segment_count(super))
		tcp[13] &= (uint8_t) ~(FIN | PSH);
	f->up = super->up;
	frame_look(f);
	frame_checksum(f);
	return f;
}
