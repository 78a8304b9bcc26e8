/* SPDX-License-Identifier: BSD-3-Clause */
/* frame.c - walks a frame from layer to layer, as the labels lead. */
#include "dissectors/dissector.h"
#include "dissectors/usual.h"

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

/* Tried before all others, by its first claim: what nearly every frame has. */
static const uint8_t usual[] = {
	[BY_LINK_TYPE] = PROTO_ethernet, [BY_ETHERTYPE] = PROTO_ipv4,
	[BY_IP_PROTO] = PROTO_tcp,	 [BY_UDP_PORT] = FIRST_BY_PORT,
	[BY_PPP] = PROTO_ipv4,
};

static bool same(const struct claim *a, const struct claim *b)
{
	return a->space == b->space && a->label == b->label;
}

static bool claims(const struct dissector *d, const struct claim *c)
{
	for (unsigned i = 0; i < CLAIMS_MAX && d->claims[i].space; i++) {
		if (same(&d->claims[i], c))
			return true;
	}
	return false;
}

static enum protocol claimed_by(const struct claim *c)
{
	unsigned first = c->space == BY_UDP_PORT ? FIRST_BY_PORT : 1;

	if (same(&dissectors[usual[c->space]]->claims[0], c))
		return usual[c->space];
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
	p->twin = 0;
	p->crowd = false;
	p->lane = NULL;
	p->eth = p->arp = p->ip = p->outer_ip = NULL;
	p->icmp = p->udp = p->tcp = p->fhrp = NULL;
	p->payload = cursor_over(frame->data, frame->kept, frame->sent);
}

static void layer_begin(struct dissection *d, enum protocol proto)
{
	struct packet *p = d->packet;

	d->layer = &p->layers[p->layer_count];
	d->layer->proto = proto;
	d->layer->state = WIRE_WHOLE;
	d->layer->offset = (uint32_t)(d->in->at - p->frame.data);
	d->layer->bad = NULL;
	d->layer->bad_value = 0;
	d->next.space = BY_NOTHING;
}

/* Count the layer.  The cursor failed if something did not fit in it. */
static void layer_end(struct dissection *d)
{
	struct packet *p = d->packet;
	struct layer *layer = d->layer;

	p->layer_count++;
	if (d->in->state != WIRE_WHOLE && layer->state == WIRE_WHOLE) {
		layer->state = d->in->state;
		if (layer->state == WIRE_MALFORMED)
			layer->bad = "header longer than what carries it";
	}
	if (layer->state > p->state)
		p->state = layer->state;
}

/* A port is a hint, no more: what does not fit there is something else. */
static void guess_dissect(struct dissection *d, enum protocol proto)
{
	struct cursor start = *d->in;
	bool malformed;

	dissectors[proto]->dissect(d);
	malformed = d->in->state == WIRE_MALFORMED ||
		    d->layer->state == WIRE_MALFORMED;
	if (!d->declined && !((unsigned)proto >= FIRST_BY_PORT && malformed)) {
		layer_end(d);
		return;
	}
	*d->in = start;
	d->next.space = BY_NOTHING;
}

static void walk(struct packet *p, struct claim first)
{
	struct dissection d = {
		.packet = p,
		.in = &p->payload,
		.next = first,
	};

	while (d.next.space != BY_NOTHING && p->layer_count < LAYERS_MAX) {
		enum protocol proto = claimed_by(&d.next);

		if (proto == PROTO_none)
			break;
		layer_begin(&d, proto);
		if (dissectors[proto]->guess) {
			guess_dissect(&d, proto);
		} else {
			dissectors[proto]->dissect(&d);
			layer_end(&d);
		}
		if (d.in->state != WIRE_WHOLE)
			break;
	}
	p->link_unknown = p->layer_count == 0;
}

void packet_dissect(struct packet *p, const struct frame *frame)
{
	struct claim next;

	packet_begin(p, frame);
	next = usual_dissect(p);
	if (next.space != BY_NOTHING)
		walk(p, next);
}

const struct dissector *dissector_of(enum protocol proto)
{
	return proto < PROTOCOLS ? dissectors[proto] : NULL;
}

const char *protocol_name(enum protocol proto)
{
	return proto > PROTO_none && proto < PROTOCOLS ? dissectors[proto]->name
						       : "none";
}

bool link_type_known(uint16_t link_type)
{
	struct claim c = {BY_LINK_TYPE, link_type};

	return claimed_by(&c) != PROTO_none;
}
