/* SPDX-License-Identifier: BSD-3-Clause */
/* lease6.c - each DHCPv6 message on a link is one observation.  RFC 8415. */
#include "dissectors/dhcp6.h"

#include <string.h>

#include "analysis/tracker.h"

static void *lease6_open(const struct tracker_home *home)
{
	/* no state: any address will do */
	return home->arena;
}

static void fill(struct dhcp6_fact *f, const struct packet *p,
		 const struct dhcp6_message *m, bool from_client)
{
	const struct link_header *l = &p->eth->as.link;
	uint64_t id = 0xcbf29ce484222325u; /* FNV-1a */

	f->type = m->type;
	f->from_client = from_client;
	f->xid = m->xid;
	f->src = p->ip->as.ip.src;
	f->dst = p->ip->as.ip.dst;
	if (l->has_src)
		f->eth_src = l->src;
	if (l->has_dst)
		f->eth_dst = l->dst;
	/* the station, not what its identifier says: that may be of another
	 * card */
	f->client = from_client ? f->eth_src : f->eth_dst;
	f->status = m->status;
	f->address = m->address;
	f->valid_s = m->valid_s;
	f->resolver = m->resolver[0];
	for (uint8_t i = 0; i < m->server_id_size; i++)
		id = (id ^ m->server_id[i]) * 0x100000001b3u;
	f->server = m->server_id_size ? id : 0;
}

static bool lease6_concerns(const struct packet *p)
{
	return p->udp && (p->udp->as.udp.dst_port == DHCP6_SERVER_PORT ||
			  p->udp->as.udp.dst_port == DHCP6_CLIENT_PORT);
}

static void lease6_packet(void *self, const struct packet *p,
			  struct observer *out)
{
	struct dhcp6_message m;
	bool from_client;

	(void)self;
	if (!lease6_concerns(p) || !p->ip || !p->eth ||
	    p->ip->as.ip.version != 6 || p->ip->as.ip.fragment || p->tunnels)
		return;
	from_client = p->udp->as.udp.dst_port == DHCP6_SERVER_PORT;
	dhcp6_parse(&m, p->payload);
	if (!m.is_dhcp6 || m.bad || m.type >= DHCP6_RELAY_FORWARD)
		return;
	fill(&observe_begin(out, OBS_DHCP6, p)->as.dhcp6, p, &m, from_client);
	observe_end(out);
}

const struct tracker lease6_tracker = {
	.name = "lease6",
	.takes = KIND_UDP,
	.open = lease6_open,
	.concerns = lease6_concerns,
	.packet = lease6_packet,
};
