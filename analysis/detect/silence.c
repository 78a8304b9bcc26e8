/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * silence.c - a neighbour is asked for again and again, and nobody answers.
 *
 * A try is decided when PATIENCE_NS have passed without a claim of the address
 * from anybody.  Linux asks three times, a second apart, for each packet that
 * it wants to send, first by unicast where it held an entry.
 */
#include "analysis/detect/silence.h"

#include <string.h>

#include "analysis/detect/silence_wait.h"
#include "base/when.h"
#include "base/text.h"

enum { TRIES = 3, ROUTER_TARGETS = 10, SCAN_SUSPECT = 8 };

/* proxy_delay holds an answer back for up to 0.8 s. */
#define PATIENCE_NS (2 * NS_PER_S)
#define APART_NS    (300 * NS_PER_MS)
#define GAP_NS	    (10 * NS_PER_S)
#define STEP_NS	    NS_PER_S

bool silence_open(struct silence *s, const struct silence_words *words,
		  struct arena *home, const struct limits *limits,
		  struct hash_key key)
{
	const struct table_spec waits = {
		words->table_name, sizeof(struct neighbour_key),
		sizeof(struct wait), limits->neighbours};
	const struct table_spec answered = {"neighbours that answered",
					    sizeof(struct neighbour_key), 1,
					    limits->neighbours};

	s->words = words;
	s->next_ns = INT64_MIN;
	s->unsettled_until_ns = INT64_MIN;
	s->waits = table_new(home, &waits, key);
	s->answered = table_new(home, &answered, key);
	return s->waits && s->answered &&
	       askers_open(&s->askers, words->askers_name, words->scan_targets,
			   home, limits, key);
}

static struct neighbour_key neighbour_of(uint32_t link, const struct addr *a)
{
	struct neighbour_key key;

	memset(&key, 0, sizeof(key));
	key.link = link;
	key.addr = *a;
	return key;
}

/* The asker's row; the last row stands for all that come after. */
static struct wait_asker *asker_row(struct wait *w, const struct silence_try *t)
{
	uint32_t i = 0;

	while (i < w->askers && !(mac_equal(&w->asker[i].mac, &t->asker_mac) &&
				  addr_equal(&w->asker[i].addr, &t->asker)))
		i++;
	if (i == WAIT_ASKERS)
		return NULL;
	if (i == w->askers) {
		w->askers++;
		w->asker[i].mac = t->asker_mac;
		w->asker[i].addr = t->asker;
	}
	return &w->asker[i];
}

static void try_count(struct wait_asker *a, const struct silence_try *t)
{
	if (a->tries && t->ns - a->last_ns > GAP_NS) {
		a->tries = 0;
		a->times = 0;
	}
	if (a->tries && t->ns - a->last_ns < APART_NS)
		return;
	if (!a->tries++)
		a->first_ns = t->ns;
	a->last_ns = t->ns;
	a->time_ns[a->times++ % WAIT_TIMES] = t->ns;
}

void silence_asked(struct silence *s, const struct silence_try *t)
{
	struct neighbour_key key = neighbour_of(t->link, &t->target);
	struct wait_asker *a;
	struct wait *w;

	s->asked++;
	askers_note(&s->askers, t->link, &t->asker_mac, &t->asker, &t->target,
		    t->ns, t->frame);
	if (t->ns < s->unsettled_until_ns)
		return;
	w = table_add(s->waits, &key, NULL);
	if (!w)
		return;
	if (w->total && t->ns - w->last_ns > GAP_NS && !w->raised)
		memset(w, 0, sizeof(*w));
	if (!w->total++)
		w->first_ns = t->ns;
	w->last_ns = t->ns;
	w->unicast += t->unicast;
	frames_note(&w->frames, t->frame);
	a = asker_row(w, t);
	if (a)
		try_count(a, t);
}

/* Tries whose patience was over at `ns`. */
static uint32_t tries_decided(const struct wait_asker *a, int64_t ns)
{
	uint32_t kept = a->times < WAIT_TIMES ? a->times : WAIT_TIMES;
	uint32_t waiting = 0;

	for (uint32_t i = 0; i < kept; i++)
		waiting += a->time_ns[i] > ns - PATIENCE_NS;
	return a->tries - waiting;
}

