/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_relations.c - every pair of the table of causes, as its detectors raise
 * it: it folds where both are of one scene, and not where they are not.
 */
#include <stdio.h>

#include "analysis/diagnose/diagnose.h"
#include "unit/analysis/scene.h"
#include "unit/base/unit.h"

/* Pairs that meet in ways of their own, each with its rows below or in
 * test_causes.c; and those that the detectors keep apart. */
static bool has_own_rows(const char *root, const char *effect)
{
	return strcmp(root, effect) == 0 || /* of two hosts or transfers */
	       any(root, "dns.server_down") /* of a forwarder */ ||
	       any(effect, "link.no_inbound") /* of this station */ ||
	       /* of stalls with its reason */
	       (any(effect, "tcp.stall") &&
		any(root, "tcp.ack_loss tcp.nagle_delayed_ack")) ||
	       /* who was not answered is not known of these */
	       (any(effect, "tcp.service_down udp.port_unreachable") &&
		any(root, "icmp.unreachable icmp.time_exceeded "
			  "tcp.paws_drop arp.wrong_subnet"));
}

/* What concerns the whole capture or link, whoever it is. */
static bool is_of_all(const struct cause_def *edge)
{
	static const char *const ids[] = {"capture.drops",
					  "link.down",
					  "link.no_inbound",
					  "link.flap",
					  "link.errors",
					  "link.duplex_mismatch",
					  "eth.loop",
					  "eth.mac_flood",
					  "stp.root_change",
					  "vlan.mismatch",
					  "dhcp.two_servers",
					  "tcp.host_sweep",
					  "tcp.syn_flood udp.flood"};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (strcmp(edge->root, ids[i]) == 0)
			return true;
	return false;
}

/* Who would have to pass there is not known. */
static bool is_of_nobody(const char *root, const char *effect)
{
	return any(root, "fhrp.failover") ||
	       (any(effect, "tcp.service_down") &&
		any(root, "arp.gateway_unresolved nd.router_unresolved "
			  "ip.not_forwarded"));
}

static void check_pair(const struct cause_def *edge, const char *root,
		       const char *effect)
{
	struct scene w = scene_at(0), other = scene_at(1);

	if (any(root, "arp.unanswered nd.unanswered arp.spoofing arp.conflict "
		      "nd.conflict nd.spoofing"))
		w.gateway = w.server; /* there is no other way */
	if (any("dns.truncated", edge->explains) || strstr(effect, "dns."))
		w.port = 53;
	if (any(root, "nd.rogue_ra"))
		w.server = w.gateway;
	if (!folds(root, &w, 100, effect, &w, 100))
		fail_msg("%s does not explain %s", root, effect);
	if (folds(root, &w, 100, effect, &w, 30))
		fail_msg("%s explains %s of before", root, effect);
	if (folds(root, &w, 100, effect, &w, 170))
		fail_msg("%s explains %s of long after", root, effect);
	if (!is_of_all(edge) && !is_of_nobody(root, effect) &&
	    folds(root, &w, 100, effect, &other, 100))
		fail_msg("%s explains %s of others", root, effect);
}

/* Every root of an edge with every effect. */
static void test_every_pair(void **state)
{
	int pairs = 0;

	(void)state;
	for (const struct cause_def *edge = causes; edge->root; edge++) {
		char roots[256], *save = NULL;

		snprintf(roots, sizeof(roots), "%s", edge->root);
		for (char *r = strtok_r(roots, " ", &save); r;
		     r = strtok_r(NULL, " ", &save)) {
			char effects[1024], *rest = NULL;

			snprintf(effects, sizeof(effects), "%s",
				 edge->explains);
			for (char *e = strtok_r(effects, " ", &rest); e;
			     e = strtok_r(NULL, " ", &rest))
				if (finding_def_find(r) &&
				    finding_def_find(e) &&
				    !has_own_rows(r, e)) {
					check_pair(edge, r, e);
					pairs++;
				}
		}
	}
	assert_true(pairs > 200);
}

