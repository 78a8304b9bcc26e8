/* SPDX-License-Identifier: BSD-3-Clause */
/* probes.c - recognises traceroutes. */
#include "analysis/knowledge/probes.h"

#include <string.h>

#include "analysis/checks.h"
#include "base/table.h"
#include "base/when.h"

enum {
	TABLE_MAX = 512,
	FIRST_TTL_MAX = 3,
	RESERVED_PORT = 1023,
	ICMP = 1,
	TCP = 6,
	UDP = 17,
	ICMPV6 = 58
};

#define ONE_RUN_NS (60 * NS_PER_S)

struct probe_path {
	struct addr src, dst;
};

struct probes {
	struct table *traces;
};

/* One probe as it left. */
struct probe {
	const struct addr *src, *dst;
	uint8_t ttl, protocol;
	uint16_t dst_port;
	int64_t ns;
};

struct probes *probes_new(struct arena *home, const struct limits *limits,
			  struct hash_key key)
{
	static const struct table_spec spec = {
		"traceroutes", sizeof(struct probe_path),
		sizeof(struct traceroute), TABLE_MAX};
	struct probes *p = arena_alloc(home, sizeof(*p));

	(void)limits;
	if (!p)
		return NULL;
	p->traces = table_new(home, &spec, key);
	return p->traces ? p : NULL;
}

/* The record of a pair; a new run begins after a minute of nothing, unless it
 * was a traceroute: that one is kept. */
static struct traceroute *trace_of(struct probes *p, const struct addr *src,
				   const struct addr *dst,
				   const struct observation *o)
{
	struct probe_path path = {*src, *dst};
	struct traceroute *t;
	bool added;

	t = table_add(p->traces, &path, &added);
	if (!t)
		return NULL;
	if (!added && !t->recognized && o->time_ns - t->last_ns > ONE_RUN_NS) {
		memset(t, 0, sizeof(*t));
		added = true;
	}
	if (added) {
		t->src = *src;
		t->dst = *dst;
		t->link = o->link;
		t->first_ns = o->time_ns;
		t->first_frame = o->frame;
	}
	t->last_ns = o->time_ns;
	t->last_frame = o->frame;
	return t;
}

/* The ports of traceroute (33434 up) and tracepath (44444 up). */
static bool tool_port(uint8_t protocol, uint16_t port)
{
	return protocol == UDP && ((port >= 33434 && port < 33690) ||
				   (port >= 44444 && port < 44700));
}

static void recognize(struct traceroute *t)
{
	if (t->rising >= 3 || t->reporters >= 3 ||
	    (t->known_ports && t->rising >= 2))
		t->recognized = true;
}

static void sent(struct probes *all, const struct probe *p,
		 const struct observation *o)
{
	struct traceroute *t;
	struct hop *hop;

	if (!p->ttl || p->ttl > HOPS_MAX || addr_is_multicast(p->dst) ||
	    addr_is_broadcast(p->dst))
		return;
	t = trace_of(all, p->src, p->dst, o);
	if (!t)
		return;
	t->probes++;
	t->protocol = p->protocol;
	t->known_ports |= tool_port(p->protocol, p->dst_port);
	if (!t->lowest || p->ttl < t->lowest)
		t->lowest = p->ttl;
	if (p->ttl > t->highest) {
		if (t->rising || p->ttl <= FIRST_TTL_MAX)
			t->rising++;
		t->highest = p->ttl;
	}
	hop = &t->hop[p->ttl];
	hop->probe_ns = p->ns;
	hop->probe_frame = o->frame;
	recognize(t);
}

static void note_reporter(struct traceroute *t, const struct addr *a)
{
	for (uint8_t i = 0; i < t->reporters; i++)
		if (addr_equal(&t->reporter[i], a))
			return;
	if (t->reporters < 3)
		t->reporter[t->reporters++] = *a;
}

static void note_hop(struct traceroute *t, uint8_t ttl, const struct addr *who,
		     const struct observation *o)
{
	struct hop *hop = &t->hop[ttl];

	if (hop->reporter.family)
		return;
	hop->reporter = *who;
	hop->answer_frame = o->frame;
	hop->is_dst = addr_equal(who, &t->dst);
	if (hop->probe_ns && o->time_ns >= hop->probe_ns)
		hop->rtt_ns = o->time_ns - hop->probe_ns;
	if (hop->is_dst && (!t->reached || ttl < t->reached))
		t->reached = ttl;
}

