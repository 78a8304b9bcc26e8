/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * udp_flow.c - conversations over UDP, and hosts that get very many datagrams.
 *
 * A flow is the unordered pair of endpoints; it ends when nothing was heard for
 * a minute.  A flow's age in its table moves at most once a second, so that a
 * datagram touches its own entry and no neighbours.
 */
#include <string.h>

#include "analysis/lane.h"
#include "analysis/tracker.h"
#include "base/table.h"
#include "base/when.h"

#define IDLE_NS	 (60 * NS_PER_S)
#define ROUND_NS NS_PER_S
/* Who asks again has waited for an answer; what comes sooner is a stream. */
#define ASKS_AGAIN_NS NS_PER_S

struct udp_key {
	struct addr low, high;
	uint16_t low_port, high_port;
};

/* What each datagram touches comes last, beside the key. */
struct udp_flow {
	int64_t first_ns, gap_ns, first_gap_ns;
	uint32_t frame[4]; /* low 32 bits */
	struct mac mac_src, mac_dst;
	uint8_t ttl, head_len, head[UDP_HEAD];
	bool group, shrinking;
	bool from_low;
	uint8_t frame_count;
	uint16_t rtp_seq, rtp_steps;
	uint32_t packets[2], first_bytes, same_length, in_second;
	uint64_t bytes[2];
	int64_t last_ns, touched_ns;
	int64_t second_ns;	      /* when the one being counted began */
	struct udp_target *target[2]; /* low and high; perhaps another's now */
};

/* A host as the target of datagrams, in this second. */
struct udp_target {
	int64_t from_ns, to_ns; /* begins with the first datagram */
	uint64_t bytes, frames[4];
	uint32_t packets, back, flows, busiest, media;
	struct addr source;
	uint16_t source_port, port;
	uint8_t frame_count;
};

struct udp {
	struct table *flows, *targets;
	struct observer *out; /* while a packet is handled: for evictions */
	uint64_t frame_now;
	int64_t next_round_ns;
};

/* One datagram. */
struct datagram {
	const struct packet *p;
	const struct addr *src, *dst;
	struct udp_key key;
	bool from_low, first;
	uint32_t bytes;
	int64_t now;
};

static struct flow flow_of(const struct udp_key *k, bool from_low)
{
	struct flow f = {k->low, k->high, k->low_port, k->high_port, 17, {0}};

	return from_low ? f : flow_reverse(&f);
}

static uint64_t frame_whole(uint64_t now, uint32_t low)
{
	return now - (uint64_t)(int32_t)((uint32_t)now - low);
}

static void flow_report(struct udp *u, const struct udp_key *k,
			const struct udp_flow *f, enum observation_kind kind,
			const struct packet *p)
{
	struct observation *o = observe_begin(u->out, kind, p);
	struct udp_fact *fact = &o->as.udp;

	if (!p) {
		o->time_ns = f->last_ns;
		o->frame = frame_whole(u->frame_now, f->frame[0]);
	}
	fact->flow = flow_of(k, f->from_low);
	for (int i = 0; i < 2; i++) {
		fact->packets[i] = f->packets[i];
		fact->bytes[i] = f->bytes[i];
	}
	fact->first_ns = f->first_ns;
	fact->last_ns = f->last_ns;
	fact->first_bytes = f->first_bytes;
	fact->same_length = f->same_length;
	fact->growing_gaps = f->same_length > 2 && !f->shrinking &&
			     f->last_ns - f->first_ns >= ASKS_AGAIN_NS &&
			     f->gap_ns * 2 >= f->first_gap_ns * 3;
	fact->head_len = f->head_len;
	memcpy(fact->head, f->head, f->head_len);
	fact->rtp = f->rtp_steps >= 8;
	fact->group = f->group;
	fact->ttl = f->ttl;
	fact->mac_src = f->mac_src;
	fact->mac_dst = f->mac_dst;
	for (uint8_t i = 0; i < f->frame_count; i++)
		fact->frames[i] = frame_whole(u->frame_now, f->frame[i]);
	observe_end(u->out);
}

