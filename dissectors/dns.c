/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dns.c - a DNS message.  RFC 1035; EDNS is RFC 6891, extended errors RFC 8914.
 *
 * What was read before the end of a cut or damaged message is kept.
 */
#include "dissectors/dns.h"

#include "base/hash.h"
#include "dissectors/dns_name.h"

enum {
	DNS_HEADER = 12,
	EDNS_EXTENDED_ERROR = 15,
	EDNS_OPTIONS_MAX = 32,
	SOA_NUMBERS = 5,
};

enum section { ANSWER, AUTHORITY, ADDITIONAL };

/* One resource record; `data` is its RDATA. */
struct record {
	uint16_t type, class;
	uint32_t ttl;
	struct cursor owner, data;
};

/* What all the parts of a parse need. */
struct parse {
	struct dns_message *m;
	const struct cursor *message;
	struct cursor *in;
	uint32_t records; /* looked at so far */
};

static void read_header(struct dns_message *m, struct cursor *in)
{
	const uint8_t *h = cursor_take(in, DNS_HEADER);

	if (!h)
		return;
	m->has_header = true;
	m->id = load_be16(h);
	m->response = h[2] & 0x80;
	m->opcode = h[2] >> 3 & 15;
	m->authoritative = h[2] & 4;
	m->truncated = h[2] & 2;
	m->recursion_desired = h[2] & 1;
	m->recursion_available = h[3] & 0x80;
	m->ad = h[3] & 0x20;
	m->cd = h[3] & 0x10;
	m->rcode = h[3] & 15;
	m->questions = load_be16(h + 4);
	m->answers = load_be16(h + 6);
	m->authorities = load_be16(h + 8);
	m->additionals = load_be16(h + 10);
}

static void read_questions(struct parse *p)
{
	struct dns_message *m = p->m;
	struct dns_name name;

	for (uint32_t i = 0; i < m->questions; i++) {
		if (i == 0)
			dns_name_read(p->message, p->in, &name);
		else
			dns_name_skip(p->in);
		if (i == 0) {
			m->qtype = cursor_u16(p->in);
			m->qclass = cursor_u16(p->in);
		} else {
			cursor_skip(p->in, 4);
		}
		if (p->in->state != WIRE_WHOLE ||
		    ++p->records > DNS_RECORDS_MAX)
			return;
		if (i == 0) {
			dns_name_text(&name, m->name);
			m->has_question = true;
		}
	}
}

static bool read_record(struct parse *p, struct record *r)
{
	r->owner = *p->in;
	dns_name_skip(p->in);
	r->type = cursor_u16(p->in);
	r->class = cursor_u16(p->in);
	r->ttl = cursor_u32(p->in);
	r->data = cursor_part(p->in, cursor_u16(p->in));
	return p->in->state == WIRE_WHOLE;
}

/* RFC 8914: the code is the first two bytes of the option. */
static void read_edns(struct dns_message *m, struct record *r)
{
	struct cursor in = r->data;

	m->has_edns = true;
	m->edns_size = r->class;
	m->rcode |= (uint16_t)(r->ttl >> 24 << 4);
	m->dnssec_ok = r->ttl & 0x8000;
	for (unsigned i = 0; i < EDNS_OPTIONS_MAX && in.sent > 0; i++) {
		uint16_t code = cursor_u16(&in);
		struct cursor value = cursor_sub(&in, cursor_u16(&in));

		if (in.state != WIRE_WHOLE)
			return;
		if (code != EDNS_EXTENDED_ERROR || m->extended >= 0)
			continue;
		m->extended = cursor_u16(&value);
		if (value.state != WIRE_WHOLE)
			m->extended = -1;
	}
}

/* Bytes before a name in the RDATA of a type, or -1 if it is only bytes. */
static int name_offset(uint16_t type)
{
	switch (type) {
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
	case DNS_DNAME:
		return 0;
	case DNS_MX:
		return 2;
	case DNS_SRV:
		return 6;
	default:
		return -1;
	}
}

