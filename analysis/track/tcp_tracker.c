/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_tracker.c - the tracker of TCP connections (RFC 9293).
 *
 * A packet of a tuple that is not known goes to the attempts (attempt.h); they
 * hand it back when it opens a connection.  Of a known one the sequence space
 * is judged first (tcp_segment.c), then the acknowledgement (tcp_ack.c).
 */
#include <string.h>

#include "analysis/lane.h"
#include "analysis/track/endpoint.h"
#include "analysis/track/tcp_pace.h"
#include "analysis/track/tcp_table.h"

#define GRACE_NS (10 * NS_PER_S) /* after the close */
#define REUSE_NS (60 * NS_PER_S)

enum {
	SWEEP_SHARE = 32,
	SWEEP_LEAST = 64,
	CROWD_SAMPLE = 64, /* one in so many SYNs of a crowd is as any other */
	RECORD_STEP = 6,   /* packets before its own: fetch the record */
	RING_STEP = 3,	   /* what was sent */
	SLOT_STEP = 1,	   /* the place for the next */
	HOT_LINES = 5,
};

/* The unordered tuple, and which of its ends sends. */
static uint8_t key_of(const struct addr *src, uint16_t src_port,
		      const struct addr *dst, uint16_t dst_port,
		      uint64_t key[5])
{
	uint8_t dir = endpoint_behind(src, src_port, dst, dst_port);
	const struct addr *low = dir ? dst : src, *high = dir ? src : dst;
	uint64_t low_port = dir ? dst_port : src_port;
	uint64_t high_port = dir ? src_port : dst_port;

	memcpy(&key[0], low->bytes, sizeof(low->bytes));
	memcpy(&key[2], high->bytes, sizeof(high->bytes));
	key[4] = low_port | high_port << 16 | (uint64_t)src->family << 32;
	return dir;
}

/* By its addresses and ports. */
static void name_whole(struct tcp_tracker *t, const struct packet *p,
		       struct tcp_name *n)
{
	const struct ip_header *ip = &p->ip->as.ip;
	const struct tcp_header *tcp = &p->tcp->as.tcp;

	n->serial = 0;
	n->dir = key_of(&ip->src, tcp->src_port, &ip->dst, tcp->dst_port,
			n->key);
	n->hash = tcp_table_hash(t->table, n->key);
}

/* By what its lane knows, if that still holds. */
static void name_packet(struct tcp_tracker *t, const struct packet *p,
			struct tcp_name *n)
{
	const struct tcp_header *tcp = &p->tcp->as.tcp;
	const struct lane *lane = p->lane;

	n->frame = p->frame.number;
	n->guess = NULL;
	n->data = tcp->payload_len > 0;
	n->answer = tcp->flags & TCP_ACK;
	if (!lane || !lane->connection) {
		name_whole(t, p, n);
		return;
	}
	n->guess = lane->connection;
	n->serial = lane->serial;
	n->dir = lane->dir;
}

static void note_lane(struct lane *lane, struct connection *c, uint8_t dir)
{
	if (!(c->bits & CONN_USED))
		return;
	lane->connection = c;
	lane->serial = c->serial;
	lane->dir = dir;
}

static void *tcp_open(const struct tracker_home *home)
{
	struct tcp_tracker *t = arena_alloc(home->arena, sizeof(*t));

	if (!t)
		return NULL;
	t->events = home->events;
	t->pool.home = home->arena;
	t->pool.most = home->limits->memory / 4;
	t->attempts = attempts_new(home);
	t->table = tcp_table_new(home->arena, home->limits->connections,
				 home->key);
	return t->attempts && t->table ? t : NULL;
}

static void prefetch_record(const struct tcp_tracker *t, struct tcp_name *n)
{
	struct connection *c = n->guess;

	if (!c)
		c = n->guess = tcp_table_guess(t->table, n->hash);
	if (!c) {
		attempt_prefetch(t->attempts, n->hash);
		return;
	}
	for (unsigned line = 0; line < HOT_LINES; line++)
		__builtin_prefetch((const char *)c + line * 64, 1);
	if (!n->serial)
		__builtin_prefetch(c->key);
}

/* The records of the first few; their buckets were fetched long before. */
static void prefetch_until(struct tcp_tracker *t, uint32_t count)
{
	if (count > t->ahead_count)
		count = t->ahead_count;
	while (t->ahead_found < count)
		prefetch_record(t, &t->ahead[t->ahead_found++]);
}

static bool tcp_is_crowd(void *self, const struct packet *p)
{
	struct tcp_tracker *t = self;

	return attempt_is_crowd(t->attempts, p) && t->crowd++ % CROWD_SAMPLE;
}

