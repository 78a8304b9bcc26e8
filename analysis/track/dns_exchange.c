/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dns_exchange.c - DNS exchanges on port 53: which response answers which
 * question.
 *
 * An exchange is client, port, server, transport and ID.  The same question
 * under the same ID is a repeat; another question takes the exchange over.
 * Over TCP a message is read where a segment begins with its length (RFC 1035
 * 4.2.2), which is how questions and short answers are sent.
 */
#include "dissectors/dns.h"

#include <string.h>

#include "analysis/name_store.h"
#include "analysis/tracker.h"
#include "base/when.h"

#define FORGET_NS (30 * NS_PER_S) /* then an ID is used for something new */

enum { QUERY_OPCODE = 0, TCP_MESSAGES_MAX = 16 };
enum { DNS_HEADER = 12, DNS_RESPONSE = 0x80 };

/* What an exchange goes by; the table knows it by a keyed hash of this, which
 * nobody can aim at.  Padding is zero. */
struct exchange_key {
	struct flow flow; /* client to server */
	uint16_t id;
	uint16_t pad[3];
};

struct exchange {
	int64_t last_ns;
	uint64_t question_hash, question_frame, answers_hash;
	uint16_t copies, responses, qtype, qclass, edns_size;
	uint8_t answer_ttl;
	bool recursion_desired, cd;
	struct near_name name;
};

struct dns_tracker {
	struct table *exchanges, *names;
	struct hash_key key;
	struct dns_message message; /* scratch */
};

static void *dns_open(const struct tracker_home *home)
{
	const struct table_spec spec = {"DNS exchanges", sizeof(uint64_t),
					sizeof(struct exchange),
					home->limits->exchanges};
	struct dns_tracker *t = arena_alloc(home->arena, sizeof(*t));

	if (!t)
		return NULL;
	t->key = home->key;
	t->exchanges = table_new(home->arena, &spec, home->key);
	t->names = name_store_new(home->arena, spec.max, home->key);
	return t->exchanges && t->names ? t : NULL;
}

static uint64_t exchange_id(const struct dns_tracker *t,
			    const struct exchange_key *key)
{
	return hash_quick(key, sizeof(*key), t->key);
}

static struct flow flow_of(const struct packet *p, bool response)
{
	const struct ip_header *ip = &p->ip->as.ip;
	struct flow f;

	memset(&f, 0, sizeof(f));
	f.src = ip->src;
	f.dst = ip->dst;
	f.protocol = p->udp ? 17 : 6;
	f.src_port = p->udp ? p->udp->as.udp.src_port : p->tcp->as.tcp.src_port;
	f.dst_port = p->udp ? p->udp->as.udp.dst_port : p->tcp->as.tcp.dst_port;
	return response ? flow_reverse(&f) : f;
}

/* The question as one number: name and type; 0 where there is none. */
static uint64_t question_hash(const struct dns_tracker *t,
			      const struct dns_message *m)
{
	struct hash_key key = t->key;

	if (!m->has_question)
		return 0;
	key.k1 ^= (uint64_t)m->qtype << 16 | m->qclass;
	return hash_quick(m->name, strlen(m->name), key) | 1;
}

static void copy_name(char to[static DNS_NAME_TEXT], const char *name)
{
	memcpy(to, name, strlen(name) + 1);
}

/* What question and answer have in common. */
static struct dns_fact *fact_begin(struct observer *out, const struct packet *p,
				   const struct dns_message *m,
				   const struct flow *flow)
{
	struct observation *o = observe_begin(out, OBS_DNS, p);
	struct dns_fact *d = &o->as.dns;

	d->flow = *flow;
	d->tcp = flow->protocol == 6;
	d->id = m->id;
	d->qtype = m->qtype;
	d->qclass = m->qclass;
	d->extended = -1;
	d->ip_ttl = p->ip->as.ip.ttl;
	copy_name(d->name, m->name);
	return d;
}

static void asked(struct dns_tracker *t, const struct packet *p,
		  const struct exchange_key *key, struct observer *out)
{
	const struct dns_message *m = &t->message;
	const int64_t now = p->frame.time_ns;
	uint64_t hash = question_hash(t, m);
	const uint64_t id = exchange_id(t, key);
	struct exchange *x = table_add(t->exchanges, &id, NULL);
	struct dns_fact *d;

	if (!x)
		return;
	if (x->question_hash != hash || now - x->last_ns > FORGET_NS) {
		memset(x, 0, sizeof(*x));
		x->question_hash = hash;
	}
	x->last_ns = now;
	x->copies++;
	x->question_frame = p->frame.number;
	x->qtype = m->qtype;
	x->qclass = m->qclass;
	x->edns_size = m->has_edns ? m->edns_size : 0;
	x->recursion_desired = m->recursion_desired;
	x->cd = m->cd;
	name_keep(t->names, &x->name, m->name, hash);
	d = fact_begin(out, p, m, &key->flow);
	d->state = DNS_ASKED;
	d->recursion_desired = m->recursion_desired;
	d->cd = m->cd;
	d->edns_size = x->edns_size;
	d->copies = x->copies;
	d->asked_ns = now;
	d->question_frame = p->frame.number;
	observe_end(out);
}

