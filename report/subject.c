/* SPDX-License-Identifier: BSD-3-Clause */
/* subject.c - what a finding is about, as text. */
#include "report/parts.h"

#include <stdio.h>

#include <netinet/in.h>

static bool has_ports(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP ||
	       protocol == IPPROTO_SCTP;
}

const char *flow_text(const struct flow *f, char out[static FLOW_TEXT])
{
	char src[ENDPOINT_TEXT], dst[ENDPOINT_TEXT];

	if (has_ports(f->protocol)) {
		endpoint_text(&f->src, f->src_port, src);
		endpoint_text(&f->dst, f->dst_port, dst);
	} else {
		addr_text(&f->src, src);
		addr_text(&f->dst, dst);
	}
	snprintf(out, FLOW_TEXT, "%s > %s", src, dst);
	return out;
}

const char *protocol_text(uint8_t protocol, char out[static PROTOCOL_TEXT])
{
	static const struct {
		uint8_t number;
		const char *name;
	} names[] = {
		{IPPROTO_ICMP, "icmp"}, {IPPROTO_TCP, "tcp"},
		{IPPROTO_UDP, "udp"},	{IPPROTO_ICMPV6, "icmpv6"},
		{IPPROTO_SCTP, "sctp"}, {IPPROTO_GRE, "gre"},
		{IPPROTO_ESP, "esp"},	{IPPROTO_AH, "ah"},
	};

	snprintf(out, PROTOCOL_TEXT, "%u", protocol);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number == protocol)
			snprintf(out, PROTOCOL_TEXT, "%s", names[i].name);
	return out;
}

bool finding_flow(const struct finding *f, struct flow *out)
{
	const struct subject *s = &f->subject;

	if (f->has_flow) {
		*out = f->flow;
		return true;
	}
	*out = (struct flow){s->a,	s->b,	     s->port_a,
			     s->port_b, s->protocol, {0}};
	return s->kind == SUBJECT_FLOW;
}

const char *finding_headline(const struct finding *f)
{
	return f->title[0] ? f->title : f->def->title;
}

const char *finding_advice(const struct finding *f, unsigned n)
{
	const size_t defaults =
		sizeof(f->def->advice) / sizeof(f->def->advice[0]);

	if (f->advice[0][0])
		return n < ADVICES_MAX && f->advice[n][0] ? f->advice[n] : NULL;
	return n < defaults ? f->def->advice[n] : NULL;
}

bool report_shows(const struct report_options *o, const struct finding *f)
{
	return f->severity >= o->least &&
	       (!o->only || strcmp(o->only, f->def->id) == 0);
}
