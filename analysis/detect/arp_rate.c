/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * arp_rate.c - how many questions are asked: scans and storms, of ARP and of
 * neighbour discovery.
 *
 * A scan asks for many addresses in turn and half of them do not answer.  A
 * storm is requests at a rate that costs every station on the link; a scan of
 * up to ten seconds and a router that starts anew are no storm.
 */
#include <string.h>

#include "analysis/detect/askers.h"
#include "analysis/detector.h"
#include "base/when.h"

enum {
	ARP_SCAN_TARGETS = 20,
	ND_SCAN_TARGETS = 64, /* RFC 6583 */
	STORM_SECONDS = 3,
	STORM_LINK = 100, /* requests a second; healthy links have below 10 */
	STORM_ASKER = 50,
	SCAN_SECONDS = 10,
	RESTART_SECONDS = 30,
	VICTIM_TRIES = 3,
	VICTIMS_NAMED = 4,
};

static const struct finding_def arp_scan = {
	.id = "arp.scan",
	.layer = LAYER_DATA_LINK,
	.most = NOTICE,
	.subject = SUBJECT_HOST,
	.relies = RELIES_ABSENCE,
	.title = "One station asks for many addresses in turn",
	.advice = {"Whose MAC is it, and is it meant to scan?"},
};

static const struct finding_def arp_storm = {
	.id = "arp.storm",
	.layer = LAYER_DATA_LINK,
	.most = WARNING,
	.subject = SUBJECT_LINK,
	.relies = RELIES_RATE,
	.title = "ARP requests at a rate that hurts",
	.advice = {"What runs on the station that asks most?"},
};

static const struct finding_def nd_scan = {
	.id = "nd.scan",
	.layer = LAYER_DATA_LINK,
	.most = NOTICE,
	.subject = SUBJECT_HOST,
	.relies = RELIES_ABSENCE,
	.title = "One station solicits many addresses in turn",
	.advice = {"Whose MAC is it, and is it meant to scan?"},
};

/* Requests of one asker, or of one link (mac zero), second by second. */
struct rate_key {
	uint32_t link;
	struct mac mac;
	uint8_t pad[2];
};

struct rate {
	int64_t second_ns, first_ns, last_ns; /* of the hot seconds in a row */
	uint32_t now, hot, most;
	uint64_t requests; /* in the hot seconds */
	uint64_t first_frame, last_frame;
	struct addr from;
	struct frame_list frames;
};

/* A neighbour that has shown itself, and who solicits it. */
struct real_key {
	uint32_t link;
	struct addr target;
	struct mac asker;
	uint8_t pad[2];
};

/* The row of tries that is not answered. */
struct real {
	uint32_t tries;
	int64_t first_ns;
	uint64_t frame;
};

struct rate_watch {
	struct askers arp, nd;
	struct table *rates, *reals;
};

static void *rate_open(struct arena *home, const struct limits *limits,
		       struct hash_key key)
{
	const struct table_spec spec = {"ARP rates", sizeof(struct rate_key),
					sizeof(struct rate),
					limits->neighbours};
	const struct table_spec real = {
		"solicited neighbours", sizeof(struct real_key),
		sizeof(struct real), limits->neighbours / 4};
	struct rate_watch *w = arena_alloc(home, sizeof(*w));

	if (!w ||
	    !askers_open(&w->arp, "ARP scanners", ARP_SCAN_TARGETS, home,
			 limits, key) ||
	    !askers_open(&w->nd, "ND scanners", ND_SCAN_TARGETS, home, limits,
			 key))
		return NULL;
	w->rates = table_new(home, &spec, key);
	w->reals = table_new(home, &real, key);
	return w->rates && w->reals ? w : NULL;
}

static struct real_key real_of(uint32_t link, const struct addr *target,
			       const struct mac *asker)
{
	struct real_key key;

	memset(&key, 0, sizeof(key));
	key.link = link;
	key.target = *target;
	key.asker = *asker;
	return key;
}

