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

struct turn turn_of(struct attempts *a, const struct packet *p, uint64_t hash,
		    struct observer *out)
{
	struct turn t = {.a = a, .p = p, .hash = hash, .out = out};

	a->out = out;
	t.ip = &p->ip->as.ip;
	t.tcp = &p->tcp->as.tcp;
	turn_name(&t, &t.ip->src, t.tcp->src_port, &t.ip->dst, t.tcp->dst_port);
	return t;
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