/* One thing differs from the scene of the root. */
enum change {
	NOTHING,
	CLIENT_2,
	SERVER_2,
	PORT_2,
	SPORT_2,
	NAME_2,
	MAC_2,
	BACK
};

static struct scene changed(enum change change)
{
	struct scene w = scene_at(0);

	w.client = change == CLIENT_2 ? v4(192, 66) : w.client;
	w.server = change == SERVER_2 ? v4(198, 66) : w.server;
	w.port = change == PORT_2 ? 443 : w.port;
	w.sport = change == SPORT_2 ? 41000 : w.sport;
	w.name = change == NAME_2 ? "example.com" : w.name;
	w.mac.bytes[5] = change == MAC_2 ? 9 : 0;
	w.back = change == BACK;
	return w;
}

static const struct row {
	const char *root, *effect;
	enum change change;
	bool folds;
} rows[] = {
	/* the same two hosts, either way */
	{"icmp.unreachable", "tcp.peer_lost", BACK, true},
	{"icmp.unreachable", "tcp.peer_lost", PORT_2, true},
	{"icmp.unreachable", "tcp.peer_lost", CLIENT_2, false},
	{"icmp.unreachable", "tcp.peer_lost", SERVER_2, false},
	{"icmp.unreachable", "udp.no_reply", CLIENT_2, false},
	{"icmp.time_exceeded", "icmp.echo_loss", SERVER_2, false},
	{"ip.fragments_missing", "udp.no_reply", CLIENT_2, false},
	{"ip.congestion_marked", "tcp.loss", SPORT_2, true},
	{"ip.congestion_marked", "tcp.loss", CLIENT_2, false},
	{"pmtu.black_hole", "tcp.server_slow", CLIENT_2, false},
	{"pmtu.frag_needed", "ip.fragmented", SERVER_2, false},
	{"tcp.handshake.rejected", "tcp.handshake.no_answer", CLIENT_2, false},
	{"tcp.paws_drop", "tcp.handshake.retried", SERVER_2, false},
	{"tcp.loss", "tcp.handshake.retried", CLIENT_2, false},
	{"tcp.bufferbloat", "icmp.echo_slow", SERVER_2, false},
	{"tcp.handshake.options_stripped", "tcp.window_unscaled", BACK, true},
	{"tcp.handshake.options_stripped", "tcp.window_unscaled", SERVER_2,
	 false},
	/* the same way */
	{"pmtu.black_hole", "tcp.loss", SPORT_2, true},
	{"pmtu.black_hole", "tcp.loss", BACK, false},
	{"pmtu.ignored", "tcp.stall", BACK, false},
	{"pmtu.frag_needed", "tcp.spurious_retransmission", BACK, false},
	/* the same two hosts and service */
	{"tcp.handshake.ack_ignored", "tcp.loss", SPORT_2, true},
	{"tcp.handshake.ack_ignored", "tcp.reset", BACK, true},
	{"tcp.handshake.ack_ignored", "tcp.loss", PORT_2, false},
	{"tcp.handshake.ack_ignored", "tcp.server_slow", CLIENT_2, false},
	{"tcp.handshake.dead_after_open", "tcp.peer_lost", PORT_2, false},
	{"tcp.handshake.dead_after_open", "tcp.stall", CLIENT_2, false},
	{"tcp.handshake.stale_peer", "tcp.handshake.no_answer", PORT_2, false},
	{"tcp.handshake.stale_peer", "tcp.reset", BACK, true},
	{"tcp.churn", "tcp.port_exhaustion", PORT_2, false},
	{"tcp.port_exhaustion", "tcp.handshake.refused", CLIENT_2, false},
	{"tcp.port_exhaustion", "tcp.handshake.no_answer", PORT_2, false},
	/* one service, whoever asks */
	{"tcp.syn_flood", "tcp.handshake.no_answer", CLIENT_2, true},
	{"tcp.syn_flood", "tcp.handshake.no_answer", PORT_2, false},
	{"tcp.syn_flood", "tcp.backscatter", SERVER_2, false},
	{"tcp.flash_crowd", "tcp.handshake.listen_overflow", PORT_2, false},
	{"tcp.service_down", "tcp.handshake.refused", CLIENT_2, true},
	{"tcp.service_down", "tcp.handshake.refused", PORT_2, false},
	{"tcp.service_down", "tcp.loss", BACK, false},
	{"tcp.handshake.listen_overflow", "tcp.stall", PORT_2, false},
	{"udp.port_unreachable", "udp.no_reply", PORT_2, false},
	{"udp.port_unreachable", "dns.no_answer", NOTHING, false}, /* not 53 */
	/* one end of the connection */
	{"tcp.handshake.listen_overflow", "tcp.reset", BACK, true},
	{"tcp.handshake.listen_overflow", "tcp.reset", PORT_2, false},
	{"tcp.close_wait", "tcp.fin_wait", BACK, true},
	{"tcp.close_wait", "tcp.reset", PORT_2, false},
	{"tcp.close_wait", "tcp.reset", SERVER_2, false},
	/* who was asked, who asks, either */
	{"arp.unanswered", "tcp.handshake.no_answer", CLIENT_2, true},
	{"arp.unanswered", "tcp.handshake.no_answer", SERVER_2, false},
	{"nd.unanswered", "icmp.echo_no_reply", SERVER_2, false},
	{"arp.spoofing", "arp.stale_entry", SERVER_2, false},
	{"udp.scan", "dns.no_answer", SERVER_2, true},
	{"udp.scan", "udp.no_reply", SERVER_2, true},
	{"udp.scan", "udp.no_reply", CLIENT_2, false},
	{"arp.wrong_subnet", "udp.no_reply", SERVER_2, true},
	{"arp.wrong_subnet", "tcp.handshake.no_answer", CLIENT_2, false},
	{"ip.routing_loop", "tcp.loss", CLIENT_2, true},
	{"ip.routing_loop", "tcp.loss", SERVER_2, false},
	{"arp.conflict", "tcp.handshake.refused", CLIENT_2, true},
	{"arp.conflict", "tcp.stall", SERVER_2, false},
	{"arp.stale_entry", "tcp.loss", SERVER_2, false},
	/* one station */
	{"eap.failure", "arp.unanswered", SERVER_2, true},
	{"eap.failure", "arp.unanswered", MAC_2, false},
	{"eap.failure", "dhcp.no_offer", MAC_2, false},
	/* one name; one client and address */
	{"dns.no_answer", "dns.servfail", SERVER_2, true},
	{"dns.no_answer", "dns.slow", NAME_2, false},
	{"dns.answer_unreachable", "tcp.handshake.refused", CLIENT_2, false},
	{"dns.answer_unreachable", "tcp.handshake.no_answer", SERVER_2, false},
	/* who misses the way out */
	{"arp.gateway_unresolved", "dns.server_down", SERVER_2, true},
	{"arp.gateway_unresolved", "dns.server_down", CLIENT_2, false},
	{"ip.not_forwarded", "udp.no_reply", SERVER_2, true},
	{"ip.not_forwarded", "udp.no_reply", CLIENT_2, false},
	/* one frame proves both */
	{"tcp.reset_injected", "tcp.reset", BACK, true},
	{"tcp.reset_injected", "tcp.reset", SPORT_2, false},
	{"pmtu.link_mismatch", "pmtu.black_hole", CLIENT_2, false},
};

