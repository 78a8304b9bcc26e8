/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * copies.c - packets that come twice, told apart by who made them so.
 *
 * A window of the latest packets, 16 bytes each, small enough for the cache:
 * two places a bucket, the older one gives way.  Only a packet whose
 * fingerprint is in the window costs more than that look.
 */
#include "analysis/admission/copies.h"

#include "analysis/admission/copy_proof.h"
#include "analysis/admission/fingerprint.h"
#include "analysis/admission/sightings.h"
#include "base/hint.h"

enum {
	BUCKETS = 4096,
	WAYS = 2,
	PAIRS = 1024,
	LINK_BITS = 12,
	FRAME_BITS = 22,
	PAIR_ROOM = 60000,
	BURST = 32,
	CROWD = 4, /* a third sighting weighs against four doubled ones */
};

/* In units of 1024 ns. */
enum {
	AT_ONCE = 977,	 /* 1 ms: of what is not IP */
	NEAR = 4883,	 /* 5 ms: measured, copies are 0.1 ms apart */
	NEAR_ON = 19531, /* 20 ms, once copies are proved */
	ROUTER = 97656,	 /* 100 ms: a router's own way */
	KEPT = 976562,	 /* 1 s */
};

/* One packet of the window. */
struct seen {
	uint32_t tag, time;
	uint32_t frame : FRAME_BITS, sightings : 2, ttl : 8;
	uint32_t link : LINK_BITS, src : STATION_BITS, dst : STATION_BITS;
};

/* What one station sends another: frames, doubled frames. */
struct pair {
	uint16_t frames, doubled;
};

struct copies {
	struct seen (*window)[WAYS];
	struct pair *pairs;
	struct copy_proof *pair_proof; /* of exact copies, beside `pairs` */
	struct hash_key key;
	struct sightings *sightings;
	struct copy_proof proof[COPY_HOP + 1];
	bool on[COPY_HOP + 1];
	bool joined;		       /* any links */
	uint16_t home[1 << LINK_BITS]; /* of a link: the one that it is, + 1 */
	struct copy_fact latest;       /* that was left out */
	uint32_t ready, next;
	struct fingerprint print[BATCH];
};

_Static_assert(sizeof(struct seen) == 16, "four of them fill a cache line");

struct copies *copies_new(const struct tracker_home *home)
{
	struct copies *c = arena_alloc(home->arena, sizeof(*c));

	if (!c)
		return NULL;
	/* Not the run's key: which frame gives way in the window, and which
	 * pairs share a counter, would change the report from run to run.
	 * All here is of fixed size, so bad luck costs a missed copy. */
	c->key = (struct hash_key){0x636f70696573, 0x75707374};
	c->window = arena_alloc(home->arena, BUCKETS * sizeof(*c->window));
	c->pairs = arena_alloc(home->arena, PAIRS * sizeof(*c->pairs));
	c->pair_proof =
		arena_alloc(home->arena, PAIRS * sizeof(*c->pair_proof));
	c->sightings = sightings_new(home);
	if (!c->window || !c->pairs || !c->pair_proof || !c->sightings)
		return NULL;
	return c;
}

static struct seen *bucket_of(const struct copies *c, uint64_t print)
{
	return c->window[print % BUCKETS];
}

void copies_expect(struct copies *c, const struct packet *batch, uint32_t count)
{
	c->next = 0;
	c->ready = count < BATCH ? count : BATCH;
	for (uint32_t i = 0; i < c->ready; i++) {
		c->print[i] = fingerprint_of(&batch[i], c->key);
		__builtin_prefetch(bucket_of(c, c->print[i].packet), 1);
	}
}

static uint32_t age(uint32_t now, uint32_t then)
{
	uint32_t d = now - then;

	return d > UINT32_MAX / 2 ? -d : d;
}

/* The place of this packet, or else the one to give away. */
static struct seen *look_up(const struct copies *c, uint64_t print,
			    uint32_t now)
{
	struct seen *b = bucket_of(c, print);
	uint32_t tag = (uint32_t)(print >> 32);

	for (int i = 0; i < WAYS; i++)
		if (b[i].tag == tag && b[i].sightings)
			return &b[i];
	if (!b[0].sightings || age(now, b[0].time) > age(now, b[1].time))
		return &b[0];
	return &b[1];
}

static struct pair *pair_of(const struct copies *c, uint32_t src, uint32_t dst)
{
	return &c->pairs[(src * 33 ^ dst) % PAIRS];
}

