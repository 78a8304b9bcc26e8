/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * eth_unicast_flood.c - frames for a station that is not here: the switch has
 * forgotten where it is, and sends them to all ports.
 *
 * That its peer's acknowledgements advance proves that it lives, and answers by
 * another way.  Seen from a host on an ordinary port this is flooding; where
 * nothing is known of the capture it may as well be a mirror of one direction.
 */
#include <string.h>

#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"

enum { FRAMES_LEAST = 20, ACK_MOVES = 2 };

#define START_NS (5 * NS_PER_S) /* a switch learns */
#define SPAN_NS	 (5 * NS_PER_S)

static const struct finding_def eth_unicast_flood = {
	.id = "eth.unicast_flood",
	.layer = LAYER_DATA_LINK,
	.most = WARNING,
	.subject = SUBJECT_HOST,
	.title = "Frames for a station that is not on this port",
	.advice = {"Let the switch keep MAC addresses as long as routers keep "
		   "ARP entries"},
};

struct way_key {
	struct addr src, dst;
};

/* What goes to a MAC that never speaks here. */
struct way {
	struct mac from, to;
	uint32_t link, packets;
	int64_t first_ns, last_ns;
	bool acked;
	struct frame_list frames;
};

struct flood_watch {
	struct table *ways;
};

static void *flood_open(struct arena *home, const struct limits *limits,
			struct hash_key key)
{
	const struct table_spec spec = {"ways to silent stations",
					sizeof(struct way_key),
					sizeof(struct way), limits->macs / 8};
	struct flood_watch *w = arena_alloc(home, sizeof(*w));

	if (!w)
		return NULL;
	w->ways = table_new(home, &spec, key);
	return w->ways ? w : NULL;
}

static bool speaks(uint32_t link, const struct mac *mac,
		   const struct detector_context *c)
{
	return known_mac_last(c->known, link, mac, NULL) != 0;
}

static void note_talk(struct flood_watch *w, const struct observation *o,
		      const struct detector_context *c)
{
	const struct talk_fact *t = &o->as.talk;
	struct way_key key = {t->src, t->dst};
	struct way *way;

	if (!t->has_macs || !mac_is_station(&t->dst_mac) ||
	    o->time_ns - c->start_ns < START_NS ||
	    speaks(o->link, &t->dst_mac, c))
		return;
	way = table_add(w->ways, &key, NULL);
	if (!way)
		return;
	if (!way->packets)
		way->first_ns = o->time_ns;
	way->from = t->src_mac;
	way->to = t->dst_mac;
	way->link = o->link;
	way->packets += t->packets;
	way->last_ns = o->time_ns;
	frames_note(&way->frames, o->frame);
}

/* One side of a connection alone, and its acknowledgements advance. */
static void note_ended(struct flood_watch *w, const struct tcp_ended_fact *e)
{
	int side = e->side[0].packets ? 0 : 1;
	struct way_key key = {side ? e->flow.dst : e->flow.src,
			      side ? e->flow.src : e->flow.dst};
	struct way *way;

	if ((e->side[0].packets && e->side[1].packets) ||
	    e->side[side].ack_moves < ACK_MOVES)
		return;
	way = table_find(w->ways, &key);
	if (way)
		way->acked = true;
}

static void flood_observe(void *self, const struct observation *o,
			  const struct detector_context *c)
{
	if (o->kind == OBS_TALK)
		note_talk(self, o, c);
	else
		note_ended(self, &o->as.ended);
}

static void flood_raise(const struct way *way, const struct way_key *key,
			enum vantage vantage, const struct detector_context *c)
{
	struct subject subject = subject_mac(&way->to);
	char to[MAC_TEXT], src[ADDR_TEXT], dst[ADDR_TEXT], took[WHEN_TEXT];
	char frames[FRAMES_TEXT];
	struct finding *f;

	subject.a = key->dst;
	f = finding_raise(c->findings, &eth_unicast_flood, &subject, "",
			  way->first_ns, way->last_ns);
	if (!f)
		return;
	f->count += way->packets;
	f->severity = vantage == VANTAGE_HOST ? WARNING : NOTICE;
	f->confidence = vantage == VANTAGE_HOST ? LIKELY : POSSIBLE;
	finding_restate(f);
	mac_text(&way->to, to);
	addr_text(&key->src, src);
	addr_text(&key->dst, dst);
	finding_title(f, "Frames for %s are flooded to this port", to);
	finding_summary(f,
			"%u frames from %s to %s went to %s here in %s (%s), "
			"and that station never says anything on this port. "
			"Yet what it sends arrives, as the acknowledgements of "
			"%s show: it goes another way, and the switch has "
			"forgotten where it is.",
			way->packets, src, dst, to,
			when_duration(way->last_ns - way->first_ns, took),
			frames_text(&way->frames, frames), src);
	if (vantage != VANTAGE_HOST)
		finding_add(f, " Or this is a mirror that shows one direction "
			       "only.");
	finding_filter(f, "eth.dst == %s", to);
	finding_advise(f,
		       "Is the way back from %s another one? Then let the "
		       "switch keep MAC addresses as long as routers keep "
		       "ARP entries",
		       dst);
	frames_prove(&way->frames, f);
}

static void flood_finish(void *self, const struct detector_context *c)
{
	const struct flood_watch *w = self;
	enum vantage vantage = known_vantage(c->known, NULL, NULL);

	if (vantage != VANTAGE_HOST && vantage != VANTAGE_SPECTATOR)
		return;
	for (struct way *way = table_oldest(w->ways); way;
	     way = table_newer(w->ways, way))
		if (way->acked && way->packets >= FRAMES_LEAST &&
		    way->last_ns - way->first_ns >= SPAN_NS &&
		    !speaks(way->link, &way->to, c) &&
		    !known_is_self(c->known, &way->to) &&
		    !known_is_self(c->known, &way->from))
			flood_raise(way, table_key(w->ways, way), vantage, c);
}

static void flood_limits(void *self, struct checks *out)
{
	const struct flood_watch *w = self;

	check_table(out, w->ways);
}

static const struct finding_def *const flood_findings[] = {&eth_unicast_flood,
							   NULL};

static const enum observation_kind flood_wants[] = {OBS_TALK, OBS_TCP_ENDED,
						    OBSERVATIONS};

const struct detector eth_unicast_flood_detector = {
	.name = "eth_unicast_flood",
	.findings = flood_findings,
	.wants = flood_wants,
	.open = flood_open,
	.observe = flood_observe,
	.finish = flood_finish,
	.limits = flood_limits,
};