/* A datagram to such a port that ran out is a probe if its TTL was low.  Where
 * it is not in the capture its TTL is not known: then a second port tells, for
 * an answer to a client whose port happens to be one of these keeps to it. */
static bool is_probe(struct traceroute *t, const struct icmp_error_fact *e)
{
	uint16_t port = e->quote.dst_port, before = t->quoted_port;

	if (!tool_port(e->quote.protocol, port))
		return false;
	if (e->sent_ttl)
		return e->sent_ttl <= FIRST_TTL_MAX;
	t->quoted_port = port;
	return before && before != port && e->quote.src_port > RESERVED_PORT;
}

/* Time exceeded of a router, or the error with which the end answers. */
static void errored(struct probes *all, const struct observation *o)
{
	const struct icmp_error_fact *e = &o->as.icmp_error;
	bool v6 = e->version == 6;
	bool expired = e->type == (v6 ? 3 : 11) && e->code == 0;
	bool ends = e->type == (v6 ? 1 : 3) && !(e->code == 4 && !v6);
	struct probe_path path = {e->quote.src, e->quote.dst};
	struct traceroute *t;

	if (!e->quote.present || (!expired && !ends))
		return;
	t = expired ? trace_of(all, &path.src, &path.dst, o)
		    : table_find(all->traces, &path);
	if (!t)
		return;
	if (expired && e->sent_ttl <= HOPS_MAX) /* else a loop */
		note_reporter(t, &e->reporter);
	if (!t->protocol)
		t->protocol = e->quote.protocol;
	if (expired && is_probe(t, e))
		t->recognized = true; /* such a datagram is nothing else */
	if (e->sent_ttl && e->sent_ttl <= HOPS_MAX)
		note_hop(t, e->sent_ttl, &e->reporter, o);
	recognize(t);
}

/* An echo reply names no TTL of its request: the lowest TTL that has no answer
 * and whose probe is as old as the round trip says. */
static void answered(struct probes *all, const struct observation *o)
{
	const struct echo_fact *e = &o->as.echo;
	struct probe_path path = {e->src, e->dst};
	struct traceroute *t = table_find(all->traces, &path);

	if (!t)
		return;
	for (uint8_t i = 1; i <= HOPS_MAX; i++) {
		if (t->hop[i].probe_frame != e->request_frame)
			continue;
		note_hop(t, i, &e->dst, o);
		return;
	}
}

void probes_observe(struct probes *all, const struct observation *o)
{
	const struct flow *f = NULL;
	struct probe p = {NULL, NULL, 0, 0, 0, o->time_ns};

	if (o->kind == OBS_ICMP_ERROR) {
		errored(all, o);
		return;
	}
	if (o->kind == OBS_ECHO) {
		const struct echo_fact *e = &o->as.echo;

		p = (struct probe){&e->src, &e->dst,
				   e->ttl,  e->version == 6 ? ICMPV6 : ICMP,
				   0,	    o->time_ns};
		if (e->state == ECHO_SENT)
			sent(all, &p, o);
		else if (e->state == ECHO_ANSWERED)
			answered(all, o);
		return;
	}
	if (o->kind == OBS_UDP_OPENED) {
		f = &o->as.udp.flow;
		p.ttl = o->as.udp.ttl;
	} else if (o->kind == OBS_TCP_SYN) {
		f = &o->as.syn.flow;
		p.ttl = o->as.syn.ttl;
	}
	if (!f)
		return;
	p.src = &f->src;
	p.dst = &f->dst;
	p.protocol = f->protocol;
	p.dst_port = f->dst_port;
	sent(all, &p, o);
}

void probes_limits(const struct probes *p, struct checks *out)
{
	check_table(out, p->traces);
}

const struct traceroute *probes_find(const struct probes *p,
				     const struct addr *src,
				     const struct addr *dst, int64_t ns)
{
	struct probe_path path = {*src, *dst};
	const struct traceroute *t = table_find(p->traces, &path);

	if (!t || !t->recognized || ns < t->first_ns - ONE_RUN_NS ||
	    ns > t->last_ns + ONE_RUN_NS)
		return NULL;
	return t;
}

const struct traceroute *probes_next(const struct probes *p,
				     const struct traceroute *after)
{
	const struct traceroute *t =
		after ? table_newer(p->traces, after) : table_oldest(p->traces);

	while (t && !t->recognized)
		t = table_newer(p->traces, t);
	return t;
}
