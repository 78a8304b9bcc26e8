/* SPDX-License-Identifier: BSD-3-Clause */
/* json_inventory.c - what was learned of the network, as JSON. */
#include "report/inventory_report.h"
#include "report/vendor.h"

static json_t *address(const struct addr *a)
{
	char text[ADDR_TEXT];

	return a->family ? json_string(addr_text(a, text)) : json_null();
}

static json_t *station(const struct mac *m)
{
	char text[MAC_TEXT];

	return mac_is_zero(m) ? json_null() : json_string(mac_text(m, text));
}

static json_t *frame(uint64_t n)
{
	return n ? json_integer((json_int_t)n) : json_null();
}

static json_t *size(uint32_t n)
{
	return n ? json_integer(n) : json_null();
}

static json_t *text(const char *s)
{
	return json_text(s && s[0] ? s : NULL);
}

static json_t *tag(const struct diagnosis *d, uint32_t link)
{
	if (link >= d->link_count || !d->links[link].vlan_count)
		return json_null();
	return json_integer(d->links[link].vlan[0]);
}

static json_t *interface(const struct diagnosis *d, uint32_t link)
{
	return json_integer(
		link < d->link_count ? (json_int_t)d->links[link].interface : 0);
}

static json_t *neighbours(const struct diagnosis *d, const struct vendors *v)
{
	const struct inventory *in = d->inventory;
	json_t *list = json_array();

	for (uint32_t i = 0; i < in->neighbours; i++) {
		const struct inv_neighbour *n = &in->neighbour[i];

		json_array_append_new(
			list,
			json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:I, s:o, "
				  "s:o, s:o}",
				  "address", address(&n->addr), "mac",
				  station(&n->mac), "vendor",
				  text(vendor_of(v, &n->mac)), "interface",
				  interface(d, n->link), "vlan",
				  tag(d, n->link), "proof", n->how, "claims",
				  (json_int_t)n->claims, "first",
				  json_time(n->first_ns), "last",
				  json_time(n->last_ns), "frame",
				  frame(n->frame)));
	}
	return list;
}

static json_t *gateways(const struct diagnosis *d)
{
	static const char *const sure[] = {"none", "guessed", "inferred",
					   "proven"};
	const struct inventory *in = d->inventory;
	json_t *list = json_array();

	for (uint32_t i = 0; i < in->gateways; i++) {
		const struct inv_gateway *g = &in->gateway[i];

		json_array_append_new(
			list,
			json_pack("{s:o, s:o, s:o, s:s, s:s, s:o}", "address",
				  address(&g->addr), "mac", station(&g->mac),
				  "vlan", tag(d, g->link), "certainty",
				  sure[g->proof], "proof", g->how, "frame",
				  frame(g->frame)));
	}
	return list;
}

static json_t *prefixes(const struct diagnosis *d)
{
	const struct inventory *in = d->inventory;
	json_t *list = json_array();

	for (uint32_t i = 0; i < in->prefixes; i++) {
		const struct inv_prefix *p = &in->prefix[i];

		json_array_append_new(
			list,
			json_pack("{s:o, s:I, s:o, s:s, s:o}", "prefix",
				  address(&p->prefix), "bits",
				  (json_int_t)p->bits, "vlan", tag(d, p->link),
				  "proof", p->how, "frame", frame(p->frame)));
	}
	return list;
}

static json_t *resolvers(const struct inventory *in)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < in->resolvers; i++)
		json_array_append_new(
			list, json_pack("{s:o, s:s, s:o}", "address",
					address(&in->resolver[i].addr), "proof",
					in->resolver[i].how, "frame",
					frame(in->resolver[i].frame)));
	return list;
}