static void test_near_misses(void **state)
{
	const struct scene w = scene_at(0);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct scene other = changed(row->change);

		if (folds(row->root, &w, 100, row->effect, &other, 100) !=
		    row->folds)
			fail_msg("row %zu: %s, %s", i, row->root, row->effect);
	}
}

/* Two findings and what is known, by hand. */
struct two {
	struct rig r;
	struct finding *root, *effect;
};

static struct two two_of(const char *root, const struct scene *a,
			 const char *effect, const struct scene *b)
{
	struct two t = {.r = {.arena = arena_new(MEMORY_MIN)}};
	const struct hash_key key = {1, 2};

	t.r.limits = limits_for(MEMORY_MIN);
	t.r.known = knowledge_new(t.r.arena, &t.r.limits, key);
	t.r.context.known = t.r.known;
	t.r.context.findings = findings_new(t.r.arena, key);
	t.root = raise(t.r.context.findings, root, a, 100);
	t.effect = raise(t.r.context.findings, effect, b, 100);
	return t;
}

static bool is_folded(struct two *t)
{
	bool folded;

	diagnose_causes(t->r.context.findings, t->r.arena, &t->r.context);
	folded = t->effect->cause_count > 0;
	arena_free(t->r.arena);
	return folded;
}

/* A forwarder whose own server is silent answers late, wrongly or not. */
static void test_forwarder(void **state)
{
	const char *const effects[] = {"dns.slow", "dns.server_down",
				       "dns.no_answer"};
	struct scene up = scene_at(0), down = scene_at(1), no = scene_at(1);

	(void)state;
	up.port = down.port = no.port = 53;
	down.server = up.client;
	for (int i = 0; i < 3; i++) {
		struct two t =
			two_of("dns.server_down", &up, effects[i], &down);

		assert_true(is_folded(&t));
		t = two_of("dns.server_down", &up, effects[i], &no);
		assert_false(is_folded(&t));
	}
	/* the other way round: what it asks itself is no effect of its silence
	 */
	struct two t = two_of("dns.server_down", &down, "dns.no_answer", &up);

	assert_false(is_folded(&t));
}

