/* SPDX-License-Identifier: BSD-3-Clause */
/* frame.c - walks a frame from layer to layer, as the labels lead. */
#include "dissectors/dissector.h"

static const struct dissector *const dissectors[PROTOCOLS] = {
#define X(name) [PROTO_##name] = &name##_dissector,
	DISSECTORS(X)
#undef X
};

/* The protocols that UDP ports lead to are the last of the list. */
enum {
#define X(name) +1
	BY_PORT = 0 DISSECTORS_BY_PORT(X),
#undef X
	FIRST_BY_PORT = PROTOCOLS - BY_PORT,
};

static bool claims(const struct dissector *d, struct claim c)
{
	for (unsigned i = 0; i < CLAIMS_MAX && d->claims[i].space; i++) {
		if (d->claims[i].space == c.space &&
		    d->claims[i].label == c.label)
			return true;
	}
	return false;
}

static enum protocol claimed_by(struct claim c)
{
	unsigned first = c.space == BY_UDP_PORT ? FIRST_BY_PORT : 1;

	for (unsigned i = first; i < PROTOCOLS; i++) {
		if (claims(dissectors[i], c))
			return i;
	}
	return PROTO_none;
}

static void packet_begin(struct packet *p, const struct frame *frame)
{
	p->frame = *frame;
	p->link = 0;
	p->layer_count = p->vlan_count = p->tunnels = 0;
	p->state = WIRE_WHOLE;
	p->link_unknown = false;
	p->eth = p->arp = p->ip = p->outer_ip = NULL;
	p->icmp = p->udp = p->tcp = p->fhrp = NULL;
	p->payload = cursor_over(frame->data, frame->kept, frame->sent);
}

/* A port is a hint, no more: what does not fit there is something else. */
static bool is_no_layer(const struct dissection *d, enum protocol proto)
{
	bool malformed = d->in->state == WIRE_MALFORMED ||
			 d->layer->state == WIRE_MALFORMED;

	return d->declined || ((unsigned)proto >= FIRST_BY_PORT && malformed);
}

/* One layer; whether another may follow. */
static bool layer_dissect(struct dissection *d, enum protocol proto)
{
	struct packet *p = d->packet;
	struct layer *layer = &p->layers[p->layer_count];
	struct cursor start = *d->in;

	layer->proto = proto;
	layer->state = WIRE_WHOLE;
	layer->offset = start.at - p->frame.data;
	layer->bad = NULL;
	layer->bad_value = 0;
	d->layer = layer;
	d->next.space = BY_NOTHING;
	dissectors[proto]->dissect(d);
	if (is_no_layer(d, proto)) {
		*d->in = start;
		return false;
	}
	p->layer_count++;
	if (d->in->state != WIRE_WHOLE && layer->state == WIRE_WHOLE) {
		layer->state = d->in->state;
		if (layer->state == WIRE_MALFORMED)
			layer->bad = "header longer than what carries it";
	}
	if (layer->state > p->state)
		p->state = layer->state;
	return layer->state == WIRE_WHOLE;
}

void packet_dissect(struct packet *p, const struct frame *frame)
{
	struct dissection d = {
		.packet = p,
		.in = &p->payload,
		.next = {BY_LINK_TYPE, frame->link_type},
	};

	packet_begin(p, frame);
	while (d.next.space != BY_NOTHING && p->layer_count < LAYERS_MAX) {
		enum protocol proto = claimed_by(d.next);

		if (proto == PROTO_none || !layer_dissect(&d, proto))
			break;
	}
	p->link_unknown = p->layer_count == 0;
}

const char *protocol_name(enum protocol proto)
{
	return proto > PROTO_none && proto < PROTOCOLS ? dissectors[proto]->name
						       : "none";
}

bool link_type_known(uint16_t link_type)
{
	struct claim c = {BY_LINK_TYPE, link_type};

	return claimed_by(c) != PROTO_none;
}
