/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * eth_loop.c - the same frames come round again and again: switches are wired
 * in a circle and nothing breaks it.
 *
 * A frame in such a circle does not age: it passes with the same TTL, between
 * the same MACs, until somebody pulls a cable.  A mirror of many ports shows a
 * frame often too, but within milliseconds.  A station that sends the same
 * bytes at a steady pace (BFD, hellos) has the same IP ID in all of them: so
 * two packets with different IDs must go round.
 *
 * Where the host of the capture hears its own frame come in again and again,
 * that is enough; a bundle of links without LACP brings it back, too, at once
 * and as often as it has members.
 */
#include <string.h>

#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"

enum {
	ROUNDS = 10,	    /* of a packet with an ID */
	ROUNDS_ALONE = 500, /* where only one is seen */
	OWN_ROUNDS = 3,	    /* that a frame sent here came in */
	ROUNDS_OTHER = 100, /* of a frame without an ID, at once */
	RATE = 1000,	    /* such frames in a second, of two stations */
	LINKS = 256,
	STATIONS = 2,
	PACKETS = 4,
};

#define MIRROR_NS (5 * NS_PER_MS)
#define SPAN_NS	  (50 * NS_PER_MS)
#define ROUND_NS  (100 * NS_PER_US) /* 100 in 10 ms */

static const struct finding_def eth_loop = {
	.id = "eth.loop",
	.layer = LAYER_DATA_LINK,
	.most = CRITICAL,
	.subject = SUBJECT_LINK,
	.title = "Frames go round in a bridging loop",
	.advice = {"Pull the cable that was plugged in last",
		   "Let the spanning tree run on all switches and ports"},
};

struct circle {
	/* packets with an ID that went round, the last ones */
	struct {
		struct addr src, dst;
		uint32_t id;
	} packet[PACKETS];
	uint8_t packets;
	bool two; /* of one sender, with different IDs */
	/* frames without: this second */
	int64_t second_ns;
	uint32_t frames;
	uint8_t stations;
	struct mac station[STATIONS];
	/* all in all */
	int64_t first_ns;
	struct mac first_src; /* of the first frame in the list */
	uint64_t again;
	struct frame_list list;
};

struct loop_watch {
	struct table *links;
};

static void *circle_open(struct arena *home, const struct limits *limits,
			 struct hash_key key)
{
	const struct table_spec spec = {"links with loops", sizeof(uint32_t),
					sizeof(struct circle), LINKS};
	struct loop_watch *w = arena_alloc(home, sizeof(*w));

	(void)limits;
	if (!w)
		return NULL;
	w->links = table_new(home, &spec, key);
	return w->links ? w : NULL;
}

static void loop_raise(const struct circle *x, const struct observation *o,
		       bool certain, const struct detector_context *c)
{
	const struct same_packet_fact *s = &o->as.same_packet;
	struct subject subject = subject_link(o->link);
	char src[MAC_TEXT], first[MAC_TEXT], took[WHEN_TEXT], list[FRAMES_TEXT];
	struct finding *f = finding_find(c->findings, &eth_loop, &subject, "");
	bool news = !f || f->confidence < CERTAIN;

	f = finding_raise(c->findings, &eth_loop, &subject, "", x->first_ns,
			  o->time_ns);
	if (!f)
		return;
	f->count = x->again;
	if (!news)
		return;
	f->confidence = certain ? CERTAIN : LIKELY;
	finding_restate(f);
	mac_text(&s->mac_src, src);
	finding_title(f, "Frames of %s%s go round in a loop", src,
		      mac_equal(&x->first_src, &s->mac_src) ? ""
							    : " and others");
	finding_summary(f,
			"Frame %llu of %s passed here %u times in %s, the "
			"same to the last byte, at last in frame %llu (%s). "
			"Nothing resends so fast, and nothing ages it: "
			"switches are joined in a circle.",
			(unsigned long long)s->first_frame, src, s->sightings,
			when_duration(o->time_ns - s->first_ns, took),
			(unsigned long long)o->frame,
			frames_text(&x->list, list));
	if (mac_equal(&x->first_src, &s->mac_src))
		finding_filter(f, "eth.src == %s", src);
	else
		finding_filter(f, "eth.src == %s || eth.src == %s",
			       mac_text(&x->first_src, first), src);
	finding_advise(f, "Pull the cable that was plugged in last; two ports "
			  "of one small switch may be joined");
	finding_advise(f, "Let the spanning tree run on all switches and "
			  "ports");
	frames_prove(&x->list, f);
}

static bool has_id(const struct same_packet_fact *s)
{
	return s->src.family == 4 && s->id != 0;
}

