/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * scene.h - who talks to whom, and findings about it as their detectors raise
 * them.
 */
#ifndef UPSTACK_TESTS_UNIT_ANALYSIS_SCENE_H
#define UPSTACK_TESTS_UNIT_ANALYSIS_SCENE_H

#include "analysis/diagnose/diagnose.h"
#include "unit/analysis/rig.h"
#include "unit/base/unit.h"

#define S NS_PER_S

/* Who is who.  A second scene has nothing in common with the first. */
struct scene {
	struct addr client, server, gateway, lan;
	uint16_t sport, port;
	const char *name;
	struct mac mac;
	uint32_t link;
	bool back; /* flows go from the server to the client */
};

static inline struct addr v4(uint8_t a, uint8_t d)
{
	return addr_v4((const uint8_t[4]){a, 0, 2, d});
}

static inline struct scene scene_at(uint8_t n)
{
	return (struct scene){v4(192, 20 + n),
			      v4(198, 50 + n),
			      v4(192, 1 + n),
			      v4(192, 80 + n),
			      40000 + n,
			      80 + n,
			      n ? "example.net" : "example.org",
			      {{0x52, 0x54, 0, 0, 0, n}},
			      n,
			      false};
}

enum who { CLIENT, SERVER, GATEWAY, STATION };

/* Whom a finding of a host is about, as its detector says it. */
static const struct {
	const char *id;
	enum who who;
} hosts[] = {
	{"arp.gateway_unresolved", GATEWAY},
	{"nd.router_unresolved", GATEWAY},
	{"nd.rogue_ra", GATEWAY},
	{"fhrp.failover", GATEWAY},
	{"arp.unanswered", SERVER},
	{"nd.unanswered", SERVER},
	{"arp.conflict", SERVER},
	{"nd.conflict", SERVER},
	{"arp.spoofing", SERVER},
	{"nd.spoofing", SERVER},
	{"arp.stale_entry", SERVER},
	{"dhcp.decline", SERVER},
	{"tcp.backscatter", SERVER},
	{"arp.wrong_subnet", CLIENT},
	{"dhcp.renew_unanswered", CLIENT},
	{"udp.scan", CLIENT},
	{"tcp.host_sweep", CLIENT},
	{"arp.scan", CLIENT},
	{"eap.failure", STATION},
	{"dhcp.no_offer", STATION},
	{"dhcp.nak", STATION},
	{"dhcp.two_servers", SERVER},
	{"eth.mac_flap", STATION},
	{"ip.martian", CLIENT},
	{"udp.flood", SERVER},
	{"eth.unicast_flood", STATION},
	{"dns.servfail", CLIENT},
};

static inline struct subject host_of(const char *id, const struct scene *w)
{
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (strcmp(hosts[i].id, id) == 0)
			switch (hosts[i].who) {
			case CLIENT:
				return subject_host(&w->client);
			case SERVER:
				return subject_host(&w->server);
			case GATEWAY:
				return subject_host(&w->gateway);
			default:
				return subject_mac(&w->mac);
			}
	fail_msg("whom is %s about?", id);
	return subject_capture();
}

static inline bool any(const char *id, const char *list)
{
	const char *at = strstr(list, id);
	size_t n = strlen(id);

	return at && (at == list || at[-1] == ' ') && (at[n] == ' ' || !at[n]);
}

static inline struct flow flow_at(const struct scene *w)
{
	struct flow f = {w->client, w->server, w->sport, w->port, 6, {0}};

	return w->back ? flow_reverse(&f) : f;
}

static inline struct subject subject_of(const struct finding_def *def,
					const struct scene *w)
{
	struct flow f = flow_at(w);

	switch (def->subject) {
	case SUBJECT_LINK:
		return subject_link(w->link);
	case SUBJECT_FLOW:
		return subject_flow(&f);
	case SUBJECT_SERVICE:
		return subject_service(&w->server, w->port, 6);
	case SUBJECT_NAME:
		return subject_name(w->name, &w->client,
				    any(def->id, "dns.answer_unreachable")
					    ? NULL
					    : &w->server);
	case SUBJECT_HOST:
		return host_of(def->id, w);
	case SUBJECT_PATH:
		break;
	default:
		return subject_capture();
	}
	if (any(def->id, "ip.not_forwarded"))
		return subject_path(&w->client, &w->gateway);
	if (strstr(def->id, "tcp."))
		return subject_path_to(&w->client, &w->server, w->port, 6);
	return subject_path(&w->client, &w->server);
}

/* As the detector of `id` raises it; NULL: it has none yet. */
static inline struct finding *raise(struct findings *all, const char *id,
				    const struct scene *w, int64_t at_s)
{
	const struct finding_def *def = finding_def_find(id);
	struct subject s;
	struct finding *f;

	if (!def)
		return NULL;
	s = subject_of(def, w);
	f = finding_raise(all, def, &s, "", at_s * S, (at_s + 1) * S);
	f->has_flow = def->subject == SUBJECT_FLOW || strstr(id, "handshake") ||
		      any(id, "udp.no_reply tcp.server_slow tcp.close_wait "
			      "dns.answer_unreachable");
	f->flow = flow_at(w);
	if (any(id, "dhcp.renew_unanswered")) {
		f->has_flow = true;
		f->flow.src_port = 68;
		f->flow.dst_port = 67;
	}
	if (any(id, "arp.unanswered nd.unanswered arp.gateway_unresolved "
		    "nd.router_unresolved")) {
		f->asker = w->client;
		f->asker_mac = w->mac;
	}
	if (any(id, "dns.server_down"))
		f->asker = w->client;
	if (any(id, "pmtu.link_mismatch"))
		f->size_passes = 1400;
	if (any(id, "pmtu.black_hole")) {
		f->size_passes = 1300;
		f->size_fails = 1500;
	}
	finding_frame(f, 7);
	return f;
}

/* Whether the table folds one under the other. */
static inline bool folds(const char *root_id, const struct scene *a,
			 int64_t root_s, const char *effect_id,
			 const struct scene *b, int64_t effect_s)
{
	struct rig r = {.arena = arena_new(MEMORY_MIN)};
	const struct hash_key key = {1, 2};
	struct finding *root, *effect;
	bool folded = false;

	r.limits = limits_for(MEMORY_MIN);
	r.context.known = knowledge_new(r.arena, &r.limits, key);
	r.context.findings = findings_new(r.arena, key);
	root = raise(r.context.findings, root_id, a, root_s);
	effect = raise(r.context.findings, effect_id, b, effect_s);
	assert_non_null(root);
	assert_non_null(effect);
	diagnose_causes(r.context.findings, r.arena, &r.context);
	for (uint8_t i = 0; i < effect->cause_count; i++)
		folded |= effect->caused_by[i] == root;
	arena_free(r.arena);
	return folded;
}

#endif
