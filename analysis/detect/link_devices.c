/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * link_devices.c - two ends of one link that tell different things of it: the
 * duplex mode and the VLAN of untagged frames.
 *
 * LLDP and CDP go no further than one link, so two speakers of one are its two
 * ends.  Three are heard where several ports are mirrored: then nobody is
 * anybody's neighbour.
 */
#include <string.h>

#include "analysis/detect/frames.h"
#include "analysis/detect/link_devices.h"
#include "base/table.h"
#include "base/when.h"

enum { SPEAKERS = 4, LINKS = 1024 };

const struct finding_def duplex_mismatch = {
	.id = "link.duplex_mismatch",
	.layer = LAYER_PHYSICAL,
	.most = WARNING,
	.subject = SUBJECT_LINK,
	.title = "The two ends of a link disagree about its duplex mode",
	.advice = {"Set both ends to autonegotiation"},
};

/* One end: what it said last, by each protocol. */
struct speaker {
	struct mac mac;
	char id[DEVICE_TEXT], port[DEVICE_TEXT];
	uint8_t duplex;
	uint16_t vlan;
	bool has_vlan;
	uint64_t duplex_frame, vlan_frame;
	uint32_t spoke;
};

struct link_ends {
	uint8_t count; /* SPEAKERS: or more */
	struct speaker speaker[SPEAKERS];
	int64_t first_ns;
};

struct device_watch {
	struct table *links; /* by interface */
};

static void *devices_open(struct arena *home, const struct limits *limits,
			  struct hash_key key)
{
	const struct table_spec spec = {"links with devices", sizeof(uint32_t),
					sizeof(struct link_ends), LINKS};
	struct device_watch *w = arena_alloc(home, sizeof(*w));

	(void)limits;
	if (!w)
		return NULL;
	w->links = table_new(home, &spec, key);
	return w->links ? w : NULL;
}

/* A device speaks from one MAC a port, by both protocols. */
static struct speaker *speaker_of(struct link_ends *l, const struct mac *mac)
{
	for (uint8_t i = 0; i < l->count; i++)
		if (mac_equal(&l->speaker[i].mac, mac))
			return &l->speaker[i];
	if (l->count == SPEAKERS)
		return NULL;
	memset(&l->speaker[l->count], 0, sizeof(l->speaker[0]));
	l->speaker[l->count].mac = *mac;
	return &l->speaker[l->count++];
}

static void speaker_learn(struct speaker *s, const struct observation *o)
{
	const struct device *d = &o->as.device.device;

	memcpy(s->id, d->name[0] ? d->name : d->id, sizeof(s->id));
	if (d->port[0])
		memcpy(s->port, d->port, sizeof(s->port));
	if (d->duplex != DUPLEX_UNKNOWN) {
		s->duplex = d->duplex;
		s->duplex_frame = o->frame;
	}
	if (d->has_vlan) {
		s->vlan = d->vlan;
		s->has_vlan = true;
		s->vlan_frame = o->frame;
	}
	s->spoke++;
}

static const char *port_text(const struct speaker *s,
			     char out[static PORT_TEXT])
{
	char mac[MAC_TEXT];
	struct text t = text_over(out, PORT_TEXT);

	text_add(&t, "%s", s->id[0] ? s->id : mac_text(&s->mac, mac));
	if (s->port[0])
		text_add(&t, " port %s", s->port);
	return out;
}

static void duplex_raise(const struct speaker *half, const struct speaker *full,
			 const struct observation *o, int64_t first_ns,
			 const struct detector_context *c)
{
	struct subject subject = subject_link(o->link);
	char a[PORT_TEXT], b[PORT_TEXT];
	struct finding *f = finding_raise(c->findings, &duplex_mismatch,
					  &subject, "", first_ns, o->time_ns);

	if (!f)
		return;
	f->count++;
	finding_restate(f);
	port_text(half, a);
	port_text(full, b);
	finding_title(f, "%s runs at half duplex, %s at full", half->id,
		      full->id);
	finding_summary(f,
			"%s says that it runs at half duplex (frame %llu), %s "
			"that it runs at full duplex (frame %llu). The first "
			"takes what comes while it sends for a collision: "
			"under load frames are lost, late collisions on one "
			"side, wrong checksums on the other.",
			a, (unsigned long long)half->duplex_frame, b,
			(unsigned long long)full->duplex_frame);
	finding_filter(f, "cdp || lldp");
	finding_advise(f, "Set both ends to autonegotiation, or both to the "
			  "same mode");
	finding_frame(f, half->duplex_frame);
	finding_frame(f, full->duplex_frame);
}

