/* SPDX-License-Identifier: BSD-3-Clause */
/* capture_offload.c - packets as a host's own stack hands them to its card. */
#include <inttypes.h>

#include "analysis/detector.h"

enum { STATIONS = 64, PROOFS = 2, FRAMES = 4 };

static const struct finding_def offload = {
	.id = "capture.offload",
	.layer = LAYER_CAPTURE,
	.most = INFO,
	.subject = SUBJECT_CAPTURE,
	.title = "Captured in a host, above its network card",
	.advice = {"To see packets as they are on the wire: ethtool -K IFACE "
		   "tso off gso off gro off tx off"},
};

struct station {
	struct mac mac;
	struct addr from;
	uint32_t large, unfilled, joined, largest;
	uint64_t frame[FRAMES];
	uint32_t frames;
};

struct watch {
	struct station station[STATIONS];
	uint32_t stations;
	int64_t first_ns, last_ns;
};

static void *offload_open(struct arena *home, const struct limits *limits,
			  struct hash_key key)
{
	(void)limits;
	(void)key;
	return arena_alloc(home, sizeof(struct watch));
}

static struct station *station_of(struct watch *w, const struct offload_fact *o)
{
	uint32_t i = 0;

	while (i < w->stations && !mac_equal(&w->station[i].mac, &o->src))
		i++;
	if (i == STATIONS)
		return NULL;
	if (i == w->stations) {
		w->stations++;
		w->station[i].mac = o->src;
		w->station[i].from = o->from;
	}
	return &w->station[i];
}

static void offload_observe(void *self, const struct observation *o,
			    const struct detector_context *c)
{
	const struct offload_fact *fact = &o->as.offload;
	struct watch *w = self;
	struct station *s = station_of(w, fact);

	if (!fact->checksum)
		weak_super(c->weak, &fact->from);
	if (!s)
		return;
	if (!w->first_ns)
		w->first_ns = o->time_ns;
	w->last_ns = o->time_ns;
	s->unfilled += fact->checksum;
	s->large += !fact->checksum && fact->fresh;
	s->joined += !fact->checksum && !fact->fresh;
	if (fact->bytes > s->largest)
		s->largest = fact->bytes;
	if (s->frames < FRAMES)
		s->frame[s->frames++] = o->frame;
}

/* They came from beyond a router, and were smaller there. */
static void say_joined(struct finding *f, const struct station *s)
{
	char mac[MAC_TEXT], ip[ADDR_TEXT];

	finding_add(f,
		    "%sPackets that %s brings (from %s) stand here joined to "
		    "up to %" PRIu32 " bytes, as in frame %" PRIu64
		    ": the card that took them did that.",
		    f->summary[0] ? " " : "", mac_text(&s->mac, mac),
		    addr_text(&s->from, ip), s->largest, s->frame[0]);
}

static void say_own(struct finding *f, const struct station *s)
{
	char mac[MAC_TEXT], ip[ADDR_TEXT];

	finding_add(f, "%s%s (%s) sends packets", f->summary[0] ? " " : "",
		    mac_text(&s->mac, mac), addr_text(&s->from, ip));
	if (s->large)
		finding_add(f, " of up to %" PRIu32 " bytes", s->largest);
	if (s->unfilled)
		finding_add(f, "%s whose checksums are not filled in yet",
			    s->large ? " and" : "");
	finding_add(f, ", as in frame %" PRIu64 ".", s->frame[0]);
}

static void describe(struct finding *f, const struct station *s)
{
	if (s->large || s->unfilled)
		say_own(f, s);
	else
		say_joined(f, s);
	for (uint32_t i = 0; i < s->frames; i++)
		finding_frame(f, s->frame[i]);
}

static void offload_finish(void *self, const struct detector_context *c)
{
	const struct watch *w = self;
	const struct subject subject = subject_capture();
	struct finding *f = NULL;
	bool own = false;

	for (uint32_t i = 0; i < w->stations; i++) {
		const struct station *s = &w->station[i];

		if (s->large + s->joined < PROOFS && s->unfilled < PROOFS)
			continue;
		if (!f)
			f = finding_raise(c->findings, &offload, &subject, "",
					  w->first_ns, w->last_ns);
		if (!f)
			return;
		if (f->count++ < 2)
			describe(f, s);
		own |= s->large || s->unfilled;
	}
	if (own)
		finding_add(f, " On the wire they are cut to size, and the "
			       "card fills in the sums.");
}

static const struct finding_def *const findings[] = {&offload, NULL};
static const enum observation_kind wants[] = {OBS_OFFLOAD, OBSERVATIONS};

const struct detector capture_offload_detector = {
	.name = "capture_offload",
	.findings = findings,
	.wants = wants,
	.open = offload_open,
	.observe = offload_observe,
	.finish = offload_finish,
};
