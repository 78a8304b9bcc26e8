/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * talk.c - which stations and addresses exchange IP packets.
 *
 * This is on the path of every packet, so it is a direct-mapped cache: a packet
 * of a conversation that was reported within the last second costs one compare
 * and a few stores.  Two conversations that share a slot push each other out,
 * which costs observations but loses no fact.  A flood of new addresses may ask
 * for at most TALKS_PER_S observations in a second, and packets that stay alone
 * for LONES_PER_S of each station and destination: beyond that it is a sample,
 * and what others have to say is still told.
 */
#include <stddef.h>
#include <string.h>

#include "analysis/lane.h"
#include "analysis/tracker.h"
#include "base/hint.h"

enum { SLOTS = 4096, TALKS_PER_S = 1024, QUIET_NS = 1000 * 1000 * 1000 };
enum { WORDS = 8, LINE = 64, LONES = 64, LONES_PER_S = 16 };

/* Who talks to whom, as words: compared and hashed so. */
struct talk_key {
	uint64_t word[WORDS];
};

/* What the words of a key say. */
struct talk_names {
	struct mac src_mac, dst_mac;
	uint32_t link;
	struct addr src, dst;
	uint32_t macs; /* bit 0: source, bit 1: destination */
	uint32_t zero;
};

_Static_assert(sizeof(struct talk_names) == sizeof(struct talk_key),
	       "no padding");

struct slot {
	int64_t last_ns, reported_ns;
	uint64_t last_frame;
	uint32_t packets; /* not yet reported */
	uint32_t use;	  /* it is the nth of the slot; 0: not used yet */
	uint8_t direction, ttl;
};

/* What prefetch worked out for a packet, if its link stays what it is. */
struct ahead {
	uint64_t frame;
	uint32_t slot, link;
	struct talk_key key;
};

struct talk {
	_Alignas(LINE) struct talk_key key[SLOTS];
	_Alignas(LINE) struct slot slot[SLOTS];
	uint64_t seed, waiting[SLOTS / 64]; /* a bit: packets to report */
	int64_t second_ns;		    /* of the budget */
	uint32_t budget;
	uint8_t lones[LONES]; /* told in this second */
	uint32_t ahead_count, ahead_at;
	struct ahead ahead[BATCH];
};

static void *talk_open(const struct tracker_home *home)
{
	struct talk *t = arena_alloc(home->arena, sizeof(*t));

	if (t) {
		/* fixed: which pairs share a slot decides what is
		 * reported, and that must not differ between runs */
		t->seed = 0x9e3779b97f4a7c15u;
		t->budget = TALKS_PER_S;
		t->second_ns = INT64_MIN;
	}
	return t;
}

