/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_event.c - segments that are not simply in order, told at once or when no
 * more evidence can come.
 *
 * Resends and network copies wait in one queue for all connections; what has
 * become of them is counted into their side when they leave it.
 */
#include "analysis/track/tcp_connection.h"

enum { RESENT_FRAMES = 8 };

#define SETTLE_LEAST_NS (2 * NS_PER_S)
#define SETTLE_MOST_NS	(6 * NS_PER_S)

struct tcp_segment_fact *event_begin(struct step *k, struct observation **o,
				     unsigned side, enum segment_class class)
{
	struct tcp_segment_fact *f;

	*o = observe_begin(k->out, OBS_TCP_SEGMENT, k->p);
	f = &(*o)->as.segment;
	f->flow = flow_name(k->c, side);
	f->from_client = k->c->client == side;
	f->class = (uint8_t) class;
	return f;
}

/* What no detector asks for is told only if somebody reads events. */
void event_simple(struct step *k, unsigned side, enum segment_class class,
		  uint64_t start, uint32_t bytes)
{
	struct observation *o;
	struct tcp_segment_fact *f;
	uint64_t base = side_base(&k->c->side[side]);

	if (!k->t->events)
		return;
	f = event_begin(k, &o, side, class);
	f->seq = start > base ? start - base : 0;
	f->bytes = bytes;
	f->confidence = CERTAIN;
	observe_end(k->out);
}

static void keep_frame(uint64_t *frame, unsigned most, uint64_t number)
{
	for (unsigned i = 0; i < most; i++)
		if (!frame[i]) {
			frame[i] = number;
			return;
		}
}

/* Not of an opening, nor made because it was too big for the path. */
static bool is_of_data(enum tcp_mechanism m)
{
	return m != RESENT_SYN && m != RESENT_SYNACK && m != RESENT_PMTU;
}

static void count_resend(struct tcp_side *n, const struct pending *e)
{
	const struct tcp_segment_fact *f = &e->fact;

	n->resent++;
	n->resent_kind[f->mechanism]++;
	n->spurious += f->spurious;
	/* what was too big was not lost on the way */
	if (f->mechanism != RESENT_PMTU) {
		n->lost_before += f->lost == LOST_BEFORE;
		n->lost_after += f->lost == LOST_AFTER;
	}
	n->doubtful += f->lost == LOST_UNKNOWN && f->original_frame &&
		       f->mechanism != RESENT_FIN &&
		       f->mechanism != RESENT_PMTU;
	if (f->spurious) {
		n->spurious_rtos += f->mechanism == RESENT_RTO;
		keep_frame(n->spurious_frames, 4, e->frame);
		return;
	}
	n->hidden += f->decided_by == BY_IP_ID && f->confidence == LIKELY;
	if (is_of_data(f->mechanism))
		keep_frame(n->resent_frames, RESENT_FRAMES, e->frame);
	if (f->mechanism == RESENT_RTO && f->gap_ns > n->worst_rto_ns) {
		n->worst_rto_ns = f->gap_ns;
		n->worst_frame = e->frame;
	}
}

/* Tell it and count it; it stays in the queue until it comes to the front. */
static void settle(struct pending *e, struct observer *out)
{
	struct trouble *b = e->c->side[e->side].trouble;
	struct observation *o;

	if (e->done)
		return;
	e->done = true;
	if (e->fact.class == SEG_RETRANSMISSION)
		count_resend(&b->counts, e);
	else
		b->counts.network_copies++;
	if (e->stall)
		stall_settled(e);
	if (e->followed)
		passage_settled(e);
	if (!observer_wants(out, OBS_TCP_SEGMENT))
		return;
	o = observe_begin(out, OBS_TCP_SEGMENT, NULL);
	o->frame = e->frame;
	o->time_ns = e->time_ns;
	o->link = e->link;
	o->as.segment = e->fact;
	observe_end(out);
}

