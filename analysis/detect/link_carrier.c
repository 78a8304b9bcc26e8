/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * link_carrier.c - an interface that is down, and one that comes and goes.
 *
 * Live only: no frame tells that there are none.  The facts come about once a
 * second whether or not anything changed, so that a state can be timed.
 */
#include <inttypes.h>
#include <stdio.h>

#include "analysis/detect/link_flap.h"
#include "analysis/detector.h"
#include "base/when.h"

enum { LINKS = 64, FLAPS_WARN = 2 };

#define DOWN_AFTER_NS (3 * NS_PER_S)

static const struct finding_def down_def = {
	.id = "link.down",
	.layer = LAYER_PHYSICAL,
	.most = CRITICAL,
	.subject = SUBJECT_LINK,
	.title = "The interface is down or has no carrier",
};

const struct finding_def link_flap = {
	.id = "link.flap",
	.layer = LAYER_PHYSICAL,
	.most = WARNING,
	.subject = SUBJECT_LINK,
	.title = "The carrier came and went",
};

enum trouble { UP, SET_DOWN, NO_CARRIER, REMOVED };

/* One interface; in a plain array, for no more can be listened on. */
struct port {
	bool known;
	uint32_t link;
	enum trouble trouble;
	int64_t since_ns; /* of the trouble */
	struct finding *told;
	uint32_t downs_before; /* told as vanished or set down: no flap */
	char name[sizeof(((struct source_link *)0)->name)];
	char mode[48]; /* " (1000 Mbit/s, full duplex)", or nothing */
};

struct ports {
	struct port port[LINKS];
};

static void *open_ports(struct arena *home, const struct limits *limits,
			struct hash_key key)
{
	(void)limits;
	(void)key;
	return arena_alloc(home, sizeof(struct ports));
}

/* Waiting for 802.1X is not having no carrier. */
static enum trouble trouble_of(const struct source_link *l)
{
	if (!l->present)
		return REMOVED;
	if (!l->up)
		return SET_DOWN;
	return l->carrier || l->dormant ? UP : NO_CARRIER;
}

static void raise_down(struct port *p, const struct observation *o,
		       const struct detector_context *c)
{
	static const char *const reasons[] = {
		[SET_DOWN] = "set_down",
		[NO_CARRIER] = "no_carrier",
		[REMOVED] = "removed",
	};
	static const char *const said[] = {
		[SET_DOWN] = "was set down",
		[NO_CARRIER] = "lost its carrier",
		[REMOVED] = "vanished",
	};
	const struct subject s = subject_link(o->link);
	char when[WHEN_TEXT];
	struct finding *f =
		finding_raise(c->findings, &down_def, &s, reasons[p->trouble],
			      p->since_ns, o->time_ns);

	p->told = f;
	if (!f || ++f->count > 1)
		return;
	finding_title(f, "%s %s at %s", p->name, said[p->trouble],
		      when_clock(p->since_ns, when));
	if (p->trouble == SET_DOWN)
		finding_advise(f, "ip link set %s up", p->name);
	if (p->trouble == REMOVED)
		finding_advise(f, "ip link; journalctl -k -g %s", p->name);
	if (p->trouble != NO_CARRIER)
		return;
	finding_advise(f, "Is the cable in, and is the other end on?");
	finding_advise(f, "ethtool %s", p->name);
}

/* The text as it stands now; it came back `back_ns` ago, or did not. */
static void say_down(struct port *p, int64_t now_ns, bool back)
{
	static const char *const how[] = {
		[SET_DOWN] = "The system says that %s is administratively "
			     "down",
		[NO_CARRIER] = "The system says that %s is set up and has no "
			       "carrier",
		[REMOVED] = "The system says that %s does not exist any more",
	};
	char since[WHEN_TEXT], whole[WHEN_TEXT], text[160];
	struct finding *f = p->told;

	snprintf(text, sizeof(text), how[p->trouble], p->name);
	if (now_ns > f->last_ns)
		f->last_ns = now_ns;
	when_duration(now_ns - p->since_ns, whole);
	finding_summary(f,
			"%s, from %s on%s%s%s. Nothing can be sent or "
			"received meanwhile.",
			text, when_clock(p->since_ns, since),
			back ? ", for " : "", back ? whole : "",
			back ? "; then it came back" : "");
}