/* The second that has ended was hot, or ends the row. */
static void second_over(struct rate *r, uint32_t limit)
{
	if (r->now >= limit) {
		if (!r->hot++)
			r->first_ns = r->second_ns;
		r->last_ns = r->second_ns + NS_PER_S;
		r->requests += r->now;
		if (r->now > r->most)
			r->most = r->now;
	} else if (r->hot < STORM_SECONDS) {
		r->hot = 0;
		r->requests = 0;
		r->frames.count = 0;
	}
	r->now = 0;
}

static struct rate *rate_note(struct rate_watch *w, const struct observation *o,
			      const struct mac *mac, uint32_t limit)
{
	struct rate_key key;
	struct rate *r;

	memset(&key, 0, sizeof(key));
	key.link = o->link;
	if (mac)
		key.mac = *mac;
	r = table_add(w->rates, &key, NULL);
	if (!r)
		return NULL;
	if (!r->second_ns || o->time_ns < r->second_ns)
		r->second_ns = o->time_ns;
	if (o->time_ns - r->second_ns >= NS_PER_S) {
		second_over(r, limit);
		/* a pause: the row of hot seconds has ended */
		if (o->time_ns - r->second_ns >= 2 * NS_PER_S)
			second_over(r, limit);
		r->second_ns = o->time_ns;
	}
	r->from = o->as.arp.sender;
	if (!r->now++)
		frames_note(&r->frames, o->frame);
	return r;
}

static void note_arp(struct rate_watch *w, const struct observation *o)
{
	const struct arp_fact *arp = &o->as.arp;

	if (arp->operation == 2) {
		askers_answered(&w->arp, o->link, &arp->target_mac,
				&arp->sender);
		return;
	}
	rate_note(w, o, NULL, STORM_LINK);
	rate_note(w, o, &arp->sender_mac, STORM_ASKER);
	if (!addr_equal(&arp->sender, &arp->target) &&
	    !addr_is_unspecified(&arp->sender))
		askers_note(&w->arp, o->link, &arp->sender_mac, &arp->sender,
			    &arp->target, o->time_ns, o->frame);
}

/* The neighbour has claimed its address before: it is there, or was. */
static void note_real(struct rate_watch *w, const struct observation *o,
		      const struct detector_context *c)
{
	const struct nd_fact *nd = &o->as.nd;
	struct real_key key = real_of(o->link, &nd->target, &nd->eth_src);
	struct real *r;

	if (!known_owners(c->known, o->link, &nd->target))
		return;
	r = table_add(w->reals, &key, NULL);
	if (!r)
		return;
	if (!r->tries++) {
		r->first_ns = o->time_ns;
		r->frame = o->frame;
	}
}

static void note_nd(struct rate_watch *w, const struct observation *o,
		    const struct detector_context *c)
{
	const struct nd_fact *nd = &o->as.nd;
	struct real_key key;
	struct real *r;

	if (nd->type == 136) {
		askers_answered(&w->nd, o->link, &nd->eth_dst, &nd->target);
		key = real_of(o->link, &nd->target, &nd->eth_dst);
		r = table_find(w->reals, &key);
		if (r)
			r->tries = 0;
	} else if (!addr_is_unspecified(&nd->src)) {
		askers_note(&w->nd, o->link, &nd->eth_src, &nd->src,
			    &nd->target, o->time_ns, o->frame);
		note_real(w, o, c);
	}
}

static void rate_observe(void *self, const struct observation *o,
			 const struct detector_context *c)
{
	if (o->kind == OBS_ARP)
		note_arp(self, o);
	else
		note_nd(self, o, c);
}

/* RFC 6583: who is really there suffers when the scanner, a router, has no room
 * left for its answers, or for its question. */