static void tcp_prefetch(void *self, const struct packet *p)
{
	struct tcp_tracker *t = self;
	uint32_t i;

	if (t->ahead_at) /* a new batch begins */
		t->ahead_count = t->ahead_at = t->ahead_found = 0;
	i = t->ahead_count;
	if (i == BATCH || !p->tcp)
		return;
	t->ahead_count++;
	name_packet(t, p, &t->ahead[i]);
	if (!t->ahead[i].guess)
		tcp_table_prefetch_bucket(t->table, t->ahead[i].hash);
	if (i >= BATCH - RECORD_STEP)
		prefetch_until(t, i - (BATCH - RECORD_STEP) + 1);
}

/* What lies behind the record: two steps, for packets with data; or behind the
 * index of attempts, for what is not a SYN. */
static void prefetch_more(const struct tcp_tracker *t, uint32_t at)
{
	const struct tcp_name *n;

	if (at + RING_STEP < t->ahead_count) {
		n = &t->ahead[at + RING_STEP];
		if (n->guess)
			__builtin_prefetch(n->guess->paces);
		if (n->guess && n->data)
			__builtin_prefetch(n->guess->side[n->dir].sent, 1);
		else if (!n->guess && n->answer)
			attempt_prefetch_stub(t->attempts, n->hash);
	}
	if (at + SLOT_STEP < t->ahead_count) {
		n = &t->ahead[at + SLOT_STEP];
		if (n->guess)
			__builtin_prefetch(pace_at(n->guess, n->dir ^ !n->data),
					   1);
		if (n->guess && n->data)
			sent_prefetch(&n->guess->side[n->dir]);
	}
}

/* What prefetch worked out for this packet, or now. */
static struct tcp_name *look_ahead(struct tcp_tracker *t,
				   const struct packet *p, struct tcp_name *now)
{
	while (t->ahead_at < t->ahead_count) {
		struct tcp_name *n = &t->ahead[t->ahead_at];

		prefetch_until(t, t->ahead_at + RECORD_STEP + 1);
		prefetch_more(t, t->ahead_at++);
		if (n->frame == p->frame.number)
			return n;
	}
	name_packet(t, p, now);
	return now;
}

/* The guess may have been given up since, even for another of this name. */
static struct connection *find(struct tcp_tracker *t, const struct packet *p,
			       struct tcp_name *n)
{
	struct connection *c = n->guess;

	if (c && c->bits & CONN_USED &&
	    (n->serial ? c->serial == n->serial
		       : tcp_key_equal(c->key, n->key)))
		return c;
	if (n->serial)
		name_whole(t, p, n);
	return tcp_table_find(t->table, n->hash, n->key);
}

static void count_packet(struct step *k)
{
	struct side *s = k->s, *r = k->r;

	s->packets++;
	s->last_ns = k->now_ns;
	s->last_frame = (uint32_t)k->p->frame.number;
	s->ttl = k->ip->ttl;
	s->df = k->ip->df;
	id_note(s, k);
	if (r->trouble && r->trouble->counts.keep_alives_unanswered) {
		r->trouble->counts.keep_alives_unanswered = 0;
		r->trouble->keep_alive_ns = 0;
	}
	if (k->tcp->payload_len && (k->tcp->payload_len > 2048 ||
				    (s->mss && k->tcp->payload_len > s->mss)))
		s->bits |= SIDE_SUPER;
}

/* A SYN-ACK on a connection: said again, or answers the SYN beside it. */
static void synack_known(struct step *k)
{
	struct connection *c = k->c;
	uint16_t tries;

	if (c->synacks < UINT8_MAX)
		c->synacks++;
	tries = (uint16_t)(c->synacks + 1);
	k->s->last_ns = k->now_ns;
	/* each SYN is answered: a client less patient than its path is long
	 * gets a second answer, and nothing is lost */
	if (c->syns_open) {
		c->syns_open--;
		attempt_synack_answers(k->p, tries, k->out);
		return;
	}
	attempt_synack_again(k->p, tries, k->r->nxt > k->r->una, c->first_ns,
			     k->out);
}

/* The answer to a SYN that was not captured, for one that is closed: late
 * answers to its own have its number. */
static bool synack_opens_anew(const struct step *k)
{
	const struct side *s = k->s;

	return k->c->bits & CONN_CLOSED &&
	       (!side_has(s, SIDE_SEEN) || side_has(s, SIDE_MIDSTREAM) ||
		s->first_seq != k->tcp->seq);
}

/* Judge one packet of a connection. */
static void take(struct step *k)
{
	if (side_has(k->s, SIDE_RST))
		reset_after(k);
	if (k->tcp->flags & TCP_RST) {
		reset_take(k);
		return;
	}
	if (k->ip->fragment) {
		k->c->bits |= CONN_FRAGMENTS;
		k->s->packets++;
		k->s->last_ns = k->now_ns;
		return;
	}
	segment_take(k);
	ack_take(k);
	count_packet(k);
}