static void flow_evicted(void *context, const void *key, void *value)
{
	flow_report(context, key, value, OBS_UDP_ENDED, NULL);
}

static void target_report(struct udp *u, const struct addr *target,
			  const struct udp_target *t)
{
	struct observation *o;
	struct udp_rate_fact *f;

	if (t->packets < UDP_RATE_LEAST)
		return;
	o = observe_begin(u->out, OBS_UDP_RATE, NULL);
	f = &o->as.udp_rate;
	o->time_ns = t->to_ns;
	o->frame = t->frames[0];
	f->target = *target;
	f->source = t->source;
	f->source_port = t->source_port;
	f->port = t->port;
	f->packets = t->packets;
	f->back = t->back;
	f->bytes = t->bytes;
	f->flows = t->flows;
	f->busiest = t->busiest;
	f->media = t->media;
	f->from_ns = t->from_ns;
	f->to_ns = t->to_ns;
	memcpy(f->frames, t->frames, sizeof(f->frames));
	observe_end(u->out);
}

static void target_evicted(void *context, const void *key, void *value)
{
	target_report(context, key, value);
}

static void *udp_open(const struct tracker_home *home)
{
	const struct table_spec flows = {"UDP flows", sizeof(struct udp_key),
					 sizeof(struct udp_flow),
					 home->limits->flows / 4};
	const struct table_spec targets = {"UDP targets", sizeof(struct addr),
					   sizeof(struct udp_target),
					   home->limits->targets};
	struct udp *u = arena_alloc(home->arena, sizeof(*u));

	if (!u)
		return NULL;
	u->flows = table_new(home->arena, &flows, home->key);
	u->targets = table_new(home->arena, &targets, home->key);
	if (!u->flows || !u->targets)
		return NULL;
	table_on_evict(u->flows, flow_evicted, u);
	table_on_evict(u->targets, target_evicted, u);
	return u;
}

/* True: the source is the lower endpoint. */
static bool key_read(struct udp_key *key, const struct packet *p)
{
	const struct ip_header *ip = &p->ip->as.ip;
	const struct udp_header *udp = &p->udp->as.udp;
	int order = memcmp(&ip->src, &ip->dst, sizeof(ip->src));
	bool low = order < 0 || (order == 0 && udp->src_port < udp->dst_port);

	key->low = low ? ip->src : ip->dst;
	key->high = low ? ip->dst : ip->src;
	key->low_port = low ? udp->src_port : udp->dst_port;
	key->high_port = low ? udp->dst_port : udp->src_port;
	return low;
}

static void datagram_read(struct datagram *d, const struct packet *p)
{
	const struct udp_header *udp = &p->udp->as.udp;

	d->p = p;
	d->now = p->frame.time_ns;
	d->bytes = udp->length > 8 ? udp->length - 8u : 0;
	d->src = &p->ip->as.ip.src;
	d->dst = &p->ip->as.ip.dst;
	d->from_low = key_read(&d->key, p);
}

static bool is_datagram(const struct packet *p)
{
	return p->udp && p->ip && p->udp->state == WIRE_WHOLE;
}

static void flow_begin(struct udp_flow *f, const struct datagram *d)
{
	const struct layer *eth = d->p->eth;
	struct cursor in = d->p->payload;

	f->first_ns = f->touched_ns = d->now;
	f->first_bytes = d->bytes;
	f->head_len = (uint8_t)(in.kept < UDP_HEAD ? in.kept : UDP_HEAD);
	cursor_copy(&in, f->head, f->head_len);
	f->from_low = d->from_low;
	f->ttl = d->p->ip->as.ip.ttl;
	f->group = addr_is_multicast(d->dst) || addr_is_broadcast(d->dst);
	if (eth) {
		f->mac_src = eth->as.link.src;
		f->mac_dst = eth->as.link.dst;
		f->group |=
			eth->as.link.has_dst && mac_is_group(&eth->as.link.dst);
	}
}