static uint32_t slot_of(const struct talk *t, const struct talk_key *key)
{
	uint64_t h = t->seed;

	for (size_t i = 0; i < WORDS; i++) {
		h = (h ^ key->word[i]) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	return (uint32_t)(h >> 40) % SLOTS;
}

static bool key_equal(const struct talk_key *a, const struct talk_key *b)
{
	uint64_t other = 0;

	for (size_t i = 0; i < WORDS; i++)
		other |= a->word[i] ^ b->word[i];
	return !other;
}

/* One packet and no more: a flood of invented sources is made of these, and
 * comes from one station, through one router. */
static bool may_report_lone(struct talk *t, uint32_t i)
{
	struct talk_key key;
	struct talk_names all;
	uint8_t *told;

	memcpy(&all, &t->key[i], sizeof(all));
	memset(&all.src, 0, sizeof(all.src));
	memcpy(&key, &all, sizeof(key));
	told = &t->lones[slot_of(t, &key) % LONES];
	return *told < LONES_PER_S && ++*told;
}

/* Whether this second has an observation left for a slot. */
APART static bool may_report(struct talk *t, uint32_t i, int64_t ns)
{
	if (ns >= t->second_ns + QUIET_NS || ns < t->second_ns) {
		t->second_ns = ns;
		t->budget = TALKS_PER_S;
		memset(t->lones, 0, sizeof(t->lones));
	}
	if (!t->budget || (t->slot[i].packets == 1 && !may_report_lone(t, i)))
		return false;
	t->budget--;
	return true;
}

APART static void report(struct talk *t, uint32_t i, struct observer *out)
{
	struct slot *s = &t->slot[i];
	struct observation *o = observe_begin(out, OBS_TALK, NULL);
	struct talk_names key;

	memcpy(&key, &t->key[i], sizeof(key));
	o->link = key.link;
	o->frame = s->last_frame;
	o->time_ns = s->last_ns;
	o->as.talk.src_mac = key.src_mac;
	o->as.talk.dst_mac = key.dst_mac;
	o->as.talk.src = key.src;
	o->as.talk.dst = key.dst;
	o->as.talk.has_macs = key.macs == 3;
	o->as.talk.packets = s->packets;
	o->as.talk.direction = s->direction;
	o->as.talk.ttl = s->ttl;
	s->reported_ns = s->last_ns;
	s->packets = 0;
	t->waiting[i / 64] &= ~(1ull << (i % 64));
	observe_end(out);
}

/* Others had the slot before. */
APART static void take_slot(struct talk *t, const struct talk_key *key,
			    uint32_t i, int64_t now, struct observer *out)
{
	struct slot *s = &t->slot[i];

	if (s->packets && may_report(t, i, now))
		report(t, i, out);
	t->key[i] = *key;
	s->use++;
	s->packets = 0;
	s->reported_ns = now - QUIET_NS;
}

static void slot_count(struct talk *t, uint32_t i, const struct packet *p,
		       uint8_t ttl, uint8_t direction, struct observer *out)
{
	struct slot *s = &t->slot[i];
	int64_t now = p->frame.time_ns;

	s->last_ns = now;
	s->last_frame = p->frame.number;
	s->direction = direction;
	s->ttl = ttl;
	s->packets++;
	t->waiting[i / 64] |= 1ull << (i % 64);
	if ((now - s->reported_ns >= QUIET_NS || now < s->reported_ns) &&
	    may_report(t, i, now))
		report(t, i, out);
}

static void slot_packet(struct talk *t, const struct talk_key *key, uint32_t i,
			const struct packet *p, uint8_t ttl, uint8_t direction,
			struct observer *out)
{
	if (!t->slot[i].use || !key_equal(&t->key[i], key))
		take_slot(t, key, i, p->frame.time_ns, out);
	slot_count(t, i, p, ttl, direction, out);
}

/* Two halves of a word, in the order of memory. */
static uint64_t halves(uint32_t first, uint32_t second)
{
	uint32_t half[2] = {first, second};
	uint64_t word;

	memcpy(&word, half, sizeof(word));
	return word;
}

/* The words are put together in registers: what was stored in pieces cannot be
 * loaded as a word at once. */
static void key_addresses(struct talk_key *key, const struct ip_header *ip)
{
	uint32_t d[4];

	memcpy(&key->word[2], ip->src.bytes, sizeof(ip->src.bytes));
	memcpy(d, ip->dst.bytes, sizeof(d));
	key->word[4] = halves(ip->src.family, d[0]);
	key->word[5] = halves(d[1], d[2]);
	key->word[6] = halves(d[3], ip->dst.family);
}

/* The stations of the outermost link layer; `macs` as in talk_names. */
static void key_stations(struct talk_key *key, const struct link_header *l,
			 uint32_t link)
{
	struct talk_names n = {.link = link};
	uint32_t tail;

	if (l && l->has_src && l->has_dst) {
		_Static_assert(offsetof(struct link_header, dst) == 6,
			       "both addresses at the start");
		memcpy(&key->word[0], l, 8);
		memcpy(&tail, (const char *)l + 8, sizeof(tail));
		key->word[1] = halves(tail, link);
		key->word[7] = halves(3, 0);
		return;
	}
	if (l && l->has_src)
		n.src_mac = l->src;
	if (l && l->has_dst)
		n.dst_mac = l->dst;
	memcpy(&key->word[0], &n, 16);
	n.macs = l ? l->has_src | (uint32_t)l->has_dst << 1 : 0;
	key->word[7] = halves(n.macs, 0);
}

static void key_outer(struct talk_key *key, const struct packet *p,
		      uint32_t link)
{
	const struct layer *first = &p->layers[0];
	bool stations = p->eth == first || first->proto == PROTO_ethernet;

	key_stations(key, stations ? &first->as.link : NULL, link);
	key_addresses(key, &p->outer_ip->as.ip);
}

/* A slot may lie in two lines. */
static void prefetch_slot(const struct talk *t, uint32_t i)
{
	__builtin_prefetch(&t->slot[i], 1);
	__builtin_prefetch((const char *)(&t->slot[i] + 1) - 1, 1);
}

/* The link may still be joined with another. */
static void talk_prefetch(void *self, const struct packet *p)
{
	struct talk *t = self;
	struct ahead *a;

	if (p->lane && p->lane->talk_use) {
		prefetch_slot(t, p->lane->talk);
		return;
	}
	if (t->ahead_at) /* a new batch begins */
		t->ahead_count = t->ahead_at = 0;
	if (!p->outer_ip || t->ahead_count == BATCH)
		return;
	a = &t->ahead[t->ahead_count++];
	a->frame = p->frame.number;
	a->link = p->link;
	key_outer(&a->key, p, p->link);
	a->slot = slot_of(t, &a->key);
	__builtin_prefetch(&t->key[a->slot], 1);
	prefetch_slot(t, a->slot);
}

/* What was prefetched for this packet; NULL: nothing that holds. */
static const struct ahead *look_ahead(struct talk *t, const struct packet *p)
{
	while (t->ahead_at < t->ahead_count) {
		const struct ahead *a = &t->ahead[t->ahead_at++];

		if (a->frame == p->frame.number)
			return a->link == p->link ? a : NULL;
	}
	return NULL;
}

/* The slot of a lane stays the same, though others may have it by turns. */
static uint32_t slot_for(const struct talk *t, const struct packet *p,
			 const struct talk_key *key)
{
	const struct lane *lane = p->lane;

	return lane && lane->talk_use ? lane->talk : slot_of(t, key);
}

APART static void outer_packet(struct talk *t, const struct packet *p,
			       struct observer *out)
{
	const struct ahead *a = look_ahead(t, p);
	struct talk_key key;
	uint32_t i;

	if (!a)
		key_outer(&key, p, p->link);
	i = a ? a->slot : slot_for(t, p, &key);
	slot_packet(t, a ? &a->key : &key, i, p, p->outer_ip->as.ip.ttl,
		    p->frame.direction, out);
	if (p->lane) {
		p->lane->talk = i;
		p->lane->talk_use = t->slot[i].use;
	}
}

static void talk_packet(void *self, const struct packet *p,
			struct observer *out)
{
	struct talk *t = self;
	const struct lane *lane = p->lane;
	struct talk_key key;

	if (!p->outer_ip)
		return;
	if (lane && lane->talk_use && t->slot[lane->talk].use == lane->talk_use)
		slot_count(t, lane->talk, p, p->outer_ip->as.ip.ttl,
			   p->frame.direction, out);
	else
		outer_packet(t, p, out);
	if (p->ip == p->outer_ip || !p->ip)
		return;
	key_stations(&key, NULL, p->link);
	key_addresses(&key, &p->ip->as.ip);
	slot_packet(t, &key, slot_of(t, &key), p, p->ip->as.ip.ttl,
		    FRAME_UNKNOWN, out);
}

static void forget(struct talk *t, uint32_t i)
{
	t->slot[i].packets = 0;
	t->waiting[i / 64] &= ~(1ull << (i % 64));
}

/* Report the last packet of what has fallen quiet. */
static void flush(struct talk *t, int64_t before_ns, int64_t now_ns,
		  struct observer *out)
{
	for (uint32_t w = 0; w < SLOTS / 64; w++) {
		uint64_t bits = t->waiting[w];

		for (; bits; bits &= bits - 1) {
			uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(bits);

			if (t->slot[i].last_ns > before_ns)
				continue;
			if (t->slot[i].packets > 1 || may_report(t, i, now_ns))
				report(t, i, out);
			else
				forget(t, i);
		}
	}
}

static void talk_clock(void *self, int64_t now_ns, struct observer *out)
{
	flush(self, now_ns - QUIET_NS, now_ns, out);
}

static void talk_finish(void *self, int64_t now_ns, struct observer *out)
{
	flush(self, INT64_MAX, now_ns, out);
}

const struct tracker talk_tracker = {
	.name = "talk",
	.open = talk_open,
	.packet = talk_packet,
	.twins = true,
	.clock = talk_clock,
	.finish = talk_finish,
	.prefetch = talk_prefetch,
};