/* A SYN is seen before and, a hop further, after an address translator. */
static void translate(struct two *t, const struct scene *in,
		      const struct scene *out)
{
	struct observation o = {.kind = OBS_TCP_SYN, .time_ns = 100 * S};

	o.as.syn = (struct tcp_syn_fact){.flow = flow_at(in),
					 .isn = 1234,
					 .tries = 1,
					 .ttl = 64,
					 .has_ts = true,
					 .tsval = 77};
	knowledge_observe(t->r.known, &o);
	o.as.syn.flow = flow_at(out);
	o.as.syn.ttl--;
	knowledge_observe(t->r.known, &o);
}

/* One fault on both sides is one: that of a client and its service is folded
 * where all of it is that client's, that of a connection is not told twice. */
static void test_translated(void **state)
{
	struct scene in = scene_at(0), out = scene_at(0), other = scene_at(0);
	struct two t;

	(void)state;
	out.client = v4(203, 1);
	other.sport++;
	t = two_of("tcp.handshake.no_answer", &in, "tcp.handshake.no_answer",
		   &out);
	translate(&t, &in, &out);
	assert_true(is_folded(&t));
	t = two_of("tcp.handshake.no_answer", &in, "tcp.handshake.no_answer",
		   &out);
	t.effect->count = 2; /* and of another one behind the translator */
	translate(&t, &in, &out);
	assert_false(is_folded(&t));
	t = two_of("tcp.loss", &in, "tcp.loss", &out);
	translate(&t, &in, &out);
	diagnose_causes(t.r.context.findings, t.r.arena, &t.r.context);
	assert_true(t.effect->withheld && !t.root->withheld);
	assert_non_null(strstr(t.root->summary, "203.0.2.1:40000"));
	assert_null(strstr(t.root->summary, "between the two"));
	arena_free(t.r.arena);
	t = two_of("tcp.loss", &in, "tcp.loss", &out);
	t.root->stretch = STRETCH_AFTER;
	t.effect->stretch = STRETCH_BEFORE;
	translate(&t, &in, &out);
	diagnose_causes(t.r.context.findings, t.r.arena, &t.r.context);
	assert_non_null(strstr(t.root->summary, "between the two"));
	arena_free(t.r.arena);
	t = two_of("tcp.loss", &other, "tcp.loss", &out);
	translate(&t, &in, &out);
	diagnose_causes(t.r.context.findings, t.r.arena, &t.r.context);
	assert_false(t.effect->withheld || t.root->withheld);
	arena_free(t.r.arena);
}