static void count_frame(struct copies *c, const struct fingerprint *print,
			uint16_t weight)
{
	struct pair *pair = pair_of(c, print->src, print->dst);

	if (pair->frames >= PAIR_ROOM) {
		pair->frames /= 2;
		pair->doubled /= 2;
	}
	pair->frames += weight;
}

static void remember(struct copies *c, struct seen *s, const struct packet *p,
		     const struct fingerprint *print, uint32_t now)
{
	*s = (struct seen){
		.tag = (uint32_t)(print->packet >> 32),
		.time = now,
		.frame = p->frame.number & ((1u << FRAME_BITS) - 1),
		.sightings = 1,
		.ttl = p->ip ? p->ip->as.ip.ttl : 0,
		.link = p->link & ((1u << LINK_BITS) - 1),
		.src = print->src,
		.dst = print->dst,
	};
	count_frame(c, print, 1);
}

/* How the packet differs from its first sighting; -1: it is no twin of it. */
static int kind_of(const struct seen *s, const struct packet *p,
		   const struct fingerprint *print,
		   const struct link_info *links)
{
	uint8_t ttl = p->ip ? p->ip->as.ip.ttl : 0;
	uint32_t place = p->link & ((1u << LINK_BITS) - 1);
	bool same_src = s->src == print->src, same_dst = s->dst == print->dst;

	if (s->ttl == ttl + 1) {
		if (!print->has_dst)
			return same_dst && s->link == place ? -1 : COPY_HOP;
		return same_src || same_dst ? -1 : COPY_HOP;
	}
	if (s->ttl != ttl)
		return -1;
	if (s->link != place)
		return links[s->link].interface != links[place].interface ? COPY_INTERFACE
									  : COPY_TAG;
	if (same_src && same_dst)
		return COPY_EXACT;
	if (!print->has_dst)
		return COPY_INTERFACE;
	/* a station that passes it on without counting as a hop */
	return s->dst == print->src && !same_dst && p->ip ? COPY_HOP : -1;
}

/* Its ID or its time stamp says when it was sent. */
static bool is_dated(const struct packet *p)
{
	return (p->ip && p->ip->as.ip.version == 4 && p->ip->as.ip.id) ||
	       (p->tcp && p->tcp->as.tcp.has_ts);
}

static bool is_near(const struct copies *c, int kind, const struct packet *p,
		    uint32_t d)
{
	if (kind == COPY_HOP && is_dated(p))
		return d <= ROUTER;
	return d <= (c->on[kind] ? NEAR_ON : NEAR);
}

/* Of a burst all pass before the first of them comes again. */
static bool pair_is_doubled(const struct pair *pair)
{
	uint32_t seen = pair->doubled;
	uint32_t burst = seen < BURST ? seen : BURST;

	return (seen + burst) * 10 >= pair->frames * 9u;
}

static uint64_t frame_of(const struct seen *s, const struct packet *p)
{
	uint64_t n = p->frame.number;

	return n - ((n - s->frame) & ((1u << FRAME_BITS) - 1));
}

/* A twin is a proof; enough of them switch its kind on. */
static void learn(struct copies *c, int kind, const struct seen *s,
		  const struct packet *p, struct observer *out)
{
	struct pair *pair = pair_of(c, s->src, s->dst);
	struct copy_proof *proof = kind == COPY_EXACT
					   ? &c->pair_proof[pair - c->pairs]
					   : &c->proof[kind];
	bool alone;

	pair->doubled++;
	if (c->on[kind] || !copy_proof_add(proof, p, frame_of(s, p), c->key))
		return;
	alone = pair->frames > pair->doubled;
	if (!copy_proof_enough(proof, alone) ||
	    (kind == COPY_EXACT && !pair_is_doubled(pair)))
		return;
	c->on[kind] = true;
	copy_proof_report(proof, kind, p, out);
}

static bool is_left_out(const struct copies *c, int kind, const struct seen *s)
{
	if (!c->on[kind])
		return false;
	return kind != COPY_EXACT ||
	       pair_is_doubled(pair_of(c, s->src, s->dst));
}

static void report_copy(struct copies *c, const struct seen *s, int kind,
			const struct packet *p, struct observer *out)
{
	c->latest = (struct copy_fact){frame_of(s, p), (uint8_t)kind, false};
	observe_begin(out, OBS_COPY, p)->as.copy = c->latest;
	observe_end(out);
}

const struct copy_fact *copies_latest(const struct copies *c)
{
	return &c->latest;
}