static void judge_down(struct port *p, const struct observation *o,
		       const struct detector_context *c)
{
	enum trouble now = trouble_of(&o->as.link);
	bool patient = p->trouble == NO_CARRIER;

	if (now != p->trouble) {
		if (p->told)
			say_down(p, o->time_ns, true);
		p->told = NULL;
		p->trouble = now;
		p->since_ns = o->time_ns;
		patient = now == NO_CARRIER;
	}
	if (p->trouble == UP)
		return;
	if (!p->told && (!patient || o->time_ns - p->since_ns >= DOWN_AFTER_NS))
		raise_down(p, o, c);
	if (p->told)
		say_down(p, o->time_ns, false);
}

/* The kernel counts every loss of carrier, also those between two facts; what
 * the administrator did is in the count and is no flap. */
static void judge_flap(struct port *p, const struct observation *o,
		       const struct detector_context *c)
{
	const struct source_link *l = &o->as.link;
	const struct subject s = subject_link(o->link);
	struct finding *f;

	if (!l->present || !l->up || l->returned)
		p->downs_before = l->carrier_downs;
	if (l->carrier_downs <= p->downs_before || !l->carrier)
		return;
	f = finding_raise(c->findings, &link_flap, &s, "", o->time_ns,
			  o->time_ns);
	if (!f)
		return;
	f->count += l->carrier_downs - p->downs_before;
	p->downs_before = l->carrier_downs;
	f->severity = f->count >= FLAPS_WARN ? WARNING : NOTICE;
	finding_title(f, "The carrier of %s was lost %" PRIu64 " time%s",
		      p->name, f->count, f->count > 1 ? "s" : "");
	finding_summary(f,
			"The system counted that %s lost its carrier %" PRIu64
			" time%s while it was listened on, and got it back.",
			p->name, f->count, f->count > 1 ? "s" : "");
	if (!f->advice[0][0]) {
		finding_advise(f,
			       "Cable, plug and transceiver of %s; the log "
			       "of the switch",
			       p->name);
		finding_advise(f, "ethtool %s; journalctl -k -g %s", p->name,
			       p->name);
	}
}

static struct port *port_of(struct ports *all, uint32_t link)
{
	for (int i = 0; i < LINKS; i++) {
		if (!all->port[i].known)
			all->port[i].link = link;
		if (all->port[i].link == link)
			return &all->port[i];
	}
	return NULL;
}

static void say_mode(struct port *p, const struct source_link *l)
{
	static const char *const duplex[] = {
		[LINK_DUPLEX_UNKNOWN] = "",
		[LINK_DUPLEX_HALF] = ", half duplex",
		[LINK_DUPLEX_FULL] = ", full duplex",
	};

	p->mode[0] = '\0';
	if (l->speed_mbps)
		snprintf(p->mode, sizeof(p->mode), " (%u Mbit/s%s)",
			 l->speed_mbps, duplex[l->duplex]);
}

static void carrier_observe(void *self, const struct observation *o,
			    const struct detector_context *c)
{
	struct port *p = port_of(self, o->link);
	const struct source_link *l = &o->as.link;

	if (!p)
		return;
	snprintf(p->name, sizeof(p->name), "%s", l->name);
	if (!p->known) {
		p->known = true;
		p->downs_before = l->carrier_downs;
		p->since_ns = o->time_ns;
	}
	say_mode(p, l);
	judge_down(p, o, c);
	judge_flap(p, o, c);
}

static void carrier_checked(void *self, const struct detector_context *c,
			    struct checks *out)
{
	struct ports *all = self;

	(void)c;
	for (int i = 0; i < LINKS && all->port[i].known; i++)
		if (all->port[i].trouble == UP)
			check_add(out, CHECK_WORKS, LAYER_PHYSICAL,
				  "%s is up and has carrier%s",
				  all->port[i].name, all->port[i].mode);
}

static const struct finding_def *const findings[] = {&down_def, &link_flap,
						     NULL};
static const enum observation_kind wants[] = {OBS_LINK, OBSERVATIONS};

const struct detector link_carrier_detector = {
	.name = "link_carrier",
	.findings = findings,
	.wants = wants,
	.open = open_ports,
	.observe = carrier_observe,
	.checked = carrier_checked,
};
