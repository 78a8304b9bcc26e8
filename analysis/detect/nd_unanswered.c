/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * nd_unanswered.c - who is solicited by neighbour discovery and never answers:
 * a neighbour, or the IPv6 router of somebody's traffic.
 *
 * Duplicate address detection (source ::) wants no answer.  RFC 4861 7.2.2.
 */
#include "analysis/detect/silence.h"

static const struct finding_def nd_unanswered = {
	.id = "nd.unanswered",
	.layer = LAYER_DATA_LINK,
	.most = WARNING,
	.subject = SUBJECT_HOST,
	.relies = RELIES_ABSENCE,
	.title = "An IPv6 neighbour does not answer",
	.advice = {"Is the host up, and in this VLAN?"},
};

static const struct finding_def nd_router_unresolved = {
	.id = "nd.router_unresolved",
	.layer = LAYER_DATA_LINK,
	.most = CRITICAL,
	.subject = SUBJECT_HOST,
	.relies = RELIES_ABSENCE,
	.title = "The IPv6 router does not answer",
	.advice = {"Is the router up, and in this VLAN?"},
};

static const struct silence_words nd_words = {
	.unanswered = &nd_unanswered,
	.gateway = &nd_router_unresolved,
	.table_name = "ND questions",
	.askers_name = "ND askers",
	.protocol = "neighbour discovery",
	.gateway_word = "IPv6 router",
	.filter = "icmpv6.nd.ns.target_address == %1$s || "
		  "icmpv6.nd.na.target_address == %1$s",
	.advise_host = {"Is %s up, and in this VLAN?",
			"ip -6 neigh show %1$s; ping -6 -c 3 %1$s"},
	.advise_gateway = {"Is %s up, and does a filter drop its neighbour "
			   "advertisements?",
			   "ip -6 route; ip -6 neigh show %s"},
	.scan_targets = 64,
};

enum { SOLICITATION = 135 };

static void *nd_open(struct arena *home, const struct limits *limits,
		     struct hash_key key)
{
	struct silence *s = arena_alloc(home, sizeof(*s));

	if (!s || !silence_open(s, &nd_words, home, limits, key))
		return NULL;
	return s;
}

static void note_solicitation(struct silence *s, const struct observation *o,
			      const struct detector_context *c)
{
	const struct nd_fact *nd = &o->as.nd;
	const struct silence_try t = {
		.link = o->link,
		.target = nd->target,
		.asker = nd->src,
		.asker_mac = nd->eth_src,
		.unicast = !addr_is_multicast(&nd->dst),
		.ns = o->time_ns,
		.frame = o->frame,
	};

	if (addr_is_unspecified(&nd->src) || !addr_is_host(&nd->target))
		return;
	silence_claimed(s, o->link, &nd->src, NULL, o->time_ns, o->frame, c);
	silence_asked(s, &t);
}

static void nd_observe(void *self, const struct observation *o,
		       const struct detector_context *c)
{
	const struct nd_fact *nd = &o->as.nd;
	struct silence *s = self;

	if (o->kind == OBS_CLOCK_STEP) {
		if (o->as.clock.jump)
			silence_unsettle(s);
	} else if (nd->type == SOLICITATION) {
		note_solicitation(s, o, c);
	} else {
		silence_claimed(s, o->link, &nd->target,
				nd->asked ? &nd->eth_dst : NULL, o->time_ns,
				o->frame, c);
	}
}

static void nd_clock(void *self, const struct detector_context *c)
{
	silence_clock(self, c);
}

static void nd_finish(void *self, const struct detector_context *c)
{
	silence_finish(self, c);
}

static void nd_checked(void *self, const struct detector_context *c,
		       struct checks *out)
{
	(void)c;
	silence_checked(self, out);
}

static void nd_limits(void *self, struct checks *out)
{
	silence_limits(self, out);
}

static const struct finding_def *const nd_findings[] = {&nd_router_unresolved,
							&nd_unanswered, NULL};

static const enum observation_kind nd_wants[] = {OBS_ND, OBS_CLOCK_STEP,
						 OBSERVATIONS};

const struct detector nd_unanswered_detector = {
	.name = "nd_unanswered",
	.findings = nd_findings,
	.wants = nd_wants,
	.open = nd_open,
	.observe = nd_observe,
	.clock = nd_clock,
	.finish = nd_finish,
	.checked = nd_checked,
	.limits = nd_limits,
};
