/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * arp_subnet.c - a host asks on the link for addresses that its router had to
 * reach: its mask is too wide, or its own address is of another network.
 */
#include <string.h>

#include "analysis/detect/frames.h"
#include "analysis/detect/subnet.h"
#include "analysis/detector.h"
#include "base/table.h"

enum { TRIES = 3, TARGETS_KEPT = 4 };

static const struct finding_def arp_wrong_subnet = {
	.id = "arp.wrong_subnet",
	.layer = LAYER_DATA_LINK,
	.most = WARNING,
	.subject = SUBJECT_HOST,
	.relies = RELIES_NOTHING,
	.title = "A host asks on the link for addresses behind the router",
	.advice = {"Compare the host's address and mask with its neighbours'"},
};

struct stray_key {
	uint32_t link;
	struct addr host, target;
};

/* What a host asks for and nobody on the link claims. */
struct stray {
	struct mac mac;
	uint32_t tries;
	int64_t first_ns, last_ns;
	struct frame_list frames;
	bool answered;
};

struct subnet_watch {
	struct table *strays;
};

/* Outside of every prefix that is proven to be on the link, while the host is
 * within one.  Who is outside himself, or asks for one next to whom there are
 * others, is of a network on this wire that no prefix names. */
static bool outside(const struct knowledge *known, uint32_t link,
		    const struct addr *host, const struct mac *host_mac,
		    const struct addr *target)
{
	if (target->family != 4 || !known_prefixes(known, link, 4) ||
	    known_in_prefix(known, link, target) ||
	    known_gateway(known, link, NULL, target) >= PROOF_INFERRED)
		return false;
	return known_in_prefix(known, link, host) &&
	       !known_neighbourhood(known, link, target, host_mac);
}

enum subnet_reason subnet_judge(const struct knowledge *known, uint32_t link,
				const struct addr *host,
				const struct mac *host_mac,
				const struct addr *target, struct mac *router)
{
	if (addr_is_link_local(host) || addr_is_link_local(target))
		return SUBNET_RIGHT;
	if (known_proxied(known, link, target, router))
		return SUBNET_PROXIED;
	if (known_owners(known, link, target))
		return SUBNET_RIGHT;
	if (known_behind(known, link, target, router))
		return SUBNET_BEHIND;
	return outside(known, link, host, host_mac, target) ? SUBNET_OUTSIDE
							    : SUBNET_RIGHT;
}

static void *subnet_open(struct arena *home, const struct limits *limits,
			 struct hash_key key)
{
	const struct table_spec spec = {
		"ARP for far addresses", sizeof(struct stray_key),
		sizeof(struct stray), limits->neighbours};
	struct subnet_watch *w = arena_alloc(home, sizeof(*w));

	if (!w)
		return NULL;
	w->strays = table_new(home, &spec, key);
	return w->strays ? w : NULL;
}

static struct stray_key stray_of(uint32_t link, const struct addr *host,
				 const struct addr *target)
{
	struct stray_key key;

	memset(&key, 0, sizeof(key));
	key.link = link;
	key.host = *host;
	key.target = *target;
	return key;
}

/* What was asked for in vain, or is about to be answered for the first time. */
static void note_answer(struct subnet_watch *w, const struct observation *o)
{
	const struct arp_fact *arp = &o->as.arp;
	struct stray_key key = stray_of(o->link, &arp->target, &arp->sender);
	struct stray *s = arp->asked ? table_find(w->strays, &key) : NULL;

	if (!s)
		return;
	s->answered = true;
	s->last_ns = o->time_ns;
	frames_note(&s->frames, o->frame);
}

static void subnet_observe(void *self, const struct observation *o,
			   const struct detector_context *c)
{
	const struct arp_fact *arp = &o->as.arp;
	struct subnet_watch *w = self;
	struct stray_key key;
	struct stray *s;

	if (arp->operation == 2)
		note_answer(w, o);
	if (arp->operation != 1 || addr_is_unspecified(&arp->sender) ||
	    addr_equal(&arp->sender, &arp->target) ||
	    known_owners(c->known, o->link, &arp->target))
		return;
	key = stray_of(o->link, &arp->sender, &arp->target);
	s = table_add(w->strays, &key, NULL);
	if (!s)
		return;
	if (!s->tries++)
		s->first_ns = o->time_ns;
	s->mac = arp->sender_mac;
	s->last_ns = o->time_ns;
	frames_note(&s->frames, o->frame);
}

