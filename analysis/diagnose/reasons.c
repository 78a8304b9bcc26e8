/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * reasons.c - what the diagnosis says of the inventory: why the pings of a
 * series fail, and whether packets failed for their size.
 */
#include "analysis/diagnose/diagnose.h"

#include <string.h>

#include "analysis/inventory.h"

static const struct finding_def effects[] = {
	{.id = "icmp.unreachable"},   {.id = "icmp.time_exceeded"},
	{.id = "icmp.echo_no_reply"}, {.id = "icmp.echo_loss"},
	{.id = "icmp.echo_slow"},
};

enum { UNREACHABLE, EXPIRED, NO_REPLY, LOSS, SLOW };

static const uint8_t effect_of[] = {
	[PING_HOST_UNREACHABLE] = UNREACHABLE,
	[PING_NET_UNREACHABLE] = UNREACHABLE,
	[PING_REJECTED] = UNREACHABLE,
	[PING_EXPIRED] = EXPIRED,
	[PING_NO_ANSWER] = NO_REPLY,
	[PING_LOSS] = LOSS,
	[PING_SLOW] = SLOW,
};

/* A finding of the network about these two, or about the one that rejects. */
static const struct finding *about(const struct diagnosis *d,
				   const struct inv_ping *p)
{
	for (uint32_t i = 0; i < d->finding_count; i++) {
		const struct finding *f = d->findings[i];
		const struct subject *s = &f->subject;

		if (s->kind == SUBJECT_PATH &&
		    (strncmp(f->def->id, "icmp.", 5) == 0 ||
		     strcmp(f->def->id, "ip.routing_loop") == 0) &&
		    f->severity > INFO && addr_equal(&s->b, &p->dst) &&
		    (addr_equal(&s->a, &p->src) ||
		     addr_equal(&s->a, &p->reporter)))
			return f;
	}
	return NULL;
}

static const struct finding *because(const struct diagnosis *d,
				     const struct knowledge *known,
				     const struct inv_ping *p)
{
	struct finding effect;
	const struct finding *f;

	if (p->verdict == PING_OK || p->verdict == PING_UNDECIDED)
		return NULL;
	f = about(d, p);
	if (!f) {
		memset(&effect, 0, sizeof(effect));
		effect.def = &effects[effect_of[p->verdict]];
		effect.subject = subject_path(&p->src, &p->dst);
		effect.confidence = POSSIBLE;
		effect.first_ns = p->first_ns;
		effect.last_ns = p->last_ns;
		f = diagnose_explains(d, known, &effect);
	}
	while (f && f->cause_count)
		f = f->caused_by[0];
	return f;
}

/* A segment in vain is one of a dead host too: the finding tells. */
static bool too_large(const struct diagnosis *d, const struct inv_path *p)
{
	for (uint32_t i = 0; i < d->finding_count; i++) {
		const struct finding *f = d->findings[i];

		if (f->subject.kind == SUBJECT_PATH &&
		    strncmp(f->def->id, "pmtu.", 5) == 0 &&
		    addr_equal(&f->subject.a, &p->src) &&
		    addr_equal(&f->subject.b, &p->dst))
			return true;
	}
	return false;
}

void diagnose_inventory(struct inventory *in, const struct diagnosis *d,
			const struct knowledge *known)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < in->pings; i++)
		in->ping[i].because = because(d, known, &in->ping[i]);
	for (uint32_t i = 0; i < in->paths; i++) {
		struct inv_path *p = &in->path[i];

		if (p->fails && !p->by_pings && !too_large(d, p))
			p->fails = 0;
		if (p->fails || p->told || p->passes >= PING_LARGE)
			in->path[kept++] = *p;
	}
	in->paths = kept;
}