/* Nobody sends two of these alike within milliseconds: only empty segments
 * without an ID are ever equal by right (duplicate acknowledgements). */
static bool is_unique(const struct packet *p)
{
	const uint8_t once = TCP_SYN | TCP_FIN | TCP_RST;

	if (p->ip->as.ip.version == 4 && p->ip->as.ip.id)
		return true;
	return !p->tcp || p->tcp->as.tcp.payload_len ||
	       (p->tcp->as.tcp.flags & once);
}

/* Copying is not proved yet, and this one would be among the proofs. */
static bool is_suspected(const struct copies *c, int kind, const struct seen *s,
			 const struct packet *p)
{
	if (c->on[kind])
		return false;
	/* of a burst of announcements one is no loss */
	if (p->ip ? !is_unique(p)
		  : kind != COPY_EXACT ||
			    age((uint32_t)(p->frame.time_ns >> 10), s->time) >
				    AT_ONCE)
		return false;
	return kind != COPY_EXACT ||
	       pair_is_doubled(pair_of(c, s->src, s->dst));
}

uint32_t copies_home(const struct copies *c, uint32_t link)
{
	/* each step leads to a lower one */
	while (c->joined && link < 1 << LINK_BITS && c->home[link])
		link = c->home[link] - 1u;
	return link;
}

/* What passes at both is one link seen twice: a question may be kept of one
 * place, and its answer of the other. */
static void join(struct copies *c, uint32_t one, uint32_t other)
{
	uint32_t a = copies_home(c, one), b = copies_home(c, other);

	if (a == b)
		return;
	c->joined = true;
	c->home[a > b ? a : b] = (uint16_t)(1 + (a > b ? b : a));
}

/* The second sighting at a place where twins come from. */
static bool judge_twin(struct copies *c, struct seen *s, int kind,
		       struct packet *p, struct observer *out)
{
	bool second = s->sightings == 1;

	if (second)
		learn(c, kind, s, p, out);
	s->sightings = second ? 2 : 3;
	/* only another interface or tag can show a packet a third time */
	if (!second && (kind == COPY_HOP || kind == COPY_EXACT))
		return false;
	if (!is_left_out(c, kind, s)) {
		if (is_suspected(c, kind, s, p))
			p->twin = (uint8_t)(1 + kind);
		return false;
	}
	report_copy(c, s, kind, p, out);
	if (kind == COPY_TAG || kind == COPY_INTERFACE)
		join(c, s->link, p->link & ((1u << LINK_BITS) - 1));
	return true;
}

/* It was seen less than a second ago: a copy, a loop, or sent once more. */
static bool judge_again(struct copies *c, struct seen *s, struct packet *p,
			const struct fingerprint *print, uint32_t now,
			const struct link_info *links, struct observer *out)
{
	int kind = kind_of(s, p, print, links);
	bool twin = kind >= 0 && is_near(c, kind, p, age(now, s->time));
	uint8_t before = s->sightings;
	struct sighting first = {frame_of(s, p), s->ttl, s->src, s->dst};

	if (twin && judge_twin(c, s, kind, p, out))
		return true;
	sightings_note(c->sightings, print, &first, p, out);
	if (p->ip && p->ip->as.ip.ttl < s->ttl) {
		if (kind == COPY_HOP && before > 1)
			copy_proof_revoke(&c->proof[COPY_HOP]);
		s->sightings = before > 1 || !twin ? 3 : 2;
		s->time = now;
	} else if (!twin || (kind == COPY_EXACT && before > 1)) {
		if (twin)
			count_frame(c, print, CROWD);
		remember(c, s, p, print, now);
	}
	return false;
}

bool copies_judge(struct copies *c, struct packet *p,
		  const struct link_info *links, struct observer *out)
{
	uint32_t now = (uint32_t)(p->frame.time_ns >> 10);
	struct fingerprint made;
	const struct fingerprint *print = &made;
	struct seen *s;

	p->twin = 0;
	if (c->next < c->ready)
		print = &c->print[c->next++];
	else
		made = fingerprint_of(p, c->key);
	s = look_up(c, print->packet, now);
	if (UNLIKELY(s->sightings &&
		     s->tag == (uint32_t)(print->packet >> 32)) &&
	    age(now, s->time) <= KEPT)
		return judge_again(c, s, p, print, now, links, out);
	remember(c, s, p, print, now);
	return false;
}

void copies_limits(const struct copies *c, struct checks *out)
{
	sightings_limits(c->sightings, out);
}
