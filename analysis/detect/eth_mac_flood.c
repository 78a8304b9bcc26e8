/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * eth_mac_flood.c - many invented MAC addresses: the table of the switch is
 * being filled, so that it floods what it should deliver.
 *
 * When a capture starts many stations are new too; but they come back, and
 * share their makers' prefixes.  Invented ones are used once and are random.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/when.h"

enum {
	RING = 16384,
	MANY = 300,
	MAKERS_PERCENT = 90, /* prefixes that no other of them has */
	ONCE_PERCENT = 80,
	LOCAL_PERCENT = 90, /* wireless stations make up theirs, but as local */
	EXAMPLES = 3,
};

#define START_NS  (5 * NS_PER_S)
#define WINDOW_NS (10 * NS_PER_S)
#define COPY_NS	  (20 * NS_PER_MS) /* of the capture: no second use */
#define SETTLE_NS (2 * NS_PER_S)   /* a second use would be known by then */

static const struct finding_def eth_mac_flood = {
	.id = "eth.mac_flood",
	.layer = LAYER_DATA_LINK,
	.most = WARNING,
	.subject = SUBJECT_LINK,
	.title = "Many invented MAC addresses",
	.advice = {"Port security on the switch limits the addresses of a "
		   "port"},
};

/* A station that was not seen before. */
struct newcomer {
	struct mac mac;
	uint32_t link;
	int64_t ns;
	uint64_t frame;
};

struct flood_watch {
	struct newcomer *ring;
	uint64_t count;
	int64_t next_ns;
	uint32_t makers[RING]; /* room to sort them */
};

static void *flood_open(struct arena *home, const struct limits *limits,
			struct hash_key key)
{
	struct flood_watch *w = arena_alloc(home, sizeof(*w));

	(void)limits;
	(void)key;
	if (!w)
		return NULL;
	w->ring = arena_alloc(home, RING * sizeof(*w->ring));
	return w->ring ? w : NULL;
}

/* At a rate that the ring cannot hold until it is judged, those that come first
 * stay: the others are more of the same. */
static void flood_observe(void *self, const struct observation *o,
			  const struct detector_context *c)
{
	const struct mac *mac =
		o->kind == OBS_ARP ? &o->as.arp.eth_src : &o->as.talk.src_mac;
	struct flood_watch *w = self;
	const struct newcomer *oldest;

	if (!mac_is_station(mac) || o->time_ns - c->start_ns < START_NS ||
	    known_mac_first(c->known, o->link, mac) != o->time_ns)
		return;
	oldest = &w->ring[w->count % RING];
	if (w->count >= RING && o->time_ns - oldest->ns < SETTLE_NS + WINDOW_NS)
		return;
	w->ring[w->count++ % RING] =
		(struct newcomer){*mac, o->link, o->time_ns, o->frame};
}

struct crowd {
	uint32_t count, once, local, makers;
	int64_t first_ns, last_ns;
	uint32_t link;
	struct frame_list frames;
	struct mac example[EXAMPLES];
};

static void crowd_add(struct crowd *x, struct flood_watch *w,
		      const struct newcomer *n,
		      const struct detector_context *c)
{
	if (!x->count || n->ns < x->first_ns)
		x->first_ns = n->ns;
	if (n->ns > x->last_ns)
		x->last_ns = n->ns;
	if (x->count < EXAMPLES)
		x->example[x->count] = n->mac;
	x->link = n->link;
	w->makers[x->count] = (uint32_t)n->mac.bytes[0] << 16 |
			      (uint32_t)n->mac.bytes[1] << 8 | n->mac.bytes[2];
	x->count++;
	x->once += known_mac_last(c->known, n->link, &n->mac, NULL) - n->ns <=
		   COPY_NS;
	x->local += n->mac.bytes[0] >> 1 & 1;
	frames_note(&x->frames, n->frame);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static uint32_t different(uint32_t *values, uint32_t count)
{
	uint32_t n = count > 0;

	qsort(values, count, sizeof(*values), by_value);
	for (uint32_t i = 1; i < count; i++)
		n += values[i] != values[i - 1];
	return n;
}

/* The newcomers of the window. */
static struct crowd crowd_of(struct flood_watch *w,
			     const struct detector_context *c)
{
	uint64_t kept = w->count < RING ? w->count : RING;
	struct crowd x = {0};

	for (uint64_t i = w->count - kept; i < w->count; i++) {
		const struct newcomer *n = &w->ring[i % RING];
		int64_t age = c->now_ns - n->ns;

		if (age >= SETTLE_NS && age < SETTLE_NS + WINDOW_NS)
			crowd_add(&x, w, n, c);
	}
	x.makers = different(w->makers, x.count);
	return x;
}

static bool is_invented(const struct crowd *x)
{
	return x->count >= MANY && x->once * 100 >= x->count * ONCE_PERCENT &&
	       x->makers * 100 >= x->count * MAKERS_PERCENT &&
	       x->local * 100 < x->count * LOCAL_PERCENT;
}

static void flood_raise(const struct crowd *x, const struct detector_context *c)
{
	struct subject subject = subject_link(x->link);
	char took[WHEN_TEXT], mac[MAC_TEXT];
	struct finding *f = finding_raise(c->findings, &eth_mac_flood, &subject,
					  "", x->first_ns, x->last_ns);

	if (!f)
		return;
	if (x->count > f->count) {
		f->count = x->count;
		finding_restate(f);
		finding_title(f, "%u new MAC addresses in %s, used once each",
			      x->count,
			      when_duration(x->last_ns - x->first_ns, took));
		finding_summary(f,
				"%u stations that nobody had seen before sent "
				"something, %u of them once and never again, "
				"under %u different makers' prefixes, as",
				x->count, x->once, x->makers);
		for (int i = 0; i < EXAMPLES; i++)
			finding_add(f, "%s %s", i ? "," : "",
				    mac_text(&x->example[i], mac));
		finding_add(f,
			    ". Such addresses are invented to fill the table "
			    "of the switch: then it sends to all ports what "
			    "is for one.");
		finding_advise(f, "The MAC table of the switch tells the port; "
				  "port security limits its addresses");
	}
	frames_prove(&x->frames, f);
}

/* In the first minute the stations of a trunk are all new. */
static bool starts(const struct flood_watch *w,
		   const struct detector_context *c)
{
	return w->count < MANY || c->now_ns - c->start_ns < START_NS;
}

static void judge(struct flood_watch *w, const struct detector_context *c)
{
	struct crowd x;

	if (starts(w, c))
		return;
	x = crowd_of(w, c);
	if (is_invented(&x))
		flood_raise(&x, c);
}

static void flood_clock(void *self, const struct detector_context *c)
{
	struct flood_watch *w = self;

	if (c->now_ns < w->next_ns)
		return;
	w->next_ns = c->now_ns + NS_PER_S;
	judge(w, c);
}

static void flood_finish(void *self, const struct detector_context *c)
{
	judge(self, c);
}

static const struct finding_def *const flood_findings[] = {&eth_mac_flood,
							   NULL};

static const enum observation_kind flood_wants[] = {OBS_TALK, OBS_ARP,
						    OBSERVATIONS};

const struct detector eth_mac_flood_detector = {
	.name = "eth_mac_flood",
	.findings = flood_findings,
	.wants = flood_wants,
	.open = flood_open,
	.observe = flood_observe,
	.clock = flood_clock,
	.finish = flood_finish,
};
