/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_missing_frames.c - every finding of the catalogue stands in one of three
 * lists: one missing frame makes it, many do, or it is proved by what is seen.
 * In a capture that lacks frames the first two are never certain.
 *
 * Who adds a finding has to say which of them it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "analysis/diagnose/diagnose.h"
#include "base/when.h"

/* A question, an answer or an end that the capture lacks is enough. */
static const char each[] =
	"dns.no_answer dns.slow dns.truncated icmp.echo_loss "
	"ip.fragments_missing rtp.loss tcp.close_wait tcp.half_open "
	"tcp.handshake.retried tcp.handshake.slow tcp.idle_timeout "
	"tcp.reset ";

/* Several frames have to be missing, or the capture must be whole. */
static const char many[] =
	"arp.gateway_unresolved arp.scan arp.spoofing arp.stale_entry "
	"arp.unanswered dhcp.no_offer dhcp.renew_unanswered "
	"dns.answer_unreachable dns.server_down icmp.echo_no_reply "
	"ip.not_forwarded link.no_inbound nd.router_unresolved "
	"nd.scan nd.spoofing nd.unanswered pmtu.black_hole "
	"tcp.ack_loss tcp.backscatter tcp.fin_wait "
	"tcp.handshake.ack_ignored tcp.handshake.dead_after_open "
	"tcp.handshake.listen_overflow tcp.handshake.no_answer "
	"tcp.handshake.syn_received tcp.host_sweep tcp.keepalive_dead "
	"tcp.loss tcp.nagle_delayed_ack tcp.paws_drop tcp.peer_lost "
	"tcp.port_exhaustion tcp.port_scan tcp.reordering "
	"tcp.reset_injected tcp.server_slow tcp.service_down "
	"tcp.spurious_retransmission tcp.stall tcp.syn_flood "
	"tcp.window_deadlock tcp.window_limited udp.amplification "
	"udp.no_reply udp.scan ";

/* What is in the capture proves it. */
static const char seen[] =
	"arp.conflict arp.storm arp.wrong_subnet capture.clock "
	"capture.drops capture.duplicates capture.limits capture.loss "
	"capture.malformed capture.midstream capture.offload "
	"capture.one_way capture.rewritten capture.snaplen "
	"capture.truncated capture.unknown_link dhcp.decline dhcp.nak "
	"dhcp.two_servers dns.conflicting_answers dns.not_cached "
	"dns.nxdomain dns.refused dns.servfail eap.failure eth.loop "
	"eth.mac_flap eth.mac_flood eth.storm eth.unicast_flood "
	"fhrp.failover fhrp.two_masters icmp.echo_slow icmp.flood "
	"icmp.redirect icmp.time_exceeded icmp.traceroute "
	"icmp.unreachable ip.bad_checksum ip.congestion_marked "
	"ip.fragmented ip.fragments_overlap ip.fragments_tiny "
	"ip.martian ip.routing_loop link.down link.duplex_mismatch "
	"link.errors link.flap nd.conflict nd.rogue_ra pmtu.bogus "
	"pmtu.frag_needed pmtu.ignored pmtu.link_mismatch rtp.jitter "
	"stp.root_change stp.topology_change tcp.bad_checksum "
	"tcp.bufferbloat tcp.churn tcp.flash_crowd "
	"tcp.handshake.options_stripped tcp.handshake.refused "
	"tcp.handshake.rejected tcp.handshake.stale_peer tcp.rtt_high "
	"tcp.window_unscaled tcp.zero_window udp.flood "
	"udp.port_unreachable vlan.mismatch ";

static bool is_in(const char *list, const char *id)
{
	size_t size = strlen(id);

	for (const char *at = list; (at = strstr(at, id)); at += size)
		if ((at == list || at[-1] == ' ') && at[size] == ' ')
			return true;
	return false;
}

/* How sure a finding can be beside one about the capture. */
static enum confidence beside(const struct finding_def *def, const char *about,
			      enum severity severity)
{
	const struct hash_key key = {1, 2};
	struct arena *arena = arena_new((size_t)64 << 20);
	struct coverage coverage = {.packets = 1000};
	struct checks checks = {0};
	struct detector_context context = {.coverage = &coverage,
					   .findings = findings_new(arena, key),
					   .weak = weak_new(arena, key)};
	const struct addr a = addr_v4((const uint8_t[]){192, 0, 2, 1});
	const struct addr b = addr_v4((const uint8_t[]){192, 0, 2, 2});
	const struct subject here = subject_capture(),
			     path = subject_path(&a, &b);
	struct finding *f, *of;
	enum confidence sure;

	of = finding_raise(context.findings, finding_def_find(about), &here, "",
			   100 * NS_PER_S, 101 * NS_PER_S);
	f = finding_raise(context.findings, def, &path, "x", 100 * NS_PER_S,
			  101 * NS_PER_S);
	assert_non_null(of);
	assert_non_null(f);
	of->severity = severity;
	of->share = 0.01;
	diagnose_trust(context.findings, &context, &checks);
	sure = f->confidence;
	arena_free(arena);
	return sure;
}

static void each_is_in_one_list(void **state)
{
	const struct finding_def *def;

	(void)state;
	for (uint32_t i = 0; (def = finding_def_at(i)); i++) {
		int lists = is_in(each, def->id) + is_in(many, def->id) +
			    is_in(seen, def->id);

		if (lists != 1)
			fail_msg("%s stands in %d lists", def->id, lists);
	}
}

static void none_is_certain_where_frames_are_missing(void **state)
{
	static const char *const about[] = {"capture.drops", "capture.loss"};
	const struct finding_def *def;

	(void)state;
	for (uint32_t i = 0; (def = finding_def_at(i)); i++) {
		for (int k = 0; k < 2; k++) {
			bool few = beside(def, about[k], NOTICE) != CERTAIN;
			bool more = beside(def, about[k], WARNING) != CERTAIN;

			if (few != is_in(each, def->id) ||
			    more != !is_in(seen, def->id))
				fail_msg("%s beside %s", def->id, about[k]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_in_one_list),
		cmocka_unit_test(none_is_certain_where_frames_are_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
