/* SPDX-License-Identifier: BSD-3-Clause */
/* ospf.c - the hello of OSPF version 2.  RFC 2328 A.3.1, A.3.2. */
#include "dissectors/ospf.h"

enum { VERSION = 2, TYPE_HELLO = 1, HEADER = 24, HELLO = 20 };

static struct addr read_addr(struct cursor *in)
{
	uint8_t bytes[4];

	cursor_copy(in, bytes, sizeof(bytes));
	return addr_v4(bytes);
}

void ospf_parse(struct ospf_hello *m, struct cursor in)
{
	uint8_t version = cursor_u8(&in), type = cursor_u8(&in);
	uint16_t length = cursor_u16(&in);

	memset(m, 0, sizeof(*m));
	if (in.state == WIRE_WHOLE &&
	    (version != VERSION || type != TYPE_HELLO))
		return;
	m->router = read_addr(&in);
	m->area = read_addr(&in);
	cursor_skip(&in, 12); /* checksum, authentication */
	m->mask = read_addr(&in);
	m->hello_s = cursor_u16(&in);
	cursor_skip(&in, 1); /* options */
	m->priority = cursor_u8(&in);
	m->dead_s = cursor_u32(&in);
	m->designated = read_addr(&in);
	cursor_skip(&in, 4); /* the backup */
	if (in.state == WIRE_WHOLE && length < HEADER + HELLO)
		m->bad = "length below that of a hello";
	m->state = m->bad ? WIRE_MALFORMED : in.state;
	if (in.state == WIRE_MALFORMED)
		m->bad = "shorter than a hello";
	m->is_hello = m->state == WIRE_WHOLE;
}
