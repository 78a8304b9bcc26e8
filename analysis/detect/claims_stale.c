/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * claims_stale.c - an address has moved to another card, and a sender goes on
 * using the MAC of before, which answers nothing.
 */
#include "analysis/detect/claims.h"

enum { PACKETS = 5, PACKETS_REPEATED = 3 };

/* The one that took the address over last. */
static const struct rival *successor(const struct claimed *x,
				     const struct rival *old)
{
	const struct rival *best = NULL;

	for (uint8_t i = 0; i < x->rivals; i++) {
		const struct rival *r = &x->rival[i];

		if (r != old && r->last_ns > old->last_ns &&
		    (!best || r->last_ns > best->last_ns))
			best = r;
	}
	return best;
}

static void describe(struct finding *f, const struct claims *s,
		     const struct claimed_key *key, const struct rival *old,
		     const struct rival *new)
{
	char addr[ADDR_TEXT], from[ADDR_TEXT], was[MAC_TEXT], is[MAC_TEXT];
	char when[WHEN_TEXT], frames[FRAMES_TEXT];

	finding_restate(f);
	addr_text(&key->addr, addr);
	addr_text(&old->stray_from, from);
	mac_text(&old->mac, was);
	mac_text(&new->mac, is);
	finding_title(f, "%s still sends to the old MAC of %s", from, addr);
	finding_summary(f,
			"%s moved from %s to %s at %s (frame %llu). %s goes on "
			"sending its packets for it to %s: %u of them since "
			"then, none answered (%s). ",
			addr, was, is, when_clock(new->first_ns, when),
			(unsigned long long)new->frames.frame[0], from, was,
			(unsigned)old->stray_packets,
			frames_text(&old->stray_frames, frames));
	if (!new->broadcast)
		finding_add(f, "The new card did not announce itself to all.");
	finding_filter(f, s->words->filter, addr);
	finding_advise(f, "On %s: ip neigh del %s dev DEVICE", from, addr);
	finding_advise(f,
		       "Let the new holder announce the address when it "
		       "takes it over: arping -U %s",
		       addr);
}

void stale_judge(struct claims *s, const struct claimed_key *key,
		 struct claimed *x, struct rival *old,
		 const struct detector_context *c)
{
	struct subject subject = subject_host(&key->addr);
	const struct rival *new = successor(x, old);
	uint64_t last_frame;
	struct finding *f;

	if (!new || x->spoofed || x->conflict || old->stray_packets < PACKETS ||
	    known_is_ha(c->known, key->link, &key->addr, &old->mac))
		return;
	if (known_mac_last(c->known, key->link, &old->mac, &last_frame) >
	    new->first_ns)
		return;
	/* from the move on: what failed before the packets were enough for a
	 * proof failed for the same reason */
	f = finding_raise(c->findings, s->words->stale, &subject, "",
			  new->first_ns, old->stray_last_ns);
	if (!f)
		return;
	x->stale = true;
	f->count = old->stray_packets;
	f->confidence = new->broadcast ? CERTAIN : LIKELY;
	finding_frame(f, new->frames.frame[0]);
	finding_frame(f, last_frame);
	frames_prove(&old->stray_frames, f);
	describe(f, s, key, old, new);
}
