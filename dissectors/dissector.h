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
};

struct dissector {
	const char *name;	/* "udp": in reports and docs */
	const char *spec;	/* "RFC 768" */
	struct claim claims[6]; /* outer labels that lead here */
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

#define X(name) extern const struct dissector name##_dissector;
DISSECTORS(X)
#undef X

#endif