/* Scanners and swept routers find silence wherever they ask. */
static bool asker_expects_it(const struct silence *s, uint32_t link,
			     const struct wait_asker *a, int64_t ns,
			     const struct detector_context *c)
{
	const struct asker_state *state =
		askers_find(&s->askers, link, &a->mac);
	uint64_t unanswered;

	if (!state)
		return false;
	if (asker_scans(&s->askers, state))
		return true;
	asker_decided(state, ns, &unanswered);
	if (known_is_router(c->known, link, &a->mac) &&
	    unanswered >= ROUTER_TARGETS)
		return true;
	/* it may become a scan: wait until it has stopped, or has become one */
	return !c->at_end && unanswered >= SCAN_SUSPECT &&
	       asker_recent(state, ns) >= SCAN_SUSPECT;
}

/* The asker that proves it: three decided tries, and no reason for silence. */
static const struct wait_asker *prover(const struct silence *s, uint32_t link,
				       const struct wait *w, int64_t ns,
				       const struct detector_context *c)
{
	for (uint32_t i = 0; i < w->askers; i++)
		if (tries_decided(&w->asker[i], ns) >= TRIES &&
		    !asker_expects_it(s, link, &w->asker[i], ns, c))
			return &w->asker[i];
	return NULL;
}

static void judge(struct silence *s, struct wait *w, int64_t ns,
		  const struct detector_context *c)
{
	const struct neighbour_key *key = table_key(s->waits, w);
	const struct wait_asker *a = prover(s, key->link, w, ns, c);

	if (a && w->total != w->judged) {
		w->judged = w->total;
		silence_raise(s, key, w, a, c);
	}
}

void silence_claimed(struct silence *s, uint32_t link,
		     const struct addr *target, const struct mac *asker_mac,
		     int64_t ns, uint64_t frame,
		     const struct detector_context *c)
{
	struct neighbour_key key = neighbour_of(link, target);
	struct wait *w = table_find(s->waits, &key);
	bool added;

	if (asker_mac) {
		askers_answered(&s->askers, link, asker_mac, target);
		if (table_add(s->answered, &key, &added) && added)
			s->neighbours++;
	}
	if (!w)
		return;
	judge(s, w, ns, c);
	if (w->raised)
		silence_ended(w, ns, frame);
	table_remove(s->waits, w);
}

void silence_forget(struct silence *s, uint32_t link, const struct addr *target)
{
	struct neighbour_key key = neighbour_of(link, target);
	struct wait *w = table_find(s->waits, &key);

	if (w)
		table_remove(s->waits, w);
}

void silence_unsettle(struct silence *s)
{
	for (struct wait *w = table_oldest(s->waits); w;) {
		struct wait *next = table_newer(s->waits, w);

		table_remove(s->waits, w);
		w = next;
	}
}

void silence_clock(struct silence *s, const struct detector_context *c)
{
	if (c->now_ns < s->next_ns)
		return;
	s->next_ns = c->now_ns + STEP_NS;
	for (struct wait *w = table_oldest(s->waits); w;) {
		struct wait *next = table_newer(s->waits, w);

		judge(s, w, c->now_ns, c);
		if (c->now_ns - w->last_ns > 2 * GAP_NS && !w->raised)
			table_remove(s->waits, w);
		w = next;
	}
}

void silence_finish(struct silence *s, const struct detector_context *c)
{
	for (struct wait *w = table_oldest(s->waits); w;
	     w = table_newer(s->waits, w))
		judge(s, w, c->now_ns, c);
}

void silence_checked(const struct silence *s, struct checks *out)
{
	if (s->neighbours)
		check_add(out, CHECK_WORKS, LAYER_DATA_LINK,
			  "%llu neighbour%s answered %s",
			  (unsigned long long)s->neighbours,
			  plural(s->neighbours), s->words->protocol);
	else if (s->asked)
		check_add(out, CHECK_TRIED, LAYER_DATA_LINK,
			  "%llu %s requests, no answer seen",
			  (unsigned long long)s->asked, s->words->protocol);
}

void silence_limits(const struct silence *s, struct checks *out)
{
	check_table(out, s->waits);
	check_table(out, s->answered);
	check_table(out, s->askers.by_mac);
}