static void vlan_raise(const struct speaker *x, const struct speaker *y,
		       const struct observation *o, int64_t first_ns,
		       const struct detector_context *c)
{
	struct subject subject = subject_link(o->link);
	char a[PORT_TEXT], b[PORT_TEXT];
	struct finding *f = finding_raise(c->findings, &vlan_mismatch, &subject,
					  "native", first_ns, o->time_ns);

	if (!f)
		return;
	f->count++;
	finding_restate(f);
	port_text(x, a);
	port_text(y, b);
	finding_title(f,
		      "The two ends of a link put untagged frames into VLAN "
		      "%u and %u",
		      x->vlan, y->vlan);
	finding_summary(f,
			"%s says that its untagged frames belong to VLAN %u "
			"(frame %llu), %s says VLAN %u (frame %llu). What is "
			"sent untagged by one arrives in the other VLAN.",
			a, x->vlan, (unsigned long long)x->vlan_frame, b,
			y->vlan, (unsigned long long)y->vlan_frame);
	finding_filter(f, "cdp || lldp");
	finding_advise(f, "Native and allowed VLANs of %s and of %s", a, b);
	finding_frame(f, x->vlan_frame);
	finding_frame(f, y->vlan_frame);
}

/* A third speaker came: the two were no two ends. */
static void withdraw(const struct observation *o,
		     const struct detector_context *c)
{
	struct subject subject = subject_link(o->link);
	struct finding *f[2] = {
		finding_find(c->findings, &duplex_mismatch, &subject, ""),
		finding_find(c->findings, &vlan_mismatch, &subject, "native"),
	};

	for (int i = 0; i < 2; i++)
		if (f[i])
			f[i]->withheld = true;
}

static void devices_observe(void *self, const struct observation *o,
			    const struct detector_context *c)
{
	const struct device_fact *f = &o->as.device;
	struct device_watch *w = self;
	const struct speaker *a, *b;
	struct link_ends *l;
	struct speaker *s;

	if (mac_is_zero(&f->eth_src))
		return;
	l = table_add(w->links, &o->interface, NULL);
	s = l ? speaker_of(l, &f->eth_src) : NULL;
	if (!s)
		return;
	if (!l->first_ns)
		l->first_ns = o->time_ns;
	speaker_learn(s, o);
	if (l->count > 2)
		withdraw(o, c);
	if (l->count != 2)
		return;
	a = &l->speaker[0];
	b = &l->speaker[1];
	/* one device with two ports is no two ends */
	if (strcmp(a->id, b->id) == 0)
		return;
	if (a->duplex == DUPLEX_HALF && b->duplex == DUPLEX_FULL)
		duplex_raise(a, b, o, l->first_ns, c);
	else if (a->duplex == DUPLEX_FULL && b->duplex == DUPLEX_HALF)
		duplex_raise(b, a, o, l->first_ns, c);
	if (a->has_vlan && b->has_vlan && a->vlan != b->vlan)
		vlan_raise(a, b, o, l->first_ns, c);
}

static void devices_limits(void *self, struct checks *out)
{
	const struct device_watch *w = self;

	check_table(out, w->links);
}

static const struct finding_def *const devices_findings[] = {&duplex_mismatch,
							     NULL};

static const enum observation_kind devices_wants[] = {OBS_DEVICE, OBSERVATIONS};

const struct detector link_devices_detector = {
	.name = "link_devices",
	.findings = devices_findings,
	.wants = devices_wants,
	.open = devices_open,
	.observe = devices_observe,
	.limits = devices_limits,
};
