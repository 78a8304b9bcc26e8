/* SPDX-License-Identifier: BSD-3-Clause */
/* json.c - the whole diagnosis as one JSON document (docs/output.md). */
#include "report/inventory_report.h"

#include <math.h>

#include "analysis/account.h"
#include "base/when.h"

enum { INTERFACES_SHOWN = 256, LINK_TYPES_SHOWN = 64 };

json_t *json_tool(void)
{
	return json_pack("{s:s, s:s}", "name", "upstack", "version",
			 UPSTACK_VERSION);
}

/* Counters that a file does not have are all ones. */
static json_t *counter(uint64_t value)
{
	return value == UINT64_MAX ? json_null()
				   : json_integer((json_int_t)value);
}

static json_t *text_or_null(const char *s)
{
	return json_text(s && s[0] ? s : NULL);
}

static json_t *json_interface(const struct source_interface *i)
{
	json_t *j = json_object();

	json_object_set_new(j, "file", text_or_null(i->file));
	json_object_set_new(j, "name", text_or_null(i->name));
	json_object_set_new(j, "description", text_or_null(i->description));
	json_object_set_new(j, "filter", text_or_null(i->filter));
	json_object_set_new(j, "os", text_or_null(i->os));
	json_object_set_new(j, "link_type", text_or_null(i->link_name));
	json_object_set_new(j, "link_type_number", json_integer(i->link_type));
	json_object_set_new(j, "snaplen",
			    i->snaplen ? json_integer(i->snaplen)
				       : json_null());
	json_object_set_new(j, "received", counter(i->received));
	json_object_set_new(j, "dropped_interface",
			    counter(i->dropped_interface));
	json_object_set_new(j, "dropped_os", counter(i->dropped_os));
	json_object_set_new(j, "dropped_packets", counter(i->dropped_packets));
	json_object_set_new(j, "filter_accepted", counter(i->filter_accepted));
	json_object_set_new(j, "delivered", counter(i->delivered));
	return j;
}

/* The name of a link type, or its number where libpcap knows none. */
static json_t *link_type(const struct source_interface *i)
{
	char number[24];

	if (i->link_name && i->link_name[0])
		return json_text(i->link_name);
	snprintf(number, sizeof(number), "LINKTYPE_%u", i->link_type);
	return json_string(number);
}

static void set_interfaces(json_t *j, const struct source *source)
{
	uint32_t n = source ? source_interfaces(source) : 0;
	json_t *types = json_array(), *list = json_array();

	for (uint32_t i = 0; i < n && i < INTERFACES_SHOWN; i++) {
		const struct source_interface *it = source_interface(source, i);
		json_t *type = link_type(it);
		bool known = false;

		for (size_t k = 0; k < json_array_size(types) && !known; k++)
			known = json_equal(json_array_get(types, k), type);
		if (!known)
			json_array_append(types, type);
		json_decref(type);
		json_array_append_new(list, json_interface(it));
	}
	json_object_set_new(j, "link_types", types);
	json_object_set_new(j, "interface_count", json_integer(n));
	json_object_set_new(j, "interfaces", list);
}

static json_t *json_trouble(const struct source_trouble *t)
{
	return json_pack(
		"{s:o, s:o, s:I, s:o}", "file", text_or_null(t->file),
		"after_frame",
		t->frame ? json_integer((json_int_t)t->frame) : json_null(),
		"offset", (json_int_t)t->offset, "text", json_text(t->text));
}

/* What could not be read, apart from what is odd and yet harmless. */
static void set_troubles(json_t *j, const struct report_options *o,
			 const struct source *source)
{
	uint32_t n = source ? source_troubles(source) : 0;
	json_t *errors = json_array(), *warnings = json_array();

	for (uint32_t i = 0; i < o->error_count; i++)
		json_array_append_new(errors,
				      json_pack("{s:n, s:n, s:n, s:o}", "file",
						"after_frame", "offset", "text",
						json_text(o->errors[i])));
	for (uint32_t i = 0; i < n; i++) {
		const struct source_trouble *t = source_trouble_at(source, i);

		json_array_append_new(t->fatal ? errors : warnings,
				      json_trouble(t));
	}
	json_object_set_new(j, "errors", errors);
	json_object_set_new(j, "warnings", warnings);
}

static void set_limits(json_t *j, const struct checks *c)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < c->limit_count; i++) {
		const struct limit_reached *l = &c->limit[i];

		json_array_append_new(
			list, json_pack("{s:o, s:I, s:I, s:o}", "table",
					json_text(l->table), "max",
					(json_int_t)l->max, "forgotten",
					(json_int_t)l->evicted, "since",
					l->first_ns ? json_time(l->first_ns)
						    : json_null()));
	}
	json_object_set_new(j, "limits_reached", list);
}

