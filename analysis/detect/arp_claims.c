/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * arp_claims.c - what ARP says about who owns which IPv4 address: conflicts,
 * spoofing, stale entries.
 */
#include "analysis/detect/claims.h"

static const struct finding_def arp_conflict = {
	.id = "arp.conflict",
	.layer = LAYER_DATA_LINK,
	.most = CRITICAL,
	.subject = SUBJECT_HOST,
	.title = "Two stations claim one address",
	.advice = {"Find the switch ports of both MACs"},
};

static const struct finding_def arp_spoofing = {
	.id = "arp.spoofing",
	.layer = LAYER_DATA_LINK,
	.most = CRITICAL,
	.subject = SUBJECT_HOST,
	.relies = RELIES_ABSENCE,
	.title = "A station takes over another's address",
	.advice = {"Find the switch port of the MAC"},
};

static const struct finding_def arp_stale_entry = {
	.id = "arp.stale_entry",
	.layer = LAYER_DATA_LINK,
	.most = WARNING,
	.subject = SUBJECT_HOST,
	.relies = RELIES_ABSENCE,
	.title = "Traffic goes to a MAC that no longer owns the address",
	.advice = {"Delete the ARP entry on the sender"},
};

static const struct claims_words arp_words = {
	.conflict = &arp_conflict,
	.spoofing = &arp_spoofing,
	.stale = &arp_stale_entry,
	.table_name = "ARP claims",
	.filter = "arp.src.proto_ipv4 == %1$s || arp.dst.proto_ipv4 == %1$s",
	.advise_probe = "Who answers: arping -D -c 3 %s",
	.averted = NOTICE,
};

enum { REQUEST = 1, REPLY = 2 };

static void *claims_start(struct arena *home, const struct limits *limits,
			  struct hash_key key)
{
	struct claims *s = arena_alloc(home, sizeof(*s));

	return s && claims_open(s, &arp_words, home, limits, key) ? s : NULL;
}

static void note_arp(struct claims *s, const struct observation *o,
		     const struct detector_context *c)
{
	const struct arp_fact *arp = &o->as.arp;
	bool own = addr_equal(&arp->sender, &arp->target);
	struct claim_event e = {
		.link = o->link,
		.addr = arp->sender,
		.mac = arp->sender_mac,
		.broadcast = mac_is_group(&arp->eth_dst),
		.asked = arp->asked,
		.question = arp->question,
		.unasked = own || (arp->operation == REPLY && !arp->asked),
		.ns = o->time_ns,
		.frame = o->frame,
	};

	if (addr_is_unspecified(&arp->sender)) {
		if (arp->operation == REQUEST && e.broadcast)
			claims_probed(s, o->link, &arp->target,
				      &arp->sender_mac, 0, o->time_ns, o->frame,
				      c);
		return;
	}
	if (arp->operation == REPLY && !own)
		e.told = arp->target;
	claims_note(s, &e, c);
	if (arp->operation == REQUEST && !own)
		claims_asked(s, o->link, &arp->target, &arp->sender_mac,
			     o->time_ns, o->frame, c);
}

static void arp_observe(void *self, const struct observation *o,
			const struct detector_context *c)
{
	if (o->kind == OBS_ARP)
		note_arp(self, o, c);
	else if (o->kind == OBS_TALK)
		claims_talk(self, o, c);
	else
		claims_forwarded(self, o, c);
}

static void arp_checked(void *self, const struct detector_context *c,
			struct checks *out)
{
	(void)c;
	claims_checked(self, out);
}

static void arp_limits(void *self, struct checks *out)
{
	claims_limits(self, out);
}

static const struct finding_def *const arp_findings[] = {
	&arp_conflict, &arp_spoofing, &arp_stale_entry, NULL};

static const enum observation_kind arp_wants[] = {
	OBS_ARP, OBS_TALK, OBS_SAME_PACKET, OBSERVATIONS};

const struct detector arp_claims_detector = {
	.name = "arp_claims",
	.findings = arp_findings,
	.wants = arp_wants,
	.open = claims_start,
	.observe = arp_observe,
	.checked = arp_checked,
	.limits = arp_limits,
};
