/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * text_inventory.c - what was learned of the network, for a person: each line
 * ends with the frame that proves it.
 */
#include "report/inventory_report.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "report/vendor.h"

enum { LINE_TEXT = 512, INDENT = 5, SHOWN = 40 };

struct list {
	struct page *page;
	const struct diagnosis *d;
	const struct vendors *vendors;
	uint32_t shown;
};

/* The heading of a list that is not empty. */
static bool begin(struct list *l, const char *heading, uint32_t count)
{
	l->shown = 0;
	if (!count)
		return false;
	page_newline(l->page);
	page_styled(l->page, BOLD, heading);
	page_newline(l->page);
	return true;
}

/* One line; after SHOWN of them only how many more there are. */
static void line(struct list *l, const char *text, uint64_t frame)
{
	size_t size = strcspn(text, " ");
	char first[ENDPOINT_TEXT], where[32];

	if (l->shown++ >= SHOWN)
		return;
	snprintf(first, sizeof(first), "%.*s", (int)size, text);
	page_to(l->page, 2);
	page_put(l->page, size < sizeof(first) ? first : "");
	page_words(l->page, size < sizeof(first) ? text + size : text, INDENT,
		   0);
	if (frame) {
		snprintf(where, sizeof(where), "(frame %" PRIu64 ")", frame);
		page_words(l->page, where, INDENT, 0);
	}
	page_newline(l->page);
}

static void more(struct list *l, uint32_t all)
{
	char text[64];
	uint32_t shown = l->shown < SHOWN ? l->shown : SHOWN;

	if (all <= shown)
		return;
	snprintf(text, sizeof(text), "and %u more", (unsigned)(all - shown));
	page_to(l->page, 2);
	page_put(l->page, text);
	page_newline(l->page);
}

static void add_tag(struct text *t, const struct diagnosis *d, uint32_t link)
{
	if (link < d->link_count && d->links[link].vlan_count)
		text_add(t, ", VLAN %u", d->links[link].vlan[0]);
}

static void add_station(struct text *t, const struct list *l,
			const struct mac *m)
{
	const char *vendor = vendor_of(l->vendors, m);
	char mac[MAC_TEXT];

	if (mac_is_zero(m))
		return;
	text_add(t, " at %s", mac_text(m, mac));
	if (vendor)
		text_add(t, ", %s", vendor);
}

static void neighbours(struct list *l)
{
	const struct inventory *in = l->d->inventory;
	char text[LINE_TEXT], addr[ADDR_TEXT];

	if (!begin(l, "Neighbours", in->neighbours))
		return;
	for (uint32_t i = 0; i < in->neighbours; i++) {
		const struct inv_neighbour *n = &in->neighbour[i];
		struct text t = text_over(text, sizeof(text));

		text_add(&t, "%s", addr_text(&n->addr, addr));
		add_station(&t, l, &n->mac);
		add_tag(&t, l->d, n->link);
		text_add(&t, ", by %s", n->how);
		line(l, text, n->frame);
	}
	more(l, in->neighbours_all);
}

static void gateways(struct list *l)
{
	const struct inventory *in = l->d->inventory;
	char text[LINE_TEXT], addr[ADDR_TEXT], mac[MAC_TEXT];

	if (begin(l, "Gateways", in->gateways))
		for (uint32_t i = 0; i < in->gateways; i++) {
			const struct inv_gateway *g = &in->gateway[i];
			struct text t = text_over(text, sizeof(text));

			text_add(&t, "%s", addr_text(&g->addr, addr));
			add_station(&t, l, &g->mac);
			add_tag(&t, l->d, g->link);
			text_add(&t,
				 g->proof == PROOF_PROVEN ? ", proven by %s"
							  : ", supposed by %s",
				 g->how);
			line(l, text, g->frame);
		}
	more(l, in->gateways);
	if (begin(l, "Next hops", in->next_hops))
		for (uint32_t i = 0; i < in->next_hops; i++) {
			const struct inv_next_hop *n = &in->next_hop[i];
			struct text t = text_over(text, sizeof(text));

			text_add(&t, "%s sends by", addr_text(&n->host, addr));
			for (uint8_t g = 0; g < n->gateways; g++)
				text_add(&t, "%s %s", g ? " or" : "",
					 addr_text(&n->gateway[g], addr));
			text_add(&t,
				 n->gateways ? " at %s"
					     : " %s, whose address was "
					       "not seen",
				 mac_text(&n->mac, mac));
			line(l, text, n->frame);
		}
	more(l, in->next_hops);
}

