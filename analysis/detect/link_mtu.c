/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * link_mtu.c - hosts of one link that disagree about its MTU.
 *
 * A host tells the MTU of its card by the MSS of its SYN or SYN-ACK, as long as
 * both ends are on the link: on the way to other places routers clamp it.
 */
#include "analysis/detect/link_mtu.h"

#include "analysis/detect/frames.h"
#include "analysis/detector.h"

enum { TRIES = 3, ICMP_HEADERS = 28, LINKS = 64 };

const struct finding_def link_mtu_mismatch = {
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
	uint32_t vain; /* larger pings and datagrams without an answer */
	uint64_t vain_frame[TRIES];
	bool told;
};

struct link_mtu {
	struct table *pairs;
	struct table *obeyed; /* link -> what a router tells it to keep to */
};

static void *link_mtu_open(struct arena *home, const struct limits *limits,
			   struct hash_key key)
{
	struct link_mtu *w = arena_alloc(home, sizeof(*w));
	struct table_spec spec = {"MTU of neighbours", sizeof(struct pair_key),
				  sizeof(struct pair), limits->paths / 4};
	const struct table_spec obeyed = {"links with an MTU", sizeof(uint32_t),
					  sizeof(uint32_t), LINKS};

	if (!w)
		return NULL;
	w->pairs = table_new(home, &spec, key);
	w->obeyed = table_new(home, &obeyed, key);
	return w->pairs && w->obeyed ? w : NULL;
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
	struct finding *f = finding_raise(c->findings, &link_mtu_mismatch, &s,
					  "", p->first_ns, c->now_ns);

	if (!f)
		return;
	finding_restate(f);
	f->severity = NOTICE;
	f->confidence = LIKELY;
	f->count = 1;
	f->size_passes = a_large ? p->mtu_b : p->mtu_a;
	f->size_fails = a_large ? p->mtu_a : p->mtu_b;
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
		       (a_large ? p->mtu_a : p->mtu_b) - ICMP_HEADERS, little,
		       big);
}

static void note_router(struct link_mtu *w, const struct observation *o)
{
	uint32_t mtu = o->as.ra.icmp.ra.mtu;
	uint32_t *obeyed = o->as.ra.advertisement && mtu
				   ? table_add(w->obeyed, &o->link, NULL)
				   : NULL;

	if (obeyed)
		*obeyed = mtu;
}

/* One of the two keeps to what a router advertises (RFC 4861 4.6.4), which
 * link_mtu_told.c judges; the router itself need not. */
static bool is_obeyed(const struct link_mtu *w, uint32_t link,
		      const struct addr *who, const struct pair *p)
{
	const uint32_t *mtu =
		who->family == 6 ? table_find(w->obeyed, &link) : NULL;

	return mtu && (p->mtu_a == *mtu || p->mtu_b == *mtu);
}

static void note(struct link_mtu *w, const struct observation *o,
		 const struct addr *who, const struct addr *other, uint16_t mss,
		 const struct detector_context *c)
{
	struct pair_key key;
	bool is_a;
	uint32_t mtu = mtu_of_mss(mss, who->family);
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
	if (!p->told && mtu_disagree(p->mtu_a, p->mtu_b) &&
	    !is_obeyed(w, o->link, who, p)) {
		p->told = true;
		tell(&key, p, c);
	}
}

static uint32_t smaller(const struct pair *p)
{
	return p->mtu_a < p->mtu_b ? p->mtu_a : p->mtu_b;
}

/* The disagreement bites: what only the larger MTU allows is sent in vain. */
static void bites(const struct pair *p, const struct addr *from,
		  const struct addr *to, uint32_t bytes, uint32_t tries,
		  const uint64_t *frames, uint32_t count,
		  const struct detector_context *c)
{
	struct subject s = subject_path(from, to);
	struct finding *f =
		finding_find(c->findings, &link_mtu_mismatch, &s, "");

	if (!f || bytes <= smaller(p) || f->severity == WARNING)
		return;
	f->severity = WARNING;
	finding_add(f, " Packets of %u bytes were sent %u times in vain.",
		    bytes, tries);
	for (uint32_t i = 0; i < count; i++)
		finding_frame(f, frames[i]);
}

static struct pair *pair_told(const struct link_mtu *w, const struct addr *a,
			      const struct addr *b)
{
	struct pair_key key = key_of(a, b);
	struct pair *p = table_find(w->pairs, &key);

	return p && p->told ? p : NULL;
}

static void observe_size(struct link_mtu *w, const struct tcp_size_fact *t,
			 const struct detector_context *c)
{
	const struct pair *p = pair_told(w, &t->flow.src, &t->flow.dst);

	if (p && !t->cleared && t->tries >= TRIES)
		bites(p, &t->flow.src, &t->flow.dst, t->failed, t->tries,
		      t->frames, 6, c);
}

/* One larger than the smaller MTU was answered, or was not. */
static void observe_large(struct link_mtu *w, const struct addr *from,
			  const struct addr *to, uint32_t bytes, bool answered,
			  uint32_t times, uint64_t frame,
			  const struct detector_context *c)
{
	struct pair *p = pair_told(w, from, to);

	if (!p || bytes <= smaller(p))
		return;
	if (answered) {
		p->vain = 0;
		return;
	}
	p->vain_frame[p->vain % TRIES] = frame;
	p->vain += times;
	if (p->vain >= TRIES)
		bites(p, from, to, bytes, p->vain, p->vain_frame, TRIES, c);
}

static void observe_echo(struct link_mtu *w, const struct echo_fact *e,
			 const struct detector_context *c)
{
	if (e->state == ECHO_ANSWERED || e->state == ECHO_UNANSWERED)
		observe_large(w, &e->src, &e->dst, e->bytes,
			      e->state == ECHO_ANSWERED, 1, e->request_frame,
			      c);
}

static void observe_udp(struct link_mtu *w, const struct udp_fact *u,
			const struct detector_context *c)
{
	uint32_t headers = u->flow.src.family == 4 ? 28 : 48;

	if (!u->group && u->same_length)
		observe_large(w, &u->flow.src, &u->flow.dst,
			      u->first_bytes + headers, u->packets[1] != 0,
			      u->same_length, u->frames[0], c);
}

static void link_mtu_observe(void *self, const struct observation *o,
			     const struct detector_context *c)
{
	const struct flow *f;

	if (o->kind == OBS_TCP_SIZE) {
		observe_size(self, &o->as.size, c);
	} else if (o->kind == OBS_RA) {
		note_router(self, o);
	} else if (o->kind == OBS_ECHO) {
		observe_echo(self, &o->as.echo, c);
	} else if (o->kind == OBS_UDP_ENDED) {
		observe_udp(self, &o->as.udp, c);
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

static const struct finding_def *const link_mtu_findings[] = {
	&link_mtu_mismatch, NULL};

static const enum observation_kind link_mtu_wants[] = {
	OBS_TCP_SYN,   OBS_TCP_SYNACK, OBS_TCP_SIZE, OBS_ECHO,
	OBS_UDP_ENDED, OBS_RA,	       OBSERVATIONS};

const struct detector link_mtu_detector = {
	.name = "link_mtu",
	.findings = link_mtu_findings,
	.wants = link_mtu_wants,
	.open = link_mtu_open,
	.observe = link_mtu_observe,
	.limits = link_mtu_limits,
};
