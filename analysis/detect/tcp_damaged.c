/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_damaged.c - segments whose checksum is wrong on the wire.
 *
 * A wrong sum alone proves little: cards fill it in late, and tools rewrite
 * captures.  But a receiver drops what was damaged, so the sender must send it
 * again; what was accepted as it is was damaged here only.
 */
#include <inttypes.h>
#include <string.h>

#include "analysis/detector.h"
#include "base/table.h"

enum { FLOWS = 512, FRAMES = 8, RECENT = 64, WRONG_LEAST = 3 };

static const struct finding_def bad_checksum = {
	.id = "tcp.bad_checksum",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_FLOW,
	.relies = RELIES_CHECKSUM,
	.title = "Segments arrive damaged",
	.advice = {"Look at cables, ports, cards and the memory of what "
		   "forwards them: ethtool -S IFACE"},
};

/* One direction of a connection. */
struct damage {
	struct mac src;	    /* who sent them on this link */
	bool untrusted;	    /* its sums are wrong here, not on the wire */
	uint32_t wrong;	    /* segments that take sequence numbers */
	uint32_t resent;    /* of them, those that came again */
	uint32_t forgotten; /* and those of which it is not known */
	uint64_t frame[FRAMES];
	uint64_t recent[RECENT]; /* the newest, as a ring; 0: came again */
	int64_t first_ns, last_ns;
};

struct watch {
	struct table *flows; /* struct flow -> struct damage */
};

static void *damaged_open(struct arena *home, const struct limits *limits,
			  struct hash_key key)
{
	const struct table_spec spec = {"damaged flows", sizeof(struct flow),
					sizeof(struct damage), FLOWS};
	struct watch *w = arena_alloc(home, sizeof(*w));

	(void)limits;
	if (w)
		w->flows = table_new(home, &spec, key);
	return w && w->flows ? w : NULL;
}

static void note_wrong(struct watch *w, const struct observation *o)
{
	const struct checksum_fact *fact = &o->as.checksum;
	struct damage *d;
	uint64_t *place;

	if (fact->proto != PROTO_tcp || !fact->bytes)
		return;
	d = table_add(w->flows, &fact->flow, NULL);
	if (!d)
		return;
	if (!d->wrong)
		d->first_ns = o->time_ns;
	d->last_ns = o->time_ns;
	d->src = fact->src;
	if (d->wrong < FRAMES)
		d->frame[d->wrong] = o->frame;
	place = &d->recent[d->wrong++ % RECENT];
	/* a resend is told seconds later, when it is sure to be one */
	d->forgotten += *place != 0;
	*place = o->frame;
}

/* The receiver did not take it: the sender had to say it again. */
static void note_resent(struct watch *w, const struct tcp_segment_fact *s)
{
	struct damage *d;

	if (s->class != SEG_RETRANSMISSION || s->spurious ||
	    !s->original_frame || !table_count(w->flows))
		return;
	d = table_find(w->flows, &s->flow);
	for (int i = 0; d && i < RECENT; i++)
		if (d->recent[i] == s->original_frame) {
			d->recent[i] = 0;
			d->resent++;
			return;
		}
}

/* A station of which most sums are wrong, or are left to its card. */
static void note_total(struct watch *w, const struct checksum_fact *fact)
{
	if (fact->proto == PROTO_ipv4 ||
	    (!fact->unfilled && fact->wrong * 2ULL <= fact->checked))
		return;
	for (struct damage *d = table_oldest(w->flows); d;
	     d = table_newer(w->flows, d))
		if (mac_equal(&d->src, &fact->src))
			d->untrusted = true;
}

static void damaged_observe(void *self, const struct observation *o,
			    const struct detector_context *c)
{
	(void)c;
	if (o->kind == OBS_TCP_SEGMENT)
		note_resent(self, &o->as.segment);
	else if (o->as.checksum.total)
		note_total(self, &o->as.checksum);
	else
		note_wrong(self, o);
}

static void raise(const struct flow *flow, const struct damage *d,
		  const struct detector_context *c)
{
	const struct subject subject = subject_flow(flow);
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT], mac[MAC_TEXT];
	struct finding *f = finding_raise(c->findings, &bad_checksum, &subject,
					  "", d->first_ns, d->last_ns);

	if (!f)
		return;
	f->count = d->wrong;
	f->confidence = d->resent >= WRONG_LEAST ? CERTAIN : LIKELY;
	for (int i = 0; i < FRAMES; i++)
		finding_frame(f, d->frame[i]);
	finding_title(f, "%" PRIu32 " segments from %s arrived damaged",
		      d->wrong,
		      endpoint_text(&flow->src, flow->src_port, from));
	finding_summary(f,
			"The TCP checksum is wrong in %" PRIu32
			" segments from %s to %s, the first in frame %" PRIu64
			"; the receiver drops such segments, and %s%" PRIu32
			" of them were sent again. The Ethernet checksum of "
			"%s was right, or the frames would not have been "
			"captured: they were damaged before that, in a card "
			"or in the memory of something that forwards them.",
			d->wrong, from,
			endpoint_text(&flow->dst, flow->dst_port, to),
			d->frame[0], d->forgotten ? "at least " : "", d->resent,
			mac_text(&d->src, mac));
}

static void damaged_finish(void *self, const struct detector_context *c)
{
	struct watch *w = self;

	for (struct damage *d = table_oldest(w->flows); d;
	     d = table_newer(w->flows, d))
		if (d->wrong >= WRONG_LEAST && !d->untrusted && d->resent &&
		    d->resent * 2 >= d->wrong - d->forgotten &&
		    !known_is_self(c->known, &d->src))
			raise(table_key(w->flows, d), d, c);
}

static void damaged_limits(void *self, struct checks *out)
{
	check_table(out, ((struct watch *)self)->flows);
}

static const struct finding_def *const findings[] = {&bad_checksum, NULL};
static const enum observation_kind wants[] = {OBS_CHECKSUM, OBS_TCP_SEGMENT,
					      OBSERVATIONS};

const struct detector tcp_damaged_detector = {
	.name = "tcp_damaged",
	.findings = findings,
	.wants = wants,
	.open = damaged_open,
	.observe = damaged_observe,
	.finish = damaged_finish,
	.limits = damaged_limits,
};
