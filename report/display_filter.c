/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * display_filter.c - the Wireshark display filter that shows what a finding is
 * about.
 *
 * A detector that knows better fills finding.filter; otherwise the subject
 * gives the filter, and what no subject can say is shown by frame numbers.
 */
#include "report/parts.h"

#include <string.h>

#include <netinet/in.h>

#include "base/text.h"

static void add_and(struct text *t)
{
	if (t->used)
		text_add(t, " && ");
}

static void add_addr(struct text *t, const struct addr *a)
{
	char text[ADDR_TEXT];

	if (!a->family)
		return;
	add_and(t);
	text_add(t, "%s == %s", a->family == 6 ? "ipv6.addr" : "ip.addr",
		 addr_text(a, text));
}

static void add_port(struct text *t, uint8_t protocol, uint16_t port)
{
	static const struct {
		uint8_t number;
		const char *field;
	} fields[] = {{IPPROTO_TCP, "tcp.port"},
		      {IPPROTO_UDP, "udp.port"},
		      {IPPROTO_SCTP, "sctp.port"}};

	if (!port)
		return;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (fields[i].number != protocol)
			continue;
		add_and(t);
		text_add(t, "%s == %u", fields[i].field, port);
	}
}

static void add_mac(struct text *t, const struct mac *m)
{
	char text[MAC_TEXT];

	if (mac_is_zero(m))
		return;
	add_and(t);
	text_add(t, "eth.addr == %s", mac_text(m, text));
}

/* Inside a quoted string of a display filter \xNN and \\ mean what they mean
 * in our escaping; a quote has to be escaped too. */
static void add_name(struct text *t, const char *name)
{
	add_and(t);
	text_add(t, "lower(dns.qry.name) == \"");
	for (; *name; name++)
		text_add(t, *name == '"' ? "\\%c" : "%c", *name);
	text_add(t, "\"");
}

static void add_frames(struct text *t, const struct finding *f)
{
	if (f->frame_count == 1) {
		text_add(t, "frame.number == %llu",
			 (unsigned long long)f->frames[0]);
		return;
	}
	for (uint8_t i = 0; i < f->frame_count; i++)
		text_add(t, "%s%llu", i ? ", " : "frame.number in {",
			 (unsigned long long)f->frames[i]);
	if (f->frame_count)
		text_add(t, "}");
}

/* A neighbour is asked for in ARP or neighbour discovery, not in IP. */
static void add_neighbour(struct text *t, const struct addr *a)
{
	char text[ADDR_TEXT];

	addr_text(a, text);
	if (a->family == 4)
		text_add(t,
			 "arp.src.proto_ipv4 == %s || arp.dst.proto_ipv4 == %s",
			 text, text);
	else
		text_add(t,
			 "icmpv6.nd.ns.target_address == %s || "
			 "icmpv6.nd.na.target_address == %s",
			 text, text);
}

static bool is_neighbour(const struct finding *f)
{
	return f->subject.a.family && (strncmp(f->def->id, "arp.", 4) == 0 ||
				       strncmp(f->def->id, "nd.", 3) == 0);
}

static void add_link(struct text *t, const struct subject *s,
		     const struct diagnosis *d)
{
	if (s->link >= d->link_count)
		return;
	for (uint8_t i = 0; i < d->links[s->link].vlan_count; i++) {
		add_and(t);
		text_add(t, "vlan.id == %u", d->links[s->link].vlan[i]);
	}
}

static void add_subject(struct text *t, const struct finding *f,
			const struct diagnosis *d)
{
	const struct subject *s = &f->subject;

	switch (s->kind) {
	case SUBJECT_FLOW:
	case SUBJECT_SERVICE:
	case SUBJECT_PATH:
		add_addr(t, &s->a);
		add_addr(t, &s->b);
		add_port(t, s->protocol, s->port_a);
		add_port(t, s->protocol, s->port_b);
		break;
	case SUBJECT_HOST:
		if (is_neighbour(f))
			add_neighbour(t, &s->a);
		else if (s->a.family)
			add_addr(t, &s->a);
		else
			add_mac(t, &s->mac);
		break;
	case SUBJECT_NAME:
		add_name(t, s->name);
		break;
	case SUBJECT_LINK:
		add_link(t, s, d);
		break;
	case SUBJECT_CAPTURE:
	case SUBJECT_SEVERAL:
		break;
	}
}

const char *finding_filter_text(const struct finding *f,
				const struct diagnosis *d,
				char out[static FILTER_TEXT])
{
	struct text t = text_over(out, FILTER_TEXT);

	if (f->filter[0]) {
		text_add(&t, "%s", f->filter);
		return out;
	}
	add_subject(&t, f, d);
	if (!t.used || t.cut) {
		t = text_over(out, FILTER_TEXT);
		add_frames(&t, f);
	}
	return out;
}
