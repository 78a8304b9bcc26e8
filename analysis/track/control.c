/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control.c - what devices tell each other on a link: spanning tree, LLDP, CDP,
 * LACP, EAPOL, and routers by OSPF.  Each message is one observation; nothing
 * is kept.
 */
#include "analysis/tracker.h"

enum {
	SAP_BPDU = 0x42,
	SAP_SNAP = 0xaa,
	OUI_CISCO = 0x00000c,
	PID_PVST = 0x010b,
	PID_CDP = 0x2000,
	TYPE_SLOW = 0x8809,
	TYPE_EAPOL = 0x888e,
	TYPE_LLDP = 0x88cc,
};

static void *control_open(const struct tracker_home *home)
{
	return arena_alloc(home->arena, 1);
}

static struct mac source_of(const struct packet *p)
{
	struct mac none = {{0}};

	return p->eth->as.link.has_src ? p->eth->as.link.src : none;
}

static void bpdu(const struct packet *p, bool per_vlan, struct observer *out)
{
	struct bpdu_fact *f;
	struct bpdu m;

	bpdu_parse(&m, p->payload, per_vlan);
	if (!m.is_bpdu)
		return;
	f = &observe_begin(out, OBS_BPDU, p)->as.bpdu;
	f->message = m;
	f->eth_src = source_of(p);
	observe_end(out);
}

/* A contradiction of itself is no word to rely on; a cut one is good as far as
 * it goes. */
static void device(const struct packet *p,
		   void (*parse)(struct device *, struct cursor),
		   struct observer *out)
{
	struct device_fact *f;
	struct device d;

	parse(&d, p->payload);
	if (d.state == WIRE_MALFORMED)
		return;
	f = &observe_begin(out, OBS_DEVICE, p)->as.device;
	f->device = d;
	f->eth_src = source_of(p);
	observe_end(out);
}

static void lacp(const struct packet *p, struct observer *out)
{
	struct lacp_fact *f;
	struct lacp m;

	lacp_parse(&m, p->payload);
	if (!m.is_lacp)
		return;
	f = &observe_begin(out, OBS_LACP, p)->as.lacp;
	f->message = m;
	f->eth_src = source_of(p);
	observe_end(out);
}

static void eapol(const struct packet *p, struct observer *out)
{
	struct eapol_fact *f;
	struct eapol m;

	eapol_parse(&m, p->payload);
	if (!m.is_eapol)
		return;
	f = &observe_begin(out, OBS_EAPOL, p)->as.eapol;
	f->message = m;
	f->eth_src = source_of(p);
	if (p->eth->as.link.has_dst)
		f->eth_dst = p->eth->as.link.dst;
	observe_end(out);
}

/* RFC 2328 A.1: between neighbours alone, but for virtual links, whose packets
 * are routed. */
static void ospf(const struct packet *p, struct observer *out)
{
	struct ospf_fact *f;
	struct ospf_hello m;

	if (p->tunnels || p->ip->as.ip.fragment ||
	    !addr_is_multicast(&p->ip->as.ip.dst))
		return;
	ospf_parse(&m, p->payload);
	if (!m.is_hello)
		return;
	f = &observe_begin(out, OBS_OSPF, p)->as.ospf;
	f->hello = m;
	f->src = p->ip->as.ip.src;
	if (p->eth)
		f->eth_src = source_of(p);
	observe_end(out);
}

static void by_llc(const struct packet *p, const struct llc_header *llc,
		   struct observer *out)
{
	if (llc->dsap == SAP_BPDU && llc->ssap == SAP_BPDU)
		bpdu(p, false, out);
	else if (llc->dsap != SAP_SNAP || llc->oui != OUI_CISCO)
		return;
	else if (llc->ethertype == PID_PVST)
		bpdu(p, true, out);
	else if (llc->ethertype == PID_CDP)
		device(p, cdp_parse, out);
}

static void by_type(const struct packet *p, uint16_t type, struct observer *out)
{
	if (type == TYPE_LLDP)
		device(p, lldp_parse, out);
	else if (type == TYPE_SLOW)
		lacp(p, out);
	else if (type == TYPE_EAPOL)
		eapol(p, out);
}

static void control_packet(void *self, const struct packet *p,
			   struct observer *out)
{
	const struct layer *last;

	(void)self;
	if (p->ip) {
		if (p->ip->as.ip.protocol == IP_PROTOCOL_OSPF &&
		    p->ip->as.ip.version == 4)
			ospf(p, out);
		return;
	}
	if (p->arp || !p->eth || p->tunnels)
		return;
	last = &p->layers[p->layer_count - 1];
	if (last->state != WIRE_WHOLE)
		return;
	if (last->proto == PROTO_llc)
		by_llc(p, &last->as.llc, out);
	else if (last->proto == PROTO_vlan)
		by_type(p, last->as.vlan.ethertype, out);
	else if (last == p->eth)
		by_type(p, last->as.link.ethertype, out);
}

const struct tracker control_tracker = {
	.name = "control",
	.takes = KIND_OTHER,
	.open = control_open,
	.packet = control_packet,
};
