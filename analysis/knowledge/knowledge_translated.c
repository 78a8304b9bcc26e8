/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * knowledge_translated.c - connections that are seen on both sides of an
 * address translator (RFC 3022).
 *
 * A translator changes addresses and ports, and passes on the rest of a SYN as
 * it came, one hop further.  So two SYNs of one first sequence number within a
 * tenth of a second, the second with a TTL that is one less, from another
 * station, are one if their time stamps are the same as well: a stack draws
 * both for each connection.  Without time stamps the IP IDs have to be the
 * same, and one end with its port: who scans or floods with one number for all
 * SYNs sends them from one station, none a hop further.
 */
#include <string.h>

#include "analysis/checks.h"
#include "analysis/knowledge/knowledge_tables.h"
#include "base/when.h"

#define HOP_NS (100 * NS_PER_MS)

enum { SYNS = 256 };

/* The last SYN of this number. */
struct passed_syn {
	int64_t ns; /* 0: none */
	struct tcp_syn_fact syn;
};

struct translations {
	struct table *views; /* flow -> struct flow, of the other side */
	struct passed_syn passed[SYNS];
};

struct translations *translations_new(struct arena *home,
				      const struct limits *limits,
				      struct hash_key key)
{
	const struct table_spec spec = {"translated connections",
					sizeof(struct flow),
					sizeof(struct flow), limits->services};
	struct translations *t = arena_alloc(home, sizeof(*t));

	if (!t)
		return NULL;
	t->views = table_new(home, &spec, key);
	return t->views ? t : NULL;
}

static bool same_end(const struct flow *a, const struct flow *b)
{
	return (a->dst_port == b->dst_port && addr_equal(&a->dst, &b->dst)) ||
	       (a->src_port == b->src_port && addr_equal(&a->src, &b->src));
}

static bool same_station(const struct mac *a, const struct mac *b)
{
	return !mac_is_zero(a) && mac_equal(a, b);
}

/* One SYN, on both sides of a hop that changed its addresses. */
static bool is_one(const struct tcp_syn_fact *a, const struct tcp_syn_fact *b)
{
	if (a->isn != b->isn || a->has_ts != b->has_ts ||
	    a->window != b->window || same_station(&a->mac_src, &b->mac_src) ||
	    memcmp(&a->flow, &b->flow, sizeof(a->flow)) == 0)
		return false;
	if (a->has_ts)
		return a->tsval == b->tsval;
	return a->ip_id && a->ip_id == b->ip_id && same_end(&a->flow, &b->flow);
}

/* What was seen before all translators is the original, however many follow. */
static void view_add(struct translations *t, const struct flow *view,
		     const struct flow *of)
{
	const struct flow *first = table_find(t->views, of);
	const struct flow original = first ? *first : *of;
	struct flow *entry = table_add(t->views, view, NULL);

	if (entry)
		*entry = original;
}

/* A client's ports are used again: for what was not translated. */
static void view_forget(struct translations *t, const struct tcp_syn_fact *s)
{
	void *view = s->tries == 1 && table_count(t->views)
			     ? table_find(t->views, &s->flow)
			     : NULL;

	if (view)
		table_remove(t->views, view);
}

/* Of two interfaces the later side may have been fetched first. */
void translations_observe(struct translations *t, const struct observation *o)
{
	const struct tcp_syn_fact *s = &o->as.syn;
	struct passed_syn *before;
	int64_t age;

	if (o->kind != OBS_TCP_SYN)
		return;
	before = &t->passed[s->isn * 0x9e3779b1u >> 24];
	age = o->time_ns - before->ns;
	view_forget(t, s);
	if (before->ns && age <= HOP_NS && age >= -HOP_NS &&
	    is_one(&before->syn, s)) {
		if (before->syn.ttl == s->ttl + 1)
			view_add(t, &s->flow, &before->syn.flow);
		else if (before->syn.ttl + 1 == s->ttl)
			view_add(t, &before->syn.flow, &s->flow);
	}
	*before = (struct passed_syn){o->time_ns, *s};
}

void translations_limits(const struct translations *t, struct checks *out)
{
	check_table(out, t->views);
}

bool known_original(const struct knowledge *k, const struct flow *f,
		    struct flow *original)
{
	const struct table *views = k->translations->views;
	const struct flow back = flow_reverse(f);
	const struct flow *found;

	if (!table_count(views))
		return false;
	found = table_find(views, f);
	if (found) {
		*original = *found;
		return true;
	}
	found = table_find(views, &back);
	if (found)
		*original = flow_reverse(found);
	return found != NULL;
}
