/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * link_restart.c - stations whose carrier came and went, as their packets
 * betray.
 *
 * A station that gets its carrier back begins anew: it probes for the
 * link-local address that it had (RFC 4862 5.4), or asks for its lease again
 * (INIT-REBOOT, RFC 2131 3.2) and announces its address.  Once is a plug pulled
 * or a lid closed; an address made for privacy is another one.
 */
#include <string.h>

#include "analysis/detect/frames.h"
#include "analysis/detect/link_flap.h"
#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"

enum { REQUEST = 3, SOLICITATION = 135, RECENT = 16, CROWD = 3 };

#define ONE_NS	    (10 * NS_PER_S) /* all of it is one beginning */
#define KNOWN_NS    (10 * NS_PER_S) /* it was there before */
#define PAUSE_NS    (2 * NS_PER_S)
#define ASLEEP_NS   (60 * NS_PER_S) /* longer silence: it slept */
#define AGAIN_NS    (600 * NS_PER_S)
#define TOGETHER_NS (2 * NS_PER_S)

struct station_key {
	uint32_t link;
	struct mac mac;
	uint8_t pad[2];
};

struct station {
	int64_t first_ns, last_ns;
	int64_t pause_ns, paused_until_ns; /* the last pause, how long */
	struct addr local;		   /* its link-local address */
	int64_t reboot_ns;		   /* asked for its lease again; 0 */
	uint64_t reboot_frame;
	int64_t begun_ns; /* anew; 0: never */
	struct frame_list frames;
};

struct beginning {
	struct mac mac;
	uint32_t interface;
	int64_t ns;
	uint64_t frame;
};

struct restart_watch {
	struct table *stations;
	struct beginning recent[RECENT];
	uint32_t count;
};

static void *restart_open(struct arena *home, const struct limits *limits,
			  struct hash_key key)
{
	const struct table_spec spec = {
		"stations that begin anew", sizeof(struct station_key),
		sizeof(struct station), limits->macs / 8};
	struct restart_watch *w = arena_alloc(home, sizeof(*w));

	if (!w)
		return NULL;
	w->stations = table_new(home, &spec, key);
	return w->stations ? w : NULL;
}

/* It speaks: was it silent before? */
static struct station *spoke(struct restart_watch *w,
			     const struct observation *o, const struct mac *mac)
{
	struct station_key key;
	struct station *s;

	if (!mac_is_station(mac))
		return NULL;
	memset(&key, 0, sizeof(key));
	key.link = o->link;
	key.mac = *mac;
	s = table_add(w->stations, &key, NULL);
	if (!s)
		return NULL;
	if (!s->first_ns)
		s->first_ns = o->time_ns;
	else if (o->time_ns - s->last_ns > PAUSE_NS) {
		s->pause_ns = o->time_ns - s->last_ns;
		s->paused_until_ns = o->time_ns;
	}
	if (o->time_ns > s->last_ns)
		s->last_ns = o->time_ns;
	return s;
}

static bool was_asleep(const struct station *s, int64_t ns)
{
	return ns - s->paused_until_ns <= ONE_NS && s->pause_ns > ASLEEP_NS;
}

static struct finding *raise_flap(const struct observation *o,
				  const char *reason, int64_t first_ns,
				  const struct detector_context *c)
{
	const struct subject subject = subject_link(o->link);

	return finding_raise(c->findings, &link_flap, &subject, reason,
			     first_ns, o->time_ns);
}

static void one_raise(const struct station *s, const struct mac *mac,
		      int64_t before_ns, const struct observation *o,
		      const struct detector_context *c)
{
	struct finding *f = raise_flap(o, "station", before_ns, c);
	char text[MAC_TEXT], list[FRAMES_TEXT], took[WHEN_TEXT];

	if (!f)
		return;
	f->count++;
	f->severity = NOTICE;
	f->confidence = POSSIBLE;
	finding_restate(f);
	mac_text(mac, text);
	finding_title(f, "The link of %s seems to come and go", text);
	finding_summary(f,
			"%s began anew on this link twice within %s (%s), as a "
			"station does whose carrier was lost and came back: it "
			"probed for the address that it had, or asked for its "
			"lease again.",
			text, when_duration(o->time_ns - before_ns, took),
			frames_text(&s->frames, list));
	finding_filter(f, "eth.src == %s", text);
	finding_advise(f,
		       "Cable, plug and power saving of %s; the log of its "
		       "switch port",
		       text);
	frames_prove(&s->frames, f);
}

