/* SPDX-License-Identifier: BSD-3-Clause */
/* lacp.c - link aggregation: who I am, and who I think you are.  802.1AX. */
#include "dissectors/lacp.h"

enum { SUBTYPE_LACP = 1, TLV_ACTOR = 1, TLV_PARTNER = 2, TLV_SIZE = 20 };

static bool read_end(struct lacp_end *e, struct cursor *in, uint8_t want)
{
	uint8_t type = cursor_u8(in), length = cursor_u8(in);

	if (in->state == WIRE_WHOLE && (type != want || length != TLV_SIZE))
		return false;
	e->system_priority = cursor_u16(in);
	cursor_copy(in, &e->system, sizeof(e->system));
	e->key = cursor_u16(in);
	e->port_priority = cursor_u16(in);
	e->port = cursor_u16(in);
	e->state = cursor_u8(in);
	cursor_skip(in, 3);
	return true;
}

void lacp_parse(struct lacp *m, struct cursor in)
{
	uint8_t subtype = cursor_u8(&in);

	memset(m, 0, sizeof(*m));
	cursor_skip(&in, 1); /* version */
	if (in.state == WIRE_WHOLE && subtype != SUBTYPE_LACP)
		return;
	if (!read_end(&m->actor, &in, TLV_ACTOR) ||
	    !read_end(&m->partner, &in, TLV_PARTNER))
		m->bad = "ends not in their order";
	m->is_lacp = !m->bad && in.state == WIRE_WHOLE;
	m->state = m->bad ? WIRE_MALFORMED : in.state;
	if (in.state == WIRE_MALFORMED && !m->bad)
		m->bad = "shorter than it must be";
}
