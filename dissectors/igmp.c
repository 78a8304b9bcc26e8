/* SPDX-License-Identifier: BSD-3-Clause */
/* igmp.c - IGMP, all versions.  RFC 2236, RFC 3376. */
#include "dissectors/dissector.h"

enum { IGMP_HEADER = 8, TYPE_REPORT_3 = 0x22 };

static void igmp_dissect(struct dissection *d)
{
	struct igmp_header *igmp = &d->layer->as.igmp;
	const uint8_t *h = cursor_take(d->in, IGMP_HEADER);

	memset(igmp, 0, sizeof(*igmp));
	if (!h)
		return;
	igmp->type = h[0];
	if (igmp->type != TYPE_REPORT_3) {
		igmp->max_response = h[1];
		igmp->group = addr_v4(h + 4);
		return;
	}
	igmp->records = load_be16(h + 6);
	if (igmp->records && d->in->kept >= 8)
		igmp->group = addr_v4(d->in->at + 4);
}

const struct dissector igmp_dissector = {
	.name = "igmp",
	.spec = "RFC 3376",
	.claims = {{BY_IP_PROTO, 2}},
	.dissect = igmp_dissect,
};
