/* SPDX-License-Identifier: BSD-3-Clause */
/* icmp.c - ICMP for IPv4, with the packet that an error quotes.  RFC 792. */
#include "dissectors/checksum.h"
#include "dissectors/dissector.h"
#include "dissectors/quote.h"

enum {
	ICMP_HEADER = 8,
	TYPE_ECHO_REPLY = 0,
	TYPE_UNREACHABLE = 3,
	TYPE_SOURCE_QUENCH = 4,
	TYPE_REDIRECT = 5,
	TYPE_ECHO = 8,
	TYPE_TIME_EXCEEDED = 11,
	TYPE_PARAMETER = 12,
	CODE_FRAGMENTATION_NEEDED = 4,
};

static bool quotes(uint8_t type)
{
	return type == TYPE_UNREACHABLE || type == TYPE_SOURCE_QUENCH ||
	       type == TYPE_REDIRECT || type == TYPE_TIME_EXCEEDED ||
	       type == TYPE_PARAMETER;
}

static bool sum_is_wrong(const struct cursor *message)
{
	if (message->kept != message->sent || message->open_end)
		return false;
	return checksum_end(checksum_add(0, message->at, message->kept)) != 0;
}

/* The MTU (RFC 1191) is 0 from routers that do not know of it. */
static void icmp_dissect(struct dissection *d)
{
	struct icmp_header *icmp = &d->packet->icmp_header;
	bool wrong = sum_is_wrong(d->in);
	const uint8_t *h = cursor_take(d->in, ICMP_HEADER);

	memset(icmp, 0, sizeof(*icmp));
	d->layer->as.icmp = icmp;
	if (!h)
		return;
	icmp->type = h[0];
	icmp->code = h[1];
	icmp->checksum = load_be16(h + 2);
	icmp->checksum_bad = wrong;
	icmp->is_error = quotes(icmp->type);
	if (icmp->type == TYPE_ECHO || icmp->type == TYPE_ECHO_REPLY) {
		icmp->echo_id = load_be16(h + 4);
		icmp->echo_seq = load_be16(h + 6);
	}
	if (icmp->type == TYPE_UNREACHABLE &&
	    icmp->code == CODE_FRAGMENTATION_NEEDED)
		icmp->mtu = load_be16(h + 6);
	if (icmp->is_error)
		quote_read(&icmp->quote, *d->in);
	if (icmp->type == TYPE_REDIRECT) {
		icmp->gateway = addr_v4(h + 4);
		icmp->target = icmp->quote.dst;
	}
	d->packet->icmp = d->layer;
}

const struct dissector icmp_dissector = {
	.name = "icmp",
	.spec = "RFC 792",
	.claims = {{BY_IP_PROTO, 1}},
	.dissect = icmp_dissect,
};
