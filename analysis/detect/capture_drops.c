/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * capture_drops.c - packets that whoever captured admits to have dropped.
 *
 * pcapng statistics (draft-ietf-opsawg-pcapng 4.6) count what was received,
 * accepted by the filter, and dropped; what the filter left out is no loss.
 */
#include <inttypes.h>

#include "analysis/detector.h"
#include "base/text.h"

enum { FEW_PER_MILLE = 1 };

static const struct finding_def drops = {
	.id = "capture.drops",
	.layer = LAYER_CAPTURE,
	.most = WARNING,
	.subject = SUBJECT_CAPTURE,
	.title = "The capture dropped packets",
	.advice = {"Capture again with a larger buffer and shorter packets: "
		   "tcpdump -B 65536 -s 128",
		   "Filter while capturing, and write to a quick disk"},
};

static void raise_drops(const struct detector_context *c, uint64_t sum,
			const struct source_interface *worst, uint64_t most)
{
	const struct coverage *seen = c->coverage;
	const struct subject subject = subject_capture();
	uint64_t all = seen->packets + sum;
	struct finding *f = finding_raise(c->findings, &drops, &subject, "",
					  seen->first_ns, seen->last_ns);

	if (!f)
		return;
	f->count = sum;
	f->share = (double)sum / (double)all;
	f->severity = sum * 1000 < all * FEW_PER_MILLE ? NOTICE : WARNING;
	finding_title(f, "The capture dropped %" PRIu64 " packet%s", sum,
		      plural(sum));
	finding_summary(f,
			"Whoever captured counted %" PRIu64 " packet%s that "
			"%s dropped while %" PRIu64
			" were kept (%.2f %% of all)%s%s. "
			"What seems to be missing may have been on the wire.",
			sum, plural(sum), were(sum), seen->packets, 100.0 * (double)sum / (double)all,
			worst->name[0] && most == sum ? ", on " : "",
			most == sum ? worst->name : "");
}

static void *drops_open(struct arena *home, const struct limits *limits,
			struct hash_key key)
{
	(void)limits;
	(void)key;
	return arena_alloc(home, 1);
}

static void drops_observe(void *self, const struct observation *o,
			  const struct detector_context *c)
{
	(void)self;
	(void)o;
	(void)c;
}

static void drops_finish(void *self, const struct detector_context *c)
{
	const struct source *s = c->coverage->source;
	const struct source_interface *worst = NULL;
	uint64_t sum = 0, most = 0;

	(void)self;
	for (uint32_t i = 0; s && i < source_interfaces(s); i++) {
		const struct source_interface *one = source_interface(s, i);
		uint64_t n = source_dropped(one);

		sum += n;
		if (n > most) {
			most = n;
			worst = one;
		}
	}
	if (worst)
		raise_drops(c, sum, worst, most);
}

/* Live the counters grow meanwhile. */
static void drops_clock(void *self, const struct detector_context *c)
{
	const struct source *s = c->coverage->source;

	if (s && source_interfaces(s) && source_interface(s, 0)->live)
		drops_finish(self, c);
}

static const struct finding_def *const findings[] = {&drops, NULL};
static const enum observation_kind wants[] = {OBSERVATIONS};

const struct detector capture_drops_detector = {
	.name = "capture_drops",
	.findings = findings,
	.wants = wants,
	.open = drops_open,
	.observe = drops_observe,
	.clock = drops_clock,
	.finish = drops_finish,
};