static void begin(struct step *k, const struct tcp_name *n,
		  const struct handshake *h)
{
	k->c = flow_open(k->t, k->p, n, h, k->out);
	if (!k->c)
		return;
	k->s = &k->c->side[k->dir];
	k->r = &k->c->side[!k->dir];
	k->is_its = true;
}

static void unknown(struct step *k, struct tcp_name *n)
{
	struct handshake h;

	if (n->serial)
		name_whole(k->t, k->p, n);
	switch (attempt_packet(k->t->attempts, k->p, n->hash, k->out, &h)) {
	case ATTEMPT_OPENED:
		begin(k, n, &h);
		break;
	case ATTEMPT_NOT_MINE:
		begin(k, n, NULL);
		break;
	case ATTEMPT_KEPT:
		break;
	}
}

/* An attempt stands beside the connection: whose is this packet? */
static bool beside_took(struct step *k, struct tcp_name *n)
{
	struct handshake h;

	if (n->serial)
		name_whole(k->t, k->p, n);
	switch (attempt_packet(k->t->attempts, k->p, n->hash, k->out, &h)) {
	case ATTEMPT_OPENED:
		flow_end(k->t, k->c, false, false, k->out);
		begin(k, n, &h);
		return true;
	case ATTEMPT_KEPT:
		special_answer(k);
		return true;
	default:
		return false;
	}
}

/* When either side was heard last. */
static int64_t last_of(const struct connection *c)
{
	const struct side *s = c->side;

	return s[0].last_ns > s[1].last_ns ? s[0].last_ns : s[1].last_ns;
}

/* The same number again is an old SYN, unless both sides have closed: there are
 * stacks that begin each connection with one number.  Another number is another
 * connection. */
static void syn_known(struct step *k, struct tcp_name *n)
{
	struct connection *c = k->c;
	int64_t last = last_of(c);

	if (!(c->bits & CONN_CLOSED) && side_has(k->s, SIDE_SEEN) &&
	    !side_has(k->s, SIDE_MIDSTREAM) && k->s->first_seq == k->tcp->seq)
		return;
	if (c->bits & CONN_CLOSED || k->now_ns - last > REUSE_NS) {
		event_simple(k, k->dir, SEG_PORT_REUSE, k->s->nxt, 0);
		flow_end(k->t, c, false, false, k->out);
		unknown(k, n);
		return;
	}
	if (n->serial)
		name_whole(k->t, k->p, n);
	attempt_on_live(k->t->attempts, k->p, n->hash, k->out);
	special_challenge(k);
	c->bits |= CONN_BESIDE;
}

