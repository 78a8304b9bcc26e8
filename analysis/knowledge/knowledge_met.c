/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * knowledge_met.c - what is worth listing and no rule needs: services that
 * answered, DHCP servers, sizes that passed, series of pings, devices.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/inventory.h"
#include "base/table.h"
#include "base/when.h"

enum {
	OFFER = 2,
	ACK = 5,
	ADVERTISE = 2,
	REPLY6 = 7,
	TCP = 6,
	UDP = 17,
	ICMP = 1,
	ICMPV6 = 58
};

struct service_key {
	struct addr addr;
	uint16_t port;
	uint8_t protocol, pad;
};

struct server_key {
	uint32_t link;
	struct addr addr;
};

struct way_key {
	struct addr src, dst;
};

struct series_key {
	struct addr src, dst;
	uint32_t id;
};

struct device_key {
	uint32_t link;
	struct mac mac;
	uint8_t protocol, pad;
};

struct met {
	struct table *services, *servers, *paths, *series, *devices;
};

struct met *met_new(struct arena *home, const struct limits *limits,
		    struct hash_key key)
{
	const struct table_spec services = {
		"services met", sizeof(struct service_key),
		sizeof(struct inv_service), SERVICES_MAX};
	const struct table_spec servers = {
		"DHCP servers met", sizeof(struct server_key),
		sizeof(struct inv_server), SERVERS_MAX};
	const struct table_spec paths = {"path sizes", sizeof(struct way_key),
					 sizeof(struct inv_path),
					 limits->paths / 4};
	const struct table_spec series = {"ping series",
					  sizeof(struct series_key),
					  sizeof(struct inv_ping), SERIES_MAX};
	const struct table_spec devices = {
		"devices met", sizeof(struct device_key),
		sizeof(struct inv_device), DEVICES_MAX};
	struct met *m = arena_alloc(home, sizeof(*m));

	if (!m)
		return NULL;
	m->services = table_new(home, &services, key);
	m->servers = table_new(home, &servers, key);
	m->paths = table_new(home, &paths, key);
	m->series = table_new(home, &series, key);
	m->devices = table_new(home, &devices, key);
	return m->services && m->servers && m->paths && m->series && m->devices
		       ? m
		       : NULL;
}

static void service_met(struct met *m, const struct flow *f, uint64_t frame)
{
	struct service_key key;
	struct inv_service *s;

	memset(&key, 0, sizeof(key));
	key.addr = f->dst;
	key.port = f->dst_port;
	key.protocol = f->protocol;
	s = table_add(m->services, &key, NULL);
	if (!s)
		return;
	if (!s->answered++)
		s->frame = frame;
	s->addr = f->dst;
	s->port = f->dst_port;
	s->protocol = f->protocol;
}

static void server_add(struct met *m, const struct observation *o,
		       const struct addr *addr, const struct mac *mac)
{
	struct server_key key;
	struct inv_server *s;

	memset(&key, 0, sizeof(key));
	key.link = o->link;
	key.addr = *addr;
	s = table_add(m->servers, &key, NULL);
	if (!s || s->frame)
		return;
	s->addr = *addr;
	s->mac = *mac;
	s->link = o->link;
	s->frame = o->frame;
}

static void server_met(struct met *m, const struct observation *o)
{
	const struct dhcp_fact *d = &o->as.dhcp;

	if (d->from_client || (d->type != OFFER && d->type != ACK))
		return;
	server_add(m, o, d->server_id.family ? &d->server_id : &d->src,
		   &d->eth_src);
}

/* Its identifier is no address: the link-local one that it speaks from. */
static void server6_met(struct met *m, const struct observation *o)
{
	const struct dhcp6_fact *d = &o->as.dhcp6;

	if (d->from_client || (d->type != ADVERTISE && d->type != REPLY6))
		return;
	server_add(m, o, &d->src, &d->eth_src);
}

static struct inv_path *path_met(struct met *m, const struct addr *src,
				 const struct addr *dst)
{
	struct way_key key = {*src, *dst};
	struct inv_path *p = table_add(m->paths, &key, NULL);

	if (!p)
		return NULL;
	p->src = *src;
	p->dst = *dst;
	return p;
}

static void size_met(struct met *m, const struct observation *o)
{
	const struct tcp_size_fact *t = &o->as.size;
	struct inv_path *p = path_met(m, &t->flow.src, &t->flow.dst);

	if (!p)
		return;
	if (t->passed > p->passes)
		p->passes = t->passed;
	if (t->cleared)
		p->fails = 0;
	else if (t->failed)
		p->fails = t->failed;
	if (!p->frame)
		p->frame = t->frames[0] ? t->frames[0] : o->frame;
}

static void mtu_met(struct met *m, const struct path_mtu_fact *f)
{
	struct inv_path *p = path_met(m, &f->src, &f->dst);

	if (!p)
		return;
	p->told = f->mtu;
	p->reporter = f->reporter;
	p->frame = f->notice_frame;
	if (f->state == PATH_OBEYED && f->later > p->passes)
		p->passes = f->later;
}

