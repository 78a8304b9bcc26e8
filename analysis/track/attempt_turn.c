/* SPDX-License-Identifier: BSD-3-Clause */
/* attempt_turn.c - a packet as the rules about attempts see it. */
#include "analysis/track/attempt_record.h"
#include "analysis/track/endpoint.h"

void turn_name(struct turn *t, const struct addr *src, uint16_t src_port,
	       const struct addr *dst, uint16_t dst_port)
{
	t->flow.src = *src;
	t->flow.dst = *dst;
	t->flow.src_port = src_port;
	t->flow.dst_port = dst_port;
	t->flow.protocol = 6;
	t->src_low = endpoint_behind(dst, dst_port, src, src_port);
}

void turn_begin(struct turn *t, struct attempts *a, const struct packet *p,
		uint64_t hash, struct observer *out)
{
	const struct ip_header *ip = &p->ip->as.ip;
	const struct tcp_header *tcp = &p->tcp->as.tcp;

	a->out = out;
	t->a = a;
	t->p = p;
	t->ip = ip;
	t->tcp = tcp;
	t->hash = hash;
	t->out = out;
	memset(t->flow.pad, 0, sizeof(t->flow.pad));
	turn_name(t, &ip->src, tcp->src_port, &ip->dst, tcp->dst_port);
}

int64_t turn_now(const struct turn *t)
{
	return t->p->frame.time_ns;
}

bool turn_from_client(const struct turn *t, const struct attempt *r)
{
	return r->flow.src_port == t->flow.src_port &&
	       addr_equal(&r->flow.src, &t->flow.src);
}
