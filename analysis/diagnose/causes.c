/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * causes.c - folds consequences under their causes, by one declared table.
 *
 * An edge holds where the relation between the two holds, the effect began
 * neither long before nor long after the cause, and the cause is at least as
 * sure as the effect.  Within the table lower layers explain higher ones.
 */
#include "analysis/diagnose/diagnose.h"

#include <stdio.h>
#include <string.h>

#include "analysis/diagnose/relation.h"
#include "base/when.h"

/* An effect may be noticed a little before its cause is, and a while after. */
#define BEFORE_NS (2 * NS_PER_S)
#define AFTER_NS  (60 * NS_PER_S)
/* A router asks for the host by ARP before it says unreachable. */
#define ASKED_NS (5 * NS_PER_S)

#define OTHER_CLOCK_NS (60 * NS_PER_S)

#define SILENCE                                                                \
	"tcp.handshake.no_answer tcp.service_down icmp.echo_no_reply "         \
	"icmp.echo_loss dns.no_answer dns.server_down udp.no_reply "           \
	"ntp.no_answer quic.no_answer"
#define DEAD_PATH SILENCE " tcp.stall tcp.peer_lost tcp.loss"

const struct cause_def causes[] = {
	/* the capture itself */
	{"capture.drops", "capture.loss", related_always},
	{"link.down", "link.no_inbound " DEAD_PATH, related_interface},
	{"link.no_inbound",
	 "arp.unanswered arp.gateway_unresolved nd.unanswered "
	 "nd.router_unresolved dhcp.no_offer dhcp.renew_unanswered " DEAD_PATH,
	 related_interface},
	{"link.flap", "stp.topology_change tcp.stall", related_always},
	{"link.errors", "capture.drops tcp.loss rtp.loss", related_grave},
	/* data link */
	{"link.duplex_mismatch", "link.errors tcp.loss rtp.loss",
	 related_always},
	{"eth.loop",
	 "eth.storm arp.storm eth.mac_flap tcp.loss arp.gateway_unresolved",
	 related_always},
	{"eth.mac_flood", "eth.unicast_flood", related_always},
	{"stp.root_change", "stp.topology_change", related_always},
	{"eap.failure",
	 "dhcp.no_offer arp.unanswered arp.gateway_unresolved "
	 "nd.router_unresolved link.no_inbound",
	 related_station},
	{"vlan.mismatch", "dhcp.no_offer arp.unanswered arp.gateway_unresolved",
	 related_always},
	{"fhrp.failover", "icmp.echo_loss tcp.stall", related_way},
	{"arp.gateway_unresolved nd.router_unresolved",
	 DEAD_PATH " dhcp.renew_unanswered icmp.unreachable", related_behind},
	{"arp.unanswered nd.unanswered",
	 DEAD_PATH " dhcp.renew_unanswered icmp.unreachable "
		   "tcp.handshake.rejected",
	 related_target},
	{"arp.wrong_subnet", SILENCE, related_host},
	{"arp.spoofing", "arp.conflict arp.stale_entry", related_target},
	{"nd.spoofing", "nd.conflict", related_target},
	{"nd.rogue_ra", "nd.router_unresolved", related_target},
	/* the other station has the address, not the service */
	{"arp.conflict nd.conflict",
	 "icmp.echo_loss tcp.stall tcp.reset dhcp.decline tcp.peer_lost "
	 "tcp.half_open tcp.handshake.refused tcp.handshake.no_answer",
	 related_holder},
	{"nd.spoofing arp.spoofing",
	 DEAD_PATH " tcp.reset tls.handshake_failed tls.cert_self_signed "
		   "tls.cert_name",
	 related_holder},
	{"arp.stale_entry", DEAD_PATH, related_holder},
	{"dhcp.two_servers", "dhcp.nak arp.conflict", related_always},
	{"tcp.host_sweep", "arp.scan", related_always},
	/* network */
	{"ip.not_forwarded", DEAD_PATH, related_behind},
	{"ip.routing_loop", SILENCE " icmp.time_exceeded tcp.loss",
	 related_host},
	{"icmp.unreachable",
	 SILENCE " tcp.handshake.rejected tcp.peer_lost udp.port_unreachable "
		 "icmp.unreachable",
	 related_path, ASKED_NS},
	{"icmp.time_exceeded", SILENCE " tcp.peer_lost", related_path},
	{"udp.port_unreachable", "dns.no_answer dns.server_down udp.no_reply",
	 related_service},
	{"ip.fragments_missing",
	 "icmp.echo_no_reply icmp.echo_loss "
	 "dns.no_answer udp.no_reply",
	 related_path},
	{"pmtu.link_mismatch", "pmtu.black_hole", related_size},
	{"pmtu.black_hole pmtu.ignored", "tcp.stall tcp.loss tcp.peer_lost",
	 related_direction},
	{"pmtu.black_hole pmtu.ignored",
	 "tcp.handshake.dead_after_open "
	 "tls.handshake_failed ip.fragments_missing icmp.echo_no_reply "
	 "http.slow tcp.server_slow http.truncated tcp.reset "
	 "tcp.idle_timeout tcp.half_open",
	 related_path},
	{"pmtu.frag_needed", "tcp.stall tcp.loss tcp.spurious_retransmission",
	 related_direction},
	{"pmtu.frag_needed", "ip.fragmented", related_path},
	{"ip.congestion_marked", "tcp.loss tcp.rtt_high", related_path},
	/* transport */
	/* a forger draws its sources from all addresses there are */
	{"tcp.syn_flood udp.flood", "ip.martian", related_always},
	{"udp.scan", "dns.no_answer udp.no_reply ntp.no_answer quic.no_answer",
	 related_client},
	{"tcp.syn_flood tcp.flash_crowd",
	 "tcp.handshake.listen_overflow tcp.handshake.syn_received "
	 "tcp.handshake.no_answer tcp.handshake.retried "
	 "tcp.handshake.ack_ignored tcp.backscatter",
	 related_service},
	{"tcp.handshake.listen_overflow tcp.service_down",
	 "tcp.handshake.ack_ignored tcp.handshake.no_answer "
	 "tcp.handshake.refused tcp.handshake.dead_after_open "
	 "tcp.handshake.retried tcp.handshake.syn_received tcp.stall "
	 "tcp.loss tcp.server_slow tcp.spurious_retransmission "
	 "tcp.peer_lost",
	 related_service},
	{"tcp.handshake.listen_overflow tcp.service_down",
	 "tcp.reset tcp.half_open", related_end},
	/* routers limit the rate of their errors */
	{"tcp.handshake.rejected", "tcp.handshake.no_answer", related_path},
	{"tcp.handshake.ack_ignored",
	 "tcp.loss tcp.stall tcp.spurious_retransmission tcp.server_slow "
	 "tcp.reset tcp.half_open",
	 related_visit},
	{"tcp.handshake.dead_after_open",
	 "tcp.loss tcp.stall tcp.peer_lost tcp.server_slow "
	 "tls.handshake_failed",
	 related_visit},
	{"tcp.handshake.stale_peer", "tcp.handshake.no_answer tcp.reset",
	 related_visit},
	{"tcp.churn", "tcp.port_exhaustion", related_visit},
	{"tcp.port_exhaustion",
	 "tcp.handshake.no_answer tcp.handshake.stale_peer "
	 "tcp.handshake.refused tcp.handshake.retried",
	 related_visit},
	/* the clock of an address is known a while after its first SYN fails */
	{"tcp.paws_drop",
	 "tcp.handshake.no_answer tcp.handshake.retried tcp.service_down",
	 related_path, OTHER_CLOCK_NS},
	{"tcp.reset_injected", "tcp.reset", related_frames},
	{"tcp.reset_injected", "tls.handshake_failed http.truncated",
	 related_flow},
	/* who forgot the connection answers in the name of its end */
	{"tcp.idle_timeout", "tcp.reset_injected", related_flow},
	{"tcp.idle_timeout tcp.half_open",
	 "tcp.reset tcp.peer_lost tcp.keepalive_dead tcp.loss tcp.stall",
	 related_flow},
	{"tcp.keepalive_dead", "tcp.reset", related_flow},
	{"tcp.close_wait", "tcp.fin_wait tcp.reset", related_end},
	{"tcp.window_deadlock", "tcp.zero_window tcp.stall tcp.reset",
	 related_flow},
	{"tcp.zero_window", "tcp.stall tcp.window_limited", related_closed},
	{"tcp.handshake.options_stripped", "tcp.window_unscaled", related_path},
	{"tcp.window_unscaled", "tcp.window_limited", related_flow},
	{"tcp.peer_lost", "tcp.loss tcp.stall tcp.reset", related_flow},
	{"tcp.bad_checksum tcp.paws_drop", "tcp.loss tcp.stall tcp.peer_lost",
	 related_same_flow},
	{"tcp.reordering", "tcp.spurious_retransmission", related_same_flow},
	{"tcp.ack_loss", "tcp.spurious_retransmission tcp.stall", related_acks},
	{"tcp.nagle_delayed_ack", "tcp.stall", related_timer},
	{"tcp.stall", "tcp.stall", related_still},
	{"tcp.loss", "tcp.stall", related_losses},
	{"tcp.loss", "tcp.server_slow http.slow", related_flow},
	{"tcp.loss", "tcp.handshake.retried", related_path},
	{"tcp.bufferbloat", "tcp.rtt_high tcp.loss icmp.echo_slow", related_path},
	/* application */
	/* of a forwarder: what it asks itself */
	{"dns.server_down",
	 "dns.server_down dns.no_answer dns.slow dns.servfail",
	 related_upstream},
	{"dns.no_answer", "dns.servfail dns.slow", related_name},
	{"tcp.handshake.refused tcp.handshake.no_answer "
	 "tcp.handshake.rejected",
	 "dns.truncated", related_visit},
	{"dns.answer_unreachable",
	 "tcp.handshake.no_answer tcp.handshake.refused "
	 "tcp.handshake.rejected quic.no_answer",
	 related_told, ASKED_NS},
	{"tls.cert_expired tls.cert_name tls.cert_self_signed "
	 "tls.version_old",
	 "tls.handshake_failed", related_service},
	{"tls.cert_expired tls.cert_name tls.cert_self_signed",
	 "tls.unverified", related_service},
	{NULL, NULL, NULL},
};