/* RDATA as it would stand without pointers, so that equal data hash equally. */
static uint64_t hash_record(struct parse *p, struct record *r)
{
	const struct hash_key key = {r->type, 0};
	struct cursor in = r->data;
	int offset = name_offset(r->type);
	struct dns_name name;
	uint64_t hash = 0;

	if (offset < 0)
		return hash_bytes(in.at, in.kept, key);
	if (offset > 0) {
		const uint8_t *fixed = cursor_take(&in, (uint32_t)offset);

		hash = fixed ? hash_bytes(fixed, (size_t)offset, key) : 0;
	}
	dns_name_read(p->message, &in, &name);
	if (r->type == DNS_CNAME)
		dns_name_text(&name, p->m->cname);
	return hash ^ hash_bytes(name.bytes, name.size, key);
}

static void keep_address(struct dns_message *m, const struct record *r)
{
	if (m->addresses == DNS_ADDRESSES)
		return;
	if (r->type == DNS_A && r->data.kept == 4)
		m->address[m->addresses++] = addr_v4(r->data.at);
	if (r->type == DNS_AAAA && r->data.kept == 16)
		m->address[m->addresses++] = addr_v6(r->data.at);
}

/* Signatures are renewed without the data changing: they are not counted. */
static void read_answer(struct parse *p, struct record *r, bool first)
{
	struct dns_message *m = p->m;

	if (first)
		m->ttl_s = r->ttl;
	if (r->ttl < m->ttl_s)
		m->ttl_s = r->ttl;
	if (first && m->questions == 0) {
		struct dns_name name;

		dns_name_read(p->message, &r->owner, &name);
		dns_name_text(&name, m->name);
	}
	keep_address(m, r);
	if (r->type != DNS_RRSIG)
		m->answers_hash += hash_record(p, r);
}

/* RFC 2308 5: the smaller of the SOA's TTL and its last number. */
static void read_soa(struct dns_message *m, struct record *r)
{
	struct cursor in = r->data;
	uint32_t minimum;

	dns_name_skip(&in);
	dns_name_skip(&in);
	cursor_skip(&in, (SOA_NUMBERS - 1) * 4);
	minimum = cursor_u32(&in);
	if (in.state != WIRE_WHOLE)
		return;
	m->soa = true;
	m->negative_ttl_s = r->ttl < minimum ? r->ttl : minimum;
}

static void read_section(struct parse *p, enum section section, uint32_t count)
{
	struct record r;

	for (uint32_t i = 0; i < count; i++) {
		if (p->records++ >= DNS_RECORDS_MAX || !read_record(p, &r))
			return;
		if (section == ANSWER)
			read_answer(p, &r, i == 0);
		else if (section == AUTHORITY && r.type == DNS_SOA)
			read_soa(p->m, &r);
		else if (section == ADDITIONAL && r.type == DNS_OPT)
			read_edns(p->m, &r);
	}
}

void dns_parse(struct dns_message *m, struct cursor in)
{
	const struct cursor message = in;
	struct parse p = {.m = m, .message = &message, .in = &in};

	memset(m, 0, sizeof(*m));
	m->extended = -1;
	read_header(m, &in);
	read_questions(&p);
	read_section(&p, ANSWER, m->answers);
	read_section(&p, AUTHORITY, m->authorities);
	read_section(&p, ADDITIONAL, m->additionals);
	m->state = in.state;
	if (m->state == WIRE_MALFORMED)
		m->bad = m->has_header ? "a name or record does not fit"
				       : "shorter than its header";
}

bool dns_tcp_next(struct cursor *stream, struct cursor *message)
{
	uint16_t length;

	if (stream->kept < 2 || stream->state != WIRE_WHOLE)
		return false;
	length = cursor_u16(stream);
	cursor_open_end(stream);
	*message = cursor_sub(stream, length);
	message->open_end = false;
	return true;
}
