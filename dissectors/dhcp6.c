/* SPDX-License-Identifier: BSD-3-Clause */
/* dhcp6.c - DHCPv6, as far as clients and servers say it.  RFC 8415. */
#include "dissectors/dhcp6.h"

enum {
	OPTIONS_MAX = 64,
	OPTION_CLIENT_ID = 1,
	OPTION_SERVER_ID = 2,
	OPTION_IA_NA = 3,
	OPTION_IA_ADDRESS = 5,
	OPTION_STATUS = 13,
	OPTION_RESOLVERS = 23,
	OPTION_IA_PD = 25,
	OPTION_IA_PREFIX = 26,
	DUID_LLT = 1, /* hardware type, time, address */
	DUID_LL = 3,  /* hardware type, address */
	HARDWARE_ETHERNET = 1,
	DEPTH_MAX = 3, /* message, association, address */
	RESOLVERS_MAX = 3,
};

static struct addr cursor_addr(struct cursor *c)
{
	uint8_t bytes[16];

	cursor_copy(c, bytes, sizeof(bytes));
	return addr_v6(bytes);
}

static void read_mac(struct dhcp6_message *m, struct cursor id)
{
	uint16_t type = cursor_u16(&id), hardware = cursor_u16(&id);

	if (type == DUID_LLT)
		cursor_skip(&id, 4);
	else if (type != DUID_LL)
		return;
	cursor_copy(&id, &m->client_mac, sizeof(m->client_mac));
	m->has_client_mac =
		id.state == WIRE_WHOLE && hardware == HARDWARE_ETHERNET;
}

static uint8_t read_id(uint8_t out[20], struct cursor id)
{
	uint32_t size = id.sent < 20 ? id.sent : 20;

	cursor_copy(&id, out, size);
	return (uint8_t)size;
}

static void read_resolvers(struct dhcp6_message *m, struct cursor value)
{
	while (value.sent >= 16 && m->resolvers < RESOLVERS_MAX)
		m->resolver[m->resolvers++] = cursor_addr(&value);
}

/* An option's value; what stands before the options that it holds is read, and
 * they are left to the caller.  True: there are some. */
static bool read_option(struct dhcp6_message *m, uint16_t type,
			struct cursor *value)
{
	uint16_t status;

	switch (type) {
	case OPTION_CLIENT_ID:
		m->client_id_size = read_id(m->client_id, *value);
		read_mac(m, *value);
		return false;
	case OPTION_SERVER_ID:
		m->server_id_size = read_id(m->server_id, *value);
		return false;
	case OPTION_STATUS:
		status = cursor_u16(value);
		if (!m->status && value->state == WIRE_WHOLE)
			m->status = status;
		return false;
	case OPTION_RESOLVERS:
		read_resolvers(m, *value);
		return false;
	case OPTION_IA_NA:
	case OPTION_IA_PD:
		cursor_skip(value, 12); /* id, T1, T2 */
		return true;
	case OPTION_IA_ADDRESS:
		if (!m->address.family && value->sent >= 24) {
			m->address = cursor_addr(value);
			cursor_skip(value, 4);
			m->valid_s = cursor_u32(value);
		} else {
			cursor_skip(value, 24);
		}
		return true;
	case OPTION_IA_PREFIX:
		cursor_skip(value, 8);
		m->prefix_bits = cursor_u8(value);
		m->prefix = cursor_addr(value);
		return true;
	default:
		return false;
	}
}

/* Options hold options, to a depth that the protocol sets. */
static void read_options(struct dhcp6_message *m, struct cursor *in)
{
	struct cursor at[DEPTH_MAX] = {*in};
	int depth = 0;

	for (int i = 0; i < OPTIONS_MAX && depth >= 0; i++) {
		struct cursor *c = &at[depth], value;
		uint16_t type, length;

		if (!c->sent) {
			depth--;
			continue;
		}
		type = cursor_u16(c);
		length = cursor_u16(c);
		value = cursor_part(c, length);
		if (c->state != WIRE_WHOLE) {
			*in = *c;
			return;
		}
		if (!read_option(m, type, &value))
			continue;
		if (value.state != WIRE_WHOLE) {
			m->bad = "option shorter than it must be";
			return;
		}
		if (depth + 1 < DEPTH_MAX)
			at[++depth] = value;
	}
}

void dhcp6_parse(struct dhcp6_message *m, struct cursor in)
{
	uint32_t first = cursor_u32(&in);

	memset(m, 0, sizeof(*m));
	m->is_dhcp6 = in.state == WIRE_WHOLE;
	m->type = (uint8_t)(first >> 24);
	m->xid = first & 0xffffff;
	if (m->is_dhcp6 && m->type < DHCP6_RELAY_FORWARD)
		read_options(m, &in);
	m->state = m->bad ? WIRE_MALFORMED : in.state;
	if (in.state == WIRE_MALFORMED && !m->bad)
		m->bad = "option runs past the end";
}
