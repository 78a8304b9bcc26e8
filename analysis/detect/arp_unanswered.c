/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * arp_unanswered.c - who is asked for by ARP and never answers: a neighbour, or
 * the gateway of somebody's traffic.
 *
 * Probes (sender 0.0.0.0) and announcements (sender = target) of RFC 5227 want
 * no answer.
 */
#include "analysis/detect/silence.h"

static const struct finding_def arp_unanswered = {
	.id = "arp.unanswered",
	.layer = LAYER_DATA_LINK,
	.most = WARNING,
	.subject = SUBJECT_HOST,
	.relies = RELIES_ABSENCE,
	.title = "A neighbour does not answer ARP",
	.advice = {"Is the host up, and in this VLAN?"},
};

static const struct finding_def arp_gateway_unresolved = {
	.id = "arp.gateway_unresolved",
	.layer = LAYER_DATA_LINK,
	.most = CRITICAL,
	.subject = SUBJECT_HOST,
	.relies = RELIES_ABSENCE,
	.title = "The gateway does not answer ARP",
	.advice = {"Is the gateway up, and in this VLAN?"},
};

static const struct silence_words arp_words = {
	.unanswered = &arp_unanswered,
	.gateway = &arp_gateway_unresolved,
	.table_name = "ARP questions",
	.askers_name = "ARP askers",
	.protocol = "ARP",
	.gateway_word = "gateway",
	.filter = "arp.dst.proto_ipv4 == %1$s || arp.src.proto_ipv4 == %1$s",
	.advise_host = {"Is %s up, and in this VLAN?",
			"ip neigh show %1$s; arping -c 3 %1$s"},
	.advise_gateway = {"Is %s up, and is its port in this VLAN?",
			   "ip route; arping -c 3 %s"},
	.scan_targets = 20,
};

enum { OFFER = 2, ACK = 5 };

struct arp_watch {
	struct silence silence;
	uint64_t probes, announcements, first_probe, first_announcement;
};

static void *arp_open(struct arena *home, const struct limits *limits,
		      struct hash_key key)
{
	struct arp_watch *w = arena_alloc(home, sizeof(*w));

	if (!w || !silence_open(&w->silence, &arp_words, home, limits, key))
		return NULL;
	return w;
}

static void note_request(struct arp_watch *w, const struct observation *o)
{
	const struct arp_fact *arp = &o->as.arp;
	const struct silence_try t = {
		.link = o->link,
		.target = arp->target,
		.asker = arp->sender,
		.asker_mac = arp->sender_mac,
		.unicast = !mac_is_zero(&arp->eth_dst) &&
			   !mac_is_group(&arp->eth_dst),
		.ns = o->time_ns,
		.frame = o->frame,
	};

	if (addr_is_unspecified(&arp->target))
		return;
	if (addr_is_unspecified(&arp->sender)) {
		if (!w->probes++)
			w->first_probe = o->frame;
		return;
	}
	silence_asked(&w->silence, &t);
}

static void note_arp(struct arp_watch *w, const struct observation *o,
		     const struct detector_context *c)
{
	const struct arp_fact *arp = &o->as.arp;
	bool own = addr_equal(&arp->sender, &arp->target);

	if (own && !w->announcements++)
		w->first_announcement = o->frame;
	if (!addr_is_unspecified(&arp->sender))
		silence_claimed(&w->silence, o->link, &arp->sender,
				arp->asked ? &arp->target_mac : NULL,
				o->time_ns, o->frame, c);
	if (arp->operation == 1 && !own)
		note_request(w, o);
}

static void arp_observe(void *self, const struct observation *o,
			const struct detector_context *c)
{
	struct arp_watch *w = self;

	if (o->kind == OBS_ARP)
		note_arp(w, o, c);
	else if (o->kind == OBS_CLOCK_STEP && o->as.clock.jump)
		silence_unsettle(&w->silence);
	else if (o->kind == OBS_DHCP && !o->as.dhcp.from_client &&
		 (o->as.dhcp.type == OFFER || o->as.dhcp.type == ACK))
		silence_forget(&w->silence, o->link, &o->as.dhcp.yiaddr);
}

static void arp_clock(void *self, const struct detector_context *c)
{
	struct arp_watch *w = self;

	silence_clock(&w->silence, c);
}

static void arp_finish(void *self, const struct detector_context *c)
{
	struct arp_watch *w = self;

	silence_finish(&w->silence, c);
}

static void arp_checked(void *self, const struct detector_context *c,
			struct checks *out)
{
	const struct arp_watch *w = self;

	(void)c;
	silence_checked(&w->silence, out);
	if (w->announcements)
		check_add(out, CHECK_NOT_FAULT, LAYER_DATA_LINK,
			  "%llu ARP announcements of hosts that say where "
			  "they are (frame %llu)",
			  (unsigned long long)w->announcements,
			  (unsigned long long)w->first_announcement);
	if (w->probes)
		check_add(out, CHECK_NOT_FAULT, LAYER_DATA_LINK,
			  "%llu ARP probes, which want no answer (frame %llu)",
			  (unsigned long long)w->probes,
			  (unsigned long long)w->first_probe);
}

static void arp_limits(void *self, struct checks *out)
{
	const struct arp_watch *w = self;

	silence_limits(&w->silence, out);
}

static const struct finding_def *const arp_findings[] = {
	&arp_gateway_unresolved, &arp_unanswered, NULL};

static const enum observation_kind arp_wants[] = {OBS_ARP, OBS_DHCP,
						  OBS_CLOCK_STEP, OBSERVATIONS};

const struct detector arp_unanswered_detector = {
	.name = "arp_unanswered",
	.findings = arp_findings,
	.wants = arp_wants,
	.open = arp_open,
	.observe = arp_observe,
	.clock = arp_clock,
	.finish = arp_finish,
	.checked = arp_checked,
	.limits = arp_limits,
};
