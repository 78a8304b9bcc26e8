/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sightings.c - packets that pass again and again, and are no copies.
 *
 * In a routing loop the same packet comes by between the same two MACs with a
 * smaller TTL each time; in a bridging loop it does not even get smaller.
 */
#include "analysis/admission/sightings.h"

#include "base/when.h"

enum { ROOM = 4096, WAYS = 3, TELLING = 64 };

struct way {
	uint16_t src, dst, count, inbound;
	uint8_t ttl;
	bool falls;
};

struct passing {
	uint64_t first_frame;
	int64_t first_ns, last_ns;
	uint16_t count;
	struct way way[WAYS];
};

struct sightings {
	struct table *packets; /* by fingerprint; forgetting one hides nothing
				* but one more proof of the same loop */
};

struct sightings *sightings_new(const struct tracker_home *home)
{
	static const struct table_spec spec = {"packets seen again",
					       sizeof(uint64_t),
					       sizeof(struct passing), ROOM};
	struct sightings *s = arena_alloc(home->arena, sizeof(*s));

	if (!s)
		return NULL;
	s->packets = table_new(home->arena, &spec, home->key);
	return s->packets ? s : NULL;
}

static void passing_start(struct passing *t, const struct sighting *first,
			  const struct packet *p)
{
	*t = (struct passing){
		.first_frame = first->frame,
		.first_ns = p->frame.time_ns,
		.count = 1,
		.way = {{.src = first->src,
			 .dst = first->dst,
			 .count = 1,
			 .ttl = first->ttl}},
	};
}

/* The way between these stations, or a new one; the last is given away. */
static struct way *way_of(struct passing *t, const struct fingerprint *print)
{
	int i = 0;

	while (i < WAYS && t->way[i].count &&
	       (t->way[i].src != print->src || t->way[i].dst != print->dst))
		i++;
	if (i == WAYS)
		t->way[--i].count = 0;
	if (!t->way[i].count) {
		t->way[i].falls = false;
		t->way[i].inbound = 0;
	}
	t->way[i].src = print->src;
	t->way[i].dst = print->dst;
	return &t->way[i];
}

static void bump(uint16_t *count)
{
	if (*count < UINT16_MAX)
		++*count;
}

static void fill(struct same_packet_fact *fact, const struct passing *t,
		 const struct way *w, const struct packet *p)
{
	fact->first_frame = t->first_frame;
	fact->first_ns = t->first_ns;
	fact->sightings = w->count;
	fact->all_sightings = t->count;
	fact->same_macs = w->count > 1;
	fact->ttl_before = w->ttl;
	fact->falls = w->falls;
	fact->inbound = w->inbound;
	fact->direction = p->frame.direction;
	fact->cut = p->frame.kept < p->frame.sent && p->frame.kept < TELLING;
	if (p->ip) {
		const struct ip_header *ip = &p->ip->as.ip;

		fact->src = ip->src;
		fact->dst = ip->dst;
		fact->id = ip->id;
		fact->protocol = ip->protocol;
		fact->ttl = ip->ttl;
	}
	if (p->eth && p->eth->as.link.has_src && p->eth->as.link.has_dst) {
		fact->has_macs = true;
		fact->mac_src = p->eth->as.link.src;
		fact->mac_dst = p->eth->as.link.dst;
	}
}

void sightings_limits(const struct sightings *s, struct checks *out)
{
	check_table(out, s->packets);
}

void sightings_note(struct sightings *s, const struct fingerprint *print,
		    const struct sighting *first, const struct packet *p,
		    struct observer *out)
{
	struct passing *t;
	struct way *w;
	bool added;

	if (!observer_wants(out, OBS_SAME_PACKET))
		return;
	t = table_add(s->packets, &print->packet, &added);
	if (!t)
		return;
	if (added || p->frame.time_ns - t->last_ns > NS_PER_S)
		passing_start(t, first, p);
	t->last_ns = p->frame.time_ns;
	bump(&t->count);
	w = way_of(t, print);
	if (!w->count)
		w->ttl = first->ttl;
	bump(&w->count);
	if (p->frame.direction == FRAME_INBOUND)
		bump(&w->inbound);
	fill(&observe_begin(out, OBS_SAME_PACKET, p)->as.same_packet, t, w, p);
	observe_end(out);
	w->falls |= p->ip && p->ip->as.ip.ttl < w->ttl;
	w->ttl = p->ip ? p->ip->as.ip.ttl : 0;
}