/* A SYN of any kind, or a packet of an attempt beside the connection. */
static bool handshake_took(struct step *k, struct tcp_name *n)
{
	uint8_t flags = k->tcp->flags;

	if ((flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN) {
		syn_known(k, n);
		return true;
	}
	if (k->c->bits & CONN_BESIDE && beside_took(k, n))
		return true;
	if ((flags & (TCP_SYN | TCP_ACK)) != (TCP_SYN | TCP_ACK))
		return flags & TCP_SYN;
	if (synack_opens_anew(k)) {
		flow_end(k->t, k->c, false, false, k->out);
		unknown(k, n);
	} else {
		synack_known(k);
	}
	return true;
}

/* One of a handshake, or of a connection that is captured at two points. */
RARE static bool took_unusual(struct step *k, struct tcp_name *n)
{
	if ((k->tcp->flags & TCP_SYN || k->c->bits & CONN_BESIDE) &&
	    handshake_took(k, n))
		return true;
	if (k->c->bits & CONN_TWICE)
		passage_comes(k);
	return false;
}

static void known(struct step *k, struct tcp_name *n)
{
	uint8_t flags = k->tcp->flags;

	k->s = &k->c->side[k->dir];
	k->r = &k->c->side[!k->dir];
	if ((flags & TCP_SYN || k->c->bits & (CONN_BESIDE | CONN_TWICE)) &&
	    took_unusual(k, n))
		return;
	k->is_its = true;
}

/* An ICMP error: the attempt it ends, or the sender it tells to send less. */
static void icmp_error(struct tcp_tracker *t, const struct packet *p,
		       struct observer *out)
{
	const struct icmp_header *icmp = p->icmp->as.icmp;
	const struct quote *q = &icmp->quote;
	struct connection *c;
	struct trouble *b;
	uint64_t key[5], hash;
	uint8_t dir;

	if (!q->present || !q->has_ports || q->protocol != 6)
		return;
	dir = key_of(&q->src, q->src_port, &q->dst, q->dst_port, key);
	hash = tcp_table_hash(t->table, key);
	c = tcp_table_find(t->table, hash, key);
	if (!c || c->bits & CONN_BESIDE)
		attempt_rejected(t->attempts, p, hash, out);
	if (!c || !icmp->mtu)
		return;
	b = trouble_of(t, &c->side[dir]);
	if (!b)
		return;
	b->frag_ns = p->frame.time_ns;
	b->frag_mtu = icmp->mtu;
}

static void tcp_packet(void *self, const struct packet *p, struct observer *out)
{
	struct tcp_tracker *t = self;
	struct tcp_name now, *n;
	struct step k;

	if (p->icmp && p->icmp->as.icmp->is_error) {
		icmp_error(t, p, out);
		return;
	}
	if (!p->tcp || !p->ip)
		return;
	if (!(p->tcp->as.tcp.flags & TCP_SYN)) /* floods leave the rest */
		t->ids[t->ids_at++] = (uint16_t)p->ip->as.ip.id;
	k.t = t;
	k.p = p;
	k.ip = &p->ip->as.ip;
	k.tcp = &p->tcp->as.tcp;
	k.out = out;
	k.now_ns = p->frame.time_ns;
	k.start = k.end = 0;
	k.is_its = false;
	n = look_ahead(t, p, &now);
	k.dir = n->dir;
	if (t->first)
		event_flush(t, k.now_ns, out);
	k.c = find(t, p, n);
	if (k.c)
		known(&k, n);
	else
		unknown(&k, n);
	if (k.is_its)
		take(&k);
	if (k.c && p->lane)
		note_lane(p->lane, k.c, k.dir);
}

static struct connection *find_copied(struct tcp_tracker *t,
				      const struct packet *p, uint8_t *dir)
{
	const struct lane *lane = p->lane;
	struct connection *c = lane ? lane->connection : NULL;
	struct tcp_name n;

	if (c && c->bits & CONN_USED && c->serial == lane->serial) {
		*dir = lane->dir;
		return c;
	}
	name_whole(t, p, &n);
	*dir = n.dir;
	return tcp_table_find(t->table, n.hash, n.key);
}

/* At another point of the path: noted on what it is a copy of. */
static void tcp_copy(void *self, const struct packet *p,
		     const struct copy_fact *copy)
{
	struct tcp_tracker *t = self;
	struct connection *c;
	uint8_t dir;

	if (!p->tcp || !p->ip || p->ip->as.ip.fragment ||
	    copy->kind == COPY_EXACT ||
	    !(p->tcp->as.tcp.payload_len || p->tcp->as.tcp.flags & TCP_FIN))
		return;
	c = find_copied(t, p, &dir);
	if (!c)
		return;
	passage_shown(t, c, dir, p, copy->of);
	if (p->lane)
		note_lane(p->lane, c, dir);
}

/* A share of the records each time: those long closed are told and given up,
 * the idle ones give back their rings. */
static void sweep(struct tcp_tracker *t, int64_t now_ns, struct observer *out)
{
	uint32_t used = tcp_table_used(t->table);
	uint32_t n = used / SWEEP_SHARE + SWEEP_LEAST;

	for (n = n < used ? n : used; n > 0; n--) {
		struct connection *c;

		if (t->sweep_at >= used)
			t->sweep_at = 0;
		c = tcp_table_at(t->table, t->sweep_at++);
		if (!c)
			continue;
		if (c->bits & CONN_CLOSED && now_ns - last_of(c) > GRACE_NS)
			flow_end(t, c, false, false, out);
		else
			flow_rest(t, c, now_ns);
	}
}

static void tcp_clock(void *self, int64_t now_ns, struct observer *out)
{
	struct tcp_tracker *t = self;

	event_flush(t, now_ns, out);
	sweep(t, now_ns, out);
	attempts_clock(t->attempts, now_ns, out);
}

static void tcp_finish(void *self, int64_t now_ns, struct observer *out)
{
	struct tcp_tracker *t = self;

	for (struct pending *e = t->first; e; e = e->next)
		if (e->c)
			e->deadline_ns = now_ns;
	event_flush(t, now_ns, out);
	attempts_finish(t->attempts, now_ns, out);
	for (uint32_t i = 0; i < tcp_table_used(t->table); i++) {
		struct connection *c = tcp_table_at(t->table, i);

		if (c)
			flow_end(t, c, false, true, out);
	}
}

static void tcp_limits(void *self, struct checks *out)
{
	struct tcp_tracker *t = self;

	tcp_table_limits(t->table, out);
	tcp_pool_limits(&t->pool, out);
	attempts_limits(t->attempts, out);
}

const struct tracker tcp_tracker = {
	.name = "tcp",
	.takes = KIND_TCP | KIND_ICMP,
	.open = tcp_open,
	.packet = tcp_packet,
	.copy = tcp_copy,
	.clock = tcp_clock,
	.finish = tcp_finish,
	.limits = tcp_limits,
	.prefetch = tcp_prefetch,
	.crowds = true,
	.is_crowd = tcp_is_crowd,
};
