/* SPDX-License-Identifier: BSD-3-Clause */
/* icmpv6.c - ICMPv6, with the packet that an error quotes.  RFC 4443. */
#include "dissectors/checksum.h"
#include "dissectors/nd.h"
#include "dissectors/quote.h"

enum {
	ICMPV6_FIXED = 4, /* type, code, checksum */
	PROTOCOL_ICMPV6 = 58,
	TYPE_TOO_BIG = 2,
	TYPE_INFORMATIONAL = 128,
	TYPE_ECHO = 128,
	TYPE_ECHO_REPLY = 129,
	TYPE_MLD_QUERY = 130, /* RFC 2710 */
	TYPE_MLD_DONE = 132,
};

/* Behind a routing header the sum is over the final destination. */
static bool sum_is_wrong(const struct packet *p, const struct cursor *message)
{
	const struct ip_header *ip;

	if (!p->ip || message->kept != message->sent || message->open_end)
		return false;
	ip = &p->ip->as.ip;
	if (ip->source_routed)
		return false;
	return checksum_end(checksum_add(checksum_pseudo(&ip->src, &ip->dst,
							 PROTOCOL_ICMPV6,
							 message->sent),
					 message->at, message->kept)) != 0;
}

static void read_body(struct dissection *d, struct icmp_header *icmp)
{
	uint32_t word;

	if (icmp->type >= ND_ROUTER_SOLICITATION && icmp->type <= ND_REDIRECT) {
		nd_read(d, icmp);
		return;
	}
	word = cursor_u32(d->in);
	if (icmp->type == TYPE_ECHO || icmp->type == TYPE_ECHO_REPLY) {
		icmp->echo_id = word >> 16;
		icmp->echo_seq = (uint16_t)word;
	}
	if (icmp->type == TYPE_TOO_BIG)
		icmp->mtu = word;
	if (icmp->type >= TYPE_MLD_QUERY && icmp->type <= TYPE_MLD_DONE) {
		uint8_t group[16];

		cursor_copy(d->in, group, sizeof(group));
		icmp->target = addr_v6(group);
	}
	icmp->is_error = icmp->type < TYPE_INFORMATIONAL;
	if (icmp->is_error)
		quote_read(&icmp->quote, *d->in);
}

static void icmpv6_dissect(struct dissection *d)
{
	struct icmp_header *icmp = &d->packet->icmp_header;
	bool wrong = sum_is_wrong(d->packet, d->in);
	const uint8_t *h = cursor_take(d->in, ICMPV6_FIXED);

	memset(icmp, 0, sizeof(*icmp));
	d->layer->as.icmp = icmp;
	if (!h)
		return;
	icmp->type = h[0];
	icmp->code = h[1];
	icmp->checksum = load_be16(h + 2);
	icmp->checksum_bad = wrong;
	read_body(d, icmp);
	if (d->layer->state == WIRE_WHOLE && d->in->state == WIRE_WHOLE)
		d->packet->icmp = d->layer;
}

const struct dissector icmpv6_dissector = {
	.name = "icmpv6",
	.spec = "RFC 4443",
	.claims = {{BY_IP_PROTO, 58}},
	.dissect = icmpv6_dissect,
};
