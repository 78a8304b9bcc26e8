/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * link_mtu.c - hosts of one link that disagree about its MTU.
 *
 * A host tells the MTU of its card by the MSS of its SYN or SYN-ACK, as long as
 * both ends are on the link: on the way to other places routers clamp it.
 */
#include "analysis/detect/frames.h"
#include "analysis/detector.h"

enum { DIFFER = 100, V4_HEADERS = 40, V6_HEADERS = 60 };

static const struct finding_def mismatch = {
	.id = "pmtu.link_mismatch",
	.layer = LAYER_NETWORK,
	.most = WARNING,
	.subject = SUBJECT_PATH,
	.relies = RELIES_SIZE,
	.title = "Two hosts of one link disagree about its MTU",
};

struct pair_key {
	struct addr a, b; /* a is the smaller, as bytes */
};

/* What each of two hosts of a link told the other. */
struct pair {
	uint32_t mtu_a, mtu_b;
	uint64_t frame_a, frame_b;
	int64_t first_ns;
	bool told;
};

struct link_mtu {
	struct table *pairs;
};

static void *link_mtu_open(struct arena *home, const struct limits *limits,
			   struct hash_key key)
{
	struct link_mtu *w = arena_alloc(home, sizeof(*w));
	struct table_spec spec = {"MTU of neighbours", sizeof(struct pair_key),
				  sizeof(struct pair), limits->paths / 4};

	if (!w)
		return NULL;
	w->pairs = table_new(home, &spec, key);
	return w->pairs ? w : NULL;
}

static struct pair_key key_of(const struct addr *a, const struct addr *b)
{
	if (memcmp(a, b, sizeof(*a)) < 0)
		return (struct pair_key){*a, *b};
	return (struct pair_key){*b, *a};
}

static void tell(const struct pair_key *key, const struct pair *p,
		 const struct detector_context *c)
{
	bool a_large = p->mtu_a > p->mtu_b;
	const struct addr *large = a_large ? &key->a : &key->b;
	const struct addr *small = a_large ? &key->b : &key->a;
	char big[ADDR_TEXT], little[ADDR_TEXT];
	struct subject s = subject_path(large, small);
	struct finding *f = finding_raise(c->findings, &mismatch, &s, "",
					  p->first_ns, c->now_ns);

	if (!f)
		return;
	finding_restate(f);
	f->severity = NOTICE;
	f->confidence = LIKELY;
	f->count = 1;
	finding_frame(f, p->frame_a);
	finding_frame(f, p->frame_b);
	addr_text(large, big);
	addr_text(small, little);
	finding_title(f, "%s and %s disagree about the MTU of their link", big,
		      little);
	finding_summary(f,
			"%s offers an MSS that fits an MTU of %u (frame %llu), "
			"%s one of %u (frame %llu), although both are on one "
			"link. Packets of other protocols than TCP, larger "
			"than %u bytes, will vanish there.",
			big, a_large ? p->mtu_a : p->mtu_b,
			(unsigned long long)(a_large ? p->frame_a : p->frame_b),
			little, a_large ? p->mtu_b : p->mtu_a,
			(unsigned long long)(a_large ? p->frame_b : p->frame_a),
			a_large ? p->mtu_b : p->mtu_a);
	finding_advise(f, "ip link   on %s and %s: compare mtu", big, little);
	finding_advise(f, "ping -M do -s %u %s   on %s",
		       (a_large ? p->mtu_a : p->mtu_b) - 28, little, big);
}

static void note(struct link_mtu *w, const struct observation *o,
		 const struct addr *who, const struct addr *other, uint16_t mss,
		 const struct detector_context *c)
{
	struct pair_key key;
	bool is_a;
	uint32_t mtu = mss + (who->family == 6 ? V6_HEADERS : V4_HEADERS);
	struct pair *p;

	if (!mss || !known_owners(c->known, o->link, who) ||
	    !known_owners(c->known, o->link, other))
		return;
	key = key_of(who, other);
	is_a = addr_equal(&key.a, who);
	p = table_add(w->pairs, &key, NULL);
	if (!p)
		return;
	if (!p->first_ns)
		p->first_ns = o->time_ns;
	*(is_a ? &p->mtu_a : &p->mtu_b) = mtu;
	*(is_a ? &p->frame_a : &p->frame_b) = o->frame;
	if (!p->told && p->mtu_a && p->mtu_b &&
	    (p->mtu_a > p->mtu_b + DIFFER || p->mtu_b > p->mtu_a + DIFFER)) {
		p->told = true;
		tell(&key, p, c);
	}
}

/* The disagreement bites: what only the larger MTU allows is sent in vain. */
static void observe_size(struct link_mtu *w, const struct tcp_size_fact *t,
			 const struct detector_context *c)
{
	struct pair_key key = key_of(&t->flow.src, &t->flow.dst);
	struct pair *p = table_find(w->pairs, &key);
	struct subject s = subject_path(&t->flow.src, &t->flow.dst);
	struct finding *f;
	uint32_t least;

	if (!p || !p->told || t->cleared || t->tries < 3)
		return;
	least = p->mtu_a < p->mtu_b ? p->mtu_a : p->mtu_b;
	f = finding_find(c->findings, &mismatch, &s, "");
	if (!f || t->failed <= least || f->severity == WARNING)
		return;
	f->severity = WARNING;
	finding_add(f, " Segments of %u bytes were sent %u times in vain.",
		    t->failed, t->tries);
	for (int i = 0; i < 6; i++)
		finding_frame(f, t->frames[i]);
}

static void link_mtu_observe(void *self, const struct observation *o,
			     const struct detector_context *c)
{
	const struct flow *f;

	if (o->kind == OBS_TCP_SIZE) {
		observe_size(self, &o->as.size, c);
	} else if (o->kind == OBS_TCP_SYN) {
		f = &o->as.syn.flow;
		note(self, o, &f->src, &f->dst, o->as.syn.mss, c);
	} else {
		f = &o->as.synack.flow;
		note(self, o, &f->dst, &f->src, o->as.synack.mss, c);
	}
}

static void link_mtu_limits(void *self, struct checks *out)
{
	const struct link_mtu *w = self;

	check_table(out, w->pairs);
}

static const struct finding_def *const link_mtu_findings[] = {&mismatch, NULL};

static const enum observation_kind link_mtu_wants[] = {
	OBS_TCP_SYN, OBS_TCP_SYNACK, OBS_TCP_SIZE, OBSERVATIONS};

const struct detector link_mtu_detector = {
	.name = "link_mtu",
	.findings = link_mtu_findings,
	.wants = link_mtu_wants,
	.open = link_mtu_open,
	.observe = link_mtu_observe,
	.limits = link_mtu_limits,
};