static void describe(struct finding *f, const struct stray_key *key,
		     const struct stray *s, enum subnet_reason why,
		     const struct mac *router)
{
	char host[ADDR_TEXT], target[ADDR_TEXT], mac[MAC_TEXT];
	char frames[FRAMES_TEXT];

	finding_restate(f);
	addr_text(&key->host, host);
	addr_text(&key->target, target);
	finding_title(f, "%s asks on the link for %s, which is not on it", host,
		      target);
	finding_summary(f,
			"%s (%s) asked by ARP %u times for %s (%s), and "
			"nobody there has that address.",
			host, mac_text(&s->mac, mac), (unsigned)s->tries,
			target, frames_text(&s->frames, frames));
	if (why == SUBNET_BEHIND)
		finding_add(f,
			    " It lies behind a router: its packets go through "
			    "%s.",
			    mac_text(router, mac));
	else
		finding_add(f, " It is outside the prefixes that are in use "
			       "on this link.");
	finding_add(f, " The mask of %s is too wide, or its address is wrong.",
		    host);
	finding_filter(f, "arp.src.proto_ipv4 == %s", host);
	finding_advise(f,
		       "Compare address and mask of %s with those of its "
		       "neighbours: ip addr",
		       host);
	finding_advise(f, "On %s: ip route get %s", host, target);
}

static void describe_proxy(struct finding *f, const struct stray_key *key,
			   const struct stray *s, const struct mac *router)
{
	char host[ADDR_TEXT], target[ADDR_TEXT], mac[MAC_TEXT];
	char frames[FRAMES_TEXT];

	finding_restate(f);
	addr_text(&key->host, host);
	addr_text(&key->target, target);
	mac_text(router, mac);
	finding_title(f, "%s reaches %s by proxy ARP only", host, target);
	finding_summary(f,
			"%s asked on the link for %s, and the router %s "
			"answered in its place (%s): the packets of %s come "
			"through it, their TTL lowered. The mask of %s is "
			"wider than the link, or the router is meant to do "
			"that.",
			host, target, mac, frames_text(&s->frames, frames),
			target, host);
	finding_filter(f,
		       "arp.src.proto_ipv4 == %s || arp.dst.proto_ipv4 == %s",
		       host, host);
	finding_advise(f, "On %s: ip addr; ip route get %s", host, target);
	finding_advise(f, "On the router: sysctl net.ipv4.conf.all.proxy_arp");
}

/* The router itself may ask for whatever it likes. */
static bool is_stray(const struct stray *s, const struct stray_key *key,
		     enum subnet_reason why, const struct detector_context *c)
{
	if (why == SUBNET_RIGHT ||
	    known_is_router(c->known, key->link, &s->mac))
		return false;
	return why == SUBNET_PROXIED ? s->answered : s->tries >= TRIES;
}

static void judge(const struct subnet_watch *w, struct stray *s,
		  const struct detector_context *c)
{
	const struct stray_key *key = table_key(w->strays, s);
	struct subject subject = subject_host(&key->host);
	enum subnet_reason why;
	struct finding *f;
	struct mac router;
	bool proxied;

	why = s->tries < TRIES && !s->answered
		      ? SUBNET_RIGHT
		      : subnet_judge(c->known, key->link, &key->host, &s->mac,
				     &key->target, &router);
	if (!is_stray(s, key, why, c))
		return;
	proxied = why == SUBNET_PROXIED;
	f = finding_raise(c->findings, &arp_wrong_subnet, &subject,
			  proxied ? "proxy" : "", s->first_ns, s->last_ns);
	if (!f)
		return;
	if (proxied && !f->count)
		describe_proxy(f, key, s, &router);
	else if (!proxied && (!f->count || why == SUBNET_BEHIND))
		describe(f, key, s, why, &router);
	f->count += s->tries;
	frames_prove(&s->frames, f);
	f->confidence = why == SUBNET_BEHIND ? CERTAIN : LIKELY;
	if (proxied)
		f->severity = NOTICE;
}

static void subnet_finish(void *self, const struct detector_context *c)
{
	struct subnet_watch *w = self;

	for (struct stray *s = table_oldest(w->strays); s;
	     s = table_newer(w->strays, s))
		judge(w, s, c);
}

static void subnet_limits(void *self, struct checks *out)
{
	const struct subnet_watch *w = self;

	check_table(out, w->strays);
}

static const struct finding_def *const subnet_findings[] = {&arp_wrong_subnet,
							    NULL};

static const enum observation_kind subnet_wants[] = {OBS_ARP, OBSERVATIONS};

const struct detector arp_subnet_detector = {
	.name = "arp_subnet",
	.findings = subnet_findings,
	.wants = subnet_wants,
	.open = subnet_open,
	.observe = subnet_observe,
	.finish = subnet_finish,
	.limits = subnet_limits,
};
