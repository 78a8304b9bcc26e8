/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * nd_claims.c - what neighbour discovery says about who owns which IPv6
 * address: conflicts and spoofing.
 *
 * An advertisement without the override flag is a proxy's or an anycast
 * member's (RFC 4861 7.2.7, 7.2.8): it disputes nothing.
 */
#include "analysis/detect/claims.h"

static const struct finding_def nd_conflict = {
	.id = "nd.conflict",
	.layer = LAYER_DATA_LINK,
	.most = CRITICAL,
	.subject = SUBJECT_HOST,
	.title = "Two stations claim one IPv6 address",
	.advice = {"ip -6 addr: is it marked dadfailed?"},
};

static const struct finding_def nd_spoofing = {
	.id = "nd.spoofing",
	.layer = LAYER_DATA_LINK,
	.most = CRITICAL,
	.subject = SUBJECT_HOST,
	.relies = RELIES_ABSENCE,
	.title = "A station takes over another's IPv6 address",
	.advice = {"Find the switch port of the MAC"},
};

static const struct claims_words nd_words = {
	.conflict = &nd_conflict,
	.spoofing = &nd_spoofing,
	.table_name = "ND claims",
	.filter = "icmpv6.nd.na.target_address == %1$s || "
		  "icmpv6.nd.ns.target_address == %1$s",
	.advise_probe = "On both: ip -6 addr show to %s (dadfailed?)",
	.averted = WARNING,
	.nd = true,
};

enum { SOLICITATION = 135 };

static void *claims_start(struct arena *home, const struct limits *limits,
			  struct hash_key key)
{
	struct claims *s = arena_alloc(home, sizeof(*s));

	return s && claims_open(s, &nd_words, home, limits, key) ? s : NULL;
}

static void note_solicitation(struct claims *s, const struct observation *o,
			      const struct detector_context *c)
{
	const struct nd_fact *nd = &o->as.nd;
	const struct claim_event e = {
		.link = o->link,
		.addr = nd->src,
		.mac = nd->lladdr,
		.broadcast = mac_is_group(&nd->eth_dst),
		.ns = o->time_ns,
		.frame = o->frame,
	};

	if (addr_is_unspecified(&nd->src)) {
		claims_probed(s, o->link, &nd->target, &nd->eth_src,
			      nd->has_nonce ? nd->nonce : 0, o->time_ns,
			      o->frame, c);
		return;
	}
	if (nd->has_lladdr)
		claims_note(s, &e, c);
	claims_asked(s, o->link, &nd->target, &nd->eth_src, o->time_ns,
		     o->frame, c);
}

static void note_advertisement(struct claims *s, const struct observation *o,
			       const struct detector_context *c)
{
	const struct nd_fact *nd = &o->as.nd;
	struct claim_event e = {
		.link = o->link,
		.addr = nd->target,
		.mac = nd->lladdr,
		.broadcast = addr_is_multicast(&nd->dst),
		.asked = nd->asked,
		.question = nd->question,
		.unasked = !nd->asked,
		.ns = o->time_ns,
		.frame = o->frame,
	};

	if (!nd->has_lladdr || !nd->override)
		return;
	if (!e.broadcast)
		e.told = nd->dst;
	claims_note(s, &e, c);
}

static void nd_observe(void *self, const struct observation *o,
		       const struct detector_context *c)
{
	if (o->kind == OBS_TALK)
		claims_talk(self, o, c);
	else if (o->kind == OBS_SAME_PACKET)
		claims_forwarded(self, o, c);
	else if (o->as.nd.type == SOLICITATION)
		note_solicitation(self, o, c);
	else
		note_advertisement(self, o, c);
}

static void nd_checked(void *self, const struct detector_context *c,
		       struct checks *out)
{
	(void)c;
	claims_checked(self, out);
}

static void nd_limits(void *self, struct checks *out)
{
	claims_limits(self, out);
}

static const struct finding_def *const nd_findings[] = {&nd_conflict,
							&nd_spoofing, NULL};

static const enum observation_kind nd_wants[] = {OBS_ND, OBS_TALK,
						 OBS_SAME_PACKET, OBSERVATIONS};

const struct detector nd_claims_detector = {
	.name = "nd_claims",
	.findings = nd_findings,
	.wants = nd_wants,
	.open = claims_start,
	.observe = nd_observe,
	.checked = nd_checked,
	.limits = nd_limits,
};
