/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * engine.c - moves packets through the house, a batch at a time.
 *
 * A batch is dissected whole, then admitted in frame order; trackers may
 * prefetch for all of it before the first packet is tracked, because the cost
 * of a packet is the latency of the memory that it touches.
 */
#include "analysis/engine.h"

#include <stdlib.h>

#include "analysis/admission/admission.h"
#include "analysis/diagnose/diagnose.h"
#include "analysis/detect/list.h"
#include "analysis/lane.h"
#include "analysis/observer.h"
#include "analysis/places.h"
#include "analysis/track/list.h"

enum { TICK_NS = 100 * 1000 * 1000, MIXED_NS = 200 * 1000 };
enum { DETECTORS_MAX = 128, TRACKERS_MAX = 16, LINE = 64 };

#define ONE(name) +1
_Static_assert(0 DETECTORS(ONE) <= DETECTORS_MAX, "room for each detector");
_Static_assert(0 TRACKERS(ONE) <= TRACKERS_MAX, "a bit of lane.takers each");
#undef ONE

enum {
#define NUMBER(name) TRACKER_##name,
	TRACKERS(NUMBER)
#undef NUMBER
};

#define DECLARE(name) extern const struct tracker name##_tracker;
TRACKERS(DECLARE)
#undef DECLARE

struct engine {
	struct arena *arena, *said; /* what is remembered, what was found */
	struct limits limits;
	struct hash_key key;
	struct engine_listener listener;
	struct admission *admission;
	struct places *places; /* NULL: one interface, or files */
	struct coverage coverage;
	struct detector_context context;
	struct observer observer;
	void *tracker[TRACKERS_MAX], *detector[DETECTORS_MAX];
	struct lanes *lanes;
	/* which trackers a packet of a kind goes to, which take twins and each
	 * SYN of a crowd: a bit each, the first in the lowest */
	uint32_t takers[KINDS], twins, crowds;
	uint32_t interfaces; /* of the source, told so far */
	int64_t next_tick_ns;
	int64_t frame_ns; /* of the last frame, by the capture's clock */
	struct checks checks;
	struct diagnosis diagnosis;
	const struct frame *order[READ]; /* of what is being fed */
	struct packet batch[BATCH];
	uint32_t takes[BATCH]; /* the trackers of each */
};

static void sort_trackers(struct engine *e)
{
	for (unsigned kind = 0; kind < KINDS; kind++)
		for (unsigned i = 0; trackers[i]; i++)
			if (!trackers[i]->takes || trackers[i]->takes & kind)
				e->takers[kind] |= 1u << i;
	for (unsigned i = 0; trackers[i]; i++)
		e->twins |= (uint32_t)trackers[i]->twins << i;
	for (unsigned i = 0; trackers[i]; i++)
		e->crowds |= (uint32_t)trackers[i]->crowds << i;
}

static bool open_trackers(struct engine *e)
{
	const struct tracker_home home = {e->arena, &e->limits, e->key,
					  e->listener.segment != NULL};

	e->admission = admission_new(&home);
	e->lanes = lanes_new(e->arena, e->limits.lanes, e->key);
	if (!e->admission || !e->lanes)
		return false;
	for (int i = 0; trackers[i]; i++) {
		e->tracker[i] = trackers[i]->open(&home);
		if (!e->tracker[i])
			return false;
	}
	sort_trackers(e);
	return true;
}

static bool open_detectors(struct engine *e)
{
	for (int i = 0; detectors[i]; i++) {
		e->detector[i] =
			detectors[i]->open(e->arena, &e->limits, e->key);
		if (!e->detector[i])
			return false;
		observer_subscribe(&e->observer, detectors[i], e->detector[i]);
	}
	return true;
}

/* What is broken at one of several interfaces is not told of the others. */
static bool open_places(struct engine *e, struct knowledge *known)
{
	const struct source *s = e->coverage.source;

	if (!s || source_interfaces(s) < 2 || !source_interface(s, 0)->live)
		return true;
	e->places = places_new(e->arena);
	knowledge_place(known, e->places);
	return e->places != NULL;
}