/* One sender with two IDs: he does not send with the same one always. */
static void note_packet(struct circle *x, const struct same_packet_fact *s)
{
	uint8_t n = x->packets < PACKETS ? x->packets : PACKETS;

	for (uint8_t i = 0; i < n; i++) {
		if (!addr_equal(&x->packet[i].src, &s->src) ||
		    !addr_equal(&x->packet[i].dst, &s->dst))
			continue;
		x->two |= x->packet[i].id != s->id;
		return;
	}
	x->packet[x->packets % PACKETS].src = s->src;
	x->packet[x->packets % PACKETS].dst = s->dst;
	x->packet[x->packets % PACKETS].id = s->id;
	x->packets = x->packets < PACKETS
			     ? x->packets + 1
			     : PACKETS + (x->packets + 1) % PACKETS;
}

static void note_station(struct circle *x, const struct mac *m)
{
	for (uint8_t i = 0; i < x->stations; i++)
		if (mac_equal(&x->station[i], m))
			return;
	if (x->stations < STATIONS)
		x->station[x->stations++] = *m;
}

/* So many in this second, and of two stations. */
static bool note_second(struct circle *x, const struct observation *o)
{
	if (o->time_ns - x->second_ns >= NS_PER_S ||
	    o->time_ns < x->second_ns) {
		x->second_ns = o->time_ns;
		x->frames = 0;
		x->stations = 0;
	}
	note_station(x, &o->as.same_packet.mac_src);
	return ++x->frames >= RATE && x->stations >= STATIONS;
}

static void with_id(struct circle *x, const struct observation *o,
		    const struct detector_context *c)
{
	const struct same_packet_fact *s = &o->as.same_packet;

	if (s->sightings < ROUNDS || o->time_ns - s->first_ns < SPAN_NS)
		return;
	note_packet(x, s);
	/* a flood may be made of one and the same packet */
	if (x->two ||
	    (s->sightings >= ROUNDS_ALONE && mac_is_group(&s->mac_dst)))
		loop_raise(x, o, x->two, c);
}

static void without_id(struct circle *x, const struct observation *o,
		       const struct detector_context *c)
{
	const struct same_packet_fact *s = &o->as.same_packet;
	int64_t span = o->time_ns - s->first_ns;
	bool many = note_second(x, o);

	/* tools that flood send IP; ARP or a hello is never sent so fast */
	if (many || (!s->src.family && s->sightings >= ROUNDS_OTHER &&
		     span <= s->sightings * ROUND_NS))
		loop_raise(x, o, false, c);
}

/* A frame that this host sent comes in. */
static bool is_own(const struct same_packet_fact *s,
		   const struct detector_context *c)
{
	return s->direction == FRAME_INBOUND && !s->cut && s->has_macs &&
	       s->same_macs && s->ttl == s->ttl_before &&
	       s->inbound >= OWN_ROUNDS && known_is_self(c->known, &s->mac_src);
}

static void own_again(struct loop_watch *w, const struct observation *o,
		      const struct detector_context *c)
{
	const struct same_packet_fact *s = &o->as.same_packet;
	struct circle *x = table_add(w->links, &o->link, NULL);

	if (!x)
		return;
	if (!x->again++) {
		x->first_ns = s->first_ns;
		x->first_src = s->mac_src;
	}
	frames_note(&x->list, x->list.count ? o->frame : s->first_frame);
	loop_raise(x, o,
		   s->inbound >= ROUNDS || o->time_ns - s->first_ns > MIRROR_NS,
		   c);
}

static void loop_observe(void *self, const struct observation *o,
			 const struct detector_context *c)
{
	const struct same_packet_fact *s = &o->as.same_packet;
	struct loop_watch *w = self;
	struct circle *x;

	if (is_own(s, c)) {
		own_again(self, o, c);
		return;
	}
	/* unicast goes round only where its receiver is unknown: what a tool
	 * sends again and again to one station is another matter */
	if (s->cut || s->falls || !s->has_macs || !s->same_macs ||
	    s->ttl != s->ttl_before || o->time_ns - s->first_ns <= MIRROR_NS ||
	    (!has_id(s) && !mac_is_group(&s->mac_dst)))
		return;
	x = table_add(w->links, &o->link, NULL);
	if (!x)
		return;
	if (!x->again++) {
		x->first_ns = s->first_ns;
		x->first_src = s->mac_src;
	}
	frames_note(&x->list, x->list.count ? o->frame : s->first_frame);
	if (has_id(s))
		with_id(x, o, c);
	else
		without_id(x, o, c);
}

static const struct finding_def *const loop_findings[] = {&eth_loop, NULL};

static const enum observation_kind loop_wants[] = {OBS_SAME_PACKET,
						   OBSERVATIONS};

const struct detector eth_loop_detector = {
	.name = "eth_loop",
	.findings = loop_findings,
	.wants = loop_wants,
	.open = circle_open,
	.observe = loop_observe,
};
