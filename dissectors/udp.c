/* SPDX-License-Identifier: BSD-3-Clause */
/* udp.c - the UDP header.  RFC 768; a length of 0 is a jumbogram's (RFC 2675).
 */
#include "dissectors/fixed.h"

static void udp_dissect(struct dissection *d)
{
	struct udp_header *udp = &d->layer->as.udp;
	const uint8_t *h = cursor_take(d->in, UDP_HEADER);
	const struct layer *ip = d->packet->ip;
	uint32_t rest;

	if (!h)
		return;
	udp_read(udp, h);
	rest = udp->length - UDP_HEADER;
	if (udp->length == 0 && ip &&
	    (ip->as.ip.jumbo || ip->as.ip.length_zero))
		rest = d->in->sent;
	else if (udp->length < UDP_HEADER)
		layer_bad(d, "length below 8", udp->length);
	else if (rest > d->in->sent && !d->in->open_end)
		layer_bad(d, "length beyond the IP packet", udp->length);
	if (d->layer->state != WIRE_WHOLE)
		return;
	*d->in = cursor_sub(d->in, rest);
	d->packet->udp = d->layer;
	d->next = (struct claim){BY_UDP_PORT, udp->dst_port};
}

const struct dissector udp_dissector = {
	.name = "udp",
	.spec = "RFC 768",
	.claims = {{BY_IP_PROTO, 17}},
	.dissect = udp_dissect,
};
