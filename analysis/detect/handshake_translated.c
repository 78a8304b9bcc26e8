/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * handshake_translated.c - the same attempt on both sides of an address
 * translator (RFC 3022), where the capture holds both.
 *
 * A translator changes the client's address and mostly its port, and leaves the
 * sequence number; it repeats when the client repeats.  So the same first
 * sequence number, the same count of SYNs, first and last within a tenth of a
 * second, and a TTL that is one less, are one attempt: whoever forges SYNs with
 * one number for all of them has no such schedule, and no hop between.
 */
#include "analysis/detect/opening.h"

enum { SYNS_LEAST = 2 };

#define HOP_NS (100 * NS_PER_MS)

/* The last attempt of this number that failed. */
struct one_try {
	struct flow flow;
	int64_t first_ns, last_ns;
	uint16_t syns;
	uint8_t ttl;
};

bool translated_open(struct opening *o, struct arena *home,
		     const struct limits *limits, struct hash_key key)
{
	const struct table_spec spec = {
		"failed attempts by number", sizeof(uint32_t),
		sizeof(struct one_try), limits->services};

	o->tries = table_new(home, &spec, key);
	return o->tries != NULL;
}

static bool is_near(int64_t a_ns, int64_t b_ns)
{
	return a_ns - b_ns <= HOP_NS && b_ns - a_ns <= HOP_NS;
}

static bool same_service(const struct flow *a, const struct flow *b)
{
	return addr_equal(&a->dst, &b->dst) && a->dst_port == b->dst_port &&
	       !addr_equal(&a->src, &b->src);
}

enum translation translated_note(struct opening *o,
				 const struct tcp_attempt_fact *a,
				 struct flow *other)
{
	struct one_try *t = table_add(o->tries, &a->isn, NULL);
	enum translation is = TRANSLATION_NONE;

	if (!t)
		return is;
	if (t->syns == a->syns && a->syns >= SYNS_LEAST &&
	    same_service(&t->flow, &a->flow) &&
	    is_near(t->first_ns, a->first_ns) &&
	    is_near(t->last_ns, a->last_syn_ns)) {
		*other = t->flow;
		is = a->client_ttl + 1 == t->ttl   ? TRANSLATION_AFTER
		     : t->ttl + 1 == a->client_ttl ? TRANSLATION_BEFORE
						   : TRANSLATION_NONE;
	}
	*t = (struct one_try){a->flow, a->first_ns, a->last_syn_ns, a->syns,
			      a->client_ttl};
	return is;
}
