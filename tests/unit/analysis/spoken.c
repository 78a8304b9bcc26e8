/* SPDX-License-Identifier: BSD-3-Clause */
/* spoken.c - segments of TCP between a client and a server. */
#include "unit/analysis/spoken.h"

#include <string.h>

static void fill_ip(struct ip_header *ip, const struct spoken *w)
{
	static const uint8_t host[2][4] = {{192, 0, 2, 1}, {192, 0, 2, 2}};

	ip->version = 4;
	ip->ttl = w->ttl ? w->ttl : 64;
	ip->id = w->id;
	ip->df = w->df;
	ip->src = addr_v4(host[w->from]);
	ip->dst = addr_v4(host[!w->from]);
}

static void fill_tcp(struct tcp_header *tcp, const struct spoken *w)
{
	const uint16_t port[2] = {w->client_port ? w->client_port : 40000, 80};

	tcp->src_port = port[w->from];
	tcp->dst_port = port[!w->from];
	tcp->flags = w->flags;
	tcp->seq = w->seq;
	tcp->ack = w->ack;
	tcp->payload_len = w->len;
	tcp->window = w->window;
	tcp->mss = w->mss;
	tcp->has_wscale = w->has_wscale; /* by 0 */
	tcp->sack_permitted = w->sack_permitted;
	tcp->has_ts = w->tsval != 0;
	tcp->tsval = w->tsval;
	tcp->tsecr = w->tsecr;
	tcp->sack_count = w->sack[1] != 0;
	tcp->sack[0].start = w->sack[0];
	tcp->sack[0].end = w->sack[1];
}

void spoken_packet(struct packet *p, const struct spoken *w)
{
	memset(p, 0, sizeof(*p));
	p->frame.number = w->number;
	p->frame.time_ns = w->time_ns;
	p->ip = &p->layers[0];
	p->tcp = &p->layers[1];
	fill_ip(&p->layers[0].as.ip, w);
	fill_tcp(&p->layers[1].as.tcp, w);
}

struct tracker_home hall_open(struct hall *h, const struct detector *listener,
			      void *self, bool events)
{
	const struct hash_key key = {1, 2};

	memset(h, 0, sizeof(*h));
	h->limits = limits_for(MEMORY_MIN);
	h->arena = arena_new(h->limits.memory);
	h->observer.knowledge = knowledge_new(h->arena, &h->limits, key);
	h->observer.context = &h->context;
	observer_subscribe(&h->observer, listener, self);
	return (struct tracker_home){h->arena, &h->limits, key, events};
}

void hall_close(struct hall *h)
{
	arena_free(h->arena);
}