/* Whether `id` is one of the words of `list`. */
static bool listed(const char *list, const char *id)
{
	size_t size = strlen(id);

	for (const char *at = list; (at = strstr(at, id)); at += size)
		if ((at == list || at[-1] == ' ') &&
		    (at[size] == ' ' || at[size] == '\0'))
			return true;
	return false;
}

/* Whether `f` is, over any number of edges, a consequence of `of`. */
static bool follows_from(const struct finding *f, const struct finding *of,
			 int depth)
{
	if (f == of)
		return true;
	if (depth == 0)
		return true; /* too deep to tell: do not add an edge */
	for (uint8_t i = 0; i < f->cause_count; i++)
		if (follows_from(f->caused_by[i], of, depth - 1))
			return true;
	return false;
}

static bool in_time(const struct cause_def *edge, const struct finding *root,
		    const struct finding *effect)
{
	int64_t before = edge->before_ns ? edge->before_ns : BEFORE_NS;

	return effect->first_ns >= root->first_ns - before &&
	       effect->first_ns <= root->last_ns + AFTER_NS;
}

static void fold(struct finding *root, struct finding *effect)
{
	if (effect->cause_count == CAUSES_MAX || root == effect)
		return;
	for (uint8_t i = 0; i < effect->cause_count; i++)
		if (effect->caused_by[i] == root)
			return;
	if (follows_from(root, effect, 8))
		return;
	effect->caused_by[effect->cause_count++] = root;
	root->folded++;
	/* what keeps somebody from working is more than worth knowing */
	if (effect->severity == CRITICAL && root->severity < WARNING &&
	    root->def->most >= WARNING)
		root->severity = WARNING;
}

