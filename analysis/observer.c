/* SPDX-License-Identifier: BSD-3-Clause */
/* observer.c - hands each observation to knowledge, then to its detectors. */
#include "analysis/observer.h"

#include <assert.h>
#include <string.h>

/* How much of an observation's union a kind uses. */
static const uint16_t fact_size[OBSERVATIONS] = {
	[OBS_COPY] = sizeof(struct copy_fact),
	[OBS_CLOCK_STEP] = sizeof(struct clock_fact),
	[OBS_MALFORMED] = sizeof(struct malformed_fact),
	[OBS_SAME_PACKET] = sizeof(struct same_packet_fact),
	[OBS_OFFLOAD] = sizeof(struct offload_fact),
	[OBS_CHECKSUM] = sizeof(struct checksum_fact),
	[OBS_FCS] = sizeof(struct fcs_fact),
	[OBS_LINK] = sizeof(struct source_link),
	[OBS_INTERFACE] = sizeof(const struct source_interface *),
	[OBS_ALONE] = sizeof(struct alone_fact),
	[OBS_TALK] = sizeof(struct talk_fact),
	[OBS_ARP] = sizeof(struct arp_fact),
	[OBS_ND] = sizeof(struct nd_fact),
	[OBS_RA] = sizeof(struct ra_fact),
	[OBS_FHRP] = sizeof(struct fhrp_fact),
	[OBS_DHCP] = sizeof(struct dhcp_fact),
	[OBS_DHCP6] = sizeof(struct dhcp6_fact),
	[OBS_OSPF] = sizeof(struct ospf_fact),
	[OBS_BPDU] = sizeof(struct bpdu_fact),
	[OBS_DEVICE] = sizeof(struct device_fact),
	[OBS_LACP] = sizeof(struct lacp_fact),
	[OBS_EAPOL] = sizeof(struct eapol_fact),
	[OBS_GROUP_RATE] = sizeof(struct group_rate_fact),
	[OBS_ICMP_ERROR] = sizeof(struct icmp_error_fact),
	[OBS_REDIRECT] = sizeof(struct redirect_fact),
	[OBS_ECHO] = sizeof(struct echo_fact),
	[OBS_FRAGMENTS] = sizeof(struct fragments_fact),
	[OBS_MARTIAN] = sizeof(struct martian_fact),
	[OBS_CONGESTION] = sizeof(struct congestion_fact),
	[OBS_PATH_MTU] = sizeof(struct path_mtu_fact),
	[OBS_TCP_SYN] = sizeof(struct tcp_syn_fact),
	[OBS_TCP_CROWD] = sizeof(struct tcp_syn_fact),
	[OBS_TCP_SYNACK] = sizeof(struct tcp_synack_fact),
	[OBS_TCP_OPENED] = sizeof(struct tcp_opened_fact),
	[OBS_TCP_ATTEMPT] = sizeof(struct tcp_attempt_fact),
	[OBS_TCP_STRAY] = sizeof(struct tcp_stray_fact),
	[OBS_TCP_SEGMENT] = sizeof(struct tcp_segment_fact),
	[OBS_TCP_PAUSE] = sizeof(struct tcp_pause_fact),
	[OBS_TCP_PACE] = sizeof(struct tcp_pace_fact),
	[OBS_TCP_RESET] = sizeof(struct tcp_reset_fact),
	[OBS_TCP_SIZE] = sizeof(struct tcp_size_fact),
	[OBS_TCP_ENDED] = sizeof(struct tcp_ended_fact),
	[OBS_UDP_OPENED] = sizeof(struct udp_fact),
	[OBS_UDP_ANSWERED] = sizeof(struct udp_fact),
	[OBS_UDP_RATE] = sizeof(struct udp_rate_fact),
	[OBS_UDP_ENDED] = sizeof(struct udp_fact),
	[OBS_MEDIA] = sizeof(struct media_fact),
	[OBS_DNS] = sizeof(struct dns_fact),
};

void observer_subscribe(struct observer *out, const struct detector *d,
			void *self)
{
	for (const enum observation_kind *k = d->wants; *k != OBSERVATIONS;
	     k++) {
		uint8_t n = out->count[*k];

		assert(n < SUBSCRIBERS_MAX);
		out->by_kind[*k][n] = (struct subscriber){d, self};
		out->count[*k]++;
	}
}

struct observation *observe_begin(struct observer *out,
				  enum observation_kind kind,
				  const struct packet *p)
{
	struct observation *o = &out->scratch;

	assert(fact_size[kind] > 0);
	memset(&o->as, 0, fact_size[kind]);
	o->kind = kind;
	o->link = p ? p->link : 0;
	o->interface = p ? p->frame.interface : 0;
	o->vlan = p && p->vlan_count ? p->vlan[0] : 0;
	o->frame = p ? p->frame.number : 0;
	o->time_ns = p ? p->frame.time_ns : 0;
	return o;
}

void observe_end(struct observer *out)
{
	const struct observation *o = &out->scratch;
	const struct subscriber *s = out->by_kind[o->kind];

	if (o->kind == OBS_TCP_SEGMENT && out->segment)
		out->segment(out->segment_context, o);
	if (out->connections)
		connections_observe(out->connections, o);
	knowledge_observe(out->knowledge, o);
	for (uint8_t i = 0; i < out->count[o->kind]; i++)
		s[i].detector->observe(s[i].self, o, out->context);
}

bool observer_wants(const struct observer *out, enum observation_kind kind)
{
	return out->count[kind] > 0 ||
	       (kind == OBS_TCP_SEGMENT && out->segment);
}
