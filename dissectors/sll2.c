/* SPDX-License-Identifier: BSD-3-Clause */
/* sll2.c - Linux cooked capture, version 2 (LINKTYPE_LINUX_SLL2). */
#include "dissectors/cooked.h"

enum { SLL2_HEADER = 20 };

static void sll2_dissect(struct dissection *d)
{
	const uint8_t *h = cursor_take(d->in, SLL2_HEADER);

	if (!h)
		return;
	cooked_link(d, &(struct cooked){
			       .ethertype = load_be16(h),
			       .ifindex = load_be32(h + 4),
			       .hardware = load_be16(h + 8),
			       .packet_type = h[10],
			       .address_length = h[11],
			       .address = h + 12,
		       });
}

const struct dissector sll2_dissector = {
	.name = "sll2",
	.spec = "LINKTYPE_LINUX_SLL2",
	.claims = {{BY_LINK_TYPE, 276}},
	.dissect = sll2_dissect,
};