struct engine *engine_new(const struct engine_options *options, struct err *err)
{
	struct engine *e = calloc(1, sizeof(*e));
	struct knowledge *known;

	if (!e) {
		err_set(err, "not enough memory to start");
		return NULL;
	}
	e->limits = limits_for(options->memory);
	e->key = hash_key_new();
	if (options->listener)
		e->listener = *options->listener;
	e->coverage.source = options->source;
	e->said = arena_new(e->limits.memory / MEMORY_SAID);
	e->arena = arena_new(e->limits.memory - MEMORY_PROGRAM -
			     e->limits.memory / MEMORY_SAID);
	known = e->arena ? knowledge_new(e->arena, &e->limits, e->key) : NULL;
	e->context.known = known;
	e->context.coverage = &e->coverage;
	e->context.weak = e->arena ? weak_new(e->arena, e->key) : NULL;
	e->context.findings = e->said ? findings_new(e->said, e->key) : NULL;
	e->observer.knowledge = known;
	e->observer.context = &e->context;
	e->observer.segment = e->listener.segment;
	e->observer.segment_context = e->listener.context;
	if (e->arena && options->connections)
		e->observer.connections = connections_new(
			e->arena, options->connections, options->order);
	if (known && open_places(e, known) && e->context.weak &&
	    e->context.findings && open_trackers(e) && open_detectors(e))
		return e;
	err_set(err, "not enough memory to start: cannot reserve %zu bytes",
		e->limits.memory);
	engine_free(e);
	return NULL;
}

/* Live: a finding is shown when it is raised, and when it gets worse. */
static void announce(struct engine *e)
{
	struct findings *all = e->context.findings;

	if (!e->listener.finding)
		return;
	for (uint32_t i = 0; i < findings_count(all); i++) {
		struct finding *f = finding_at(all, i);

		if (f->withheld ||
		    (f->announced && f->severity <= f->announced_severity))
			continue;
		f->announced = true;
		f->announced_severity = f->severity;
		e->listener.finding(e->listener.context, f);
	}
}

/* Timers run on the capture's clock, about ten times a second of it. */
static void tick(struct engine *e, int64_t now_ns)
{
	e->next_tick_ns = now_ns + TICK_NS;
	for (int i = 0; trackers[i]; i++)
		if (trackers[i]->clock)
			trackers[i]->clock(e->tracker[i], now_ns, &e->observer);
	for (int i = 0; detectors[i]; i++)
		if (detectors[i]->clock)
			detectors[i]->clock(e->detector[i], &e->context);
	announce(e);
}

static unsigned kind_of(const struct packet *p)
{
	unsigned kind = p->tcp	  ? KIND_TCP
			: p->udp  ? KIND_UDP
			: p->icmp ? KIND_ICMP
				  : KIND_OTHER;

	return p->ip && p->ip->as.ip.fragment ? kind | KIND_FRAGMENT : kind;
}

/* Never none: all packets concern some tracker. */
static uint32_t takers_of(const struct engine *e, const struct packet *p)
{
	uint32_t takers;

	if (p->lane && p->lane->takers)
		return p->lane->takers;
	takers = e->takers[kind_of(p)];
	if (!p->lane)
		return takers;
	for (unsigned i = 0; trackers[i]; i++)
		if (trackers[i]->concerns && !trackers[i]->concerns(p))
			takers &= ~(1u << i);
	return p->lane->takers = (uint16_t)takers;
}

/* Most SYNs of a flood are told to those alone who look at each. */
static void find_takers(struct engine *e, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct packet *p = &e->batch[i];

		p->crowd = tcp_tracker.is_crowd(e->tracker[TRACKER_tcp], p);
		e->takes[i] = takers_of(e, p) & (p->crowd ? e->crowds : ~0u);
	}
}

