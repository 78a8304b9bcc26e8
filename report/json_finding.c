/* SPDX-License-Identifier: BSD-3-Clause */
/* json_finding.c - one finding as JSON, by the contract in docs/output.md. */
#include "report/parts.h"

#include <stdlib.h>

#include "base/escape.h"
#include "base/when.h"
#include "report/community.h"

/* A text of ours that is cut, or that somebody forgot to escape. */
static json_t *repaired(const char *s)
{
	size_t room = strlen(s) * 4 + 1;
	char *clean = malloc(room);
	json_t *j;

	if (!clean)
		return NULL;
	escape_string(s, clean, room);
	j = json_string(clean);
	free(clean);
	return j;
}

json_t *json_text(const char *s)
{
	if (!s)
		return json_null();
	return escape_is_harmless(s) ? json_string(s) : repaired(s);
}

/* null where there is nothing to say. */
static json_t *text_or_null(const char *s)
{
	return json_text(s && s[0] ? s : NULL);
}

json_t *json_time(int64_t ns)
{
	char text[WHEN_TEXT];

	return json_string(when_rfc3339(ns, text));
}

static json_t *json_addr(const struct addr *a)
{
	char text[ADDR_TEXT];

	return a->family ? json_string(addr_text(a, text)) : json_null();
}

static json_t *json_mac(const struct mac *m)
{
	char text[MAC_TEXT];

	return mac_is_zero(m) ? json_null() : json_string(mac_text(m, text));
}

static json_t *json_protocol(uint8_t protocol)
{
	char text[PROTOCOL_TEXT];

	return protocol ? json_string(protocol_text(protocol, text))
			: json_null();
}

static json_t *json_port(uint16_t port, uint8_t protocol)
{
	return port || protocol ? json_integer(port) : json_null();
}

static json_t *subject_of_flow(const struct subject *s)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "src", json_addr(&s->a),
			 "src_port", json_port(s->port_a, s->protocol), "dst",
			 json_addr(&s->b), "dst_port",
			 json_port(s->port_b, s->protocol), "protocol",
			 json_protocol(s->protocol));
}

static json_t *subject_of_path(const struct subject *s)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "from", json_addr(&s->a), "to",
			 json_addr(&s->b), "port",
			 json_port(s->port_b, s->protocol), "protocol",
			 json_protocol(s->protocol));
}

/* The interface of a link by its name, and its VLAN tags, the outer first. */
static json_t *subject_of_link(const struct subject *s,
			       const struct diagnosis *d)
{
	const struct link_info *link =
		d && s->link < d->link_count ? &d->links[s->link] : NULL;
	const struct source *source = d ? d->coverage->source : NULL;
	const struct source_interface *i = NULL;
	json_t *vlans = json_array();

	if (link && source && link->interface < source_interfaces(source))
		i = source_interface(source, link->interface);
	for (uint8_t v = 0; link && v < link->vlan_count; v++)
		json_array_append_new(vlans, json_integer(link->vlan[v]));
	return json_pack("{s:o, s:o}", "interface",
			 text_or_null(i ? i->name : NULL), "vlans", vlans);
}

static json_t *json_subject(const struct subject *s, const struct diagnosis *d)
{
	json_t *j = NULL;

	switch (s->kind) {
	case SUBJECT_FLOW:
		j = subject_of_flow(s);
		break;
	case SUBJECT_HOST:
		j = json_pack("{s:o, s:o, s:o}", "address", json_addr(&s->a),
			      "mac", json_mac(&s->mac), "other_mac",
			      json_mac(&s->mac_b));
		break;
	case SUBJECT_SERVICE:
		j = json_pack("{s:o, s:o, s:o}", "address", json_addr(&s->a),
			      "port", json_port(s->port_a, s->protocol),
			      "protocol", json_protocol(s->protocol));
		break;
	case SUBJECT_PATH:
		j = subject_of_path(s);
		break;
	case SUBJECT_LINK:
		j = subject_of_link(s, d);
		break;
	case SUBJECT_NAME:
		j = json_pack("{s:o, s:o, s:o}", "name", json_text(s->name),
			      "client", json_addr(&s->a), "server",
			      json_addr(&s->b));
		break;
	case SUBJECT_SEVERAL:
		j = json_pack("{s:I}", "count", (json_int_t)s->count);
		break;
	case SUBJECT_CAPTURE:
		j = json_object();
		break;
	}
	json_object_set_new(j, "kind", json_string(subject_kind_name(s->kind)));
	return j;
}

static void set_flow(json_t *j, const struct finding *f)
{
	char text[FLOW_TEXT], community[COMMUNITY_TEXT] = "";
	struct flow flow;
	bool has = finding_flow(f, &flow);

	json_object_set_new(j, "flow",
			    has ? json_string(flow_text(&flow, text))
				: json_null());
	if (has)
		community_of(&flow, community);
	json_object_set_new(j, "community_id", text_or_null(community));
}

static json_t *json_evidence(const struct finding *f, const struct diagnosis *d)
{
	char filter[FILTER_TEXT];
	json_t *frames = json_array();

	for (uint8_t i = 0; i < f->frame_count; i++)
		json_array_append_new(frames,
				      json_integer((json_int_t)f->frames[i]));
	return json_pack("{s:o, s:o}", "frames", frames, "filter",
			 text_or_null(finding_filter_text(f, d, filter)));
}

static void set_lists(json_t *j, const struct finding *f)
{
	json_t *causes = json_array(), *advice = json_array();
	const char *line;

	for (uint8_t i = 0; i < f->cause_count; i++)
		json_array_append_new(causes, json_text(f->caused_by[i]->key));
	for (unsigned i = 0; (line = finding_advice(f, i)); i++)
		json_array_append_new(advice, json_text(line));
	json_object_set_new(j, "caused_by", causes);
	json_object_set_new(j, "advice", advice);
}

json_t *json_finding(const struct finding *f, const struct diagnosis *d)
{
	json_t *j = json_object();

	json_object_set_new(j, "id", json_string(f->def->id));
	json_object_set_new(j, "key", json_text(f->key));
	json_object_set_new(j, "severity",
			    json_string(severity_name(f->severity)));
	json_object_set_new(j, "confidence",
			    json_string(confidence_name(f->confidence)));
	json_object_set_new(j, "layer", json_string(layer_name(f->def->layer)));
	json_object_set_new(j, "title", json_text(finding_headline(f)));
	json_object_set_new(j, "summary", json_text(f->summary));
	json_object_set_new(j, "reason", text_or_null(f->reason));
	json_object_set_new(j, "subject", json_subject(&f->subject, d));
	set_flow(j, f);
	json_object_set_new(j, "count", json_integer((json_int_t)f->count));
	json_object_set_new(j, "first", json_time(f->first_ns));
	json_object_set_new(j, "last", json_time(f->last_ns));
	json_object_set_new(j, "evidence", json_evidence(f, d));
	set_lists(j, f);
	return j;
}
