/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_dissect.c - any frame becomes layers that lie in it.
 *
 * The first byte chooses the link type, the second is how much of the frame was
 * not captured.
 */
#include <stdlib.h>
#include <string.h>

#include "dissectors/dissect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint16_t links[] = {1,  0,	  108, 9,   50,	 51,  101, 12,
				 14, 104, 107, 113, 276, 228, 229};

static void must(bool right)
{
	if (!right)
		abort();
}

static void check_layer(const struct packet *p, unsigned i)
{
	const struct layer *layer = &p->layers[i];

	must(layer->proto > PROTO_none && layer->proto < PROTOCOLS);
	must(layer->offset <= p->frame.kept);
	must(i == 0 || layer->offset >= layer[-1].offset);
	must(layer->state <= p->state);
	must((layer->state == WIRE_MALFORMED) == (layer->bad != NULL));
}

static void check_pointer(const struct packet *p, const struct layer *layer)
{
	must(!layer ||
	     (layer >= p->layers && layer < p->layers + p->layer_count));
}

static void check(const struct packet *p)
{
	const uint8_t *end = p->frame.data + p->frame.kept;

	must(p->layer_count <= LAYERS_MAX && p->vlan_count <= VLANS_MAX);
	must(p->payload.kept <= p->payload.sent);
	must(p->payload.at >= p->frame.data && p->payload.at <= end);
	must(p->payload.kept <= (size_t)(end - p->payload.at));
	for (unsigned i = 0; i < p->layer_count; i++)
		check_layer(p, i);
	check_pointer(p, p->eth);
	check_pointer(p, p->arp);
	check_pointer(p, p->ip);
	check_pointer(p, p->outer_ip);
	check_pointer(p, p->icmp);
	check_pointer(p, p->udp);
	check_pointer(p, p->tcp);
	check_pointer(p, p->fhrp);
	must(!p->tcp || (p->ip && p->tcp->as.tcp.header_len >= 20));
	must(!p->ip || p->ip->as.ip.total_len >= p->ip->as.ip.header_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct packet p;
	struct frame frame = {.number = 1};

	if (size < 2)
		return 0;
	frame.link_type = links[data[0] % (sizeof(links) / sizeof(*links))];
	frame.data = data + 2;
	frame.kept = (uint32_t)size - 2;
	frame.sent = frame.kept + data[1];
	memset(&p, 0xa5, sizeof(p)); /* what is not written must not matter */
	packet_dissect(&p, &frame);
	check(&p);
	return 0;
}