static void name_victims(const struct rate_watch *w, const struct mac *mac,
			 const struct asker_state *s, struct finding *f)
{
	char text[ADDR_TEXT];
	uint32_t n = 0;

	if (!s->answered)
		return; /* answers may go where they are not seen */
	for (const struct real *r = table_oldest(w->reals); r;
	     r = table_newer(w->reals, r)) {
		const struct real_key *key = table_key(w->reals, r);

		if (r->tries < VICTIM_TRIES || key->link != s->link ||
		    !mac_equal(&key->asker, mac) ||
		    r->first_ns < s->scan_from_ns)
			continue;
		finding_frame(f, r->frame);
		if (n++ >= VICTIMS_NAMED)
			continue;
		finding_add(f, "%s%s (frame %llu)",
			    n == 1 ? " Neighbours that are there, or were, and "
				     "no longer answer it: "
				   : ", ",
			    addr_text(&key->target, text),
			    (unsigned long long)r->frame);
	}
	if (n > VICTIMS_NAMED)
		finding_add(f, " and %u more", (unsigned)(n - VICTIMS_NAMED));
	if (n)
		finding_add(f, ".");
}

static void scan_raise(const struct rate_watch *w,
		       const struct finding_def *def, const struct mac *mac,
		       const struct asker_state *s, const char *filter,
		       const struct detector_context *c)
{
	struct subject subject = subject_host(&s->from);
	char from[ADDR_TEXT], text[MAC_TEXT], took[WHEN_TEXT];
	char frames[FRAMES_TEXT];
	struct finding *f = finding_raise(c->findings, def, &subject, "",
					  s->scan_from_ns, s->last_ns);

	if (!f)
		return;
	f->count = s->targets;
	addr_text(&s->from, from);
	mac_text(mac, text);
	finding_restate(f);
	finding_title(f, "%s asks for %llu addresses in turn", from,
		      (unsigned long long)s->targets);
	finding_summary(f,
			"%s (%s) asked for %llu different addresses in %s, up "
			"to %u%s in ten seconds; %llu of them answered (%s).",
			from, text, (unsigned long long)s->targets,
			when_duration(s->last_ns - s->first_ns, took),
			(unsigned)s->most,
			s->most == ASKED_MAX ? " or more" : "",
			(unsigned long long)s->answered,
			frames_text(&s->frames, frames));
	if (known_is_router(c->known, s->link, mac))
		finding_add(f, " It is a router: somebody behind it tries the "
			       "addresses of this network.");
	if (def == &nd_scan)
		name_victims(w, mac, s, f);
	finding_filter(f, filter, from);
	finding_advise(f, "Whose MAC is %s, and is it meant to scan?", text);
	frames_prove(&s->frames, f);
}

/* Half of the targets must be silent: a monitor's targets answer. */
static void scan_judge(const struct rate_watch *w, const struct askers *a,
		       const struct finding_def *def, const char *filter,
		       const struct detector_context *c)
{
	for (const struct asker_state *s = table_oldest(a->by_mac); s;
	     s = table_newer(a->by_mac, s)) {
		const struct asker_key *key = table_key(a->by_mac, s);
		uint64_t silent, decided;

		if (s->most < a->scan_targets)
			continue;
		decided = asker_decided(s, c->now_ns, &silent);
		if (decided && silent * 2 >= decided)
			scan_raise(w, def, &key->mac, s, filter, c);
	}
}

static bool excused(const struct rate_watch *w, const struct rate_key *key,
		    const struct rate *r, const struct detector_context *c)
{
	const struct asker_state *s =
		askers_find(&w->arp, key->link, &key->mac);

	if (s && s->most >= ARP_SCAN_TARGETS && r->hot <= SCAN_SECONDS)
		return true;
	return known_is_router(c->known, key->link, &key->mac) &&
	       r->hot <= RESTART_SECONDS;
}

/* The busiest asker of a link; NULL: many ask. */
static const struct rate *top_asker(const struct rate_watch *w, uint32_t link,
				    struct mac *mac)
{
	const struct rate *best = NULL;