/* RFC 3550: version 2, and a sequence number that rises by one. */
static void flow_media(struct udp_flow *f, const struct datagram *d)
{
	struct cursor in = d->p->payload;
	uint8_t first = cursor_u8(&in);
	uint16_t seq;

	cursor_u8(&in);
	seq = cursor_u16(&in);
	if (first >> 6 != 2 || d->bytes < 12 || in.state != WIRE_WHOLE)
		return;
	if (f->packets[0] > 1 && (uint16_t)(seq - f->rtp_seq) == 1 &&
	    f->rtp_steps < UINT16_MAX)
		f->rtp_steps++;
	f->rtp_seq = seq;
}

/* How the asker repeats itself while nobody answers. */
static void flow_repeats(struct udp_flow *f, const struct datagram *d)
{
	int64_t gap = d->now - f->last_ns;

	if (f->packets[1] || d->bytes != f->first_bytes)
		return;
	f->same_length++;
	if (f->same_length < 2)
		return;
	if (f->same_length == 2)
		f->first_gap_ns = gap;
	else if (gap * 10 < f->gap_ns * 9)
		f->shrinking = true;
	f->gap_ns = gap;
}

static void flow_count(struct udp_flow *f, const struct datagram *d, int way)
{
	if (f->packets[way] < UINT32_MAX)
		f->packets[way]++;
	f->bytes[way] += d->bytes;
	if (way == 0) {
		flow_repeats(f, d);
		if (f->packets[0] <= 64)
			flow_media(f, d);
	}
	if (f->frame_count < 4 && (way == 0 || f->packets[1] == 1))
		f->frame[f->frame_count++] = (uint32_t)d->p->frame.number;
	if (d->now - f->second_ns >= NS_PER_S) {
		f->second_ns = d->now;
		f->in_second = 0;
	}
	f->in_second++;
	f->last_ns = d->now;
}

/* What the lane noted, if it still is that: a flow that was forgotten for its
 * silence keeps its key, but is silent for so long. */
static struct udp_flow *flow_find(const struct udp *u, const struct datagram *d)
{
	struct udp_flow *f = d->p->lane ? d->p->lane->udp_flow : NULL;

	if (f && d->now - f->last_ns <= IDLE_NS &&
	    memcmp(table_key(u->flows, f), &d->key, sizeof(d->key)) == 0)
		return f;
	return table_find(u->flows, &d->key);
}

static struct udp_flow *flow_packet(struct udp *u, struct datagram *d)
{
	bool added = false;
	struct udp_flow *f = flow_find(u, d);

	if (f && d->now - f->last_ns > IDLE_NS) {
		flow_report(u, &d->key, f, OBS_UDP_ENDED, NULL);
		table_remove(u->flows, f);
		f = NULL;
	}
	if (!f)
		f = table_add(u->flows, &d->key, &added);
	if (!f)
		return NULL;
	if (added) {
		flow_begin(f, d);
	} else if (d->now - f->touched_ns > ROUND_NS) {
		table_touch(u->flows, &d->key);
		f->touched_ns = d->now;
	}
	d->first = added;
	flow_count(f, d, f->from_low != d->from_low);
	if (added)
		flow_report(u, &d->key, f, OBS_UDP_OPENED, d->p);
	else if (f->from_low != d->from_low && f->packets[1] == 1)
		flow_report(u, &d->key, f, OBS_UDP_ANSWERED, d->p);
	return f;
}

/* The counters of an address; NULL if nothing was sent to it lately.  A place
 * in the table goes to another when its own address is forgotten, so its key
 * tells whether what the flow knows still holds. */
static struct udp_target *target_of(const struct udp *u,
				    const struct addr *addr,
				    struct udp_target **known)
{
	if (!*known || !addr_equal(table_key(u->targets, *known), addr))
		*known = table_find(u->targets, addr);
	return *known;
}

/* Both at once: each is far away in memory. */
static void targets_prefetch(const struct udp *u, const struct udp_flow *f)
{
	for (int i = 0; i < 2; i++) {
		if (!f->target[i])
			continue;
		__builtin_prefetch(table_key(u->targets, f->target[i]));
		__builtin_prefetch(f->target[i], 1);
	}
}

