/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * link_errors.c - frames that an interface could not receive or send.
 *
 * Live only.  Of the kernel's counters those that tell of the wire or of the
 * card: what was dropped because nobody wanted it is no error.
 */
#include <inttypes.h>

#include "analysis/detector.h"

enum { ERRORS_WARN = 10, ONE_IN = 10000 };

static const struct finding_def errors_def = {
	.id = "link.errors",
	.layer = LAYER_PHYSICAL,
	.most = WARNING,
	.subject = SUBJECT_LINK,
	.title = "The interface counts errors",
};

static void *errors_open(struct arena *home, const struct limits *limits,
			 struct hash_key key)
{
	(void)limits;
	(void)key;
	return arena_alloc(home, 1);
}

static void errors_observe(void *self, const struct observation *o,
			   const struct detector_context *c)
{
	const struct source_link *l = &o->as.link;
	const struct subject s = subject_link(o->link);
	uint64_t sum = l->errors_received + l->errors_sent + l->missed;
	struct finding *f = finding_find(c->findings, &errors_def, &s, "");

	(void)self;
	if (sum == 0 || (f && f->count >= sum))
		return;
	f = finding_raise(c->findings, &errors_def, &s, "", o->time_ns,
			  o->time_ns);
	if (!f)
		return;
	f->count = sum;
	f->severity =
		sum >= ERRORS_WARN && sum >= (l->received + l->sent) / ONE_IN
			? WARNING
			: NOTICE;
	finding_title(f, "%s counts %" PRIu64 " error%s", l->name, sum,
		      sum > 1 ? "s" : "");
	finding_summary(f,
			"While it was listened on, %s received %" PRIu64
			" packets and sent %" PRIu64 "; it counted %" PRIu64
			" damaged frames received, %" PRIu64
			" that it missed, and %" PRIu64
			" that it failed to send.",
			l->name, l->received, l->sent, l->errors_received,
			l->missed, l->errors_sent);
	if (!f->advice[0][0])
		finding_advise(f, "ip -s -s link show %s; ethtool -S %s",
			       l->name, l->name);
}

static const struct finding_def *const findings[] = {&errors_def, NULL};
static const enum observation_kind wants[] = {OBS_LINK, OBSERVATIONS};

const struct detector link_errors_detector = {
	.name = "link_errors",
	.findings = findings,
	.wants = wants,
	.open = errors_open,
	.observe = errors_observe,
};