static void claim(struct rig *r, struct mac who, struct addr what)
{
	struct observation o = {.kind = OBS_ARP, .time_ns = S};

	o.as.arp.operation = 2;
	o.as.arp.sender_mac = o.as.arp.eth_src = who;
	o.as.arp.sender = o.as.arp.target = what;
	memset(&o.as.arp.eth_dst, 0xff, sizeof(struct mac));
	knowledge_observe(r->known, &o);
}

/* A client that talks to two far addresses over a station. */
static void talks_over(struct rig *r, struct addr client, struct mac router)
{
	for (uint8_t i = 0; i < 2; i++) {
		struct observation o = {.kind = OBS_TALK, .time_ns = S};

		o.as.talk.src_mac = (struct mac){{2, 0, 0, 0, 0, 7}};
		o.as.talk.dst_mac = router;
		o.as.talk.src = client;
		o.as.talk.dst = v4(203, 7 + i);
		o.as.talk.has_macs = true;
		o.as.talk.packets = 1;
		knowledge_observe(r->known, &o);
	}
}

/* A dead gateway is no reason for a neighbour's silence, nor for that of who is
 * far from somebody with another gateway. */
static void test_behind(void **state)
{
	const struct mac one = {{2, 0, 0, 0, 0, 1}}, two = {{2, 0, 0, 0, 0, 2}};
	struct scene w = scene_at(0), other = scene_at(0);
	struct two t = two_of("arp.gateway_unresolved", &w, "tcp.loss", &w);

	(void)state;
	claim(&t.r, one, w.server);
	assert_false(is_folded(&t));
	other.client = v4(192, 66);
	t = two_of("arp.gateway_unresolved", &w, "tcp.loss", &other);
	claim(&t.r, one, w.gateway);
	talks_over(&t.r, other.client, one);
	assert_true(is_folded(&t));
	t = two_of("arp.gateway_unresolved", &w, "tcp.loss", &other);
	claim(&t.r, two, v4(192, 2));
	talks_over(&t.r, other.client, two);
	assert_false(is_folded(&t));
}

/* Whose address is in conflict matters to what leads over him, if he is a
 * gateway; not to others. */
static void test_holder(void **state)
{
	const struct mac one = {{2, 0, 0, 0, 0, 1}};
	struct scene w = scene_at(0), gateway = scene_at(0);
	struct two t;

	(void)state;
	gateway.server = w.gateway;
	t = two_of("arp.conflict", &gateway, "tcp.stall", &w);
	claim(&t.r, one, w.gateway);
	talks_over(&t.r, w.client, one);
	assert_true(is_folded(&t));
	t = two_of("arp.conflict", &gateway, "tcp.stall", &w);
	assert_false(is_folded(&t));
}

/* All that stood still in one transfer, and what did not in another. */
static void test_together(void **state)
{
	static const struct {
		const char *reason, *effect;
		int64_t from_s, to_s;
		bool folds;
	} many[] = {
		{"everywhere", "tail_loss", 100, 101, true},
		{"everywhere", "", 101, 102, true},
		{"everywhere", "zero_window", 100, 101, false},
		{"everywhere", "tail_loss", 100, 105, false},
		{"everywhere", "tail_loss", 99, 101, false},
		{"tail_loss", "path_delay", 100, 101, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
		struct scene a = scene_at(0), b = scene_at(1);
		struct two t = two_of("tcp.stall", &a, "tcp.stall", &b);

		t.root->subject = subject_capture();
		t.root->last_ns = 103 * S;
		strcpy(t.root->reason, many[i].reason);
		strcpy(t.effect->reason, many[i].effect);
		t.effect->first_ns = many[i].from_s * S;
		t.effect->last_ns = many[i].to_s * S;
		assert_int_equal(is_folded(&t), many[i].folds);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_pair),
		cmocka_unit_test(test_near_misses),
		cmocka_unit_test(test_forwarder),
		cmocka_unit_test(test_translated),
		cmocka_unit_test(test_behind),
		cmocka_unit_test(test_holder),
		cmocka_unit_test(test_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