	for (const struct rate *r = table_oldest(w->rates); r;
	     r = table_newer(w->rates, r)) {
		const struct rate_key *key = table_key(w->rates, r);

		if (key->link != link || mac_is_zero(&key->mac) ||
		    (best && r->requests <= best->requests))
			continue;
		best = r;
		*mac = key->mac;
	}
	return best && best->requests ? best : NULL;
}

static void storm_raise(const struct rate_watch *w, const struct rate_key *key,
			const struct rate *r, const struct detector_context *c)
{
	struct subject subject = subject_link(key->link);
	const struct rate *top;
	char from[ADDR_TEXT], mac_is[MAC_TEXT], frames[FRAMES_TEXT];
	struct finding *f;
	struct mac mac;

	top = top_asker(w, key->link, &mac);
	f = finding_raise(c->findings, &arp_storm, &subject, "", r->first_ns,
			  r->last_ns);
	if (!f || f->count >= r->requests)
		return;
	f->count = r->requests;
	finding_restate(f);
	finding_title(f, "ARP storm: %llu requests in %u s",
		      (unsigned long long)r->requests, (unsigned)r->hot);
	finding_summary(f,
			"%llu ARP requests in %u seconds, up to %u in one "
			"(from %s). Each of them costs every station on the "
			"link.",
			(unsigned long long)r->requests, (unsigned)r->hot,
			(unsigned)r->most, frames_text(&r->frames, frames));
	if (top)
		finding_add(f, " %s (%s) asks most: %llu of them.",
			    addr_text(&top->from, from), mac_text(&mac, mac_is),
			    (unsigned long long)top->requests);
	finding_filter(f, "arp.opcode == 1");
	finding_advise(f, "What runs on the station that asks most?");
	frames_prove(&r->frames, f);
}

static void storm_judge(struct rate_watch *w, const struct detector_context *c)
{
	bool all_excused = true, any = false;

	for (struct rate *r = table_oldest(w->rates); r;
	     r = table_newer(w->rates, r)) {
		const struct rate_key *key = table_key(w->rates, r);

		second_over(r,
			    mac_is_zero(&key->mac) ? STORM_LINK : STORM_ASKER);
		if (mac_is_zero(&key->mac) || r->hot < STORM_SECONDS)
			continue;
		any = true;
		all_excused = all_excused && excused(w, key, r, c);
		if (!excused(w, key, r, c))
			storm_raise(w, key, r, c);
	}
	if (any && all_excused)
		return;
	for (struct rate *r = table_oldest(w->rates); r;
	     r = table_newer(w->rates, r)) {
		const struct rate_key *key = table_key(w->rates, r);

		if (mac_is_zero(&key->mac) && r->hot >= STORM_SECONDS)
			storm_raise(w, key, r, c);
	}
}

static void rate_finish(void *self, const struct detector_context *c)
{
	struct rate_watch *w = self;

	scan_judge(w, &w->arp, &arp_scan, "arp.src.proto_ipv4 == %s", c);
	scan_judge(w, &w->nd, &nd_scan, "icmpv6.type == 135 && ipv6.src == %s",
		   c);
	storm_judge(w, c);
}

static void rate_limits(void *self, struct checks *out)
{
	const struct rate_watch *w = self;

	check_table(out, w->arp.by_mac);
	check_table(out, w->nd.by_mac);
	check_table(out, w->rates);
	check_table(out, w->reals);
}

static const struct finding_def *const rate_findings[] = {&arp_scan, &arp_storm,
							  &nd_scan, NULL};

static const enum observation_kind rate_wants[] = {OBS_ARP, OBS_ND,
						   OBSERVATIONS};

const struct detector arp_rate_detector = {
	.name = "arp_rate",
	.findings = rate_findings,
	.wants = rate_wants,
	.open = rate_open,
	.observe = rate_observe,
	.finish = rate_finish,
	.limits = rate_limits,
};