static void target_count(struct udp *u, const struct datagram *d,
			 struct udp_flow *f)
{
	struct udp_target **known = &f->target[d->from_low];
	struct udp_target *t = target_of(u, d->dst, known);
	bool one_way = f->packets[f->from_low == d->from_low] == 0;

	if (!t)
		*known = t = table_add(u->targets, d->dst, NULL);
	if (!t)
		return;
	if (d->now - t->from_ns >= NS_PER_S) {
		target_report(u, d->dst, t);
		memset(t, 0, sizeof(*t));
		t->from_ns = d->now;
		table_touch(u->targets, d->dst);
	}
	t->packets++;
	t->bytes += d->p->frame.sent;
	t->to_ns = d->now;
	t->flows += d->first;
	t->media += f->rtp_steps >= 8 || f->group || d->p->tunnels;
	if (t->frame_count < 4 && (t->packets & (t->packets - 1)) == 0)
		t->frames[t->frame_count++] = d->p->frame.number;
	if (!one_way || f->in_second <= t->busiest)
		return;
	t->busiest = f->in_second;
	t->source = *d->src;
	t->source_port = d->p->udp->as.udp.src_port;
	t->port = d->p->udp->as.udp.dst_port;
}

/* What the target of a busy second sends itself. */
static void target_back(struct udp *u, const struct datagram *d,
			struct udp_flow *f)
{
	struct udp_target *t = target_of(u, d->src, &f->target[!d->from_low]);

	if (t && d->now - t->from_ns < NS_PER_S)
		t->back++;
}

static void udp_prefetch(void *self, const struct packet *p)
{
	const struct udp *u = self;
	struct udp_key key;

	if (!is_datagram(p))
		return;
	if (p->lane && p->lane->udp_flow) {
		__builtin_prefetch(p->lane->udp_flow, 1);
		__builtin_prefetch(table_key(u->flows, p->lane->udp_flow));
		return;
	}
	memset(&key, 0, sizeof(key));
	key_read(&key, p);
	table_expect(u->flows, &key);
}

static void udp_packet(void *self, const struct packet *p, struct observer *out)
{
	struct udp *u = self;
	struct datagram d;
	struct udp_flow *f;

	if (!is_datagram(p))
		return;
	u->out = out;
	u->frame_now = p->frame.number;
	datagram_read(&d, p);
	f = flow_packet(u, &d);
	if (!f)
		return;
	if (p->lane)
		p->lane->udp_flow = f;
	targets_prefetch(u, f);
	target_count(u, &d, f);
	target_back(u, &d, f);
}

static void udp_clock(void *self, int64_t now_ns, struct observer *out)
{
	struct udp *u = self;
	struct udp_flow *f;

	if (now_ns < u->next_round_ns)
		return;
	u->next_round_ns = now_ns + ROUND_NS;
	u->out = out;
	while ((f = table_oldest(u->flows)) &&
	       now_ns - f->touched_ns > IDLE_NS + ROUND_NS) {
		flow_report(u, table_key(u->flows, f), f, OBS_UDP_ENDED, NULL);
		table_remove(u->flows, f);
	}
}

static void udp_finish(void *self, int64_t now_ns, struct observer *out)
{
	struct udp *u = self;

	(void)now_ns;
	u->out = out;
	for (struct udp_target *t = table_oldest(u->targets); t;
	     t = table_newer(u->targets, t))
		target_report(u, table_key(u->targets, t), t);
	for (struct udp_flow *f = table_oldest(u->flows); f;
	     f = table_newer(u->flows, f))
		flow_report(u, table_key(u->flows, f), f, OBS_UDP_ENDED, NULL);
}

static void udp_limits(void *self, struct checks *out)
{
	struct udp *u = self;

	check_table(out, u->flows);
	check_table(out, u->targets);
}

const struct tracker udp_tracker = {
	.name = "udp",
	.takes = KIND_UDP,
	.open = udp_open,
	.packet = udp_packet,
	.prefetch = udp_prefetch,
	.clock = udp_clock,
	.finish = udp_finish,
	.limits = udp_limits,
};
