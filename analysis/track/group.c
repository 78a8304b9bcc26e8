/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * group.c - frames that every station of a link has to take: broadcast, and the
 * multicast that never leaves a link.  A second with very many of them is one
 * observation.
 *
 * Streams that somebody joined (IPTV) are no such frames.  The senders of a
 * second are counted as "space saving" does it: the rarest place is given away,
 * with its count, so the busiest cannot be missed.
 */
#include <string.h>

#include "analysis/tracker.h"
#include "base/table.h"
#include "base/when.h"

enum { LINKS = 1024, SENDERS = 8 };

struct sender {
	struct mac mac;
	uint32_t frames;
};

struct second {
	int64_t from_ns;
	uint32_t frames, broadcast;
	uint64_t bytes, frame[4];
	struct sender sender[SENDERS];
};

struct group {
	struct table *links;
	uint32_t last_link;
	struct second *last;
};

static void *group_open(const struct tracker_home *home)
{
	const struct table_spec spec = {"links with broadcasts",
					sizeof(uint32_t), sizeof(struct second),
					LINKS};
	struct group *g = arena_alloc(home->arena, sizeof(*g));

	if (!g)
		return NULL;
	g->links = table_new(home->arena, &spec, home->key);
	return g->links ? g : NULL;
}

/* Broadcast, 224.0.0.x, the bridges' and Cisco's own, ff02:: of few bits and
 * the groups of solicited nodes. */
static bool for_the_link(const struct mac *m)
{
	static const struct {
		uint8_t size, bytes[5];
	} groups[] = {
		{5, {0xff, 0xff, 0xff, 0xff, 0xff}},
		{5, {0x01, 0x00, 0x5e, 0x00, 0x00}},
		{5, {0x01, 0x80, 0xc2, 0x00, 0x00}},
		{5, {0x01, 0x00, 0x0c, 0xcc, 0xcc}},
		{5, {0x33, 0x33, 0x00, 0x00, 0x00}},
		{4, {0x33, 0x33, 0x00, 0x01}},
		{3, {0x33, 0x33, 0xff}},
	};

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (memcmp(m->bytes, groups[i].bytes, groups[i].size) == 0)
			return true;
	return false;
}

static void count_sender(struct second *s, const struct mac *mac)
{
	struct sender *least = &s->sender[0];

	for (int i = 0; i < SENDERS; i++) {
		struct sender *x = &s->sender[i];

		if (x->frames && mac_equal(&x->mac, mac)) {
			x->frames++;
			return;
		}
		if (x->frames < least->frames)
			least = x;
	}
	least->mac = *mac;
	least->frames++;
}

static void fill_senders(struct group_rate_fact *f, const struct second *s)
{
	for (int i = 0; i < SENDERS; i++) {
		const struct sender *x = &s->sender[i];
		uint32_t at = GROUP_SENDERS;

		while (at && f->sender[at - 1].frames < x->frames)
			at--;
		if (at == GROUP_SENDERS)
			continue;
		memmove(&f->sender[at + 1], &f->sender[at],
			(GROUP_SENDERS - 1 - at) * sizeof(f->sender[0]));
		f->sender[at].mac = x->mac;
		f->sender[at].frames = x->frames;
	}
}

/* The second is over. */
static void report(struct group *g, struct second *s, struct observer *out)
{
	struct group_rate_fact *f;
	struct observation *o;

	if (s->frames >= GROUP_RATE_LEAST) {
		o = observe_begin(out, OBS_GROUP_RATE, NULL);
		o->link = *(const uint32_t *)table_key(g->links, s);
		o->frame = s->frame[0];
		o->time_ns = s->from_ns + NS_PER_S;
		f = &o->as.group_rate;
		f->from_ns = s->from_ns;
		f->frames = s->frames;
		f->broadcast = s->broadcast;
		f->bytes = s->bytes;
		memcpy(f->frame, s->frame, sizeof(f->frame));
		fill_senders(f, s);
		observe_end(out);
	}
	memset(s, 0, sizeof(*s));
}

static struct second *second_of(struct group *g, uint32_t link)
{
	if (!g->last || g->last_link != link) {
		g->last = table_add(g->links, &link, NULL);
		g->last_link = link;
	}
	return g->last;
}

static void count(struct group *g, const struct packet *p, struct observer *out)
{
	const struct link_header *l = &p->layers[0].as.link;
	struct second *s = second_of(g, p->link);
	int64_t ns = p->frame.time_ns;

	if (!s)
		return;
	if (s->frames && (ns >= s->from_ns + NS_PER_S || ns < s->from_ns))
		report(g, s, out);
	if (!s->frames)
		s->from_ns = ns;
	if (s->frames < 4)
		s->frame[s->frames] = p->frame.number;
	s->frames++;
	s->broadcast += mac_is_broadcast(&l->dst);
	s->bytes += p->frame.sent;
	count_sender(s, &l->src);
}

static bool group_concerns(const struct packet *p)
{
	const struct layer *first = &p->layers[0];

	return p->layer_count && first->proto == PROTO_ethernet &&
	       first->as.link.dst.bytes[0] & 1;
}

static void group_packet(void *self, const struct packet *p,
			 struct observer *out)
{
	const struct layer *first = &p->layers[0];

	if (!group_concerns(p) || first->state != WIRE_WHOLE)
		return;
	if (for_the_link(&first->as.link.dst))
		count(self, p, out);
}

static void group_clock(void *self, int64_t now_ns, struct observer *out)
{
	struct group *g = self;

	for (struct second *s = table_oldest(g->links); s;
	     s = table_newer(g->links, s))
		if (s->frames && now_ns >= s->from_ns + 2 * NS_PER_S)
			report(g, s, out);
}

static void group_finish(void *self, int64_t now_ns, struct observer *out)
{
	struct group *g = self;

	(void)now_ns;
	for (struct second *s = table_oldest(g->links); s;
	     s = table_newer(g->links, s))
		report(g, s, out);
}

static void group_limits(void *self, struct checks *out)
{
	const struct group *g = self;

	check_table(out, g->links);
}

const struct tracker group_tracker = {
	.name = "group",
	.open = group_open,
	.concerns = group_concerns,
	.packet = group_packet,
	.clock = group_clock,
	.finish = group_finish,
	.limits = group_limits,
};