static void prefixes(struct list *l)
{
	const struct inventory *in = l->d->inventory;
	char text[LINE_TEXT], addr[ADDR_TEXT];

	if (!begin(l, "Prefixes on the link", in->prefixes))
		return;
	for (uint32_t i = 0; i < in->prefixes; i++) {
		const struct inv_prefix *p = &in->prefix[i];
		struct text t = text_over(text, sizeof(text));

		text_add(&t, "%s/%u, by %s", addr_text(&p->prefix, addr),
			 p->bits, p->how);
		add_tag(&t, l->d, p->link);
		line(l, text, p->frame);
	}
	more(l, in->prefixes);
}

static void servers(struct list *l)
{
	const struct inventory *in = l->d->inventory;
	char text[LINE_TEXT], addr[ADDR_TEXT];

	if (begin(l, "DHCP servers", in->servers))
		for (uint32_t i = 0; i < in->servers; i++) {
			const struct inv_server *s = &in->server[i];
			struct text t = text_over(text, sizeof(text));

			text_add(&t, "%s", addr_text(&s->addr, addr));
			add_station(&t, l, &s->mac);
			add_tag(&t, l->d, s->link);
			line(l, text, s->frame);
		}
	more(l, in->servers);
	if (begin(l, "Resolvers", in->resolvers))
		for (uint32_t i = 0; i < in->resolvers; i++) {
			const struct inv_resolver *r = &in->resolver[i];

			snprintf(text, sizeof(text), "%s, by %s",
				 addr_text(&r->addr, addr), r->how);
			line(l, text, r->frame);
		}
	more(l, in->resolvers);
}

static bool tagged(const struct diagnosis *d, uint32_t link)
{
	return link < d->link_count && d->links[link].vlan_count;
}

static void vlans(struct list *l)
{
	const struct inventory *in = l->d->inventory;
	char text[LINE_TEXT];
	uint32_t any = 0;

	for (uint32_t i = 0; i < in->vlans; i++)
		any += tagged(l->d, in->vlan[i].link);
	if (!begin(l, "VLANs", any))
		return;
	for (uint32_t i = 0; i < in->vlans; i++) {
		uint32_t link = in->vlan[i].link;
		struct text t = text_over(text, sizeof(text));

		if (!tagged(l->d, link))
			continue;
		for (uint8_t k = 0; k < l->d->links[link].vlan_count; k++)
			text_add(&t, "%s%u", k ? " in " : "VLAN ",
				 l->d->links[link].vlan[k]);
		line(l, text, in->vlan[i].frame);
	}
	more(l, any);
}

static void services(struct list *l)
{
	const struct inventory *in = l->d->inventory;
	char text[LINE_TEXT], end[ENDPOINT_TEXT], name[PROTOCOL_TEXT];

	if (!begin(l, "Services that answered", in->services))
		return;
	for (uint32_t i = 0; i < in->services; i++) {
		const struct inv_service *s = &in->service[i];

		snprintf(text, sizeof(text), "%s %s, %" PRIu64 " time%s",
			 endpoint_text(&s->addr, s->port, end),
			 protocol_text(s->protocol, name), s->answered,
			 plural(s->answered));
		line(l, text, s->frame);
	}
	more(l, in->services_all);
}

static void path_sizes(struct list *l)
{
	const struct inventory *in = l->d->inventory;
	char text[LINE_TEXT], src[ADDR_TEXT], dst[ADDR_TEXT], by[ADDR_TEXT];

	if (!begin(l, "Path MTU", in->paths))
		return;
	for (uint32_t i = 0; i < in->paths; i++) {
		const struct inv_path *p = &in->path[i];
		struct text t = text_over(text, sizeof(text));

		text_add(&t, "%s > %s:", addr_text(&p->src, src),
			 addr_text(&p->dst, dst));
		if (p->passes)
			text_add(&t, " %u bytes pass%s", p->passes,
				 p->fails || p->told ? "," : "");
		if (p->fails)
			text_add(&t,
				 p->passes ? " %u never do%s"
					   : " %u bytes never pass%s",
				 p->fails, p->told ? "," : "");
		if (p->told)
			text_add(&t, " %s says at most %u",
				 addr_text(&p->reporter, by), p->told);
		line(l, text, p->frame);
	}
	more(l, in->paths);
}

static void hop(struct list *l, const struct hop *h, uint8_t ttl)
{
	char text[LINE_TEXT], addr[ADDR_TEXT], took[WHEN_TEXT];

	if (h->reporter.family)
		snprintf(text, sizeof(text), "%u %s %s", ttl,
			 addr_text(&h->reporter, addr),
			 when_duration(h->rtt_ns, took));
	else /* many routers say nothing, and pass everything on */
		snprintf(text, sizeof(text), "%u silent", ttl);
	line(l, text, h->reporter.family ? h->answer_frame : h->probe_frame);
}