static json_t *dhcp_servers(const struct diagnosis *d)
{
	const struct inventory *in = d->inventory;
	json_t *list = json_array();

	for (uint32_t i = 0; i < in->servers; i++) {
		const struct inv_server *s = &in->server[i];

		json_array_append_new(list,
				      json_pack("{s:o, s:o, s:o, s:o}",
						"address", address(&s->addr),
						"mac", station(&s->mac), "vlan",
						tag(d, s->link), "frame",
						frame(s->frame)));
	}
	return list;
}

static json_t *vlans(const struct diagnosis *d)
{
	const struct inventory *in = d->inventory;
	json_t *list = json_array();

	for (uint32_t i = 0; i < in->vlans; i++) {
		uint32_t link = in->vlan[i].link;
		json_t *inner;

		if (link >= d->link_count || !d->links[link].vlan_count)
			continue;
		inner = json_array();
		for (uint8_t k = 1; k < d->links[link].vlan_count; k++)
			json_array_append_new(
				inner, json_integer(d->links[link].vlan[k]));
		json_array_append_new(
			list, json_pack("{s:o, s:o, s:o, s:o}", "vlan",
					tag(d, link), "inner", inner,
					"interface", interface(d, link),
					"frame", frame(in->vlan[i].frame)));
	}
	return list;
}

static json_t *services(const struct inventory *in)
{
	json_t *list = json_array();
	char name[PROTOCOL_TEXT];

	for (uint32_t i = 0; i < in->services; i++) {
		const struct inv_service *s = &in->service[i];

		json_array_append_new(
			list,
			json_pack("{s:o, s:i, s:s, s:I, s:o}", "address",
				  address(&s->addr), "port", s->port,
				  "protocol", protocol_text(s->protocol, name),
				  "answered", (json_int_t)s->answered, "frame",
				  frame(s->frame)));
	}
	return list;
}

static json_t *path_sizes(const struct inventory *in)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < in->paths; i++) {
		const struct inv_path *p = &in->path[i];

		json_array_append_new(
			list,
			json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "from",
				  address(&p->src), "to", address(&p->dst),
				  "passes", size(p->passes), "fails",
				  size(p->fails), "told", size(p->told),
				  "told_by", address(&p->reporter), "frame",
				  frame(p->frame)));
	}
	return list;
}

static json_t *hops(const struct traceroute *t)
{
	json_t *list = json_array();

	for (uint8_t ttl = 1; ttl <= t->highest && ttl <= HOPS_MAX; ttl++) {
		const struct hop *h = &t->hop[ttl];
		bool heard = h->reporter.family != 0;

		json_array_append_new(
			list,
			json_pack("{s:i, s:o, s:o, s:o}", "ttl", ttl, "address",
				  address(&h->reporter), "rtt_ms",
				  heard ? json_real((double)h->rtt_ns / 1e6)
					: json_null(),
				  "frame",
				  frame(heard ? h->answer_frame
					      : h->probe_frame)));
		if (h->is_dst)
			break;
	}
	return list;
}

static json_t *traceroutes(const struct inventory *in)
{
	json_t *list = json_array();
	const struct traceroute *t = NULL;
	char name[PROTOCOL_TEXT];

	while ((t = probes_next(in->probes, t)) &&
	       json_array_size(list) < INVENTORY_MAX)
		json_array_append_new(
			list,
			json_pack("{s:o, s:o, s:s, s:b, s:o, s:o}", "from",
				  address(&t->src), "to", address(&t->dst),
				  "protocol", protocol_text(t->protocol, name),
				  "reached", t->reached != 0, "hops", hops(t),
				  "frame", frame(t->first_frame)));
	return list;
}

static json_t *next_hops(const struct diagnosis *d)
{
	const struct inventory *in = d->inventory;
	json_t *list = json_array();

	for (uint32_t i = 0; i < in->next_hops; i++) {
		const struct inv_next_hop *n = &in->next_hop[i];
		json_t *gateway = json_array();

		for (uint8_t g = 0; g < n->gateways; g++)
			json_array_append_new(gateway, address(&n->gateway[g]));
		json_array_append_new(
			list,
			json_pack("{s:o, s:o, s:o, s:o, s:o}", "host",
				  address(&n->host), "mac", station(&n->mac),
				  "gateways", gateway, "vlan", tag(d, n->link),
				  "frame", frame(n->frame)));
	}
	return list;
}