static void crowd_raise(const struct restart_watch *w, uint32_t stations,
			const struct observation *o,
			const struct detector_context *c)
{
	struct finding *f = raise_flap(o, "stations", o->time_ns, c);
	struct frame_list frames = {{0}, 0};
	char list[FRAMES_TEXT];

	if (!f || f->count >= stations)
		return;
	f->count = stations;
	f->severity = WARNING;
	f->confidence = LIKELY;
	for (uint32_t i = 0; i < RECENT; i++)
		if (w->recent[i].frame &&
		    o->time_ns - w->recent[i].ns <= TOGETHER_NS)
			frames_note(&frames, w->recent[i].frame);
	finding_restate(f);
	finding_title(f, "%u stations lost their link at once", stations);
	finding_summary(f,
			"%u stations that were there before began anew within "
			"two seconds (%s), as they do when their switch, or "
			"the link to it, was gone for a moment.",
			stations, frames_text(&frames, list));
	finding_advise(f, "The log and the power of the switch that they "
			  "share");
	frames_prove(&frames, f);
}

/* Made by software: a virtual machine or a container, which begins anew without
 * any cable. */
static bool is_made_up(const struct mac *m)
{
	return m->bytes[0] & 2;
}

static void note_crowd(struct restart_watch *w, const struct mac *mac,
		       const struct observation *o,
		       const struct detector_context *c)
{
	uint32_t n = 0;

	if (is_made_up(mac))
		return;
	w->recent[w->count++ % RECENT] =
		(struct beginning){*mac, o->interface, o->time_ns, o->frame};
	for (uint32_t i = 0; i < RECENT; i++)
		n += w->recent[i].frame &&
		     w->recent[i].interface == o->interface &&
		     o->time_ns - w->recent[i].ns <= TOGETHER_NS;
	if (n >= CROWD)
		crowd_raise(w, n, o, c);
}

static void begins(struct restart_watch *w, struct station *s,
		   const struct observation *o, uint64_t frame,
		   const struct detector_context *c)
{
	const struct station_key *key = table_key(w->stations, s);
	int64_t before = s->begun_ns;

	if (o->time_ns - s->first_ns < KNOWN_NS || was_asleep(s, o->time_ns) ||
	    (before && o->time_ns - before < ONE_NS))
		return;
	s->begun_ns = o->time_ns;
	frames_note(&s->frames, frame);
	note_crowd(w, &key->mac, o, c);
	if (before && o->time_ns - before <= AGAIN_NS)
		one_raise(s, &key->mac, before, o, c);
}

static void note_nd(struct restart_watch *w, const struct observation *o,
		    const struct detector_context *c)
{
	const struct nd_fact *nd = &o->as.nd;
	struct station *s = spoke(w, o, &nd->eth_src);

	if (!s || nd->type != SOLICITATION || !addr_is_unspecified(&nd->src) ||
	    !addr_is_link_local(&nd->target))
		return;
	if (addr_equal(&s->local, &nd->target))
		begins(w, s, o, o->frame, c);
	s->local = nd->target;
}

static void note_dhcp(struct restart_watch *w, const struct observation *o)
{
	const struct dhcp_fact *d = &o->as.dhcp;
	struct station *s = spoke(w, o, &d->eth_src);

	if (!s || !d->from_client || d->type != REQUEST ||
	    !addr_is_unspecified(&d->server_id) ||
	    !addr_is_unspecified(&d->ciaddr))
		return;
	s->reboot_ns = o->time_ns;
	s->reboot_frame = o->frame;
}

static void note_arp(struct restart_watch *w, const struct observation *o,
		     const struct detector_context *c)
{
	const struct arp_fact *a = &o->as.arp;
	struct station *s = spoke(w, o, &a->eth_src);

	if (!s || !s->reboot_ns || !addr_equal(&a->sender, &a->target) ||
	    o->time_ns - s->reboot_ns > ONE_NS)
		return;
	s->reboot_ns = 0;
	begins(w, s, o, s->reboot_frame, c);
}

static void note_talk(struct restart_watch *w, const struct observation *o)
{
	const struct talk_fact *t = &o->as.talk;
	struct station *s = spoke(w, o, &t->src_mac);

	if (s && addr_is_link_local(&t->src))
		s->local = t->src;
}

static void restart_observe(void *self, const struct observation *o,
			    const struct detector_context *c)
{
	if (o->kind == OBS_ND)
		note_nd(self, o, c);
	else if (o->kind == OBS_DHCP)
		note_dhcp(self, o);
	else if (o->kind == OBS_ARP)
		note_arp(self, o, c);
	else
		note_talk(self, o);
}

static void restart_limits(void *self, struct checks *out)
{
	const struct restart_watch *w = self;

	check_table(out, w->stations);
}

static const struct finding_def *const restart_findings[] = {NULL};

static const enum observation_kind restart_wants[] = {OBS_ND, OBS_DHCP, OBS_ARP,
						      OBS_TALK, OBSERVATIONS};

const struct detector link_restart_detector = {
	.name = "link_restart",
	.findings = restart_findings,
	.wants = restart_wants,
	.open = restart_open,
	.observe = restart_observe,
	.limits = restart_limits,
};