static struct inv_ping *series_of(const struct met *m, const struct addr *src,
				  const struct addr *dst, uint16_t id, bool add)
{
	struct series_key key;

	memset(&key, 0, sizeof(key));
	key.src = *src;
	key.dst = *dst;
	key.id = id;
	return add ? table_add(m->series, &key, NULL)
		   : table_find(m->series, &key);
}

static void answered(struct inv_ping *p, const struct echo_fact *e)
{
	if (e->late && p->lost)
		p->lost--;
	if (!p->received++ || e->rtt_ns < p->min_ns)
		p->min_ns = e->rtt_ns;
	if (e->rtt_ns > p->max_ns)
		p->max_ns = e->rtt_ns;
	p->sum_ns += e->rtt_ns;
	if (e->sent_ns > p->heard_ns)
		p->heard_ns = e->sent_ns;
}

static void lost(struct inv_ping *p, uint32_t *count, uint64_t frame)
{
	if (!p->lost && !p->rejected && frame)
		p->frame = frame;
	++*count;
}

/* ping -M do: of a size that passes, and of one that never does. */
static void ping_size_met(struct met *m, const struct echo_fact *e)
{
	struct way_key key = {e->src, e->dst};
	struct inv_path *p = table_find(m->paths, &key);

	if ((e->version == 4 && !e->df) ||
	    (e->state != ECHO_ANSWERED && e->state != ECHO_UNANSWERED) ||
	    (!p && e->bytes < PING_LARGE))
		return;
	p = path_met(m, &e->src, &e->dst);
	if (!p)
		return;
	if (!p->frame)
		p->frame = e->request_frame;
	if (e->state == ECHO_ANSWERED) {
		if (e->bytes > p->passes)
			p->passes = e->bytes;
		p->passed_frame = e->request_frame;
		if (e->bytes >= p->ping_fails)
			p->ping_fails = p->ping_tries = 0;
	} else if (e->bytes > p->passes &&
		   (!p->ping_fails || e->bytes <= p->ping_fails)) {
		if (e->bytes != p->ping_fails) {
			p->ping_tries = 0;
			p->ping_frame = e->request_frame;
		}
		p->ping_tries++;
		p->ping_fails = e->bytes;
	}
}

/* Lost twice while smaller ones pass, later too: that is their size. */
static void ping_sizes_judge(struct inv_path *p)
{
	if (!p->passes || p->ping_tries < 2 || p->ping_fails <= p->passes ||
	    p->passed_frame < p->ping_frame ||
	    (p->fails && p->fails <= p->ping_fails))
		return;
	p->fails = p->ping_fails;
	p->frame = p->ping_frame;
	p->by_pings = true;
}

static void echo_met(struct met *m, const struct observation *o)
{
	const struct echo_fact *e = &o->as.echo;
	struct inv_ping *p;

	if (addr_is_multicast(&e->dst) || addr_is_broadcast(&e->dst))
		return;
	ping_size_met(m, e);
	p = series_of(m, &e->src, &e->dst, e->id, e->state == ECHO_SENT);
	if (!p)
		return;
	switch (e->state) {
	case ECHO_SENT:
		if (!p->sent++) {
			p->src = e->src;
			p->dst = e->dst;
			p->id = e->id;
			p->link = o->link;
			p->first_ns = o->time_ns;
			p->frame = e->request_frame;
		}
		p->last_ns = o->time_ns;
		break;
	case ECHO_ANSWERED:
		answered(p, e);
		break;
	case ECHO_UNANSWERED:
		lost(p, &p->lost, e->request_frame);
		break;
	case ECHO_PENDING: /* later ones were answered: it is lost */
		if (e->sent_ns < p->heard_ns)
			lost(p, &p->lost, e->request_frame);
		break;
	case ECHO_REJECTED:
		lost(p, &p->rejected, e->request_frame);
		break;
	default:
		break;
	}
}

/* The error that rejects a ping is told of before the ping's own end. */
static void error_met(struct met *m, const struct icmp_error_fact *e)
{
	const struct quote *q = &e->quote;
	struct inv_ping *p;

	if (!q->has_ports || (q->protocol != ICMP && q->protocol != ICMPV6))
		return;
	p = series_of(m, &q->src, &q->dst, q->src_port, false);
	if (!p)
		return;
	p->type = e->type;
	p->code = e->code;
	p->reporter = e->reporter;
}

static void device_met(struct met *m, const struct observation *o)
{
	const struct device_fact *f = &o->as.device;
	struct device_key key;
	struct inv_device *d;

	memset(&key, 0, sizeof(key));
	key.link = o->link;
	key.mac = f->eth_src;
	key.protocol = f->device.protocol;
	d = table_add(m->devices, &key, NULL);
	if (!d)
		return;
	d->device = f->device;
	d->mac = f->eth_src;
	d->link = o->link;
	d->frame = o->frame;
}

