/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bpdu.c - spanning tree: STP, RSTP, MSTP and Cisco's tree per VLAN.
 * IEEE 802.1D-2004 clause 9, 802.1Q clause 14.
 */
#include "dissectors/bpdu.h"

#include <stdio.h>

enum {
	VERSION_RSTP = 2,
	VERSION_MSTP = 3,
	CONFIG_ID = 51, /* format, name, revision, digest */
	INSTANCE = 16,
	INSTANCES_MAX = 64,
	MS_PER_S = 1000,
	TICKS_PER_S = 256,
};

static struct bridge_id read_id(struct cursor *in)
{
	struct bridge_id id;

	id.priority = cursor_u16(in);
	cursor_copy(in, &id.mac, sizeof(id.mac));
	return id;
}

static uint16_t read_time(struct cursor *in)
{
	uint32_t ms = cursor_u16(in) * MS_PER_S / TICKS_PER_S;

	return ms > UINT16_MAX ? UINT16_MAX : (uint16_t)ms;
}

static void read_config(struct bpdu *m, struct cursor *in)
{
	m->flags = cursor_u8(in);
	m->root = read_id(in);
	m->cost = cursor_u32(in);
	m->bridge = read_id(in);
	m->port = cursor_u16(in);
	m->age_ms = read_time(in);
	m->max_age_ms = read_time(in);
	m->hello_ms = read_time(in);
	m->delay_ms = read_time(in);
	m->is_bpdu = in->state == WIRE_WHOLE;
}

/* Behind the common tree: the region, and a record an instance, which has a
 * topology change of its own. */
static void read_instances(struct bpdu *m, struct cursor *in)
{
	struct cursor part = cursor_sub(in, cursor_u16(in));

	cursor_skip(&part, CONFIG_ID + 4);
	m->bridge = read_id(&part);
	cursor_skip(&part, 1);
	while (part.state == WIRE_WHOLE && part.sent >= INSTANCE &&
	       m->instances < INSTANCES_MAX) {
		m->flags |= cursor_u8(&part) & BPDU_CHANGE;
		cursor_skip(&part, INSTANCE - 1);
		m->instances++;
	}
	if (in->state == WIRE_WHOLE)
		in->state = part.state;
}

/* Cisco's tail: type 0, length 2, the VLAN. */
static void read_vlan(struct bpdu *m, struct cursor *in)
{
	uint16_t type = cursor_u16(in), length = cursor_u16(in);
	uint16_t vlan = cursor_u16(in);

	if (in->state != WIRE_WHOLE || type != 0 || length != 2)
		return;
	m->vlan = vlan & 0xfff;
	m->has_vlan = true;
}

void bpdu_parse(struct bpdu *m, struct cursor in, bool per_vlan)
{
	uint16_t protocol = cursor_u16(&in);

	memset(m, 0, sizeof(*m));
	m->version = cursor_u8(&in);
	m->type = cursor_u8(&in);
	if (in.state == WIRE_WHOLE && protocol != 0) {
		m->bad = "not a spanning tree";
	} else if (m->type == BPDU_TCN) {
		m->is_bpdu = in.state == WIRE_WHOLE;
	} else if (m->type == BPDU_CONFIG || m->type == BPDU_RST) {
		read_config(m, &in);
		if (m->is_bpdu && (per_vlan || m->version >= VERSION_RSTP))
			cursor_skip(&in, 1);
		if (m->is_bpdu && per_vlan)
			read_vlan(m, &in);
		else if (m->is_bpdu && m->version >= VERSION_MSTP)
			read_instances(m, &in);
	} else {
		m->bad = "type of message unknown";
	}
	m->state = m->bad ? WIRE_MALFORMED : in.state;
	if (in.state == WIRE_MALFORMED && !m->bad)
		m->bad = "shorter than its type must be";
}

int bridge_id_compare(const struct bridge_id *a, const struct bridge_id *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return memcmp(&a->mac, &b->mac, sizeof(a->mac));
}

const char *bridge_id_text(const struct bridge_id *id,
			   char out[static BRIDGE_TEXT])
{
	char mac[MAC_TEXT];

	snprintf(out, BRIDGE_TEXT, "%u/%s", id->priority,
		 mac_text(&id->mac, mac));
	return out;
}
