/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answered.c - conversations in which an answer came: packets found the way
 * there and back, whatever was answered.  No findings.
 */
#include <inttypes.h>

#include "analysis/detector.h"
#include "base/text.h"

struct answered {
	uint64_t conversations;
};

static void *answered_open(struct arena *home, const struct limits *limits,
			   struct hash_key key)
{
	(void)limits;
	(void)key;
	return arena_alloc(home, sizeof(struct answered));
}

/* What one side sent was acknowledged by the other. */
static bool was_acked(const struct tcp_ended_fact *e)
{
	return !e->one_way &&
	       (e->opened || e->side[0].acked_bytes || e->side[1].acked_bytes);
}

static void answered_observe(void *self, const struct observation *o,
			     const struct detector_context *c)
{
	struct answered *a = self;

	(void)c;
	switch (o->kind) {
	case OBS_TCP_ENDED:
		a->conversations += was_acked(&o->as.ended);
		break;
	case OBS_TCP_ATTEMPT:
		a->conversations += o->as.attempt.outcome == TCP_REFUSED;
		break;
	default:
		a->conversations++;
	}
}

static void answered_checked(void *self, const struct detector_context *c,
			     struct checks *out)
{
	const struct answered *a = self;

	(void)c;
	if (a->conversations)
		check_add(out, CHECK_WORKS, LAYER_NETWORK,
			  "%" PRIu64 " conversation%s had answers",
			  a->conversations, plural(a->conversations));
}

static const struct finding_def *const answered_findings[] = {NULL};
static const enum observation_kind answered_wants[] = {
	OBS_TCP_ENDED, OBS_TCP_ATTEMPT, OBS_UDP_ANSWERED, OBSERVATIONS};

const struct detector answered_detector = {
	.name = "answered",
	.findings = answered_findings,
	.wants = answered_wants,
	.open = answered_open,
	.observe = answered_observe,
	.checked = answered_checked,
};
