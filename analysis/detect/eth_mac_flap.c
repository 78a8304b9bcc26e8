/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * eth_mac_flap.c - one MAC address that is now here, now there: in two VLANs or
 * at two interfaces by turns, or at another port while it is this host's own.
 *
 * A router has one MAC in many VLANs and an address in each; a station that has
 * one address has one place.  Judged by the ARP messages, which stations send
 * themselves.  Of two interfaces only broadcasts count: a bundle of links
 * spreads what goes to single stations over its members.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"

enum { TURNS = 4, CLONES = 3, OWN_AGAIN = 64, PLACE_TEXT = 80 };

#define WINDOW_NS (10 * NS_PER_S)
#define TWIN_NS	  (20 * NS_PER_MS) /* the same frame under two tags */

static const struct finding_def eth_mac_flap = {
	.id = "eth.mac_flap",
	.layer = LAYER_DATA_LINK,
	.most = WARNING,
	.subject = SUBJECT_HOST,
	.title = "One MAC address appears in two places by turns",
	.advice = {"The MAC table of the switch: between which ports does it "
		   "move?"},
};

struct spot {
	uint32_t interface;
	uint16_t vlan;
};

struct place {
	struct spot at, other; /* where it is, and where it was before */
	uint32_t link;
	struct addr address;
	bool several; /* addresses, or places at once */
	int64_t last_ns, turn_ns[TURNS];
	uint32_t turns;
	struct frame_list frames;
};

/* A station as one interface sends or hears it. */
struct own_key {
	uint32_t interface;
	struct mac mac;
	uint8_t pad[2];
};

struct own {
	bool sent; /* by the host of the capture */
	uint32_t heard;
	int64_t first_ns;
	struct addr claims; /* in what was heard */
	struct frame_list frames;
};

struct flap_watch {
	struct table *macs, *own, *bundled; /* bundled: interfaces of LACP */
	bool copied, retagged;	   /* by the capture, in other places */
	uint64_t again[OWN_AGAIN]; /* frames that were seen before */
	uint32_t agains;
};

static void *flap_open(struct arena *home, const struct limits *limits,
		       struct hash_key key)
{
	const struct table_spec spec = {"places of stations",
					sizeof(struct mac),
					sizeof(struct place), limits->macs / 4};
	const struct table_spec own = {"own MACs", sizeof(struct own_key),
				       sizeof(struct own), 1024};
	const struct table_spec bundled = {"interfaces with LACP",
					   sizeof(uint32_t), 1, 256};
	struct flap_watch *w = arena_alloc(home, sizeof(*w));

	if (!w)
		return NULL;
	w->macs = table_new(home, &spec, key);
	w->own = table_new(home, &own, key);
	w->bundled = table_new(home, &bundled, key);
	return w->macs && w->own && w->bundled ? w : NULL;
}

static const char *interface_name(uint32_t interface,
				  const struct detector_context *c,
				  char out[static PLACE_TEXT])
{
	const struct source *s = c->coverage->source;
	const char *name = s && interface < source_interfaces(s)
				   ? source_interface(s, interface)->name
				   : "";

	snprintf(out, PLACE_TEXT, name[0] ? "%.64s" : "interface %.0s%" PRIu32,
		 name, interface);
	return out;
}

static const char *spot_text(const struct spot *s, bool vlans,
			     const struct detector_context *c,
			     char out[static PLACE_TEXT])
{
	if (!vlans)
		return interface_name(s->interface, c, out);
	snprintf(out, PLACE_TEXT, "VLAN %u", s->vlan);
	return out;
}

