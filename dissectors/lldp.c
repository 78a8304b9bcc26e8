/* SPDX-License-Identifier: BSD-3-Clause */
/* lldp.c - IEEE 802.1AB, with the parts of 802.1 (annex D) and 802.3 (F). */
#include "dissectors/lldp.h"

#include "base/escape.h"

enum {
	TLVS_MAX = 64,
	TLV_END = 0,
	TLV_CHASSIS = 1,
	TLV_PORT = 2,
	TLV_TTL = 3,
	TLV_NAME = 5,
	TLV_DESCRIPTION = 6,
	TLV_MANAGEMENT = 8,
	TLV_ORGANIZATION = 127,
	CHASSIS_MAC = 4,
	PORT_MAC = 3,
	OUI_8021 = 0x0080c2,
	OUI_8023 = 0x00120f,
	SUB_PVID = 1,
	SUB_PHY = 1,
	SUB_FRAME = 4,
};

void device_text(char out[DEVICE_TEXT], struct cursor in)
{
	escape_bytes(in.at, in.kept, out, DEVICE_TEXT);
}

void device_mac(char out[DEVICE_TEXT], struct cursor in)
{
	char text[MAC_TEXT];
	struct mac mac;

	cursor_copy(&in, &mac, sizeof(mac));
	if (in.state == WIRE_WHOLE)
		memcpy(out, mac_text(&mac, text), sizeof(text));
}

/* An identifier: a kind, and what it is. */
static void read_id(char out[DEVICE_TEXT], struct cursor in, uint8_t mac_kind)
{
	uint8_t kind = cursor_u8(&in);

	if (kind == mac_kind && in.sent == sizeof(struct mac))
		device_mac(out, in);
	else if (in.state == WIRE_WHOLE)
		device_text(out, in);
}

/* Half duplex, of the types of medium in RFC 4836; 30 and above are full. */
static uint8_t duplex_of(uint16_t mau)
{
	static const uint32_t half = 1u << 10 | 1u << 12 | 1u << 14 | 1u << 15 |
				     1u << 17 | 1u << 19 | 1u << 21 | 1u << 23 |
				     1u << 25 | 1u << 27 | 1u << 29;

	if (mau < 10)
		return DUPLEX_UNKNOWN;
	return mau < 32 && (half >> mau & 1) ? DUPLEX_HALF : DUPLEX_FULL;
}

static void read_management(struct device *d, struct cursor in)
{
	uint8_t size = cursor_u8(&in), family = cursor_u8(&in);
	const uint8_t *at = size ? cursor_take(&in, size - 1u) : NULL;

	if (at && family == 1 && size == 5)
		d->address = addr_v4(at);
	else if (at && family == 2 && size == 17 && !d->address.family)
		d->address = addr_v6(at);
}

static void read_organization(struct device *d, struct cursor in)
{
	uint32_t oui = (uint32_t)cursor_u8(&in) << 16;
	uint16_t first;
	uint8_t sub;

	oui |= cursor_u16(&in);
	sub = cursor_u8(&in);
	first = cursor_u16(&in);
	if (in.state != WIRE_WHOLE)
		return;
	if (oui == OUI_8021 && sub == SUB_PVID) {
		d->vlan = first & 0xfff;
		d->has_vlan = d->vlan != 0;
	} else if (oui == OUI_8023 && sub == SUB_FRAME) {
		d->max_frame = first;
	} else if (oui == OUI_8023 && sub == SUB_PHY) {
		cursor_skip(&in, 1); /* status 1, capabilities 2, then this */
		d->mau = cursor_u16(&in);
		d->duplex = duplex_of(d->mau);
	}
}

static void read_tlv(struct device *d, uint8_t type, struct cursor value)
{
	switch (type) {
	case TLV_CHASSIS:
		read_id(d->id, value, CHASSIS_MAC);
		break;
	case TLV_PORT:
		read_id(d->port, value, PORT_MAC);
		break;
	case TLV_TTL:
		d->hold_s = cursor_u16(&value);
		break;
	case TLV_NAME:
		device_text(d->name, value);
		break;
	case TLV_DESCRIPTION:
		device_text(d->what, value);
		break;
	case TLV_MANAGEMENT:
		read_management(d, value);
		break;
	case TLV_ORGANIZATION:
		read_organization(d, value);
		break;
	default:
		break;
	}
}

void lldp_parse(struct device *d, struct cursor in)
{
	memset(d, 0, sizeof(*d));
	d->protocol = DEVICE_LLDP;
	for (int i = 0; i < TLVS_MAX && in.state == WIRE_WHOLE; i++) {
		uint16_t head = cursor_u16(&in);
		struct cursor value;

		if (in.state != WIRE_WHOLE || head >> 9 == TLV_END)
			break;
		value = cursor_part(&in, head & 0x1ff);
		if (in.state == WIRE_WHOLE)
			read_tlv(d, (uint8_t)(head >> 9), value);
	}
	d->state = in.state;
	if (d->state == WIRE_MALFORMED)
		d->bad = "field runs past the end";
}
