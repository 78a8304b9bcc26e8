/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dissector.h - what a protocol's file in this room provides.
 *
 * A dissector turns bytes into host-order values in its layer and names what
 * follows.  It keeps no state, prints nothing and calls no other dissector:
 * the loop in frame.c does, to at most LAYERS_MAX layers.
 */
#ifndef UPSTACK_DISSECTORS_DISSECTOR_H
#define UPSTACK_DISSECTORS_DISSECTOR_H

#include "dissectors/dissect.h"

/* The name space of a label that tells what comes next. */
enum claim_space {
	BY_NOTHING,
	BY_LINK_TYPE, /* LINKTYPE_ */
	BY_ETHERTYPE,
	BY_IP_PROTO,
	BY_UDP_PORT,
	BY_PPP,
};

enum { CLAIMS_MAX = 6 };

struct claim {
	uint8_t space; /* enum claim_space */
	uint16_t label;
};

/* What a dissector reads and writes. */
struct dissection {
	struct packet *packet;
	struct layer *layer; /* its own */
	struct cursor *in;   /* stands at its first byte; afterwards at the
				payload, with the ends that the header declares */
	struct claim next;   /* what follows; BY_NOTHING: a payload */
	bool declined;	     /* not this protocol after all: no layer */
};

struct dissector {
	const char *name;	/* "udp": in reports and docs */
	const char *spec;	/* "RFC 768" */
	struct claim claims[CLAIMS_MAX]; /* outer labels that lead here */
	bool guess;		/* may decline; so must all that ports lead to */
	void (*dissect)(struct dissection *d);
};

/* Mark the layer as malformed: it contradicts itself.  `why` is static. */
static inline void layer_bad(struct dissection *d, const char *why,
			     uint32_t value)
{
	d->layer->state = WIRE_MALFORMED;
	d->layer->bad = why;
	d->layer->bad_value = value;
}

/* The layer is the packet's link layer.  Behind an IP layer it begins what a
 * tunnel carries. */
static inline void packet_set_eth(struct dissection *d)
{
	struct packet *p = d->packet;

	p->eth = d->layer;
	if (p->ip) {
		p->tunnels++;
		p->ip = p->arp = p->icmp = p->udp = p->tcp = p->fhrp = NULL;
	}
}

/* The layer is the packet's IP layer; a second one has come by a tunnel. */
static inline void packet_set_ip(struct dissection *d)
{
	struct packet *p = d->packet;

	if (p->ip) {
		p->tunnels++;
		p->arp = p->icmp = p->udp = p->tcp = p->fhrp = NULL;
	}
	if (!p->outer_ip)
		p->outer_ip = d->layer;
	p->ip = d->layer;
}

enum { LENGTH_MAX = 1500, ETHERTYPE_LLC = 4 };

/* What an ethertype field leads to.  A length (802.3) leads to LLC, which goes
 * by the number that Linux gives it; what lies behind it is padding. */
static inline void ethertype_follow(struct dissection *d, uint16_t type)
{
	d->next.space = BY_ETHERTYPE;
	d->next.label = type;
	if (type > LENGTH_MAX)
		return;
	d->next.label = ETHERTYPE_LLC;
	if (type > d->in->sent && !d->in->open_end) {
		layer_bad(d, "802.3 length beyond the frame", type);
		cursor_open_end(d->in);
	}
	*d->in = cursor_sub(d->in, type);
}

/* The row of a protocol; NULL for PROTO_none. */
const struct dissector *dissector_of(enum protocol proto);

#define X(name) extern const struct dissector name##_dissector;
DISSECTORS(X)
#undef X

#endif
