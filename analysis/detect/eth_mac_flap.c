/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * eth_mac_flap.c - one MAC address that is now in one VLAN, now in another.
 *
 * A router has one MAC in many VLANs and an address in each; a station that has
 * one address has one place.  Judged by the ARP messages, which stations send
 * themselves.
 */
#include <string.h>

#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"

enum { TURNS = 4 };

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

struct place {
	uint32_t interface, link;
	uint16_t vlan, other; /* where it is, and where it was before */
	struct addr address;
	bool several; /* addresses, or places at once */
	int64_t last_ns, turn_ns[TURNS];
	uint32_t turns;
	struct frame_list frames;
};

struct flap_watch {
	struct table *macs;
};

static void *flap_open(struct arena *home, const struct limits *limits,
		       struct hash_key key)
{
	const struct table_spec spec = {"places of stations",
					sizeof(struct mac),
					sizeof(struct place), limits->macs / 4};
	struct flap_watch *w = arena_alloc(home, sizeof(*w));

	if (!w)
		return NULL;
	w->macs = table_new(home, &spec, key);
	return w->macs ? w : NULL;
}

static void flap_raise(struct place *p, const struct mac *mac,
		       const struct observation *o,
		       const struct detector_context *c)
{
	int64_t first_ns = p->turn_ns[p->turns % TURNS];
	char text[MAC_TEXT], addr[ADDR_TEXT], list[FRAMES_TEXT];
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
	finding_title(f, "%s appears in VLAN %u and VLAN %u by turns", text,
		      p->vlan, p->other);
	finding_summary(f,
			"%s, which has the one address %s, changed its VLAN %u "
			"times (%s), between %u and %u. A station has one "
			"place: two have the same MAC, or a loop carries its "
			"frames about.",
			text, addr_text(&p->address, addr), p->turns,
			frames_text(&p->frames, list), p->other, p->vlan);
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

static void moved(struct place *p, const struct mac *mac,
		  const struct observation *o, const struct detector_context *c)
{
	p->other = p->vlan;
	p->vlan = o->vlan;
	p->turn_ns[p->turns++ % TURNS] = o->time_ns;
	frames_note(&p->frames, o->frame);
	if (p->turns < TURNS || p->several || !p->address.family ||
	    o->time_ns - p->turn_ns[p->turns % TURNS] > WINDOW_NS ||
	    known_is_router(c->known, o->link, mac) ||
	    known_is_router(c->known, p->link, mac))
		return;
	flap_raise(p, mac, o, c);
}

/* Tags of one interface; a frame that is there under two is a mirror's. */
static bool is_turn(const struct place *p, const struct observation *o)
{
	return p->last_ns && o->interface == p->interface && o->vlan &&
	       p->vlan && o->vlan != p->vlan;
}

static void flap_observe(void *self, const struct observation *o,
			 const struct detector_context *c)
{
	const struct arp_fact *a = &o->as.arp;
	struct flap_watch *w = self;
	struct place *p;

	if (!o->vlan || !mac_is_station(&a->eth_src) ||
	    mac_is_shared(&a->eth_src))
		return;
	p = table_add(w->macs, &a->eth_src, NULL);
	if (!p)
		return;
	note_address(p, &a->sender);
	if (is_turn(p, o)) {
		if (o->time_ns - p->last_ns <= TWIN_NS)
			p->several = true;
		/* a third place: it is everywhere, as what joins VLANs is */
		if (p->turns && o->vlan != p->other)
			p->several = true;
		moved(p, &a->eth_src, o, c);
	}
	p->vlan = o->vlan;
	p->interface = o->interface;
	p->link = o->link;
	p->last_ns = o->time_ns;
}

static void flap_limits(void *self, struct checks *out)
{
	const struct flap_watch *w = self;

	check_table(out, w->macs);
}

static const struct finding_def *const flap_findings[] = {&eth_mac_flap, NULL};

static const enum observation_kind flap_wants[] = {OBS_ARP, OBSERVATIONS};

const struct detector eth_mac_flap_detector = {
	.name = "eth_mac_flap",
	.findings = flap_findings,
	.wants = flap_wants,
	.open = flap_open,
	.observe = flap_observe,
	.limits = flap_limits,
};