static void fill_answer(struct dns_fact *d, const struct dns_message *m)
{
	d->recursion_available = m->recursion_available;
	d->authoritative = m->authoritative;
	d->truncated = m->truncated;
	d->rcode = (uint8_t)(m->rcode > 255 ? 255 : m->rcode);
	d->extended = (int16_t)m->extended;
	d->answer_count = m->answers;
	d->addresses = m->addresses;
	memcpy(d->address, m->address, sizeof(d->address));
	d->ttl_s = m->ttl_s;
	d->answers_hash = m->answers_hash;
}

static void answered(struct dns_tracker *t, const struct packet *p,
		     const struct exchange_key *key, struct observer *out)
{
	const struct dns_message *m = &t->message;
	const uint64_t hash = question_hash(t, m);
	const uint64_t id = exchange_id(t, key);
	struct exchange *x = table_find(t->exchanges, &id);
	struct dns_fact *d = fact_begin(out, p, m, &key->flow);

	fill_answer(d, m);
	d->answered_ns = p->frame.time_ns;
	d->state = DNS_STRAY;
	/* a server may leave the question out (FORMERR), but not ask another */
	if (x && (hash == 0 || hash == x->question_hash)) {
		d->state = DNS_ANSWERED;
		x->responses++;
		d->differs = x->responses > 1 && p->state == WIRE_WHOLE &&
			     m->answers_hash != x->answers_hash;
		if (x->responses == 1) {
			x->answers_hash = m->answers_hash;
			x->answer_ttl = d->ip_ttl;
		}
		d->first_ip_ttl = x->answer_ttl;
		d->copies = x->copies;
		d->responses = x->responses;
		d->asked_ns = x->last_ns;
		d->question_frame = x->question_frame;
		d->recursion_desired = x->recursion_desired;
		d->cd = x->cd;
		d->edns_size = x->edns_size;
		d->qtype = x->qtype;
		d->qclass = x->qclass;
		if (hash == 0)
			copy_name(d->name, name_kept(t->names, &x->name,
						     x->question_hash));
	}
	observe_end(out);
}

static bool dns_concerns(const struct packet *p)
{
	if (p->udp)
		return p->udp->as.udp.src_port == DNS_PORT ||
		       p->udp->as.udp.dst_port == DNS_PORT;
	return p->tcp && (p->tcp->as.tcp.src_port == DNS_PORT ||
			  p->tcp->as.tcp.dst_port == DNS_PORT);
}

/* The exchange of a message that fills its datagram (RFC 1035 4.1.1). */
static void dns_prefetch(void *self, const struct packet *p)
{
	const struct dns_tracker *t = self;
	const uint8_t *head = p->payload.at;
	struct exchange_key key;
	uint64_t id;

	if (!p->udp || !p->ip || p->payload.kept < DNS_HEADER ||
	    !dns_concerns(p))
		return;
	memset(&key, 0, sizeof(key));
	key.flow = flow_of(p, head[2] & DNS_RESPONSE);
	key.id = load_be16(head);
	id = exchange_id(t, &key);
	table_expect(t->exchanges, &id);
}

static void message(struct dns_tracker *t, const struct packet *p,
		    struct cursor in, struct observer *out)
{
	struct exchange_key key;

	dns_parse(&t->message, in);
	if (!t->message.has_header || t->message.opcode != QUERY_OPCODE ||
	    (t->message.state == WIRE_MALFORMED && !t->message.has_question))
		return;
	memset(&key, 0, sizeof(key));
	key.flow = flow_of(p, t->message.response);
	key.id = t->message.id;
	if (key.flow.dst_port != DNS_PORT)
		return;
	if (t->message.response)
		answered(t, p, &key, out);
	else if (t->message.has_question)
		asked(t, p, &key, out);
}

static void segment(struct dns_tracker *t, const struct packet *p,
		    struct observer *out)
{
	struct cursor stream = p->payload, one;

	for (int i = 0; i < TCP_MESSAGES_MAX; i++) {
		if (!dns_tcp_next(&stream, &one))
			break;
		message(t, p, one, out);
	}
}

static void dns_packet(void *self, const struct packet *p, struct observer *out)
{
	if (!p->ip || p->payload.kept == 0 || !dns_concerns(p))
		return;
	if (p->udp)
		message(self, p, p->payload, out);
	else
		segment(self, p, out);
}

static void dns_limits(void *self, struct checks *out)
{
	const struct dns_tracker *t = self;

	check_table(out, t->exchanges);
}

const struct tracker dns_tracker = {
	.name = "dns",
	.takes = KIND_TCP | KIND_UDP,
	.open = dns_open,
	.concerns = dns_concerns,
	.packet = dns_packet,
	.prefetch = dns_prefetch,
	.limits = dns_limits,
};