/* Copy the findings whose id is in `ids` to `out`; returns how many. */
static uint32_t select_ids(struct findings *all, const char *ids,
			   struct finding **out)
{
	uint32_t n = findings_count(all), count = 0;
	const struct finding_def *last = NULL;
	bool wanted = false;

	for (uint32_t i = 0; i < n; i++) {
		struct finding *f = finding_at(all, i);

		if (f->def != last)
			wanted = listed(ids, f->def->id);
		last = f->def;
		if (wanted && !f->withheld)
			out[count++] = f;
	}
	return count;
}

static bool explains(const struct cause_def *edge, const struct finding *root,
		     const struct finding *effect,
		     const struct knowledge *known)
{
	if (root->confidence == POSSIBLE && effect->confidence > POSSIBLE)
		return false;
	return in_time(edge, root, effect) &&
	       edge->related(root, effect, known);
}

/* After the one point and before the other, whichever way it went. */
static bool is_between(const struct finding *a, const struct finding *b)
{
	return a->stretch && b->stretch && a->stretch != b->stretch;
}

/* Told once, for the connection as it was before its translation. */
static void absorb(struct finding *root, struct finding *effect)
{
	const struct flow *f = &effect->flow;
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];

	finding_add(root,
		    " A translator (NAT) changes the addresses on the way: "
		    "beyond it this is found from %s to %s.",
		    endpoint_text(&f->src, f->src_port, from),
		    endpoint_text(&f->dst, f->dst_port, to));
	if (is_between(root, effect)) {
		snprintf(root->reason, sizeof(root->reason), "between");
		finding_add(root, " It happened between the two, where the "
				  "translator is.");
		finding_advise(root, "On the translator: nft list ruleset; "
				     "conntrack -S; ip -s link");
	}
	if (effect->severity > root->severity)
		root->severity = effect->severity;
	effect->withheld = true;
}

