/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dhcp.c - a DHCPv4 message.  RFC 2131, options RFC 2132; classless routes are
 * RFC 3442.
 *
 * Options may go on in the fields of the boot file and the server's name
 * (option 52).  What was read before the end of a cut message is kept.
 */
#include "dissectors/dhcp.h"

#include "base/escape.h"

enum {
	SNAME_SIZE = 64,
	FILE_SIZE = 128,
	OP_REQUEST = 1,
	OP_REPLY = 2,
	HARDWARE_ETHERNET = 1,
	OVERLOAD_FILE = 1,
	OVERLOAD_SNAME = 2,
	FLAG_BROADCAST = 0x8000,
};

#define MAGIC_COOKIE 0x63825363u

enum option {
	OPTION_PAD = 0,
	OPTION_MASK = 1,
	OPTION_ROUTER = 3,
	OPTION_RESOLVER = 6,
	OPTION_HOST_NAME = 12,
	OPTION_REQUESTED = 50,
	OPTION_LEASE = 51,
	OPTION_OVERLOAD = 52,
	OPTION_TYPE = 53,
	OPTION_SERVER_ID = 54,
	OPTION_PARAMETERS = 55,
	OPTION_RENEWAL = 58,
	OPTION_REBINDING = 59,
	OPTION_CLIENT_ID = 61,
	OPTION_ROUTES = 121,
	OPTION_END = 255,
};

/* None rather than 0.0.0.0. */
static struct addr cursor_addr(struct cursor *c)
{
	static const struct addr none;
	uint8_t bytes[4];
	struct addr a;

	cursor_copy(c, bytes, sizeof(bytes));
	a = addr_v4(bytes);
	return addr_is_unspecified(&a) ? none : a;
}

static void read_fixed(struct dhcp_message *m, struct cursor *in)
{
	uint8_t op = cursor_u8(in);
	uint8_t hardware = cursor_u8(in);
	uint8_t length = cursor_u8(in);

	m->hops = cursor_u8(in);
	m->xid = cursor_u32(in);
	m->secs = cursor_u16(in);
	m->broadcast = cursor_u16(in) & FLAG_BROADCAST;
	m->ciaddr = cursor_addr(in);
	m->yiaddr = cursor_addr(in);
	m->siaddr = cursor_addr(in);
	m->giaddr = cursor_addr(in);
	cursor_copy(in, &m->client, sizeof(m->client));
	cursor_skip(in, 16 - sizeof(m->client));
	m->from_client = op == OP_REQUEST;
	m->has_client = in->state == WIRE_WHOLE &&
			hardware == HARDWARE_ETHERNET &&
			length == sizeof(m->client);
	if (!m->has_client)
		memset(&m->client, 0, sizeof(m->client));
	m->is_dhcp = op == OP_REQUEST || op == OP_REPLY;
}

static uint8_t read_addresses(struct cursor *in, struct addr *out, uint8_t most)
{
	uint8_t n = 0;

	for (; n < most && in->kept >= 4; n++)
		out[n] = cursor_addr(in);
	return n;
}

static void read_parameters(struct dhcp_message *m, struct cursor *in)
{
	while (in->kept > 0) {
		uint8_t code = cursor_u8(in);

		m->asks_router |= code == OPTION_ROUTER;
		m->asks_resolver |= code == OPTION_RESOLVER;
	}
}

/* Prefix length, as many bytes of the prefix as that needs, router. */
static void read_routes(struct dhcp_message *m, struct cursor *in)
{
	while (in->kept > 0) {
		uint8_t bits = cursor_u8(in);
		struct addr router;

		cursor_skip(in, (bits + 7u) / 8);
		router = cursor_addr(in);
		if (in->state != WIRE_WHOLE || bits > 32)
			return;
		m->routes += m->routes < 255;
		if (bits == 0)
			m->default_route = router;
	}
}

static void read_client_id(struct dhcp_message *m, struct cursor *in)
{
	uint32_t room = sizeof(m->client_id);

	m->client_id_size = (uint8_t)(in->kept < room ? in->kept : room);
	cursor_copy(in, m->client_id, m->client_id_size);
}

/* Some clients count a NUL at the end. */
static void read_host_name(struct dhcp_message *m, struct cursor *in)
{
	uint32_t size = in->kept;

	while (size > 0 && in->at[size - 1] == 0)
		size--;
	escape_bytes(in->at, size, m->host_name, sizeof(m->host_name));
}

static void read_option(struct dhcp_message *m, uint8_t code, struct cursor *in,
			uint8_t *overload)
{
	switch (code) {
	case OPTION_MASK:
		m->mask = cursor_addr(in);
		break;
	case OPTION_ROUTER:
		m->routers = read_addresses(in, m->router, 2);
		break;
	case OPTION_RESOLVER:
		m->resolvers = read_addresses(in, m->resolver, 3);
		break;
	case OPTION_HOST_NAME:
		read_host_name(m, in);
		break;
	case OPTION_REQUESTED:
		m->requested = cursor_addr(in);
		break;
	case OPTION_LEASE:
		m->lease_s = cursor_u32(in);
		m->has_lease = in->state == WIRE_WHOLE;
		break;
	case OPTION_OVERLOAD:
		*overload = cursor_u8(in);
		break;
	case OPTION_TYPE:
		m->type = cursor_u8(in);
		break;
	case OPTION_SERVER_ID:
		m->server_id = cursor_addr(in);
		break;
	case OPTION_PARAMETERS:
		read_parameters(m, in);
		break;
	case OPTION_RENEWAL:
		m->renewal_s = cursor_u32(in);
		break;
	case OPTION_REBINDING:
		m->rebinding_s = cursor_u32(in);
		break;
	case OPTION_CLIENT_ID:
		read_client_id(m, in);
		break;
	case OPTION_ROUTES:
		read_routes(m, in);
		break;
	default:
		break;
	}
}

/* The options of one field.  One that ends without an end option is in use. */
static void read_options(struct dhcp_message *m, struct cursor *in,
			 uint8_t *overload)
{
	while (in->sent > 0 && in->state == WIRE_WHOLE) {
		uint8_t code = cursor_u8(in);
		struct cursor value;

		if (code == OPTION_PAD)
			continue;
		if (code == OPTION_END)
			break;
		value = cursor_part(in, cursor_u8(in));
		if (in->state == WIRE_WHOLE)
			read_option(m, code, &value, overload);
	}
}

void dhcp_parse(struct dhcp_message *m, struct cursor in)
{
	struct cursor sname, file;
	uint8_t overload = 0, ignored = 0;

	memset(m, 0, sizeof(*m));
	read_fixed(m, &in);
	sname = cursor_sub(&in, SNAME_SIZE);
	file = cursor_sub(&in, FILE_SIZE);
	if (cursor_u32(&in) != MAGIC_COOKIE)
		m->is_dhcp = false;
	if (m->is_dhcp) {
		read_options(m, &in, &overload);
		if (overload & OVERLOAD_FILE)
			read_options(m, &file, &ignored);
		if (overload & OVERLOAD_SNAME)
			read_options(m, &sname, &ignored);
	}
	m->state = in.state;
	if (m->state == WIRE_MALFORMED)
		m->bad = m->is_dhcp ? "option runs past the end"
				    : "shorter than its header";
}
