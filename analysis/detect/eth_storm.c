/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * eth_storm.c - broadcasts at a rate that hurts: every station has to look at
 * each of them.
 *
 * Switches that limit them begin at some 500 a second; a healthy link of
 * hundreds of stations has a few tens.
 */
#include <string.h>

#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/table.h"
#include "base/text.h"
#include "base/when.h"

enum { LINKS = 256, SECONDS = 3, CRITICAL_RATE = 5000 };

static const struct finding_def eth_storm = {
	.id = "eth.storm",
	.layer = LAYER_DATA_LINK,
	.most = CRITICAL,
	.subject = SUBJECT_LINK,
	.relies = RELIES_RATE,
	.title = "Broadcasts at a rate that hurts",
	.advice = {"Unplug the top talker"},
};

/* Seconds in a row. */
struct storm {
	int64_t from_ns, to_ns;
	uint32_t seconds, peak;
	uint64_t frames, broadcast;
	struct group_sender top[GROUP_SENDERS];
	struct frame_list list;
};

struct storm_watch {
	struct table *links;
};

static void *storm_open(struct arena *home, const struct limits *limits,
			struct hash_key key)
{
	const struct table_spec spec = {"links with storms", sizeof(uint32_t),
					sizeof(struct storm), LINKS};
	struct storm_watch *w = arena_alloc(home, sizeof(*w));

	(void)limits;
	if (!w)
		return NULL;
	w->links = table_new(home, &spec, key);
	return w->links ? w : NULL;
}

static void storm_raise(const struct storm *s, uint32_t link,
			const struct detector_context *c)
{
	struct subject subject = subject_link(link);
	char mac[MAC_TEXT], took[WHEN_TEXT];
	struct finding *f = finding_raise(c->findings, &eth_storm, &subject, "",
					  s->from_ns, s->to_ns);

	if (!f)
		return;
	f->count = s->frames;
	if (f->severity == CRITICAL && s->peak < CRITICAL_RATE)
		f->severity = WARNING;
	else if (s->peak >= CRITICAL_RATE)
		f->severity = CRITICAL;
	finding_restate(f);
	finding_title(f, "A storm of %u broadcasts a second", s->peak);
	finding_summary(f,
			"For %s there were %llu frames that every station has "
			"to take, up to %u in a second (%.0f %% broadcast). "
			"Most in the worst second came from",
			when_duration(s->to_ns - s->from_ns, took),
			(unsigned long long)s->frames, s->peak,
			100.0 * (double)s->broadcast / (double)s->frames);
	for (int i = 0; i < GROUP_SENDERS && s->top[i].frames; i++)
		finding_add(f, "%s %s (%u)", i ? "," : "",
			    mac_text(&s->top[i].mac, mac), s->top[i].frames);
	finding_add(f, ".");
	finding_filter(f, "eth.dst.ig == 1 && eth.src == %s",
		       mac_text(&s->top[0].mac, mac));
	finding_advise(f, "Find the switch port of %s, and unplug it", mac);
	finding_advise(f, "Storm control on the switch limits what a port may "
			  "send");
	frames_prove(&s->list, f);
}

static void storm_observe(void *self, const struct observation *o,
			  const struct detector_context *c)
{
	const struct group_rate_fact *g = &o->as.group_rate;
	struct storm_watch *w = self;
	struct storm *s = table_add(w->links, &o->link, NULL);

	if (!s)
		return;
	if (!s->seconds || g->from_ns > s->to_ns + NS_PER_S ||
	    g->from_ns < s->from_ns) {
		memset(s, 0, sizeof(*s));
		s->from_ns = g->from_ns;
	}
	s->to_ns = g->from_ns + NS_PER_S;
	s->seconds++;
	s->frames += g->frames;
	s->broadcast += g->broadcast;
	if (g->frames > s->peak) {
		s->peak = g->frames;
		memcpy(s->top, g->sender, sizeof(s->top));
	}
	frames_note(&s->list, g->frame[0]);
	if (s->seconds >= SECONDS)
		storm_raise(s, o->link, c);
}

static const struct finding_def *const storm_findings[] = {&eth_storm, NULL};

static const enum observation_kind storm_wants[] = {OBS_GROUP_RATE,
						    OBSERVATIONS};

const struct detector eth_storm_detector = {
	.name = "eth_storm",
	.findings = storm_findings,
	.wants = storm_wants,
	.open = storm_open,
	.observe = storm_observe,
};