/* What is found of a connection on both sides of an address translator is one
 * fault.  Of a client and its service, where all of it is that client's. */
static void fold_translated(struct findings *all, const struct knowledge *known)
{
	struct flow original;

	for (uint32_t i = 0; i < findings_count(all); i++) {
		struct finding *effect = finding_at(all, i);

		if (!effect->has_flow || effect->withheld ||
		    !known_original(known, &effect->flow, &original))
			continue;
		for (uint32_t k = 0; k < findings_count(all); k++) {
			struct finding *root = finding_at(all, k);

			if (root->def != effect->def || root->withheld ||
			    !related_original(root, &original))
				continue;
			if (root->subject.kind == SUBJECT_FLOW) {
				absorb(root, effect);
				break;
			}
			if (root->count >= effect->count)
				fold(root, effect);
		}
	}
}

bool diagnose_causes(struct findings *all, struct arena *home,
		     const struct detector_context *c)
{
	size_t size = (findings_count(all) + 1) * sizeof(struct finding *);
	struct finding **roots = arena_alloc(home, size);
	struct finding **effects = arena_alloc(home, size);

	if (!roots || !effects)
		return false;
	fold_translated(all, c->known);
	for (const struct cause_def *edge = causes; edge->root; edge++) {
		uint32_t m = select_ids(all, edge->root, roots);
		uint32_t n = m ? select_ids(all, edge->explains, effects) : 0;

		for (uint32_t i = 0; i < m; i++)
			for (uint32_t k = 0; k < n; k++)
				if (explains(edge, roots[i], effects[k],
					     c->known))
					fold(roots[i], effects[k]);
	}
	return true;
}

const struct finding *diagnose_explains(const struct diagnosis *d,
					const struct knowledge *known,
					const struct finding *effect)
{
	const struct finding *best = NULL;

	for (const struct cause_def *edge = causes; edge->root; edge++) {
		if (!listed(edge->explains, effect->def->id))
			continue;
		for (uint32_t i = 0; i < d->finding_count; i++) {
			const struct finding *f = d->findings[i];

			if (f->subject.kind != SUBJECT_SEVERAL &&
			    listed(edge->root, f->def->id) &&
			    (!best || f->severity > best->severity) &&
			    explains(edge, f, effect, known))
				best = f;
		}
	}
	return best;
}