static json_t *milliseconds(const struct inv_ping *p, int64_t ns)
{
	return p->received ? json_real((double)ns / 1e6) : json_null();
}

static json_t *pings(const struct diagnosis *d)
{
	const struct inventory *in = d->inventory;
	json_t *list = json_array();

	for (uint32_t i = 0; i < in->pings; i++) {
		const struct inv_ping *p = &in->ping[i];
		const struct finding *f = p->because;
		json_t *j =
			json_pack("{s:o, s:o, s:i, s:I, s:I, s:I}", "from",
				  address(&p->src), "to", address(&p->dst),
				  "id", p->id, "sent", (json_int_t)p->sent,
				  "received", (json_int_t)p->received, "lost",
				  (json_int_t)(p->lost + p->rejected));
		json_t *more = json_pack(
			"{s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "min_ms",
			milliseconds(p, p->min_ns), "avg_ms",
			milliseconds(p,
				     p->received ? p->sum_ns / p->received : 0),
			"max_ms", milliseconds(p, p->max_ns), "verdict",
			ping_verdict_name(p->verdict), "reporter",
			p->rejected ? address(&p->reporter) : json_null(),
			"finding", f ? json_string(f->key) : json_null(),
			"frame", frame(p->frame));

		json_object_update(j, more);
		json_decref(more);
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *devices(const struct diagnosis *d, const struct vendors *v)
{
	static const char *const modes[] = {NULL, "half", "full"};
	const struct inventory *in = d->inventory;
	json_t *list = json_array();

	for (uint32_t i = 0; i < in->devices; i++) {
		const struct inv_device *x = &in->device[i];
		const struct device *it = &x->device;

		json_array_append_new(
			list,
			json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
				  "s:o, s:o}",
				  "protocol",
				  it->protocol == DEVICE_CDP ? "cdp" : "lldp",
				  "mac", station(&x->mac), "vendor",
				  text(vendor_of(v, &x->mac)), "id",
				  text(it->id), "name", text(it->name), "port",
				  text(it->port), "address",
				  address(&it->address), "native_vlan",
				  it->has_vlan ? json_integer(it->vlan)
					       : json_null(),
				  "duplex", text(modes[it->duplex]), "frame",
				  frame(x->frame)));
	}
	return list;
}

json_t *json_inventory(const struct report_options *o,
		       const struct diagnosis *d)
{
	const struct inventory *in = d->inventory;
	struct vendors *v;
	json_t *j;

	if (!in)
		return json_null();
	v = vendors_new(in, o->makers);
	j = json_object();
	json_object_set_new(j, "neighbour_count",
			    json_integer(in->neighbours_all));
	json_object_set_new(j, "neighbours", neighbours(d, v));
	json_object_set_new(j, "gateways", gateways(d));
	json_object_set_new(j, "next_hops", next_hops(d));
	json_object_set_new(j, "prefixes", prefixes(d));
	json_object_set_new(j, "resolvers", resolvers(in));
	json_object_set_new(j, "dhcp_servers", dhcp_servers(d));
	json_object_set_new(j, "vlans", vlans(d));
	json_object_set_new(j, "service_count", json_integer(in->services_all));
	json_object_set_new(j, "services", services(in));
	json_object_set_new(j, "path_mtu", path_sizes(in));
	json_object_set_new(j, "traceroutes", traceroutes(in));
	json_object_set_new(j, "ping_count", json_integer(in->pings_all));
	json_object_set_new(j, "pings", pings(d));
	json_object_set_new(j, "devices", devices(d, v));
	vendors_free(v);
	return j;
}
