/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fcs.c - frame check sequences, where a capture kept them: damage on the wire.
 *
 * IEEE 802.3 3.2.9.  Few cards hand them up; a sequence of zeros was not filled
 * in yet, and what this host sends has none at all.
 */
#include "analysis/track/fcs.h"

#include <zlib.h>

enum { FCS = 4, INTERFACES = 64, TOLD = 8, LINK_ETHERNET = 1 };

struct counted {
	uint32_t checked, wrong;
	struct mac src; /* of the last wrong one */
	uint64_t frame;
	uint32_t link;
};

struct sequences {
	struct counted interface[INTERFACES];
};

struct sequences *sequences_new(const struct tracker_home *home)
{
	return arena_alloc(home->arena, sizeof(struct sequences));
}

static void tell(const struct counted *c, uint32_t interface, int64_t ns,
		 struct observer *out)
{
	struct observation *o = observe_begin(out, OBS_FCS, NULL);

	o->time_ns = ns;
	o->frame = c->frame;
	o->link = c->link;
	o->interface = interface;
	o->as.fcs.checked = c->checked;
	o->as.fcs.wrong = c->wrong;
	o->as.fcs.src = c->src;
	observe_end(out);
}

void sequence_packet(struct sequences *s, const struct packet *p,
		     struct observer *out)
{
	const struct frame *f = &p->frame;
	const uint8_t *at;
	struct counted *c;
	uint32_t sent;

	if (f->fcs != FCS || f->kept != f->sent ||
	    f->link_type != LINK_ETHERNET || f->interface >= INTERFACES ||
	    f->direction == FRAME_OUTBOUND)
		return;
	at = f->data + f->sent;
	sent = (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
	if (!sent)
		return;
	c = &s->interface[f->interface];
	c->checked++;
	if (crc32(0, f->data, f->sent) == sent)
		return;
	c->wrong++;
	c->frame = f->number;
	c->link = p->link;
	if (p->eth && p->eth->as.link.has_src)
		c->src = p->eth->as.link.src;
	if (c->wrong <= TOLD)
		tell(c, f->interface, f->time_ns, out);
}

void sequences_finish(const struct sequences *s, int64_t now_ns,
		      struct observer *out)
{
	for (uint32_t i = 0; i < INTERFACES; i++)
		if (s->interface[i].wrong)
			tell(&s->interface[i], i, now_ns, out);
}