json_t *json_checks(const struct diagnosis *d, enum check_kind kind)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < d->checks->count; i++) {
		const struct check *c = &d->checks->check[i];

		if (c->kind == kind)
			json_array_append_new(
				list, json_pack("{s:s, s:o}", "layer",
						layer_name(c->layer), "text",
						json_text(c->text)));
	}
	return list;
}

static void set_taken_on(json_t *j, const struct diagnosis *d)
{
	static const char *const vantages[] = {
		[VANTAGE_UNKNOWN] = "unknown",	   [VANTAGE_HOST] = "host",
		[VANTAGE_ROUTER] = "router",	   [VANTAGE_MIRROR] = "mirror",
		[VANTAGE_SPECTATOR] = "spectator",
	};
	char addr[ADDR_TEXT], mac[MAC_TEXT];

	json_object_set_new(
		j, "taken_on",
		json_pack("{s:s, s:o, s:o}", "vantage", vantages[d->vantage],
			  "address",
			  d->self.family
				  ? json_string(addr_text(&d->self, addr))
				  : json_null(),
			  "mac",
			  mac_is_zero(&d->self_mac)
				  ? json_null()
				  : json_string(mac_text(&d->self_mac, mac))));
}

static void set_times(json_t *j, const struct coverage *c)
{
	double span = (double)(c->last_ns - c->first_ns) / 1e9;
	bool any = c->packets > 0;

	json_object_set_new(j, "first",
			    any ? json_time(c->first_ns) : json_null());
	json_object_set_new(j, "last",
			    any ? json_time(c->last_ns) : json_null());
	json_object_set_new(j, "duration_s",
			    any && isfinite(span) ? json_real(span)
						  : json_real(0));
}

/* What became of every packet. */
static void set_account(json_t *j, const struct coverage *c)
{
	const struct account a = account_of(c);
	json_t *skipped = json_object();

	for (int i = 0; i < SKIPS; i++)
		json_object_set_new(skipped, skip_name(i),
				    json_integer((json_int_t)a.skipped[i]));
	json_object_set_new(j, "seen", json_integer((json_int_t)a.seen));
	json_object_set_new(j, "analysed",
			    json_integer((json_int_t)a.analysed));
	json_object_set_new(j, "skipped", skipped);
}

json_t *json_capture(const struct report_options *o, const struct diagnosis *d)
{
	const struct coverage *c = d->coverage;
	json_t *j = json_object(), *files = json_array();

	for (uint32_t i = 0; i < o->file_count; i++)
		json_array_append_new(files, json_text(o->files[i]));
	json_object_set_new(j, "files", files);
	json_object_set_new(j, "packets", json_integer((json_int_t)c->packets));
	json_object_set_new(j, "bytes", json_integer((json_int_t)c->bytes));
	set_account(j, c);
	set_times(j, c);
	set_interfaces(j, c->source);
	set_taken_on(j, d);
	json_object_set_new(
		j, "filtered_out",
		json_integer(c->source ? (json_int_t)source_filtered(c->source)
				       : 0));
	json_object_set_new(j, "cut", json_integer((json_int_t)c->cut));
	json_object_set_new(j, "malformed",
			    json_integer((json_int_t)c->malformed));
	json_object_set_new(j, "copies", json_integer((json_int_t)c->copies));
	json_object_set_new(j, "unknown_link",
			    json_integer((json_int_t)c->unknown_link));
	set_limits(j, d->checks);
	json_object_set_new(j, "not_judged", json_checks(d, CHECK_NOT_JUDGED));
	set_troubles(j, o, c->source);
	return j;
}

json_t *json_layers(const struct diagnosis *d)
{
	json_t *list = json_array();

	for (int i = 0; i < LAYERS; i++)
		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:o}", "layer", layer_name(i),
				  "verdict", verdict_name(d->layer[i].verdict),
				  "reason", json_text(d->layer[i].reason)));
	return list;
}

int json_write(FILE *out, const struct report_options *o,
	       const struct diagnosis *d)
{
	json_t *j = json_object(), *findings = json_array();
	int failed;

	for (uint32_t i = 0; i < d->finding_count; i++)
		if (report_shows(o, d->findings[i]))
			json_array_append_new(findings,
					      json_finding(d->findings[i], d));
	json_object_set_new(j, "schema", json_string("upstack/1"));
	json_object_set_new(j, "tool", json_tool());
	json_object_set_new(j, "capture", json_capture(o, d));
	json_object_set_new(j, "layers", json_layers(d));
	json_object_set_new(j, "findings", findings);
	json_object_set_new(j, "works", json_checks(d, CHECK_WORKS));
	json_object_set_new(j, "no_faults", json_checks(d, CHECK_NOT_FAULT));
	json_object_set_new(j, "inventory", json_inventory(o, d));
	if (d->connections)
		json_object_set_new(j, "connections",
				    json_connections(d->connections));
	failed = json_put(out, j, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	json_decref(j);
	return failed || fputc('\n', out) == EOF ? -1 : 0;
}
