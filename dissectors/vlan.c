/* SPDX-License-Identifier: BSD-3-Clause */
/* vlan.c - one tag of IEEE 802.1Q or 802.1ad; a stack is several layers. */
#include "dissectors/dissector.h"

enum { VLAN_TAG = 4, VID_MASK = 0xfff };

/* A VLAN in a tunnel says nothing of the link that was captured. */
static void vlan_note(struct packet *p, uint16_t vid)
{
	if (vid && p->vlan_count < VLANS_MAX && !p->tunnels)
		p->vlan[p->vlan_count++] = vid;
}

static void vlan_dissect(struct dissection *d)
{
	struct vlan_header *vlan = &d->layer->as.vlan;
	const uint8_t *h = cursor_take(d->in, VLAN_TAG);

	if (!h)
		return;
	vlan->vid = load_be16(h) & VID_MASK;
	vlan->priority = h[0] >> 5;
	vlan->ethertype = load_be16(h + 2);
	vlan_note(d->packet, vlan->vid);
	ethertype_follow(d, vlan->ethertype);
}

const struct dissector vlan_dissector = {
	.name = "vlan",
	.spec = "IEEE 802.1Q",
	.claims = {{BY_ETHERTYPE, 0x8100},
		   {BY_ETHERTYPE, 0x88a8},
		   {BY_ETHERTYPE, 0x9100},
		   {BY_ETHERTYPE, 0x9200}},
	.dissect = vlan_dissect,
};