void met_observe(struct met *m, const struct observation *o)
{
	switch (o->kind) {
	case OBS_DHCP:
		server_met(m, o);
		break;
	case OBS_DHCP6:
		server6_met(m, o);
		break;
	case OBS_DEVICE:
		device_met(m, o);
		break;
	case OBS_TCP_OPENED:
		service_met(m, &o->as.opened.flow,
			    o->as.opened.synack_frame
				    ? o->as.opened.synack_frame
				    : o->frame);
		break;
	case OBS_UDP_ANSWERED:
		if (!o->as.udp.group)
			service_met(m, &o->as.udp.flow, o->frame);
		break;
	case OBS_TCP_SIZE:
		size_met(m, o);
		break;
	case OBS_PATH_MTU:
		mtu_met(m, &o->as.path_mtu);
		break;
	case OBS_ECHO:
		echo_met(m, o);
		break;
	case OBS_ICMP_ERROR:
		error_met(m, &o->as.icmp_error);
		break;
	default:
		break;
	}
}

/* The table of issue "ping": what the answers say, worst first. */
static enum ping_verdict verdict_of(const struct inv_ping *p,
				    const struct knowledge *k)
{
	bool v6 = p->dst.family == 6;
	uint32_t gone = p->lost + p->rejected;
	bool near = known_on_link(k, p->link, &p->src) &&
		    known_on_link(k, p->link, &p->dst);

	if (p->rejected && !p->received) {
		if (p->type == (v6 ? 3 : 11))
			return PING_EXPIRED;
		if (p->type != (v6 ? 1 : 3))
			return PING_REJECTED;
		if (p->code == (v6 ? 3 : 1))
			return PING_HOST_UNREACHABLE;
		return p->code == 0 ? PING_NET_UNREACHABLE : PING_REJECTED;
	}
	if (!p->received)
		return p->lost ? PING_NO_ANSWER : PING_UNDECIDED;
	/* one of few may be chance: the finding says when it is not */
	if (gone > 1 && gone * 100 > p->sent)
		return PING_LOSS;
	if (near && p->sum_ns / p->received > 100 * NS_PER_MS)
		return PING_SLOW;
	return PING_OK;
}

const char *ping_verdict_name(enum ping_verdict v)
{
	static const char *const names[] = {
		[PING_OK] = "ok",
		[PING_HOST_UNREACHABLE] = "host_unreachable",
		[PING_NET_UNREACHABLE] = "network_unreachable",
		[PING_REJECTED] = "rejected",
		[PING_EXPIRED] = "ttl_exceeded",
		[PING_NO_ANSWER] = "no_answer",
		[PING_LOSS] = "loss",
		[PING_SLOW] = "slow",
		[PING_UNDECIDED] = "undecided",
	};

	return names[v];
}

/* A copy of a table's values, oldest first; at most INVENTORY_MAX. */
static void *copy_values(const struct table *t, uint32_t *count,
			 struct arena *home)
{
	uint32_t size = table_spec(t)->value_size, n = table_count(t), i = 0;
	uint8_t *list;

	if (n > INVENTORY_MAX)
		n = INVENTORY_MAX;
	list = n ? arena_alloc(home, (size_t)n * size) : NULL;
	*count = list ? n : 0;
	for (const void *v = table_oldest(t); list && v && i < n;
	     v = table_newer(t, v), i++)
		memcpy(list + (size_t)i * size, v, size);
	return list;
}

static int by_service(const void *a, const void *b)
{
	const struct inv_service *x = a, *y = b;
	int d = memcmp(&x->addr, &y->addr, sizeof(x->addr));

	if (d)
		return d;
	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	return x->protocol - y->protocol;
}

void met_list(const struct met *m, const struct knowledge *k,
	      struct inventory *v, struct arena *home)
{
	uint32_t n = 0;

	v->service = copy_values(m->services, &v->services, home);
	v->services_all = table_count(m->services);
	if (v->services)
		qsort(v->service, v->services, sizeof(*v->service), by_service);
	v->server = copy_values(m->servers, &v->servers, home);
	v->path = copy_values(m->paths, &v->paths, home);
	for (uint32_t i = 0; i < v->paths; i++)
		ping_sizes_judge(&v->path[i]);
	v->device = copy_values(m->devices, &v->devices, home);
	v->ping = copy_values(m->series, &v->pings, home);
	v->pings_all = table_count(m->series);
	for (uint32_t i = 0; i < v->pings; i++) {
		struct inv_ping *p = &v->ping[i];

		/* a traceroute's probes are shown as its hops */
		if (known_traceroute(k, &p->src, &p->dst, p->first_ns)) {
			v->pings_all--;
			continue;
		}
		p->verdict = verdict_of(p, k);
		v->ping[n++] = *p;
	}
	v->pings = n;
}
