/* SPDX-License-Identifier: BSD-3-Clause */
/* eapol.c - EAP over Ethernet.  IEEE 802.1X, RFC 3748. */
#include "dissectors/eapol.h"

enum { EAP_HEADER = 4 };

static void read_eap(struct eapol *m, struct cursor *in)
{
	uint16_t length;

	m->code = cursor_u8(in);
	m->id = cursor_u8(in);
	length = cursor_u16(in);
	if (in->state != WIRE_WHOLE)
		return;
	if (length < EAP_HEADER || length - EAP_HEADER > (int)in->sent)
		m->bad = "EAP length beyond what carries it";
	else if ((m->code == EAP_REQUEST || m->code == EAP_RESPONSE) &&
		 length > EAP_HEADER)
		m->method = cursor_u8(in);
}

void eapol_parse(struct eapol *m, struct cursor in)
{
	struct cursor body;
	uint16_t length;

	memset(m, 0, sizeof(*m));
	cursor_skip(&in, 1); /* version */
	m->type = cursor_u8(&in);
	length = cursor_u16(&in);
	body = cursor_sub(&in, length);
	m->state = in.state;
	if (in.state == WIRE_WHOLE && m->type == EAPOL_EAP) {
		read_eap(m, &body);
		m->state = body.state;
	}
	if (m->bad)
		m->state = WIRE_MALFORMED;
	else if (m->state == WIRE_MALFORMED)
		m->bad = "length beyond the frame";
	m->is_eapol = m->state == WIRE_WHOLE;
}

const char *eap_method_name(uint8_t method)
{
	static const struct {
		uint8_t method;
		const char *name;
	} names[] = {
		{EAP_IDENTITY, "identity"},
		{EAP_NAK, "refusal of a method"},
		{4, "MD5"},
		{13, "TLS"},
		{21, "TTLS"},
		{25, "PEAP"},
		{43, "FAST"},
		{52, "PWD"},
		{55, "TEAP"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].method == method)
			return names[i].name;
	return NULL;
}
