/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp_flow.c - a connection begins, has a name, rests. */
#include <string.h>

#include "analysis/track/tcp_table.h"

#define RING_IDLE_NS (3LL * KEEP_NS)

static struct addr key_addr(const struct connection *c, unsigned side)
{
	struct addr a;

	memcpy(a.bytes, &c->key[side * 2], sizeof(a.bytes));
	a.family = (uint32_t)(c->key[4] >> 32);
	return a;
}

static uint16_t key_port(const struct connection *c, unsigned side)
{
	return (uint16_t)(c->key[4] >> (side * 16));
}

struct flow flow_name(const struct connection *c, unsigned side)
{
	struct flow f;

	memset(&f, 0, sizeof(f));
	f.src = key_addr(c, side);
	f.dst = key_addr(c, !side);
	f.src_port = key_port(c, side);
	f.dst_port = key_port(c, !side);
	f.protocol = 6;
	return f;
}

/* A handshake gives the first round trips: the SYN-ACK came so long after the
 * SYN, the third packet so long after the SYN-ACK. */
static void first_rtt(struct connection *c, const struct handshake *h)
{
	struct side *client = &c->side[c->client];
	struct side *server = &c->side[!c->client];

	if (h->syn_seen && h->synack_seen && h->syns == 1 && h->synacks == 1)
		rtt_sample(client, h->first_synack_ns - h->syn_ns, h->third_ns,
			   true);
	if (h->synack_seen && h->third_ns && h->synacks == 1)
		rtt_sample(server, h->third_ns - h->synack_ns, h->third_ns,
			   true);
}

/* Fast Open (RFC 7413): the number of the packet that opens tells whether the
 * server took the data of the SYN; if not, the client sends it again. */
static void take_syn_data(struct tcp_tracker *t, const struct packet *p,
			  struct connection *c, const struct handshake *h)
{
	const struct tcp_header *tcp = &p->tcp->as.tcp;
	struct side *s = &c->side[c->client];
	bool from_client = tcp->src_port == h->flow.src_port &&
			   addr_equal(&p->ip->as.ip.src, &h->flow.src);
	uint32_t bytes = (from_client ? tcp->seq : tcp->ack) - h->isn[0] - 1;
	struct trouble *b;

	if (!bytes) {
		b = trouble_of(t, s);
		if (b)
			b->syn_data = true;
		return;
	}
	s->nxt += bytes;
	s->una = s->nxt;
	s->bytes = bytes;
}

static unsigned syns_open(const struct handshake *h)
{
	unsigned n = h->syns > h->synacks ? h->syns - h->synacks : 0;

	if (h->syn_lost)
		return 0;
	return n < 15 ? n : 15;
}

static void from_handshake(struct connection *c, const struct handshake *h)
{
	for (unsigned i = 0; i < 2; i++) {
		struct side *s = &c->side[i ? !c->client : c->client];

		s->wscale = h->wscale[i];
		if (!h->isn_known[i])
			continue;
		s->bits |= SIDE_SEEN;
		s->first_seq = h->isn[i];
		s->nxt = s->una = side_base(s) + 1;
		s->mss = h->mss[i];
		s->window = h->window[i];
		s->largest_window = h->window[i];
		s->ttl = h->ttl[i];
		s->half_ttl = (uint8_t)(h->ttl[i] / 2) & 127;
		if (h->timestamps) {
			s->bits |= SIDE_TS;
			s->tsval = h->tsval[i];
		}
	}
	if (h->wscale[0] == SCALE_NONE || h->wscale[1] == SCALE_NONE)
		c->side[0].wscale = c->side[1].wscale = SCALE_NONE;
	c->syns_open = (uint8_t)(syns_open(h) & 15);
	c->bits |= CONN_OPENED;
	c->bits |= h->syn_seen ? CONN_SYN_SEEN : 0;
	c->bits |= h->sack ? CONN_SACK : 0;
	c->ecn = h->ecn;
	c->first_ns = h->syn_seen ? h->syn_ns : h->synack_ns;
	c->first_frame = h->syn_seen ? h->syn_frame : h->synack_frame;
	first_rtt(c, h);
	for (unsigned i = 0; i < 2 && h->timestamps; i++) {
		unsigned side = i ? !c->client : c->client;

		ts_begin(c, side, h->tsval[i],
			 i ? h->synack_ns : h->last_syn_ns);
	}
}

/* Mid-stream: the lower port is the server's, more often than not. */
static void guess_roles(struct connection *c, const struct packet *p,
			uint8_t dir)
{
	uint16_t low = key_port(c, 0), high = key_port(c, 1);

	if (low != high)
		c->client = low < high ? 1 : 0;
	else
		c->client = dir;
	c->side[0].wscale = c->side[1].wscale = SCALE_UNKNOWN;
	c->bits |= CONN_SACK;
	c->first_ns = p->frame.time_ns;
	c->first_frame = p->frame.number;
}

struct connection *flow_open(struct tcp_tracker *t, const struct packet *p,
			     const struct tcp_name *n,
			     const struct handshake *h, struct observer *out)
{
	struct connection *victim = tcp_table_victim(t->table), *c;

	if (victim)
		flow_end(t, victim, true, false, out);
	c = tcp_table_add(t->table, n->key);
	if (!c)
		return NULL;
	c->link = p->link;
	if (!h) {
		guess_roles(c, p, n->dir);
		return c;
	}
	c->client = addr_equal(&h->flow.src, &p->ip->as.ip.src) &&
				    h->flow.src_port == p->tcp->as.tcp.src_port
			    ? n->dir
			    : !n->dir;
	from_handshake(c, h);
	if (h->tfo_data && h->isn_known[0])
		take_syn_data(t, p, c, h);
	return c;
}

void flow_rest(struct tcp_tracker *t, struct connection *c, int64_t now_ns)
{
	for (unsigned i = 0; i < 2; i++) {
		struct side *s = &c->side[i];

		if (s->sent && s->una >= s->nxt &&
		    now_ns - s->last_ns > RING_IDLE_NS)
			sent_free(t, s);
	}
}