static void traceroutes(struct list *l)
{
	const struct traceroute *t = NULL;
	char head[LINE_TEXT], src[ADDR_TEXT], dst[ADDR_TEXT];

	while ((t = probes_next(l->d->inventory->probes, t))) {
		snprintf(head, sizeof(head), "Traceroute from %s to %s%s",
			 addr_text(&t->src, src), addr_text(&t->dst, dst),
			 t->reached ? "" : ", which it did not reach");
		begin(l, head, 1);
		for (uint8_t ttl = 1; ttl <= t->highest && ttl <= HOPS_MAX;
		     ttl++) {
			hop(l, &t->hop[ttl], ttl);
			if (t->hop[ttl].is_dst)
				break;
		}
	}
}

static void add_times(struct text *t, const struct inv_ping *p)
{
	char low[WHEN_TEXT], mid[WHEN_TEXT], high[WHEN_TEXT];

	if (p->received)
		text_add(t, ", min/avg/max %s/%s/%s",
			 when_duration(p->min_ns, low),
			 when_duration(p->sum_ns / p->received, mid),
			 when_duration(p->max_ns, high));
}

/* What came of it, and why as far as the packets tell. */
static void add_verdict(struct text *t, const struct inv_ping *p)
{
	static const char *const words[] = {
		[PING_OK] = "ok",
		[PING_HOST_UNREACHABLE] = "host unreachable",
		[PING_NET_UNREACHABLE] = "network unreachable",
		[PING_REJECTED] = "rejected",
		[PING_EXPIRED] = "TTL exceeded",
		[PING_NO_ANSWER] = "timed out",
		[PING_LOSS] = "over 1 % lost",
		[PING_SLOW] = "over 100 ms on the link",
		[PING_UNDECIDED] = "the capture ended too soon to tell",
	};
	const struct finding *f = p->because;
	char addr[ADDR_TEXT];

	text_add(t, ": %s", words[p->verdict]);
	if (p->rejected)
		text_add(t, ", says %s", addr_text(&p->reporter, addr));
	/* that they are lost is no reason for it */
	if (f && strncmp(f->def->id, "icmp.echo_", 10) != 0)
		text_add(t, "; because: %s", finding_headline(f));
}

static void pings(struct list *l)
{
	const struct inventory *in = l->d->inventory;
	char text[LINE_TEXT], src[ADDR_TEXT], dst[ADDR_TEXT];

	if (!begin(l, "Pings", in->pings))
		return;
	for (uint32_t i = 0; i < in->pings; i++) {
		const struct inv_ping *p = &in->ping[i];
		struct text t = text_over(text, sizeof(text));
		uint32_t gone = p->lost + p->rejected;

		text_add(&t, "%s > %s: %u sent, %u received, %.0f %% lost",
			 addr_text(&p->src, src), addr_text(&p->dst, dst),
			 p->sent, p->received,
			 p->sent ? 100.0 * gone / p->sent : 0.0);
		add_times(&t, p);
		add_verdict(&t, p);
		line(l, text, p->frame);
	}
	more(l, in->pings_all);
}

static void devices(struct list *l)
{
	const struct inventory *in = l->d->inventory;
	char text[LINE_TEXT], addr[ADDR_TEXT];

	if (!begin(l, "Devices that announce themselves", in->devices))
		return;
	for (uint32_t i = 0; i < in->devices; i++) {
		const struct inv_device *x = &in->device[i];
		const struct device *d = &x->device;
		struct text t = text_over(text, sizeof(text));

		text_add(&t, "%s", d->name[0] ? d->name : d->id);
		if (d->port[0])
			text_add(&t, " port %s", d->port);
		add_station(&t, l, &x->mac);
		if (d->address.family)
			text_add(&t, ", %s", addr_text(&d->address, addr));
		if (d->has_vlan)
			text_add(&t, ", untagged is VLAN %u", d->vlan);
		text_add(&t, ", by %s",
			 d->protocol == DEVICE_CDP ? "CDP" : "LLDP");
		line(l, text, x->frame);
	}
	more(l, in->devices);
}

void text_inventory(struct page *p, const struct report_options *o,
		    const struct diagnosis *d)
{
	struct vendors *vendors = vendors_new(d->inventory, o->makers);
	struct list l = {p, d, vendors, 0};

	if (!d->inventory)
		return;
	neighbours(&l);
	gateways(&l);
	prefixes(&l);
	servers(&l);
	vlans(&l);
	services(&l);
	path_sizes(&l);
	pings(&l);
	traceroutes(&l);
	devices(&l);
	vendors_free(vendors);
}
