/* SPDX-License-Identifier: BSD-3-Clause */
/* cdp.c - Cisco's discovery protocol, as far as it is known. */
#include "dissectors/lldp.h"

enum {
	TLVS_MAX = 64,
	TLV_HEADER = 4,
	TLV_DEVICE = 1,
	TLV_ADDRESSES = 2,
	TLV_PORT = 3,
	TLV_PLATFORM = 6,
	TLV_NATIVE_VLAN = 10,
	TLV_DUPLEX = 11,
	PROTOCOL_IPV4 = 0xcc,
};

/* A count, then for each: the protocol's kind, size and value, and the
 * address's size and value.  The first is taken, if it is IPv4. */
static void read_addresses(struct device *d, struct cursor in)
{
	const uint8_t *at;
	uint8_t size, protocol;

	cursor_skip(&in, 5);
	size = cursor_u8(&in);
	protocol = cursor_u8(&in);
	if (size != 1 || protocol != PROTOCOL_IPV4 || cursor_u16(&in) != 4)
		return;
	at = cursor_take(&in, 4);
	if (at)
		d->address = addr_v4(at);
}

static void read_tlv(struct device *d, uint16_t type, struct cursor value)
{
	switch (type) {
	case TLV_DEVICE:
		device_text(d->id, value);
		break;
	case TLV_ADDRESSES:
		read_addresses(d, value);
		break;
	case TLV_PORT:
		device_text(d->port, value);
		break;
	case TLV_PLATFORM:
		device_text(d->what, value);
		break;
	case TLV_NATIVE_VLAN:
		d->vlan = cursor_u16(&value) & 0xfff;
		d->has_vlan = d->vlan != 0;
		break;
	case TLV_DUPLEX:
		d->duplex = cursor_u8(&value) ? DUPLEX_FULL : DUPLEX_HALF;
		if (value.state != WIRE_WHOLE)
			d->duplex = DUPLEX_UNKNOWN;
		break;
	default:
		break;
	}
}

void cdp_parse(struct device *d, struct cursor in)
{
	memset(d, 0, sizeof(*d));
	d->protocol = DEVICE_CDP;
	cursor_skip(&in, 1); /* version */
	d->hold_s = cursor_u8(&in);
	cursor_skip(&in, 2); /* checksum */
	for (int i = 0; i < TLVS_MAX && in.state == WIRE_WHOLE && in.sent;
	     i++) {
		uint16_t type = cursor_u16(&in), length = cursor_u16(&in);
		struct cursor value;

		if (in.state != WIRE_WHOLE)
			break;
		if (length < TLV_HEADER) {
			d->bad = "field shorter than its header";
			break;
		}
		value = cursor_part(&in, length - TLV_HEADER);
		if (in.state == WIRE_WHOLE)
			read_tlv(d, type, value);
	}
	d->state = d->bad ? WIRE_MALFORMED : in.state;
	if (in.state == WIRE_MALFORMED)
		d->bad = "field runs past the end";
}