/* Trackers are called by name, so that the compiler knows whom it calls. */
static void prefetch(struct engine *e, uint32_t count)
{
#define PREFETCH(name)                                                         \
	if (name##_tracker.prefetch)                                           \
		for (uint32_t i = 0; i < count; i++)                           \
			if (e->takes[i] & 1u << TRACKER_##name)                \
				name##_tracker.prefetch(                       \
					e->tracker[TRACKER_##name],            \
					&e->batch[i]);
	TRACKERS(PREFETCH)
#undef PREFETCH
}

static void track(struct engine *e, const struct packet *p, uint32_t takers)
{
	takers &= p->twin ? e->twins : takers;
#define TRACK(name)                                                            \
	if (takers & 1u << TRACKER_##name)                                     \
		name##_tracker.packet(e->tracker[TRACKER_##name], p,           \
				      &e->observer);
	TRACKERS(TRACK)
#undef TRACK
}

static void track_copy(struct engine *e, const struct packet *p)
{
	const struct copy_fact *copy = admission_copy(e->admission);

#define TRACK_COPY(name)                                                       \
	if (name##_tracker.copy)                                               \
		name##_tracker.copy(e->tracker[TRACKER_##name], p, copy);
	TRACKERS(TRACK_COPY)
#undef TRACK_COPY
}

/* What is known of the interfaces themselves; a file may describe more of them
 * as it goes on. */
static void tell_interfaces(struct engine *e)
{
	const struct source *s = e->coverage.source;

	while (s && e->interfaces < source_interfaces(s)) {
		uint32_t index = e->interfaces++;
		const struct source_interface *i = source_interface(s, index);
		struct observation *o;

		if (mac_is_zero(&i->mac) && !i->addresses)
			continue;
		o = observe_begin(&e->observer, OBS_INTERFACE, NULL);
		o->link = admission_link_of(e->admission, index);
		o->interface = index;
		o->as.own = i;
		observe_end(&e->observer);
	}
}

/* A little later than the one behind it; stamps may be any, so that a
 * difference may not fit its sign. */
static bool is_mixed(const struct frame *front, const struct frame *behind)
{
	return front->time_ns > behind->time_ns &&
	       (uint64_t)front->time_ns - (uint64_t)behind->time_ns < MIXED_NS;
}

/* Frames of several queues or interfaces stand in a capture as they were
 * fetched, an answer before its question: what is so little out of order goes
 * where its stamp says. */
static void put_in_order(struct engine *e, const struct frame *frames,
			 uint32_t count)
{
	const struct frame **order = e->order;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t k = i;

		while (k && is_mixed(order[k - 1], &frames[i])) {
			order[k] = order[k - 1];
			k--;
		}
		order[k] = &frames[i];
	}
}

static void find_lanes(struct engine *e, uint32_t count)
{
	lanes_begin(e->lanes);
	for (uint32_t i = 0; i < count; i++)
		lanes_expect(e->lanes, &e->batch[i]);
	for (uint32_t i = 0; i < count; i++)
		e->batch[i].lane = lanes_find(e->lanes);
}

/* Copies may have shown that its link is another one seen twice. */
static void follow_link(struct packet *p)
{
	if (p->lane && p->lane->link != p->link)
		lane_move(p->lane, p->link);
}

static void feed_batch(struct engine *e, const struct frame *const *frames,
		       uint32_t count)
{
	/* the reader has been at the first line, with the record's header */
	for (uint32_t i = 0; i < count; i++)
		__builtin_prefetch(frames[i]->data + LINE - 1);
	for (uint32_t i = 0; i < count; i++)
		packet_dissect(&e->batch[i], frames[i]);
	admission_place(e->admission, e->batch, count);
	find_lanes(e, count);
	admission_expect(e->admission, e->batch, count);
	find_takers(e, count);
	prefetch(e, count);
	for (uint32_t i = 0; i < count; i++) {
		struct packet *p = &e->batch[i];
		bool fresh = admit(e->admission, p, &e->coverage, &e->observer);
		int64_t now = admission_now(e->admission);

		if (e->coverage.packets == 1) {
			e->context.start_ns = now;
			e->context.now_ns = now;
			e->next_tick_ns = now + TICK_NS;
		}
		if (now > e->context.now_ns)
			e->context.now_ns = now;
		if (now >= e->next_tick_ns)
			tick(e, now);
		if (!fresh) {
			track_copy(e, p);
			continue;
		}
		follow_link(p);
		track(e, p, e->takes[i]);
	}
}

void engine_feed(struct engine *e, const struct frame *frames, uint32_t count)
{
	tell_interfaces(e);
	if (e->places)
		for (uint32_t i = 0; i < count; i++)
			places_note(e->places, frames[i].number,
				    frames[i].interface);
	put_in_order(e, frames, count);
	for (uint32_t i = 0; i < count; i += BATCH)
		feed_batch(e, e->order + i,
			   count - i < BATCH ? count - i : BATCH);
	e->frame_ns = admission_now(e->admission);
}

/* Without a packet there is nothing to wait for. */
void engine_quiet(struct engine *e, int64_t quiet_ns)
{
	int64_t now = e->frame_ns + quiet_ns;

	if (!e->coverage.packets || quiet_ns <= 0 || now < e->next_tick_ns)
		return;
	if (now > e->context.now_ns)
		e->context.now_ns = now;
	tick(e, now);
}

void engine_link(struct engine *e, const struct source_link *link)
{
	struct observation *o = observe_begin(&e->observer, OBS_LINK, NULL);

	if (!e->coverage.packets && link->time_ns > e->context.now_ns)
		e->context.now_ns = link->time_ns;
	o->link = admission_link_of(e->admission, link->interface);
	if (e->places)
		places_link(e->places, o->link, link->interface);
	o->interface = link->interface;
	o->time_ns = link->time_ns;
	o->as.link = *link;
	observe_end(&e->observer);
	announce(e);
}

static void collect_checks(struct engine *e)
{
	admission_limits(e->admission, &e->checks);
	knowledge_limits(e->context.known, &e->checks);
	for (int i = 0; trackers[i]; i++)
		if (trackers[i]->limits)
			trackers[i]->limits(e->tracker[i], &e->checks);
	for (int i = 0; detectors[i]; i++) {
		if (detectors[i]->limits)
			detectors[i]->limits(e->detector[i], &e->checks);
		if (detectors[i]->checked)
			detectors[i]->checked(e->detector[i], &e->context,
					      &e->checks);
	}
}

const struct diagnosis *engine_finish(struct engine *e)
{
	struct diagnosis *d = &e->diagnosis;
	struct detector_context *c = &e->context;
	struct inventory *inventory;

	c->at_end = true;
	for (int i = 0; trackers[i]; i++)
		if (trackers[i]->finish)
			trackers[i]->finish(e->tracker[i], c->now_ns,
					    &e->observer);
	for (int i = 0; detectors[i]; i++)
		if (detectors[i]->finish)
			detectors[i]->finish(e->detector[i], c);
	collect_checks(e);
	for (int i = 0; detectors[i]; i++)
		if (detectors[i]->judge_limits)
			detectors[i]->judge_limits(e->detector[i], c,
						   &e->checks);
	diagnose_trust(c->findings, c, &e->checks);
	diagnose_causes(c->findings, e->said, c);
	if (e->observer.connections)
		connections_sort(e->observer.connections);
	d->connections = e->observer.connections;
	d->coverage = &e->coverage;
	d->checks = &e->checks;
	d->vantage = known_vantage(c->known, &d->self, &d->self_mac);
	d->link_count = admission_links(e->admission);
	d->links = admission_link(e->admission);
	diagnose_order(c->findings, e->said, d);
	inventory = inventory_of(c->known, e->said);
	if (inventory)
		diagnose_inventory(inventory, d, c->known);
	d->inventory = inventory;
	diagnose_layers(d);
	return d;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	for (int i = 0; trackers[i]; i++)
		if (trackers[i]->close && e->tracker[i])
			trackers[i]->close(e->tracker[i]);
	arena_free(e->arena);
	arena_free(e->said);
	free(e);
}
