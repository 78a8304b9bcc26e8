/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * link_mode.c - the duplex mode at which this host's own interface runs, and
 * what the device at the other end says of its own.
 *
 * Live only.  Autonegotiation that finds nobody to talk to falls back to half
 * duplex (IEEE 802.3 clause 28): half duplex is either a mismatch, or a hub.
 */
#include <stdio.h>
#include <string.h>

#include "analysis/detect/frames.h"
#include "analysis/detect/link_devices.h"
#include "base/when.h"

enum { PORTS = 64, SPEED_LEAST = 10 };

/* One interface, and who announces himself there. */
struct port {
	bool known;
	uint32_t interface, link, speed_mbps;
	uint8_t duplex;	    /* enum duplex; unknown: not a card */
	uint8_t neighbours; /* that say something: 2 or more are no other end */
	uint8_t their_duplex;
	struct mac neighbour;
	uint64_t frame; /* in which it said so */
	int64_t first_ns;
	char name[sizeof(((struct source_link *)0)->name)];
	char who[DEVICE_TEXT];
	struct finding *told;
};

struct mode_watch {
	struct port port[PORTS];
};

static void *mode_open(struct arena *home, const struct limits *limits,
		       struct hash_key key)
{
	(void)limits, (void)key;
	return arena_alloc(home, sizeof(struct mode_watch));
}

static struct port *port_of(struct mode_watch *w, uint32_t interface)
{
	for (int i = 0; i < PORTS; i++) {
		struct port *p = &w->port[i];

		if (!p->known) {
			p->known = true;
			p->interface = interface;
		}
		if (p->interface == interface)
			return p;
	}
	return NULL;
}

static const char *mode_name(uint8_t duplex)
{
	return duplex == DUPLEX_HALF ? "half" : "full";
}

/* Both at half duplex are of one mind: a hub, or meant so. */
static bool disagrees(const struct port *p)
{
	bool heard = p->neighbours == 1 && p->their_duplex != DUPLEX_UNKNOWN;

	if (p->duplex == DUPLEX_UNKNOWN)
		return false;
	if (heard)
		return p->duplex != p->their_duplex;
	return p->duplex == DUPLEX_HALF && p->speed_mbps >= SPEED_LEAST;
}

static void say_disagreement(struct finding *f, const struct port *p)
{
	bool heard = p->neighbours == 1 && p->their_duplex != DUPLEX_UNKNOWN;

	finding_restate(f);
	f->confidence = heard ? CERTAIN : LIKELY;
	if (heard)
		finding_title(f, "%s runs at %s duplex, %s at %s", p->name,
			      mode_name(p->duplex), p->who,
			      mode_name(p->their_duplex));
	else
		finding_title(f, "%s runs at half duplex", p->name);
	finding_summary(f,
			"The system says that %s runs at %u Mbit/s and %s "
			"duplex",
			p->name, p->speed_mbps, mode_name(p->duplex));
	if (heard)
		finding_add(f,
			    "; %s at the other end says that it runs at %s "
			    "duplex (frame %llu).",
			    p->who, mode_name(p->their_duplex),
			    (unsigned long long)p->frame);
	else
		finding_add(f, ". If there is no hub at the other end, then "
			       "the two did not agree, and that one runs at "
			       "full duplex.");
	finding_add(f, " Who runs at half duplex takes what comes while it "
		       "sends for a collision: under load frames are lost.");
	finding_advise(f, "Set both ends to autonegotiation: ethtool %s",
		       p->name);
	if (heard)
		finding_frame(f, p->frame);
}

static void judge(struct port *p, int64_t now_ns,
		  const struct detector_context *c)
{
	const struct subject s = subject_link(p->link);

	if (!disagrees(p)) {
		/* the neighbour says that it is meant so */
		if (p->told && p->duplex == DUPLEX_HALF &&
		    p->their_duplex == DUPLEX_HALF)
			p->told->withheld = true;
		return;
	}
	p->told = finding_raise(c->findings, &duplex_mismatch, &s, "own",
				p->first_ns, now_ns);
	if (p->told && ++p->told->count)
		say_disagreement(p->told, p);
}

static void hear_system(struct mode_watch *w, const struct observation *o,
			const struct detector_context *c)
{
	const struct source_link *l = &o->as.link;
	struct port *p = port_of(w, l->interface);

	if (!p)
		return;
	if (p->duplex != l->duplex || p->speed_mbps != l->speed_mbps)
		p->first_ns = o->time_ns;
	p->link = o->link;
	p->duplex = l->carrier ? l->duplex : DUPLEX_UNKNOWN;
	p->speed_mbps = l->speed_mbps;
	snprintf(p->name, sizeof(p->name), "%s", l->name);
	judge(p, o->time_ns, c);
}

/* A bridge passes on what no switch would: then several are heard. */
static void hear_neighbour(struct mode_watch *w, const struct observation *o,
			   const struct detector_context *c)
{
	const struct device_fact *f = &o->as.device;
	const struct device *d = &f->device;
	struct port *p = port_of(w, o->interface);

	if (!p || mac_is_zero(&f->eth_src) ||
	    known_is_self(c->known, &f->eth_src))
		return;
	if (!p->neighbours || !mac_equal(&p->neighbour, &f->eth_src))
		p->neighbours += p->neighbours < 2;
	p->neighbour = f->eth_src;
	memcpy(p->who, d->name[0] ? d->name : d->id, sizeof(p->who));
	p->their_duplex = d->duplex;
	p->frame = o->frame;
	if (p->neighbours > 1 && p->told)
		p->told->withheld = p->duplex != DUPLEX_HALF;
}

static void mode_observe(void *self, const struct observation *o,
			 const struct detector_context *c)
{
	if (o->kind == OBS_LINK)
		hear_system(self, o, c);
	else
		hear_neighbour(self, o, c);
}

/* the row stands in link_devices.c, and is listed there */
static const struct finding_def *const mode_findings[] = {NULL};
static const enum observation_kind mode_wants[] = {OBS_LINK, OBS_DEVICE,
						   OBSERVATIONS};

const struct detector link_mode_detector = {
	.name = "link_mode",
	.findings = mode_findings,
	.wants = mode_wants,
	.open = mode_open,
	.observe = mode_observe,
};
