/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * talk.c - which stations and addresses exchange IP packets.
 *
 * This is on the path of every packet, so it is a direct-mapped cache: a packet
 * of a conversation that was reported within the last second costs one compare
 * and a few stores.  Two conversations that share a slot push each other out,
 * which costs observations but loses no fact.  A flood of new addresses may ask
 * for at most TALKS_PER_S observations in a second: beyond that it is a sample.
 */
#include <string.h>

#include "analysis/tracker.h"

enum { SLOTS = 4096, TALKS_PER_S = 1024, QUIET_NS = 1000 * 1000 * 1000 };

/* 64 bytes without padding: compared and hashed as words. */
struct talk_key {
	struct mac src_mac, dst_mac;
	uint32_t link;
	struct addr src, dst;
	uint32_t macs; /* bit 0: source, bit 1: destination */
	uint32_t zero;
};

struct slot {
	struct talk_key key;
	int64_t last_ns, reported_ns;
	uint64_t last_frame;
	uint32_t packets; /* not yet reported */
	uint8_t direction, ttl;
	bool used;
};

struct talk {
	uint64_t seed, waiting[SLOTS / 64]; /* a bit: packets to report */
	int64_t second_ns;		    /* of the budget */
	uint32_t budget;
	struct slot slot[SLOTS];
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
	uint64_t word[sizeof(*key) / 8], h = t->seed;

	memcpy(word, key, sizeof(word));
	for (size_t i = 0; i < sizeof(*key) / 8; i++) {
		h = (h ^ word[i]) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	return (uint32_t)(h >> 40) % SLOTS;
}

/* Whether this second has an observation left. */
static bool may_report(struct talk *t, int64_t ns)
{
	if (ns >= t->second_ns + QUIET_NS || ns < t->second_ns) {
		t->second_ns = ns;
		t->budget = TALKS_PER_S;
	}
	return t->budget && t->budget--;
}

static void report(struct talk *t, struct slot *s, struct observer *out)
{
	const struct talk_key *key = &s->key;
	struct observation *o = observe_begin(out, OBS_TALK, NULL);
	uint32_t i = (uint32_t)(s - t->slot);

	o->link = key->link;
	o->frame = s->last_frame;
	o->time_ns = s->last_ns;
	o->as.talk.src_mac = key->src_mac;
	o->as.talk.dst_mac = key->dst_mac;
	o->as.talk.src = key->src;
	o->as.talk.dst = key->dst;
	o->as.talk.has_macs = key->macs == 3;
	o->as.talk.packets = s->packets;
	o->as.talk.direction = s->direction;
	o->as.talk.ttl = s->ttl;
	s->reported_ns = s->last_ns;
	s->packets = 0;
	t->waiting[i / 64] &= ~(1ull << (i % 64));
	observe_end(out);
}

static void slot_packet(struct talk *t, const struct talk_key *key,
			const struct packet *p, uint8_t ttl, uint8_t direction,
			struct observer *out)
{
	uint32_t i = slot_of(t, key);
	struct slot *s = &t->slot[i];
	int64_t now = p->frame.time_ns;

	if (!s->used || memcmp(&s->key, key, sizeof(*key)) != 0) {
		if (s->packets && may_report(t, now))
			report(t, s, out);
		s->key = *key;
		s->used = true;
		s->packets = 0;
		s->reported_ns = now - QUIET_NS;
	}
	s->last_ns = now;
	s->last_frame = p->frame.number;
	s->direction = direction;
	s->ttl = ttl;
	s->packets++;
	t->waiting[i / 64] |= 1ull << (i % 64);
	if ((now - s->reported_ns >= QUIET_NS || now < s->reported_ns) &&
	    may_report(t, now))
		report(t, s, out);
}

/* The stations of the outermost link layer. */
static void key_stations(struct talk_key *key, const struct packet *p)
{
	const struct link_header *link = &p->layers[0].as.link;

	if (p->eth != &p->layers[0] && p->layers[0].proto != PROTO_ethernet)
		return;
	if (link->has_src) {
		key->src_mac = link->src;
		key->macs |= 1;
	}
	if (link->has_dst) {
		key->dst_mac = link->dst;
		key->macs |= 2;
	}
}

static void talk_packet(void *self, const struct packet *p,
			struct observer *out)
{
	const struct ip_header *ip;
	struct talk_key key;

	if (!p->outer_ip)
		return;
	memset(&key, 0, sizeof(key));
	ip = &p->outer_ip->as.ip;
	key.link = p->link;
	key.src = ip->src;
	key.dst = ip->dst;
	key_stations(&key, p);
	slot_packet(self, &key, p, ip->ttl, p->frame.direction, out);
	if (p->ip == p->outer_ip || !p->ip)
		return;
	ip = &p->ip->as.ip;
	memset(&key, 0, sizeof(key));
	key.link = p->link;
	key.src = ip->src;
	key.dst = ip->dst;
	slot_packet(self, &key, p, ip->ttl, FRAME_UNKNOWN, out);
}

/* Report the last packet of what has fallen quiet. */
static void flush(struct talk *t, int64_t before_ns, struct observer *out)
{
	for (uint32_t w = 0; w < SLOTS / 64; w++) {
		uint64_t bits = t->waiting[w];

		for (; bits; bits &= bits - 1) {
			uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(bits);

			if (t->slot[i].last_ns <= before_ns)
				report(t, &t->slot[i], out);
		}
	}
}

static void talk_clock(void *self, int64_t now_ns, struct observer *out)
{
	flush(self, now_ns - QUIET_NS, out);
}

static void talk_finish(void *self, int64_t now_ns, struct observer *out)
{
	(void)now_ns;
	flush(self, INT64_MAX, out);
}

const struct tracker talk_tracker = {
	.name = "talk",
	.open = talk_open,
	.packet = talk_packet,
	.clock = talk_clock,
	.finish = talk_finish,
};
