/* SPDX-License-Identifier: BSD-3-Clause */
/* lease.c - each DHCPv4 message is one observation.  RFC 2131. */
#include "dissectors/dhcp.h"

#include <string.h>

#include "analysis/tracker.h"

static void *lease_open(const struct tracker_home *home)
{
	/* no state: any address will do */
	return home->arena;
}

static bool is_dhcp_port(uint16_t port)
{
	return port == DHCP_SERVER_PORT || port == DHCP_CLIENT_PORT;
}

static void fill(struct dhcp_fact *f, const struct packet *p,
		 const struct dhcp_message *m)
{
	f->type = m->type;
	f->from_client = m->from_client;
	f->broadcast = m->broadcast;
	f->xid = m->xid;
	f->client = m->client;
	f->src = p->ip->as.ip.src;
	f->dst = p->ip->as.ip.dst;
	f->ciaddr = m->ciaddr;
	f->yiaddr = m->yiaddr;
	f->giaddr = m->giaddr;
	f->server_id = m->server_id;
	f->requested = m->requested;
	f->mask = m->mask;
	memcpy(f->router, m->router, sizeof(f->router));
	if (m->default_route.family)
		f->router[0] = m->default_route;
	memcpy(f->resolver, m->resolver, sizeof(f->resolver));
	f->lease_s = m->lease_s;
	f->hops = m->hops;
	memcpy(f->host_name, m->host_name, sizeof(f->host_name));
	if (p->eth && p->eth->as.link.has_src)
		f->eth_src = p->eth->as.link.src;
	if (p->eth && p->eth->as.link.has_dst)
		f->eth_dst = p->eth->as.link.dst;
}

static bool lease_concerns(const struct packet *p)
{
	return p->udp && is_dhcp_port(p->udp->as.udp.src_port) &&
	       is_dhcp_port(p->udp->as.udp.dst_port);
}

static void lease_packet(void *self, const struct packet *p,
			struct observer *out)
{
	struct dhcp_message m;
	struct observation *o;

	(void)self;
	if (!lease_concerns(p) || !p->ip || p->ip->as.ip.fragment || p->tunnels)
		return;
	dhcp_parse(&m, p->payload);
	/* cut before its type it may still tell who asks; plain BOOTP is not
	 * ours */
	if (!m.has_client || (!m.type && m.state != WIRE_TRUNCATED))
		return;
	o = observe_begin(out, OBS_DHCP, p);
	fill(&o->as.dhcp, p, &m);
	observe_end(out);
}

const struct tracker lease_tracker = {
	.name = "lease",
	.takes = KIND_UDP,
	.open = lease_open,
	.concerns = lease_concerns,
	.packet = lease_packet,
};