static void flap_raise(struct place *p, const struct mac *mac,
		       const struct observation *o,
		       const struct detector_context *c)
{
	int64_t first_ns = p->turn_ns[p->turns % TURNS];
	bool vlans = p->at.interface == p->other.interface;
	char text[MAC_TEXT], addr[ADDR_TEXT], list[FRAMES_TEXT];
	char at[PLACE_TEXT], other[PLACE_TEXT];
	struct subject subject = subject_mac(mac);
	struct finding *f;

	subject.a = p->address;
	f = finding_raise(c->findings, &eth_mac_flap, &subject, "", first_ns,
			  o->time_ns);
	if (!f)
		return;
	f->count = p->turns;
	f->confidence = LIKELY;
	finding_restate(f);
	mac_text(mac, text);
	spot_text(&p->at, vlans, c, at);
	spot_text(&p->other, vlans, c, other);
	finding_title(f, "%s appears in %s and %s by turns", text, at, other);
	finding_summary(f,
			"%s, which has the one address %s, changed its place "
			"%u times (%s), between %s and %s. A station has one "
			"place: two have the same MAC, or a loop carries its "
			"frames about.",
			text, addr_text(&p->address, addr), p->turns,
			frames_text(&p->frames, list), other, at);
	finding_filter(f, "eth.src == %s", text);
	finding_advise(f,
		       "The MAC table of the switch: between which ports "
		       "does %s move?",
		       text);
	finding_advise(f, "A cloned virtual machine has the MAC of its model");
	frames_prove(&p->frames, f);
}

static void note_address(struct place *p, const struct addr *a)
{
	if (!addr_is_host(a))
		return;
	if (!p->address.family)
		p->address = *a;
	else if (!addr_equal(&p->address, a))
		p->several = true;
}

static bool same_spot(const struct spot *a, const struct spot *b)
{
	return a->interface == b->interface && a->vlan == b->vlan;
}

static void moved(struct place *p, const struct mac *mac, const struct spot *to,
		  const struct observation *o, const struct detector_context *c)
{
	p->other = p->at;
	p->at = *to;
	p->turn_ns[p->turns++ % TURNS] = o->time_ns;
	frames_note(&p->frames, o->frame);
	if (p->turns < TURNS || p->several || !p->address.family ||
	    o->time_ns - p->turn_ns[p->turns % TURNS] > WINDOW_NS ||
	    known_is_router(c->known, o->link, mac) ||
	    known_is_router(c->known, p->link, mac))
		return;
	flap_raise(p, mac, o, c);
}

/* Two captures that were put together: their clocks may differ. */
static bool same_file(uint32_t a, uint32_t b, const struct detector_context *c)
{
	const struct source *s = c->coverage->source;

	return !s || strcmp(source_interface(s, a)->file,
			    source_interface(s, b)->file) == 0;
}

/* Under two tags of one interface, or in the same VLAN of another. */
static bool is_turn(const struct flap_watch *w, const struct place *p,
		    const struct spot *to, const struct detector_context *c)
{
	if (!p->last_ns)
		return false;
	if (to->interface == p->at.interface)
		return !w->retagged && to->vlan && p->at.vlan &&
		       to->vlan != p->at.vlan;
	return !w->copied && to->vlan == p->at.vlan &&
	       same_file(to->interface, p->at.interface, c) &&
	       !table_find(w->bundled, &to->interface) &&
	       !table_find(w->bundled, &p->at.interface);
}

static void note_place(struct flap_watch *w, const struct observation *o,
		       const struct detector_context *c)
{
	const struct arp_fact *a = &o->as.arp;
	const struct spot to = {o->interface, o->vlan};
	struct place *p = table_add(w->macs, &a->eth_src, NULL);

	if (!p)
		return;
	if (p->last_ns && to.interface == p->at.interface && !to.vlan)
		return;
	if (p->last_ns && to.interface != p->at.interface &&
	    !mac_is_group(&a->eth_dst))
		return;
	note_address(p, &a->sender);
	if (is_turn(w, p, &to, c)) {
		/* the same frame in two places is a mirror's */
		if (o->time_ns - p->last_ns <= TWIN_NS)
			p->several = true;
		/* a third place: it is everywhere, as what joins VLANs is */
		if (p->turns && !same_spot(&to, &p->other))
			p->several = true;
		moved(p, &a->eth_src, &to, o, c);
	}
	p->at = to;
	p->link = o->link;
	p->last_ns = o->time_ns;
}