static void link_here(struct trouble *b, struct pending *e)
{
	e->next_here = b->pending;
	if (b->pending)
		b->pending->newer_here = e;
	else
		b->oldest = e;
	b->pending = e;
	b->waiting++;
	e->next_open = b->open;
	if (b->open)
		b->open->open_at = &e->next_open;
	b->open = e;
	e->open_at = &b->open;
}

void event_covered(struct pending *e)
{
	if (!e->open_at)
		return;
	*e->open_at = e->next_open;
	if (e->next_open)
		e->next_open->open_at = e->open_at;
	e->open_at = NULL;
}

static void unlink_here(struct pending *e)
{
	struct trouble *b = e->c->side[e->side].trouble;

	*(e->newer_here ? &e->newer_here->next_here : &b->pending) =
		e->next_here;
	event_covered(e);
	*(e->next_here ? &e->next_here->newer_here : &b->oldest) =
		e->newer_here;
	b->waiting--;
}

/* Some packets look through all that wait, so they are bounded: the oldest is
 * judged by what is known. */
static void give_up_waiting(struct pending *e, struct observer *out)
{
	settle(e, out);
	unlink_here(e);
	e->c = NULL;
}

struct pending *event_pend(struct step *k, uint64_t start, uint64_t end)
{
	struct trouble *b = trouble_of(k->t, k->s);
	struct pending *e;
	int64_t wait = 3 * path_rtt(k->c);
	uint64_t base = side_base(k->s);

	e = b ? tcp_pool_take(&k->t->pool, sizeof(*e)) : NULL;
	if (!e)
		return NULL;
	wait = wait < SETTLE_LEAST_NS ? SETTLE_LEAST_NS : wait;
	e->c = k->c;
	e->side = k->dir;
	e->start = start;
	e->end = end;
	e->tsval = k->tcp->tsval;
	e->ack = k->tcp->ack;
	e->time_ns = k->now_ns;
	e->deadline_ns =
		k->now_ns + (wait > SETTLE_MOST_NS ? SETTLE_MOST_NS : wait);
	e->link = k->p->link;
	e->frame = k->p->frame.number;
	e->fact.flow = flow_name(k->c, k->dir);
	e->fact.from_client = k->c->client == k->dir;
	e->fact.seq = start > base ? start - base : 0;
	e->fact.bytes = (uint32_t)(end - start);
	link_here(b, e);
	if (b->waiting > PENDING_MOST)
		give_up_waiting(b->oldest, k->out);
	if (k->t->last)
		k->t->last->next = e;
	else
		k->t->first = e;
	k->t->last = e;
	return e;
}

static bool first_due(const struct tcp_tracker *t, int64_t now_ns)
{
	const struct pending *e = t->first;

	return e && (e->done || e->deadline_ns <= now_ns);
}

RARE static void flush_due(struct tcp_tracker *t, int64_t now_ns,
			   struct observer *out)
{
	do {
		struct pending *e = t->first;

		if (e->c) {
			settle(e, out);
			unlink_here(e);
		}
		t->first = e->next;
		if (!t->first)
			t->last = NULL;
		tcp_pool_give(&t->pool, e, sizeof(*e));
	} while (first_due(t, now_ns));
}

void event_flush(struct tcp_tracker *t, int64_t now_ns, struct observer *out)
{
	if (first_due(t, now_ns))
		flush_due(t, now_ns, out);
}

/* The connection goes: oldest first, then the queue forgets whose they were. */
void event_flush_side(struct tcp_tracker *t, struct connection *c,
		      unsigned side, struct observer *out)
{
	struct trouble *b = c->side[side].trouble;
	struct pending *oldest = NULL, *e, *next;

	(void)t;
	if (!b)
		return;
	for (e = b->pending; e; e = next) {
		next = e->next_here;
		e->next_here = oldest;
		e->open_at = NULL;
		oldest = e;
	}
	b->pending = b->oldest = b->open = NULL;
	b->waiting = 0;
	for (e = oldest; e; e = next) {
		next = e->next_here;
		settle(e, out);
		e->c = NULL;
	}
}