static void clone_raise(const struct own *x, const struct own_key *key,
			const struct observation *o,
			const struct detector_context *c)
{
	struct subject subject = subject_mac(&key->mac);
	char text[MAC_TEXT], addr[ADDR_TEXT], list[FRAMES_TEXT];
	char name[PLACE_TEXT];
	struct finding *f = finding_raise(c->findings, &eth_mac_flap, &subject,
					  "clone", x->first_ns, o->time_ns);

	if (!f)
		return;
	f->count = x->heard;
	f->confidence = LIKELY;
	finding_restate(f);
	mac_text(&key->mac, text);
	finding_title(f, "Another station has the MAC of this host, %s", text);
	finding_summary(f,
			"%s is the MAC of %s, where this was captured. Yet %u "
			"frames with it came in there that this host had not "
			"sent (%s)",
			text, interface_name(key->interface, c, name), x->heard,
			frames_text(&x->frames, list));
	if (x->claims.family)
		finding_add(f, ", of a station with the address %s",
			    addr_text(&x->claims, addr));
	finding_add(f, ". The switch sends what is for the one now to the one, "
		       "now to the other.");
	finding_filter(f, "eth.src == %s", text);
	finding_advise(f,
		       "The MAC table of the switch: between which ports "
		       "does %s move?",
		       text);
	finding_advise(f, "A cloned virtual machine has the MAC of its model");
	frames_prove(&x->frames, f);
}

static bool was_seen(const struct flap_watch *w, uint64_t frame)
{
	for (uint32_t i = 0; i < OWN_AGAIN && i < w->agains; i++)
		if (w->again[i] == frame)
			return true;
	return false;
}

/* What comes in with a MAC that goes out here: unless it is a frame of our own
 * that a loop brings back, there are two of it. */
static void note_own(struct flap_watch *w, const struct observation *o,
		     const struct detector_context *c)
{
	const struct arp_fact *a = &o->as.arp;
	struct own_key key;
	struct own *x;

	memset(&key, 0, sizeof(key));
	key.interface = o->interface;
	key.mac = a->eth_src;
	if (a->direction == FRAME_OUTBOUND) {
		x = table_add(w->own, &key, NULL);
		if (x)
			x->sent = true;
		return;
	}
	x = table_find(w->own, &key);
	if (a->direction != FRAME_INBOUND || !x || was_seen(w, o->frame))
		return;
	if (!x->heard++)
		x->first_ns = o->time_ns;
	if (addr_is_host(&a->sender))
		x->claims = a->sender;
	frames_note(&x->frames, o->frame);
	if (x->heard >= CLONES)
		clone_raise(x, &key, o, c);
}

static void note_arp(struct flap_watch *w, const struct observation *o,
		     const struct detector_context *c)
{
	const struct arp_fact *a = &o->as.arp;

	if (!mac_is_station(&a->eth_src) || mac_is_shared(&a->eth_src))
		return;
	note_own(w, o, c);
	if (a->direction != FRAME_OUTBOUND)
		note_place(w, o, c);
}

static void flap_observe(void *self, const struct observation *o,
			 const struct detector_context *c)
{
	struct flap_watch *w = self;

	if (o->kind == OBS_ARP)
		note_arp(w, o, c);
	else if (o->kind == OBS_SAME_PACKET)
		w->again[w->agains++ % OWN_AGAIN] = o->frame;
	else if (o->kind == OBS_LACP)
		table_add(w->bundled, &o->interface, NULL);
	else if (o->as.copy.kind == COPY_INTERFACE)
		w->copied = true;
	else if (o->as.copy.kind == COPY_TAG)
		w->retagged = true;
}

static void flap_limits(void *self, struct checks *out)
{
	const struct flap_watch *w = self;

	check_table(out, w->macs);
}

static const struct finding_def *const flap_findings[] = {&eth_mac_flap, NULL};

static const enum observation_kind flap_wants[] = {
	OBS_ARP, OBS_SAME_PACKET, OBS_COPY, OBS_LACP, OBSERVATIONS};

const struct detector eth_mac_flap_detector = {
	.name = "eth_mac_flap",
	.findings = flap_findings,
	.wants = flap_wants,
	.open = flap_open,
	.observe = flap_observe,
	.limits = flap_limits,
};
